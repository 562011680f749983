// The edge to git: the whole GIT_* environment is passed on (quarantine, alternates), and nothing is ever checked out.
import type { Deadline } from '../config/deadline.ts'
import { filesNaming } from './aside.ts'
import { BatchReader, type Blob } from './batch.ts'
import { type Comparing, comparingIn } from './compare.ts'
import { type AtPath, PathReader } from './path-reader.ts'
import { textOf } from './path-text.ts'
import { run } from './run-git.ts'

/** `totalBytes`: what is over it is `too much`, the largest first. */
export type BlobLimits = { maxBytes: number; totalBytes: number }

export type Git = Comparing & {
  /** Contents by blob id; ids that could not be read in time are left out. At most three processes, however many ids. */
  readBlobs: (ids: readonly string[], limits: BlobLimits, deadline: Deadline) => Promise<Map<string, Blob>>
  /** Ids of the blobs at `<commit>:<path>`, of those that exist. Paths are texts of git's bytes (`textOf`). */
  resolvePaths: (commit: string, paths: readonly string[], deadline: Deadline) => Promise<Map<string, string>>
  /** What stands at `<commit>:<path>`, in one process; a path that could not be looked at in time is left out, and so is one that cannot be asked for. */
  readPaths: (
    commit: string,
    paths: readonly string[],
    limits: BlobLimits,
    deadline: Deadline,
  ) => Promise<Map<string, AtPath>>
  /** Types of what stands at the paths, and at the folders on the way to them. Not looked through: links and submodules. */
  entriesAt: (commit: string, paths: readonly string[], deadline: Deadline) => Promise<Map<string, EntryType>>
  /** Files below a folder that are wanted, with those of its folders when `isDeep`. */
  searchFiles: (
    commit: string,
    folder: string,
    isDeep: boolean,
    isWanted: (path: string) => boolean,
    deadline: Deadline,
  ) => Promise<{ paths: string[]; isWhole: boolean }>
  /** Files of a commit that the pathspecs name and in which one of these names of files stands, or may; undefined where git could not tell. */
  filesNaming: (
    commit: string,
    names: ReadonlySet<string>,
    pathspecs: readonly string[],
    deadline: Deadline,
  ) => Promise<string[] | undefined>
  /** Paths of the files in folders of a commit ('' is the root), not of those below; none where there is too much to list. */
  listFiles: (commit: string, folders: readonly string[], deadline: Deadline) => Promise<string[]>
}

/** Git is asked for a path on a line: one with a line break cannot be asked for, and is not found. */
export const isAskable = (path: string): boolean => !path.includes('\n')

type EntryType = 'file' | 'folder' | 'symlink' | 'submodule'

/** Names of some 50,000 files, and folders on a command line. */
const MAX_LISTED = { bytes: 4 << 20, folders: 500 }

/** So many are read without a look at their sizes, which costs another start of git; of more than a few, all or none, for the first ones may be the large ones. */
const READ_AT_ONCE = { few: 64, most: 1000, mostBytes: 2 << 20 }

export function gitIn(env: NodeJS.ProcessEnv): Git {
  return {
    ...comparingIn(env),
    filesNaming: (...asked) => filesNaming(env, ...asked),
    async readBlobs(ids, limits, deadline) {
      const blobs = await readAtOnce(env, ids, limits, deadline)
      const rest = ids.filter(id => !blobs.has(id))
      if (rest.length === 0 || deadline.isOver()) return blobs
      // Too many, one was too large, or all of them together: ask for the sizes first, then read what is small enough.
      const readBytes = [...blobs.values()].reduce((sum, blob) => sum + (typeof blob === 'object' ? blob.length : 0), 0)
      const totalBytes = limits.totalBytes - readBytes
      const { small, others } = bySize(await sizesOf(env, rest, deadline), { ...limits, totalBytes })
      const read = await readBatch(env, small, { ...limits, totalBytes: Number.POSITIVE_INFINITY }, deadline)
      return new Map([...blobs, ...others, ...read])
    },
    async resolvePaths(commit, paths, deadline) {
      const askable = paths.filter(isAskable)
      const lines = await readLines(
        env,
        ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
        askable.map(path => `${commit}:${path}`),
        deadline,
      )
      return new Map(
        askable.flatMap((path, i) =>
          lines[i]?.endsWith(' blob') ? [[path, lines[i].slice(0, -' blob'.length)] as const] : [],
        ),
      )
    },
    async readPaths(commit, paths, { maxBytes, totalBytes }, deadline) {
      const found = new Map<string, AtPath>()
      let left = paths.filter(isAskable)
      let room = totalBytes
      // One that is too large ends the reading, and the others are asked for anew.
      for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round++) {
        const reader = new PathReader(left, maxBytes, room)
        const asked = left.map(path => `${commit}:${path}`)
        const args = ['-c', `core.bigFileThreshold=${maxBytes}`, 'cat-file', '--batch']
        await run(env, args, asked, deadline, (chunk, stop) => {
          reader.push(chunk)
          if (reader.isStopped) stop()
        })
        for (const [path, at] of reader.found) found.set(path, at)
        left = left.slice(reader.found.size)
        room = reader.roomBytes
        if (reader.isFull) for (const path of left) found.set(path, 'too much')
        if (!reader.isStopped || reader.isFull) break
      }
      return found
    },
    async entriesAt(commit, paths, deadline) {
      const found = new Map<string, EntryType>()
      for (let from = 0; from < paths.length; from += MAX_LISTED.folders) {
        // Arguments are UTF-8.
        const asked = paths.slice(from, from + MAX_LISTED.folders).filter(path => path.isWellFormed())
        if (asked.length === 0) continue
        const args = ['--literal-pathspecs', 'ls-tree', '-z', '-t', '--full-tree', commit, '--', ...asked]
        await runEntries(env, args, deadline, (type, path) => found.set(path, type))
      }
      return found
    },
    async searchFiles(commit, folder, isDeep, isWanted, deadline) {
      const paths: string[] = []
      const args = ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', ...(isDeep ? ['-r'] : []), commit]
      const isWhole = await runEntries(
        env,
        folder === '' ? args : [...args, '--', `${folder}/`],
        deadline,
        (type, path) => {
          if ((type === 'file' || type === 'symlink') && paths.length < MAX_FOUND && isWanted(path)) paths.push(path)
        },
      )
      return { paths, isWhole: isWhole && paths.length < MAX_FOUND }
    },
    async listFiles(commit, folders, deadline) {
      // Arguments are UTF-8.
      const nameable = folders.filter(folder => folder.isWellFormed())
      const asked = nameable.slice(0, MAX_LISTED.folders).map(folder => `${folder === '' ? '.' : folder}/`)
      if (asked.length === 0) return []
      const chunks: Uint8Array[] = []
      let bytes = 0
      // A folder may be called like a pattern.
      const args = ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commit, '--', ...asked]
      await run(env, args, [], deadline, (chunk, stop) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > MAX_LISTED.bytes) stop()
      })
      if (bytes > MAX_LISTED.bytes) return []
      const lines = textOf(Buffer.concat(chunks)).split('\0')
      return lines.flatMap(line => /^100\d+ blob [0-9a-f]+\t(.+)$/s.exec(line)?.[1] ?? [])
    },
  }
}

