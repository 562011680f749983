// The edge to git: the whole GIT_* environment is passed on (quarantine, alternates), and nothing is ever checked out.
import type { ChildProcess } from 'node:child_process'
import type { Deadline } from '../config/deadline.ts'
import { BatchReader, type Blob } from './batch.ts'
import { type AtPath, PathReader } from './path-reader.ts'
import { bytesOf, textOf } from './path-text.ts'

export type Git = {
  /** Contents by blob id; ids that could not be read in time are left out. At most three processes, however many ids. */
  readBlobs: (ids: readonly string[], maxBytes: number, deadline: Deadline) => Promise<Map<string, Blob>>
  /** Ids of the blobs at `<commit>:<path>`, of those that exist. Paths are texts of git's bytes (`textOf`). */
  resolvePaths: (commit: string, paths: readonly string[], deadline: Deadline) => Promise<Map<string, string>>
  /** What stands at `<commit>:<path>`, in one process; a path that could not be looked at in time is left out, and so is one that cannot be asked for. */
  readPaths: (
    commit: string,
    paths: readonly string[],
    maxBytes: number,
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
  /** Paths of the files in folders of a commit ('' is the root), not of those below; none where there is too much to list. */
  listFiles: (commit: string, folders: readonly string[], deadline: Deadline) => Promise<string[]>
}

/** Git is asked for a path on a line: one with a line break cannot be asked for, and is not found. */
export const isAskable = (path: string): boolean => !path.includes('\n')

type EntryType = 'file' | 'folder' | 'symlink' | 'submodule'

/** Names of some 50,000 files, and folders on a command line. */
const MAX_LISTED = { bytes: 4 << 20, folders: 500 }

export function gitIn(env: NodeJS.ProcessEnv): Git {
  return {
    async readBlobs(ids, maxBytes, deadline) {
      if (ids.length === 0) return new Map()
      const reader = new BatchReader(maxBytes)
      // The threshold makes git stream what is larger instead of holding it in memory.
      const args = ['-c', `core.bigFileThreshold=${maxBytes}`, 'cat-file', '--batch']
      await run(env, args, ids, deadline, (chunk, stop) => {
        reader.push(chunk)
        if (reader.tooLarge !== undefined) stop()
      })
      if (reader.tooLarge === undefined) return reader.blobs
      // One was too large: ask for all sizes first, then read only what is small enough.
      const rest = ids.filter(id => !reader.blobs.has(id))
      const sizes = await checkSizes(env, rest, deadline)
      for (const [id, bytes] of sizes) if (bytes > maxBytes) reader.blobs.set(id, 'too large')
      const again = new BatchReader(maxBytes)
      const small = rest.filter(id => !reader.blobs.has(id))
      if (small.length > 0) await run(env, args, small, deadline, chunk => again.push(chunk))
      return new Map([...reader.blobs, ...again.blobs])
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
    async readPaths(commit, paths, maxBytes, deadline) {
      const found = new Map<string, AtPath>()
      let left = paths.filter(isAskable)
      // One that is too large ends the reading, and the others are asked for anew.
      for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round++) {
        const reader = new PathReader(left, maxBytes)
        const asked = left.map(path => `${commit}:${path}`)
        const args = ['-c', `core.bigFileThreshold=${maxBytes}`, 'cat-file', '--batch']
        await run(env, args, asked, deadline, (chunk, stop) => {
          reader.push(chunk)
          if (reader.isStopped) stop()
        })
        for (const [path, at] of reader.found) found.set(path, at)
        if (!reader.isStopped) break
        left = left.slice(reader.found.size)
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

async function checkSizes(
  env: NodeJS.ProcessEnv,
  ids: readonly string[],
  deadline: Deadline,
): Promise<Map<string, number>> {
  const lines = await readLines(env, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], ids, deadline)
  return new Map(lines.map(line => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
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

/** The environment holds it, too; but git up to 2.40 lets the repository's configuration overrule that. */
const TRUE_OBJECTS = ['-c', 'core.useReplaceRefs=false']

/** Runs git until it ends, is stopped, or the deadline is over; a git that fails just gives less. */
function run(
  env: NodeJS.ProcessEnv,
  args: string[],
  input: readonly string[],
  deadline: Deadline,
  onData: (chunk: Uint8Array, stop: () => void) => void,
): Promise<void> {
  if (deadline.isOver()) return Promise.resolve()
  // Taken only when needed: requiring child_process costs every push some milliseconds, and most never get here.
  const { spawn } = process.getBuiltinModule('node:child_process')
  return new Promise(resolve => {
    // 'pipe' for all three: without /dev/null in the sandbox, 'ignore' fails.
    const child: ChildProcess = spawn('git', [...TRUE_OBJECTS, ...args], { env, stdio: 'pipe' })
    const stop = () => child.kill('SIGKILL')
    const timer = setTimeout(stop, deadline.leftMs())
    child.stdout?.on('data', (chunk: Uint8Array) => onData(chunk, stop))
    child.stderr?.resume()
    child.stdin?.on('error', () => undefined) // git ended before it had read all: what it gave is what there is
    child.stdin?.end(bytesOf(input.map(line => `${line}\n`).join('')))
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    child.on('error', end)
    child.on('close', end)
  })
}
