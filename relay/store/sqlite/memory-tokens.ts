// A token bucket in the memory of one process: right where no other process forwards.
import type { Clock } from '../../runtime/clock.ts'
import type { Tokens } from '../ports/coordination.ts'
import { draw } from '../work/coordination.ts'

export function memoryTokens(clock: Pick<Clock, 'now'>): Tokens {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    async takeTokens(name, wish) {
      const nowMs = clock.now()
      const { tokens, ...answer } = draw(buckets.get(name), nowMs, wish)
      buckets.set(name, { tokens, atMs: nowMs })
      return answer
    },
  }
}
