// What stands at a path of a commit that the push did not change: with one call of git where it is a file, and with more where it seems to be none.
import { type Content, isLinkLike } from '../catalog/tree.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Blob } from '../push/batch.ts'
import { type BlobLimits, type Git, isAskable } from '../push/git.ts'
import type { AtPath } from '../push/path-reader.ts'

export const unknown = (reason: string): Content => ({ result: 'unknown', reason })
export const tooLarge = (maxBytes: number): Content => unknown(`is larger than ${maxBytes} bytes; it was not checked`)
export const tooMuch: Content = unknown('was not read: too much in one push; it was not checked')
export const link = (type: 'symlink' | 'submodule'): Content =>
  unknown(`is a ${type === 'symlink' ? 'symbolic link' : 'submodule'}; it was not checked`)

/** A path that could not be looked at in time is left out. `ahead`: what has been read already. `wants`: as a tree is asked (`Tree.read`). */
export async function standingAt(
  git: Git,
  commit: string,
  paths: readonly string[],
  limits: BlobLimits,
  deadline: Deadline,
  ahead: (path: string) => Blob | undefined = () => undefined,
  wants?: 'files',
): Promise<Map<string, Content>> {
  const found = new Map<string, AtPath>()
  for (const path of paths) {
    const blob = ahead(path)
    if (typeof blob === 'object' || blob === 'missing') found.set(path, blob)
  }
  const asked = paths.filter(path => !found.has(path))
  if (asked.length > 0)
    for (const [path, at] of await git.readPaths(commit, asked, limits, deadline)) found.set(path, at)
  // A link's path is no entity, and is taken for a file where only files are wanted.
  const looked = wants === 'files' ? [] : paths
  const nothing = looked.filter(path => found.get(path) === 'missing')
  const linkLike = looked.filter(path => isLinkLike(found.get(path)))
  // Both are rare: a file that is there and ends with a line costs no further call.
  const absent = await absentOnes(git, commit, nothing, deadline)
  const types = await git.entriesAt(commit, linkLike, deadline)
  const contents = new Map<string, Content>()
  for (const path of paths)
    if (!isAskable(path)) contents.set(path, unknown('has a line break in its path; it was not checked'))
  for (const [path, blob] of found) {
    const type = linkLike.includes(path) ? (types.get(path) ?? 'symlink') : 'file'
    if (typeof blob === 'object')
      contents.set(path, type === 'symlink' ? link('symlink') : { result: 'bytes', bytes: blob })
    else if (blob === 'folder') contents.set(path, { result: 'folder' })
    else if (blob === 'too large') contents.set(path, tooLarge(limits.maxBytes))
    else if (blob === 'too much') contents.set(path, tooMuch)
    else if (absent.has(path)) contents.set(path, { result: 'absent' })
    else if (!deadline.isOver())
      contents.set(path, unknown('is in a submodule or behind a symbolic link; it was not checked'))
  }
  return contents
}

/** Of the paths at which git finds nothing: `absent` for certain, or not known since a link or a submodule stands in the way. */
async function absentOnes(git: Git, commit: string, paths: readonly string[], deadline: Deadline) {
  if (paths.length === 0) return new Set<string>()
  const types = await git.entriesAt(commit, [...new Set(paths.flatMap(foldersTo))], deadline)
  const isSure = (path: string) => isAskable(path) && path.isWellFormed()
  const isInTheWay = (at: string) => types.get(at) === 'symlink' || types.get(at) === 'submodule'
  // Out of time, git gives less than there is: then nothing may be called missing.
  if (deadline.isOver()) return new Set<string>()
  return new Set(paths.filter(path => isSure(path) && !foldersTo(path).some(isInTheWay)))
}

/** The path, and the folders on the way to it. */
function foldersTo(path: string): string[] {
  const found = [path]
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) found.push(path.slice(0, end))
  return found
}
