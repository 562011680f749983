// A commit of a repository on GHES as a tree for the checks: what the list of its files said, and what the reader asks for.
import { type Content, isLinkLike, type Presence, type Tree } from '../../hooks/catalog/tree.ts'
import type { ListedFile } from './inventory.ts'
import type { IdAt, Reader } from './reader.ts'

type CommitOnGhes = { repository: string; head: string; files: readonly ListedFile[]; reader: Reader; maxBytes: number }

/** `failure`: the first thing that GHES could not give so far. */
export function repositoryTree({ repository, head, files, reader, maxBytes }: CommitOnGhes): {
  tree: Tree
  failure: () => string | undefined
} {
  const listed = new Map(files.map(file => [file.path, file]))
  let failure: string | undefined
  const idAt = async (path: string): Promise<IdAt> => {
    const at = await reader.idAt(repository, head, path)
    if (at.result === 'failed') failure ??= `${path}: ${at.reason}`
    return at
  }
  const contentAt = async (path: string): Promise<Content> => {
    const file = listed.get(path)
    if (file !== undefined && file.type !== 'file')
      return unknown(`is a ${file.type === 'symlink' ? 'symbolic link' : 'submodule'}; the hook does not check it`)
    const at: IdAt = file === undefined ? await idAt(path) : { result: 'id', id: file.id }
    if (at.result === 'none') return { result: 'absent' }
    if (at.result === 'failed') return unknown(`could not be read: ${at.reason}`)
    const content = await reader.content(repository, at.id)
    if (content.result === 'content' && file === undefined && isLinkLike(content.bytes))
      return unknown('may be a symbolic link; it was not checked')
    if (content.result === 'content') return { result: 'bytes', bytes: content.bytes }
    if (content.result === 'too large') return unknown(`is larger than ${maxBytes} bytes; the hook does not check it`)
    failure ??= `${path}: ${content.reason}`
    return unknown(`could not be read: ${content.reason}`)
  }
  const presenceAt = async (path: string): Promise<Presence> => {
    const { result } = await idAt(path)
    // What could not be asked for may not be called missing.
    return result === 'id' ? 'there' : result === 'none' ? 'absent' : 'unknown'
  }
  const tree: Tree = {
    read: paths => ofEach(paths, contentAt),
    exists: paths => ofEach(paths, presenceAt),
    isKnown: path => listed.has(path),
  }
  return { tree, failure: () => failure }
}

const unknown = (reason: string): Content => ({ result: 'unknown', reason })
const ofEach = async <T>(paths: readonly string[], of: (path: string) => Promise<T>): Promise<Map<string, T>> =>
  new Map(await Promise.all(paths.map(async path => [path, await of(path)] as const)))
