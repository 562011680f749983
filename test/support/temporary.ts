// Where tests keep what need not outlive them: in memory where there is room, so that no test waits for a disk's syncs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
/** A container's own is often of 64 MB, and often takes no programs. */
const ENOUGH_BYTES = 2 * 1024 ** 3

let root: string | undefined

/** A new folder, for whoever asked to take away. What is about a real disk asks `mkdtemp` itself. */
export function temporaryFolder(prefix = 'catalog-gate-'): string {
  root ??= inMemory() ? MEMORY : tmpdir()
  return mkdtempSync(join(root, prefix))
}

function inMemory(): boolean {
  let folder: string | undefined
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize < ENOUGH_BYTES) return false
    folder = mkdtempSync(join(MEMORY, 'catalog-gate-tried-'))
    const program = join(folder, 'program')
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
    return spawnSync(program).status === 0
  } catch {
    return false
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true })
  }
}
