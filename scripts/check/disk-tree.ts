// The disk as a tree for the checks: paths as they were asked for, absolute or from the working folder.
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, relative, sep } from 'node:path'
import { type Content, mapOf, type Tree } from '../../hooks/catalog/tree.ts'
import { errorCode } from '../../schemas/error-code.ts'

type DiskSettings = {
  cwd: string
  /** Paths that were asked for by name: these are read whatever they are, a pipe for one. */
  asked: ReadonlySet<string>
  maxBytes: number
  onRead: () => void
}

export function diskTree({ cwd, asked, maxBytes, onRead }: DiskSettings): Tree {
  return {
    read: async paths =>
      mapOf(paths, path => {
        onRead()
        return contentAt(path, asked.has(path), maxBytes)
      }),
    exists: async paths =>
      mapOf(paths, path => {
        const { result } = lookAt(path)
        return result === 'file' ? 'there' : result === 'unreadable' ? 'unknown' : 'absent'
      }),
    isKnown: () => false,
    // Folders above the working folder say nothing about the file.
    ownPath(path) {
      const below = isAbsolute(path) ? relative(cwd, path) : path
      return below.startsWith('..') ? (below.split(sep).at(-1) ?? below) : below
    },
  }
}

function contentAt(path: string, isAsked: boolean, maxBytes: number): Content {
  const found = lookAt(path)
  if (found.result === 'absent') return { result: 'absent' }
  if (found.result === 'unreadable') return unreadable(found.code)
  if (found.result !== 'file' && !isAsked) return { result: 'absent' }
  if (found.bytes > maxBytes)
    return { result: 'unknown', reason: `is larger than ${maxBytes} bytes; it was not checked` }
  try {
    return { result: 'bytes', bytes: readFileSync(path) }
  } catch (error) {
    return unreadable(errorCode(error) ?? String(error))
  }
}

const unreadable = (code: string): Content => ({
  result: 'unknown',
  reason: `cannot be read (${code}); it was not checked`,
})

/** `other`: a pipe or a device. */
type Found =
  | { result: 'file' | 'folder' | 'other'; bytes: number }
  | { result: 'absent' }
  | { result: 'unreadable'; code: string }

/** What stands at a path. A name that no file can have here names none. */
export function lookAt(path: string): Found {
  try {
    const stat = statSync(path)
    return { result: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other', bytes: stat.size }
  } catch (error) {
    const code = errorCode(error) ?? String(error)
    return NO_FILE.includes(code) ? { result: 'absent' } : { result: 'unreadable', code }
  }
}

/** Not there; a file where a folder should be; a part of more than 255 bytes, or 4,096 in all; a zero byte. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']
