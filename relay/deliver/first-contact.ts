// Health is evidence: a target is asked something harmless at the start, again and again until it has answered.
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import { faultOf } from './fault.ts'
import type { Target } from './target.ts'

/** Asks the target for nothing but an answer. */
type Reach = () => Promise<{ result: 'answered' } | Trouble>

const AGAIN_MS = [2000, 10_000, 30_000]

/** Until the target has answered, whoever asked it, or the returned function is called. Whether pushes wait is for their own calls to decide. */
export function seekContact(target: Target, reach: Reach, clock: Clock): () => void {
  let ended = false
  let cancel = () => {}
  const seek = async (attempt: number) => {
    if (ended || target.hasAnswered) return
    const reached = await reach().catch(
      (error: unknown): Trouble => ({ result: 'trouble', kind: 'down', reason: faultOf(error) }),
    )
    if (reached.result === 'answered') return target.reached()
    target.unreached(reached)
    const againMs = reached.retryAfterMs ?? AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)] ?? 0
    if (!ended) cancel = clock.after(againMs, () => void seek(attempt + 1))
  }
  void seek(0)
  return () => {
    ended = true
    cancel()
  }
}
