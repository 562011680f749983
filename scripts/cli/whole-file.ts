// A file that is there whole, as it was before or as it is to be: whoever is interrupted, or has a full disk, has no half of it.
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Written beside it, flushed, and renamed; then the folder, so that the name is on the disk as well. A file that is there keeps its mode, and a link to one
 * stays; what is no file (`/dev/stdout`, a pipe) is written to as it is. Throws what the file system says.
 */
export function writeWhole(path: string, text: string, mode?: number): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) {
    writeFileSync(path, text)
    return
  }
  const target = there === undefined ? path : realpathSync(path)
  const aside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}${ENDING}`)
  removeLeftovers(dirname(target))
  try {
    writeFileSync(aside, text, { flush: true, ...(mode === undefined ? {} : { mode }) })
    if (mode === undefined && there !== undefined) chmodSync(aside, there.mode & 0o7777)
    renameSync(aside, target)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
  const folder = openSync(dirname(target), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const ENDING = '.catalog-gate-unfinished'
/** What is written takes milliseconds; whatever is older was left by somebody who was killed. */
const LEFT_AFTER_MS = 60_000

/** Takes away what was written aside by a command that was killed in the middle of it. What cannot be taken away stays. */
export function removeLeftovers(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith('.') || !name.endsWith(ENDING)) continue
      const path = join(folder, name)
      if (Date.now() - statSync(path).mtimeMs > LEFT_AFTER_MS) rmSync(path)
    }
  } catch {
    // Another one is at it, or it is not ours to write there.
  }
}
