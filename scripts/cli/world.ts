// What a command gets of the world: the edges of the process, in one place.
import { readFileSync, writeSync } from 'node:fs'
import type { Baked, Wrong } from '../config/hook-config.ts'

export type World = {
  env: NodeJS.ProcessEnv
  cwd: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Whether a person watches standard error. */
  isWatched: () => boolean
  readStdin: () => string
  /** The configuration in a file; without one the defaults. */
  readConfig: (file: string | undefined) => Promise<Baked | Wrong>
}

/** Written to the descriptors themselves: process.stdout costs 2 ms to make, and what it was given is lost when the process ends. */
export const processWorld = (readConfig: World['readConfig']): World => ({
  env: process.env,
  cwd: process.cwd(),
  write: text => writeTo(1, text),
  writeError: text => writeTo(2, text),
  isWatched: () => process.stderr.isTTY,
  readStdin: () => readFileSync(0, 'utf8'),
  readConfig,
})

const FULL_PIPE_WAIT_MS = 5

function writeTo(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EPIPE') return // `| head` has seen enough
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_WAIT_MS)
    }
  }
}
