// What CODEOWNERS of a tree says of its catalog files. Asked only for files that leave an owner out: it costs a question to the tree.
import { posix } from 'node:path'
import type { OwnerHere } from './checks/owner.ts'
import { placeIn, type Repository } from './checks/placeholder-url.ts'
import { CODEOWNERS_PATHS, type OwnerOfFile, readOwners } from './codeowners.ts'
import type { Tree } from './tree.ts'

/** `file`: its path from the root of the repository. */
type CodeownersFile = { file: string; ownerOf: (path: string) => OwnerOfFile }

/** Those of the places where there is one. They are read once for a tree. */
export async function readCodeowners(
  tree: Pick<Tree, 'read'>,
  { folder = '', root = '/' }: Repository,
): Promise<CodeownersFile[]> {
  const up = posix.relative(posix.resolve(root, folder), root)
  const paths = CODEOWNERS_PATHS.map(file => ({ file, path: posix.join(up, file) }))
  const contents = await tree.read(paths.map(({ path }) => path))
  return paths.flatMap(({ file, path }) => {
    const content = contents.get(path) ?? { result: 'unknown', reason: 'was not read: out of time' }
    if (content.result === 'absent') return []
    const isRead = content.result === 'bytes'
    return [
      {
        file,
        ownerOf: isRead ? readOwners(Buffer.from(content.bytes).toString('utf8')) : () => ({ result: 'unknown' }),
      },
    ]
  })
}

/** Of several files the module takes the one that answers first: where they say different things, nobody knows. */
export function ownerHere(files: readonly CodeownersFile[], repository: Repository, path: string): OwnerHere {
  const [first] = files
  if (first === undefined) return { result: 'none' }
  const { file: own } = placeIn(repository, path)
  const unknown: OwnerHere = { result: 'unknown', file: first.file }
  const form = own === undefined ? 'unknown' : formInUrl(own)
  if (own === undefined || form === 'unknown') return unknown
  if (form === 'other') return { result: 'none', file: first.file, isOutOfReach: true }
  const said = files.map(({ file, ownerOf }): OwnerHere => ({ ...ownerOf(own), file }))
  const [one = unknown] = said
  return said.every(({ result }) => result === one.result) ? one : unknown
}

/**
 * Whether a path stands in a URL as it is. Where it does not, the module measures it in the one form and cuts the URL in the other, and looks for
 * CODEOWNERS where it is not. Some signs may be registered in both.
 */
function formInUrl(path: string): 'same' | 'other' | 'unknown' {
  if (encodeURI(path) !== path || /[#?^]/.test(path)) return 'other'
  return path.split('/').every(part => encodeURIComponent(part) === part) ? 'same' : 'unknown'
}
