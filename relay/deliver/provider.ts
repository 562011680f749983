// Whether our module in Backstage is the provider of the catalog's Locations: then nobody else registers or takes away any.
import type { Clock } from '../runtime/clock.ts'
import type { Notes } from '../store/ports/coordination.ts'

const NOTE = 'provider'
/** It asks again every 25 s at the latest; a restart of Backstage takes a minute or two. */
const RUNS_FOR_MS = 180_000
/** Of all replicas one is asked. */
const NOTED_EVERY_MS = 10_000

export type Provider = {
  /** It has asked. */
  seen(): void
  runs(): Promise<boolean>
}

export function openProvider(store: Notes, clock: Clock, onTrouble: (error: unknown) => void): Provider {
  let seenAtMs = Number.NEGATIVE_INFINITY
  let notedAtMs = Number.NEGATIVE_INFINITY
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return {
    seen() {
      seenAtMs = clock.now()
      if (seenAtMs - notedAtMs < NOTED_EVERY_MS) return
      notedAtMs = seenAtMs
      store.setNote(NOTE, String(seenAtMs)).catch(onTrouble)
    },
    async runs() {
      const nowMs = clock.now()
      if (nowMs - seenAtMs >= NOTED_EVERY_MS && nowMs - lookedAtMs >= NOTED_EVERY_MS) {
        lookedAtMs = nowMs
        seenAtMs = Math.max(seenAtMs, Number((await store.note(NOTE)) ?? Number.NEGATIVE_INFINITY))
      }
      return nowMs - seenAtMs < RUNS_FOR_MS
    },
  }
}
