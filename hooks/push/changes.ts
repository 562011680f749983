// Git's raw diff lines → changed files with their modes and blob ids.
import { EMPTY, NEVER_QUOTED, TEXTS } from '../config/naming.ts'
import { textOf } from './path-text.ts'

export type ChangedFile = {
  /** A key: git's bytes as text (`textOf`). */
  path: string
  change: 'added' | 'modified' | 'removed'
  /** What stands at the path now (before the push, when it was removed). */
  type: 'file' | 'symlink' | 'submodule'
  /** Blob id of the new content; of the old one for a removed file. */
  blob: string
  /** Of the old content, where a file was modified. */
  blobBefore?: string
}

/** A line of `git diff-tree --raw` without `-z`: names with unusual characters are quoted as in C. */
export function readRawLine(line: string): ChangedFile | undefined {
  const match = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*\t(.+)$/s.exec(line)
  const [, oldMode, newMode, oldBlob, newBlob, , name] = match ?? []
  if (
    oldMode === undefined ||
    newMode === undefined ||
    oldBlob === undefined ||
    newBlob === undefined ||
    name === undefined
  )
    return undefined
  const removed = newMode === '000000'
  const change = removed ? 'removed' : oldMode === '000000' ? 'added' : 'modified'
  return {
    path: unquotePath(name),
    change,
    type: typeOf(removed ? oldMode : newMode),
    blob: removed ? oldBlob : newBlob,
    ...(change === 'modified' && typeOf(oldMode) === 'file' ? { blobBefore: oldBlob } : {}),
  }
}

/** Whether a change may matter to a catalog file that quotes or names the file: as the prelude's `want` has it. */
export function mayMatter({ path, change, type, blob, blobBefore }: ChangedFile): boolean {
  const [, ending = ''] = /\.([^./]*)$/.exec(path) ?? []
  if (NEVER_QUOTED.includes(ending)) return false
  const isSame = change === 'added' || (change === 'modified' && type === 'file' && blobBefore !== undefined)
  return !isSame || (change === 'modified' && EMPTY.includes(blob)) || !(ending === '' || TEXTS.includes(ending))
}

function typeOf(mode: string): ChangedFile['type'] {
  if (mode.startsWith('12')) return 'symlink'
  return mode.startsWith('16') ? 'submodule' : 'file'
}

const ESCAPES: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** Git's C-style quoting undone. */
function unquotePath(name: string): string {
  if (!name.startsWith('"')) return name
  const bytes: number[] = []
  for (const [part, octal, letter] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
    else if (letter !== undefined) bytes.push(ESCAPES[letter] ?? letter.charCodeAt(0))
    else bytes.push(...Buffer.from(part))
  }
  return textOf(Uint8Array.from(bytes))
}
