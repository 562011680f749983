// Contents of the pushed commits: blobs by id, and commits as trees for the checks.
import { posix } from 'node:path'
import { type Content, mapOf, type Tree } from '../catalog/tree.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Blob } from '../push/batch.ts'
import type { ChangedFile } from '../push/changes.ts'
import { type Git, isAskable } from '../push/git.ts'
import type { Handover } from '../push/handover.ts'
import type { PlannedRef } from './plan.ts'
import { link, standingAt, tooLarge, tooMuch, unknown } from './standing.ts'

/** Blobs that were read, by id. */
export type Contents = {
  /** Reads catalog files that have not been read yet, and keeps them: the same bytes the next time. One that could not be read in time is left out. */
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Blob>>
  /** The same for what need not be there the next time: at most so many bytes, the smallest first. */
  readAside: (ids: readonly string[], totalBytes?: number) => Promise<ReadonlyMap<string, Blob>>
}

type ReadEdges = { git: Git; deadline: Deadline; maxBytes: number }

/** Of catalog files that may name what was changed: how they are called, and whether the prelude has looked for them and read them. */
export type Aside = { ahead: Handover['aside']; pathspecs: readonly string[]; baseNames: readonly string[] }
/** In one run, over all refs: in a repository of 100,000 files git takes 20 to 50 ms for one. */
const ASIDE_MS = 1000

/** So much is kept of one push, 16,000 files as people write them: more than there is time to judge, and what is made of it takes ten times as much. */
const KEPT_BYTES = 8 << 20
/** So much is read at a time of what is not kept. */
const ASIDE_BYTES = 16 << 20

/** Begins with the blobs that the prelude has read. */
export function openContents(prefetched: ReadonlyMap<string, Blob>, { git, deadline, maxBytes }: ReadEdges): Contents {
  const blobs = new Map(prefetched)
  let roomBytes = KEPT_BYTES
  const unread = (ids: readonly string[]) => [...new Set(ids)].filter(id => !blobs.has(id))
  return {
    async read(ids) {
      const read = await git.readBlobs(unread(ids), { maxBytes, totalBytes: roomBytes }, deadline)
      for (const [id, blob] of read) blobs.set(id, blob)
      roomBytes -= bytesOf(read)
      return blobs
    },
    async readAside(ids, totalBytes = ASIDE_BYTES) {
      const read = await git.readBlobs(unread(ids), { maxBytes, totalBytes }, deadline)
      return new Map([...blobs, ...read])
    },
  }
}

const bytesOf = (blobs: ReadonlyMap<string, Blob>) =>
  [...blobs.values()].reduce((sum, blob) => sum + (typeof blob === 'object' ? blob.length : 0), 0)

/** The pushed commits as trees; two refs that point to one commit share one. `named`: `COMMIT:PATH` of files that the prelude saw. */
export function treeIn(
  named: ReadonlyMap<string, string>,
  aside: Aside,
  contents: Contents,
  edges: ReadEdges,
): (plan: PlannedRef) => Tree {
  const naming = openNaming(named, aside, edges)
  const trees = new Map<string, { tree: Tree; changed: Map<string, ChangedFile> }>()
  return ({ pushed: { after, changes } }) => {
    const known = trees.get(after)
    const changed = known?.changed ?? new Map<string, ChangedFile>()
    for (const file of changes) if (file.change !== 'removed') changed.set(file.path, file)
    const tree = known?.tree ?? {
      ...treeOf(after, changed, named, contents, edges),
      naming: paths => naming(after, paths, changed),
    }
    trees.set(after, { tree, changed })
    return tree
  }
}

function openNaming(named: ReadonlyMap<string, string>, aside: Aside, { git, deadline }: ReadEdges) {
  let leftMs = ASIDE_MS
  return async (commit: string, paths: readonly string[], changed: ReadonlyMap<string, ChangedFile>) => {
    // Of what is a catalog file itself, and there, the prelude does not ask.
    const isAsked = (path: string) => !changed.has(path) || !aside.baseNames.includes(posix.basename(path))
    if (aside.ahead === 'failed') return undefined
    if (aside.ahead === 'read' && paths.every(isAsked))
      return [...named.keys()].flatMap(name => (name.startsWith(commit) ? [name.slice(commit.length + 1)] : []))
    const before = deadline.leftMs()
    const until = { ...deadline, leftMs: () => Math.min(leftMs, deadline.leftMs()) }
    const names = new Set(paths.map(path => posix.basename(path)))
    const found = leftMs > 0 ? await git.filesNaming(commit, names, aside.pathspecs, until) : undefined
    leftMs -= before - deadline.leftMs()
    return found
  }
}

function treeOf(
  commit: string,
  changed: ReadonlyMap<string, ChangedFile>,
  named: ReadonlyMap<string, string>,
  contents: Contents,
  { git, deadline, maxBytes }: ReadEdges,
): Tree {
  return {
    async read(paths, wants) {
      const known = paths.flatMap(path => changed.get(path) ?? [])
      const blobs = await contents.readAside(known.flatMap(file => (file.type === 'file' ? [file.blob] : [])))
      const others = paths.filter(path => !changed.has(path))
      const limits = { maxBytes, totalBytes: ASIDE_BYTES }
      const ahead = await contents.readAside([])
      const aheadAt = (path: string) => {
        const name = `${commit}:${path}`
        return ahead.get(named.get(name) ?? name)
      }
      const found = await standingAt(git, commit, others, limits, deadline, aheadAt, wants)
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
    if (blob === 'too much') return tooMuch
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
