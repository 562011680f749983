// Contents of the pushed commits: blobs by id, and commits as trees for the checks.
import { type Content, mapOf, type Tree } from '../catalog/tree.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Blob } from '../push/batch.ts'
import type { ChangedFile } from '../push/changes.ts'
import { type Git, isAskable } from '../push/git.ts'
import type { PlannedRef } from './plan.ts'
import { link, standingAt, tooLarge, unknown } from './standing.ts'

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
      const known = paths.flatMap(path => changed.get(path) ?? [])
      const blobs = await contents.read(known.flatMap(file => (file.type === 'file' ? [file.blob] : [])))
      const others = paths.filter(path => !changed.has(path))
      const found = await standingAt(git, commit, others, maxBytes, deadline)
      return new Map([...known.map(file => [file.path, contentOf(file, blobs)] as const), ...found])
    },
    async exists(paths) {
      const found = await git.resolvePaths(commit, paths, deadline)
      // Out of time, git gives less than there is: then nothing may be called missing.
      const otherwise = deadline.isOver() ? 'unknown' : 'absent'
      return mapOf(paths, path => (found.has(path) ? 'there' : isAskable(path) ? otherwise : 'unknown'))
    },
    isKnown: path => changed.has(path) || named.has(`${commit}:${path}`),
    list: folders => git.listFiles(commit, folders, deadline),
    search: (folder, isDeep, isWanted) => git.searchFiles(commit, folder, isDeep, isWanted, deadline),
  }

  function contentOf({ type, blob: id }: ChangedFile, blobs: ReadonlyMap<string, Blob>): Content {
    if (type !== 'file') return link(type)
    const blob = blobs.get(id)
    if (typeof blob === 'object') return { result: 'bytes', bytes: blob }
    return blob === 'too large' ? tooLarge(maxBytes) : unknown('could not be read; it was not checked')
  }
}

/** What stood at the paths of removed files, for the relay to be told which entities go. */
export const treeBefore = (removed: readonly ChangedFile[], contents: Contents): Tree => ({
  async read(paths) {
    const blobs = await contents.read(removed.map(({ blob }) => blob))
    const idAt = new Map(removed.map(({ path, blob }) => [path, blob]))
    return mapOf(paths, path => {
      const bytes = blobs.get(idAt.get(path) ?? '')
      return typeof bytes === 'object' ? { result: 'bytes', bytes } : unknown('is not of interest')
    })
  },
  exists: async paths => mapOf(paths, () => 'unknown'),
  isKnown: () => true,
})
