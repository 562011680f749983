// A file that Backstage could not read, since GHES was away for a moment, is read again after a while. The catalog itself waits for its next round: a day where the relay says what changes.
import type { Knex } from '@backstage/backend-plugin-api'
import { repeated } from './repeated.ts'

const AGAIN_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000] as const
/** A failure so soon after we have asked again is the same one. */
const SAME_MS = 60_000
const LOOK_MS = 5_000
/** A look. */
const AT_ONCE = 100
const MOST = 10_000

export class Unread {
  readonly #now: () => number
  /** By the Location entity of the file. `dueAtMs` in the past: it was asked for then. */
  readonly #files = new Map<string, { times: number; dueAtMs: number }>()

  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  failed(locationRef: string): void {
    const nowMs = this.#now()
    const known = this.#files.get(locationRef)
    if (known && known.dueAtMs > nowMs) return
    const times = known && nowMs - known.dueAtMs < SAME_MS ? known.times + 1 : 0
    this.#files.delete(locationRef)
    const againMs = AGAIN_MS[times]
    if (againMs === undefined || this.#files.size >= MOST) return
    this.#files.set(locationRef, { times, dueAtMs: nowMs + againMs })
  }

  /** Those whose time has come since the last look. */
  due(): string[] {
    const nowMs = this.#now()
    const due: string[] = []
    for (const [ref, { dueAtMs }] of this.#files) {
      if (nowMs - dueAtMs >= SAME_MS) this.#files.delete(ref)
      else if (dueAtMs <= nowMs && dueAtMs > this.#lookedAtMs) due.push(ref)
    }
    this.#lookedAtMs = nowMs
    return due
  }
}

/** `refresh_state.next_update_at` is when the catalog reads it next (read in plugin-catalog-backend 4.0.0 and 4.0.5). `onTrouble` hears why that could not be. Returns how to end it. */
export function readAgain(unread: Pick<Unread, 'due'>, knex: Knex, onTrouble: (error: unknown) => void): () => void {
  const waiting = new Set<string>()
  const look = async () => {
    for (const ref of unread.due()) waiting.add(ref)
    // One at a time: so that two that wait for each other cannot be. What fails is the next look's.
    for (const ref of [...waiting].slice(0, AT_ONCE)) {
      await knex.raw(
        'UPDATE refresh_state SET next_update_at = CURRENT_TIMESTAMP WHERE entity_ref = ? AND next_update_at > CURRENT_TIMESTAMP',
        [ref],
      )
      waiting.delete(ref)
    }
  }
  return repeated(LOOK_MS, look, onTrouble)
}