const MAX_ROUNDS = 5
const MAX_FOUND = 5000

const TYPES: Record<string, EntryType> = { '040': 'folder', '120': 'symlink', '160': 'submodule' }

/** Reads git's list as it comes, so that a large one is never held. Whether it was in time. */
async function runEntries(
  env: NodeJS.ProcessEnv,
  args: string[],
  deadline: Deadline,
  onEntry: (type: EntryType, path: string) => void,
): Promise<boolean> {
  let rest = Buffer.alloc(0)
  await run(env, args, [], deadline, chunk => {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(0)
    rest = bytes.subarray(end + 1)
    for (const line of textOf(bytes.subarray(0, Math.max(0, end))).split('\0')) {
      const [, mode, path] = /^(\d{3})\d{3} [a-z]+ [0-9a-f]+\t(.+)$/s.exec(line) ?? []
      if (mode !== undefined && path !== undefined) onEntry(TYPES[mode] ?? 'file', path)
    }
  })
  return !deadline.isOver()
}

async function readAtOnce(
  env: NodeJS.ProcessEnv,
  ids: readonly string[],
  limits: BlobLimits,
  deadline: Deadline,
): Promise<Map<string, Blob>> {
  const { few, most, mostBytes } = READ_AT_ONCE
  if (ids.length <= few) return readBatch(env, ids, limits, deadline)
  if (ids.length > most) return new Map()
  const totalBytes = Math.min(limits.totalBytes, mostBytes)
  const read = await readBatch(env, ids, { ...limits, totalBytes }, deadline)
  return read.size < ids.length ? new Map() : read
}

/** Stops at a blob that is too large, and where it is too much in all: what comes after is left out. */
async function readBatch(
  env: NodeJS.ProcessEnv,
  ids: readonly string[],
  { maxBytes, totalBytes }: BlobLimits,
  deadline: Deadline,
): Promise<Map<string, Blob>> {
  if (ids.length === 0) return new Map()
  const reader = new BatchReader(maxBytes, totalBytes)
  // The threshold makes git stream what is larger instead of holding it in memory.
  const args = ['-c', `core.bigFileThreshold=${maxBytes}`, 'cat-file', '--batch']
  await run(env, args, ids, deadline, (chunk, stop) => {
    reader.push(chunk)
    if (reader.isFull) stop()
  })
  return reader.blobs
}

/** The smallest first: what people write is small, and what is made to be in the way is not. */
function bySize(
  sizes: readonly { id: string; bytes: number | undefined }[],
  { maxBytes, totalBytes }: BlobLimits,
): { small: string[]; others: Map<string, Blob> } {
  const others = new Map<string, Blob>()
  const small: string[] = []
  let sum = 0
  for (const { id, bytes } of sizes.toSorted((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0))) {
    if (bytes === undefined) others.set(id, 'missing')
    else if (bytes > maxBytes) others.set(id, 'too large')
    else if (sum + bytes > totalBytes) others.set(id, 'too much')
    else {
      sum += bytes
      small.push(id)
    }
  }
  return { small, others }
}

async function sizesOf(
  env: NodeJS.ProcessEnv,
  ids: readonly string[],
  deadline: Deadline,
): Promise<{ id: string; bytes: number | undefined }[]> {
  const lines = await readLines(env, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], ids, deadline)
  return lines.map(line => {
    const [id = '', size = ''] = line.split(' ')
    return { id, bytes: size === 'missing' ? undefined : Number(size) }
  })
}

async function readLines(
  env: NodeJS.ProcessEnv,
  args: string[],
  input: readonly string[],
  deadline: Deadline,
): Promise<string[]> {
  if (input.length === 0) return []
  const chunks: Uint8Array[] = []
  await run(env, args, input, deadline, chunk => chunks.push(chunk))
  return Buffer.concat(chunks).toString('latin1').split('\n').slice(0, -1)
}
