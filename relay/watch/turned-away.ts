// Who was turned away of late for a wrong signature or time: a secret that was changed on one side, a clock that is off. All else on the page is green then.
import type { RequestRoute, Tell } from '../runtime/events.ts'

/** Since the first after a quiet hour. `why`: of the last one, in our words. */
export type TurnedAway = { route: RequestRoute; count: number; sinceMs: number; lastMs: number; why: string }

/** Longer ago it says nothing of today. */
const QUIET_MS = 3_600_000

export function openTurnedAway(now: () => number): { tell: Tell; read: () => TurnedAway[] } {
  const byRoute = new Map<RequestRoute, TurnedAway>()
  const isRecent = ({ lastMs }: TurnedAway) => now() - lastMs < QUIET_MS
  return {
    tell(event) {
      if (event.event !== 'request' || event.why === undefined) return
      const { route, why } = event
      const before = byRoute.get(route)
      const { count, sinceMs } = before && isRecent(before) ? before : { count: 0, sinceMs: now() }
      byRoute.set(route, { route, count: count + 1, sinceMs, lastMs: now(), why })
    },
    read: () => [...byRoute.values()].filter(isRecent),
  }
}
