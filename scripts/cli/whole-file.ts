// A file that is there whole, as it was before or as it is to be: whoever is interrupted, or has a full disk, has no half of it.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

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
  const aside = `${target}.${process.pid}.tmp`
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
