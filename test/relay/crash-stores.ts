// The stores that the crash tests run on, each a fresh one for its test.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PACES } from '../../relay/runtime/limits.ts'
import type { Postgres } from '../support/postgres.ts'
import type { RelayProcessOptions } from '../support/relay-process.ts'

export type CrashStore = {
  name: string
  /** `store:` of a relay's configuration. */
  store: () => Promise<string>
  /** How long after a kill somebody's lease can hold something. The last start of a test has a clock that is ahead by it. */
  leasedMs: number
}

export function crashStores(postgres: () => Postgres): CrashStore[] {
  return [
    // One process has the file: whoever had leases is dead, and they are taken back at the start.
    { name: 'SQLite', store: async () => './data/relay.db', leasedMs: 0 },
    { name: 'PostgreSQL', store: () => postgres().database(), leasedMs: PACES.leaseMs + 1_000 },
  ]
}

/** The relay's clock is off by `fromMs` from the start; at a SIGUSR2 the wall clock jumps, so that it is off by `toMs` then. */
export function withClock(
  given: RelayProcessOptions,
  { fromMs, toMs = fromMs }: { fromMs: number; toMs?: number },
): RelayProcessOptions {
  const clock = {
    NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, '../support/jumping-clock.mjs'))}`,
    CLOCK_OFFSET_MS: String(fromMs),
    CLOCK_JUMP_MS: String(toMs - fromMs),
  }
  return { ...given, env: { ...given.env, ...clock } }
}
