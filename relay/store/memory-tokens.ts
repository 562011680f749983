// A token bucket in the memory of one process: right where no other process forwards.
import type { Clock } from '../clock.ts'
import type { Store } from './store.ts'

export function memoryTokens(clock: Pick<Clock, 'now'>): Pick<Store, 'takeTokens'> {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    async takeTokens(name, { wanted, perSecond, burst }) {
      const nowMs = clock.now()
      const before = buckets.get(name) ?? { tokens: burst, atMs: nowMs }
      const filled = Math.min(burst, before.tokens + (Math.max(0, nowMs - before.atMs) * perSecond) / 1000)
      const granted = Math.min(wanted, Math.floor(filled))
      const tokens = filled - granted
      buckets.set(name, { tokens, atMs: nowMs })
      return { granted, nextInMs: tokens >= 1 ? 0 : ((1 - tokens) * 1000) / perSecond }
    },
  }
}
