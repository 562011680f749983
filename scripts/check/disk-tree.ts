// The disk as a tree for the checks: paths as they were asked for, absolute or from the working folder. It ends at the root of the repository.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Content, mapOf, type Presence, type Search, type Tree } from '../../hooks/catalog/tree.ts'
import { errorCode, fileTrouble } from '../../schemas/error-code.ts'

type DiskSettings = {
  cwd: string
  /** The repository's root, as far as there is a repository. */
  root?: string
  /** Paths that were asked for by name: these are read whatever they are, a pipe for one. */
  asked: ReadonlySet<string>
  maxBytes: number
  onRead: () => void
}

export function diskTree({ cwd, root, asked, maxBytes, onRead }: DiskSettings): Tree {
  const ends = root ?? cwd
  return {
    read: async paths =>
      mapOf(paths, path => {
        onRead()
        return asked.has(path) ? contentAt(path, true, maxBytes) : contentInTree(path, cwd, ends, maxBytes)
      }),
    exists: async paths => mapOf(paths, path => presenceAt(path, cwd, ends)),
    isKnown: () => false,
    list: async folders => folders.flatMap(folder => filesIn(folder, false, () => true).paths),
    search: async (folder, isDeep, isWanted) => filesIn(folder, isDeep, isWanted),
  }
}

/** A file that another one names. A link, or a repository within this one, is read by the catalog otherwise than by us. */
function contentInTree(path: string, cwd: string, root: string, maxBytes: number): Content {
  const there = presenceAt(path, cwd, root)
  if (there === 'there') return contentAt(path, false, maxBytes)
  if (there === 'absent' || there === 'folder') return { result: there }
  const found = lookAt(path)
  if (found.result === 'unreadable') return unreadable(found.why)
  const isOutside = relative(root, resolve(cwd, path)).startsWith('..')
  const where = isOutside ? 'outside of this repository' : 'behind a symbolic link or in another repository'
  return { result: 'unknown', reason: `lies ${where}; it was not checked` }
}

function presenceAt(path: string, cwd: string, root: string): Presence {
  const found = lookAt(path)
  if (found.result === 'unreadable' || isElsewhere(path, cwd, root)) return 'unknown'
  if (found.result === 'folder' || found.result === 'absent') return found.result
  return found.result === 'file' ? 'there' : 'absent'
}

/** Whether a link or the root of another repository stands on the way from the root to the path. */
function isElsewhere(path: string, cwd: string, root: string): boolean {
  const below = relative(root, resolve(cwd, path))
  if (below.startsWith('..') || isAbsolute(below)) return true
  let at = root
  for (const part of below.split(sep)) {
    at = join(at, part)
    try {
      if (lstatSync(at).isSymbolicLink()) return true
      if (at !== resolve(cwd, path) && lookAt(join(at, '.git')).result !== 'absent') return true
    } catch {
      return false
    }
  }
  return false
}

/** So many folders and files are looked at; a larger tree is not known as a whole. */
const MAX_ENTRIES = 100_000

function filesIn(folder: string, isDeep: boolean, isWanted: (path: string) => boolean): Search {
  const found: Search = { paths: [], isWhole: true }
  const folders = [folder]
  let seen = 0
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = entriesOf(next)
    if (entries === undefined) {
      found.isWhole &&= lookAt(next === '' ? '.' : next).result === 'absent'
      continue
    }
    for (const entry of entries) {
      const path = next === '' ? entry.name : join(next, entry.name)
      if (++seen > MAX_ENTRIES) return { ...found, isWhole: false }
      if (entry.isDirectory() && isDeep && !UNSEEN.includes(entry.name)) folders.push(path)
      else if (!entry.isDirectory() && isWanted(path)) found.paths.push(path)
    }
  }
  return { ...found, paths: found.paths.sort() }
}

/** Not in any tree, or hardly. */
const UNSEEN = ['.git', 'node_modules']

function entriesOf(folder: string) {
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}

function contentAt(path: string, isAsked: boolean, maxBytes: number): Content {
  const found = lookAt(path)
  if (found.result === 'absent') return { result: 'absent' }
  if (found.result === 'unreadable') return unreadable(found.why)
  if (found.result !== 'file' && !isAsked) return { result: 'absent' }
  if (found.bytes > maxBytes)
    return { result: 'unknown', reason: `is larger than ${maxBytes} bytes; it was not checked` }
  try {
    return { result: 'bytes', bytes: readFileSync(path) }
  } catch (error) {
    return unreadable(fileTrouble(error))
  }
}

const unreadable = (why: string): Content => ({
  result: 'unknown',
  reason: `cannot be read (${why}); it was not checked`,
})

/** `other`: a pipe or a device. */
type Found =
  | { result: 'file' | 'folder' | 'other'; bytes: number }
  | { result: 'absent' }
  | { result: 'unreadable'; why: string }

/** What stands at a path. A name that no file can have here names none. */
export function lookAt(path: string): Found {
  try {
    const stat = statSync(path)
    return { result: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other', bytes: stat.size }
  } catch (error) {
    const isNone = NO_FILE.includes(errorCode(error) ?? '')
    return isNone ? { result: 'absent' } : { result: 'unreadable', why: fileTrouble(error) }
  }
}

/** Not there; a file where a folder should be; a part of more than 255 bytes, or 4,096 in all; a zero byte. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']
