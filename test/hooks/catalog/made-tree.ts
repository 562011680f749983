// A tree that is made up, and keeps what it was asked for.
import { type Content, mapOf, type Tree } from '../../../hooks/catalog/tree.ts'

export type MadeTree = Tree & { asked: string[][] }

/** Texts are files; anything else is what the tree says of the path. */
export function madeTree(files: Record<string, string | Content>): MadeTree {
  const asked: string[][] = []
  const contentAt = (path: string): Content => {
    const file = files[path] ?? { result: 'absent' }
    return typeof file === 'string' ? { result: 'bytes', bytes: Buffer.from(file) } : file
  }
  return {
    asked,
    async read(paths) {
      if (paths.length > 0) asked.push([...paths])
      return mapOf(paths, contentAt)
    },
    exists: async paths =>
      mapOf(paths, path => {
        const { result } = contentAt(path)
        return result === 'bytes' ? 'there' : result
      }),
    isKnown: () => false,
  }
}
