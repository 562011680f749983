// The entry of the relay, and what the command line calls.
import { runRelay } from './run.ts'
import { keepYoungSpaceSmall } from './runtime/heap.ts'

/** Runs the relay in this process until SIGTERM or SIGINT. Returns the exit code. */
export function main(args: readonly string[]): Promise<number> {
  keepYoungSpaceSmall()
  // Whoever reads the log may go away (a pipe, a collector): pushes are taken and forwarded all the same.
  for (const log of [process.stdout, process.stderr]) log.on('error', () => undefined)
  return runRelay({
    args,
    env: process.env,
    out: process.stdout,
    err: process.stderr,
    nodeVersion: process.versions.node,
    onStop: callback => {
      process.on('SIGTERM', callback)
      process.on('SIGINT', callback)
    },
    endNow: () => process.exit(130),
  })
}

// The command line loads this file too (dist/relay.mjs stays a file of its own beside it), and then it is no entry.
if (import.meta.main) process.exit(await main(process.argv.slice(2)))
