// What is built comes into its folder at once: whoever interrupts a build keeps the files of the one before, and no mixture.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isRunning } from '../cli/is-running.ts'

/** Within the folder, so that a rename is enough; the next build clears those of builds that were killed. */
const UNFINISHED = /^\.building-(\d+)$/

/** Where it is, npm's "prepare" and the action take the build for whole. */
const LAST = 'catalog-gate.mjs'

/** `make` writes into a folder of its own, whose files then take their places in `out`. What else is there stays, but for that in lib/. */
export async function fillAtOnce(out: string, make: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(out, { recursive: true })
  for (const name of readdirSync(out)) {
    const [, pid] = UNFINISHED.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(out, name), { recursive: true, force: true })
  }
  const unfinished = join(out, `.building-${process.pid}`)
  try {
    await make(unfinished)
    bringOver(unfinished, out)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function bringOver(from: string, to: string): void {
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(from, join(parentPath, name)))
    .sort((a, b) => Number(a === LAST) - Number(b === LAST))
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    renameSync(join(from, file), join(to, file))
  }
  // Its names are made of what is in the files.
  for (const name of readdirSync(join(to, 'lib'))) if (!files.includes(join('lib', name))) rmSync(join(to, 'lib', name))
}
