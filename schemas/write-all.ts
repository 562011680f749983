// Writes to a file descriptor itself: process.stdout costs 2 ms to make, and what it was given is lost when the process ends.
import { writeSync } from 'node:fs'
import { errorCode } from './error-code.ts'

const FULL_PIPE_WAIT_MS = 5

/**
 * Returns when all of it is written, or what kept it from that: EPIPE when the reader has gone away, EAGAIN when the pipe is full
 * and `mayWait` says that it is not to be waited for.
 */
export function writeAll(descriptor: number, text: string, mayWait: () => boolean = () => true): Error | undefined {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (errorCode(error) !== 'EAGAIN' || !mayWait()) return error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_WAIT_MS)
    }
  }
  return undefined
}
