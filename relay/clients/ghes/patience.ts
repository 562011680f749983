// Asks GHES in no hurry: waits as long as a rate limit wants, tries an outage a few times, and gives way to a stop.

import type { Clock } from '../../runtime/clock.ts'
import { unlessAborted, wait } from '../../runtime/wait.ts'
import type { Trouble } from '../trouble.ts'

export type Patience = { clock: Clock; signal: AbortSignal }

/** A GHES that is restarted is back within a minute or two; one that is down for longer is tried at the next reconcile. */
const OUTAGE_WAITS_MS = [1000, 5000, 20_000, 60_000]
/** Waits of up to an hour each. */
const LIMITS_WAITED = 5

/** The answer, or the trouble that did not pass. `attempt` counts the outages so far, for those who then ask for less. */
export async function askPatiently<T extends { result: string }>(
  { clock, signal }: Patience,
  ask: (attempt: number) => Promise<T | Trouble>,
): Promise<T | Trouble> {
  let outages = 0
  let limits = 0
  for (;;) {
    const answer = await unlessAborted(ask(outages), signal)
    if (!isTrouble(answer) || answer.kind === 'set-up') return answer
    if (answer.kind === 'limited') {
      if (++limits > LIMITS_WAITED) return answer
      await wait(clock, answer.retryAfterMs ?? 60_000, signal)
      continue
    }
    const pauseMs = OUTAGE_WAITS_MS[outages++]
    if (pauseMs === undefined) return answer
    await wait(clock, Math.max(pauseMs, answer.retryAfterMs ?? 0), signal)
  }
}

export function isTrouble(answer: { result: string }): answer is Trouble {
  return answer.result === 'trouble'
}
