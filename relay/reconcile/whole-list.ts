// Whether the list of catalog files is known to be whole: only then may a provider take away from the catalog what is not on it.
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import type { Reconciler } from './reconcile.ts'

/** A reconcile that could not look at everything is not asked for again at once. */
const ASKED_EVERY_MS = 600_000

export type WholeList = {
  /** A reconcile that has begun since this start has looked at everything: before, the store may be new, or a backup. */
  isWhole(): Promise<boolean>
  /** Somebody asks for the list. */
  wanted(): void
}

export function followList(reconciler: Pick<Reconciler, 'last' | 'begin'>, clock: Clock, log: Logger): WholeList {
  const startedAtMs = clock.now()
  let askedAtMs = Number.NEGATIVE_INFINITY
  const isWhole = async () => {
    const last = await reconciler.last()
    return last?.result === 'complete' && last.startedAtMs >= startedAtMs
  }
  const ask = async () => {
    if (await isWhole()) return
    const begun = await reconciler.begin()
    if (begun.result === 'started') await begun.done
  }
  return {
    isWhole,
    wanted() {
      if (clock.now() - askedAtMs < ASKED_EVERY_MS) return
      askedAtMs = clock.now()
      ask().catch((error: unknown) => log.error({ err: error }, 'a reconcile for the list of catalog files failed'))
    },
  }
}
