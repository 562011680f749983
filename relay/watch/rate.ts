// How many refreshes this process has made of late.
import type { Tell } from '../runtime/events.ts'

const BUCKET_MS = 10_000
const BUCKETS = 30

export type Rate = { tell: Tell; read: () => { forwarded: number; withinMs: number } }

export function openRate(now: () => number): Rate {
  const buckets = new Map<number, number>()
  const current = () => Math.floor(now() / BUCKET_MS)
  const forget = () => {
    for (const bucket of buckets.keys()) if (bucket <= current() - BUCKETS) buckets.delete(bucket)
  }
  return {
    tell(event) {
      if (event.event !== 'job' || event.result !== 'forwarded') return
      forget()
      buckets.set(current(), (buckets.get(current()) ?? 0) + 1)
    },
    read() {
      forget()
      return { forwarded: [...buckets.values()].reduce((sum, n) => sum + n, 0), withinMs: BUCKETS * BUCKET_MS }
    },
  }
}
