// What has to be done from time to time: leases that have run out come back, settled pushes are forgotten after a week.
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import { goRound } from '../runtime/rounds.ts'
import type { Leases } from '../store/ports/jobs.ts'
import type { Upkeep } from '../store/store.ts'

export type HousekeepingOptions = {
  store: Pick<Leases & Upkeep, 'reap' | 'isShared' | 'prune'>
  clock: Clock
  log: Logger
  tell?: Tell
  /** There may be work that was somebody else's. */
  onReaped: () => void
}

/** Until the returned function is called. */
export function keepHouse(options: HousekeepingOptions): () => void {
  const { clock, log, store } = options
  const everyMs = store.isShared ? PACES.othersLookMs : PACES.housekeepingMs
  let pruneAtMs = clock.now() + PACES.housekeepingMs
  const round = async () => {
    const isTime = clock.now() >= pruneAtMs
    if (isTime) pruneAtMs = clock.now() + PACES.housekeepingMs
    await tidy(options, isTime)
    return everyMs
  }
  const failed = (error: unknown) => {
    log.error({ err: error }, 'housekeeping failed; tried again')
    return everyMs
  }
  // A replica that starts is often the one that takes the place of a dead one.
  return goRound({ clock, firstInMs: store.isShared ? 0 : everyMs, round, failed })
}

async function tidy({ store, clock, log, tell, onReaped }: HousekeepingOptions, prunes: boolean): Promise<void> {
  const reaped = await store.reap()
  if (reaped > 0) tell?.({ event: 'leases ended', count: reaped })
  if (reaped > 0) log.warn({ reaped }, 'leases had run out, or their holder is gone: their work is done once more')
  if (prunes) await store.prune(clock.now() - PACES.keepSettledMs)
  onReaped()
}
