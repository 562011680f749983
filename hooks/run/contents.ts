// Contents of the pushed commits: blobs by id, and commits as trees for the checks.
import { type Content, mapOf, type Tree } from '../catalog/tree.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Blob } from '../push/batch.ts'
import type { ChangedFile } from '../push/changes.ts'
import { type Git, isAskable } from '../push/git.ts'
import type { PlannedRef } from './plan.ts'

/** Blobs that were read, by id. Asked for again, one is the same bytes. */
export type Contents = {
  /** Reads what has not been read yet, in one call of git. A blob that could not be read in time is left out. */
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Blob>>
}

type ReadEdges = { git: Git; deadline: Deadline; maxBytes: number }

/** Begins with the blobs that the prelude has read, and reads the others of the plan in one call of git. */
export async function readContents(
  planned: readonly PlannedRef[],
  prefetched: ReadonlyMap<string, Blob>,
  { git, deadline, maxBytes }: ReadEdges,
): Promise<Contents> {
  const blobs = new Map(prefetched)
  const contents: Contents = {
    async read(ids) {
      const unread = [...new Set(ids)].filter(id => !blobs.has(id))
      for (const [id, blob] of await git.readBlobs(unread, maxBytes, deadline)) blobs.set(id, blob)
      return blobs
    },
  }
  await contents.read(
    planned.flatMap(({ files, others }) =>
      [...files, ...others].flatMap(({ type, blob }) => (type === 'file' ? [blob] : [])),
    ),
  )
  return contents
}

/** The pushed commits as trees; two refs that point to one commit share one. `named`: `COMMIT:PATH` of files that the prelude saw. */
export function treesOf(
  planned: readonly PlannedRef[],
  named: ReadonlyMap<string, string>,
  contents: Contents,
  edges: ReadEdges,
): (plan: PlannedRef) => Tree {
  const changes = new Map<string, ChangedFile[]>()
  for (const { pushed } of planned) changes.set(pushed.after, [...(changes.get(pushed.after) ?? []), ...pushed.changes])
  const trees = new Map<string, Tree>()
  return ({ pushed: { after } }) => {
    const tree = trees.get(after) ?? treeOf(after, changes.get(after) ?? [], named, contents, edges)
    trees.set(after, tree)
    return tree
  }
}

function treeOf(
  commit: string,
  changes: readonly ChangedFile[],
  named: ReadonlyMap<string, string>,
  contents: Contents,
  { git, deadline, maxBytes }: ReadEdges,
): Tree {
  const changed = new Map(changes.flatMap(file => (file.change === 'removed' ? [] : [[file.path, file] as const])))
  return {
    async read(paths) {
      const ids = await git.resolvePaths(
        commit,
        paths.filter(path => !changed.has(path)),
        deadline,
      )
      const idAt = (path: string) => changed.get(path)?.blob ?? ids.get(path)
      const blobs = await contents.read(paths.flatMap(path => (isNoFile(changed.get(path)) ? [] : (idAt(path) ?? []))))
      const read = paths.flatMap(path => {
        const id = idAt(path)
        const content = contentOf(changed.get(path), id === undefined ? undefined : (blobs.get(id) ?? 'unread'))
        return content === undefined ? [] : [[path, content] as const]
      })
      return new Map(read)
    },
    async exists(paths) {
      const found = await git.resolvePaths(commit, paths, deadline)
      // Out of time, git gives less than there is: then nothing may be called missing.
      const otherwise = deadline.isOver() ? 'unknown' : 'absent'
      return mapOf(paths, path => (found.has(path) ? 'there' : isAskable(path) ? otherwise : 'unknown'))
    },
    isKnown: path => changed.has(path) || named.has(`${commit}:${path}`),
    list: folders => git.listFiles(commit, folders, deadline),
  }

  function contentOf(file: ChangedFile | undefined, blob: Blob | 'unread' | undefined): Content | undefined {
    if (isNoFile(file))
      return unknown(`is a ${file?.type === 'symlink' ? 'symbolic link' : 'submodule'}; it was not checked`)
    if (blob === 'too large') return unknown(`is larger than ${maxBytes} bytes; it was not checked`)
    if (typeof blob === 'object') return { result: 'bytes', bytes: blob }
    // Out of time, git gives less than there is: of what this push did not change, nothing is known then.
    if (file === undefined && blob !== 'missing' && deadline.isOver()) return undefined
    return blob === undefined ? { result: 'absent' } : unknown('could not be read; it was not checked')
  }
}

/** What stood at the paths of removed files, for the relay to be told which entities go. */
export const treeBefore = (removed: readonly ChangedFile[], contents: Contents): Pick<Tree, 'read'> => ({
  async read() {
    const blobs = await contents.read(removed.map(({ blob }) => blob))
    return new Map(
      removed.flatMap(({ path, blob }): [string, Content][] => {
        const bytes = blobs.get(blob)
        return typeof bytes === 'object' ? [[path, { result: 'bytes', bytes }]] : []
      }),
    )
  },
})

const isNoFile = (file: ChangedFile | undefined) => file !== undefined && file.type !== 'file'
const unknown = (reason: string): Content => ({ result: 'unknown', reason })
