// The edges of the process that a command gets, in one place.
import { readFileSync } from 'node:fs'
import { errorCode } from '../../schemas/error-code.ts'
import { writeAll } from '../../schemas/write-all.ts'
import type { Baked, Wrong } from '../config/hook-config.ts'

export type ProcessEdges = {
  env: NodeJS.ProcessEnv
  cwd: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Whether a person watches standard error. */
  isWatched: () => boolean
  readStdin: () => Uint8Array
  /** The configuration in a file; without one the defaults. */
  readConfig: (file: string | undefined) => Promise<Baked | Wrong>
}

/** Written to the descriptors themselves: process.stdout costs 2 ms to make, and what it was given is lost when the process ends. */
export const processEdges = (readConfig: ProcessEdges['readConfig']): ProcessEdges => ({
  env: process.env,
  cwd: process.cwd(),
  write: text => writeTo(1, text),
  writeError: text => writeTo(2, text),
  isWatched: () => process.stderr.isTTY,
  readStdin: () => readFileSync(0),
  readConfig,
})

/** For commands that say line by line what they do. */
export type LineEdges = { say: (line: string) => void; sayError: (line: string) => void }

export const processLines: LineEdges = {
  say: line => writeTo(1, `${line}\n`),
  sayError: line => writeTo(2, `${line}\n`),
}

function writeTo(descriptor: 1 | 2, text: string): void {
  const failure = writeAll(descriptor, text)
  // `| head` has seen enough
  if (failure !== undefined && errorCode(failure) !== 'EPIPE') throw failure
}
