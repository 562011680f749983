// A token bucket, shared by all replicas through the store: so many calls a second, since a burst makes everyone wait in the
// catalog's queue. Measured with 1,000 refreshes: median 10.9 s as a burst, 1.4 s at 60/s.
import type { Clock } from '../runtime/clock.ts'
import { wait } from '../runtime/wait.ts'
import type { Tokens } from '../store/ports/coordination.ts'

/** At thousands a second the store is asked for a few milliseconds' worth at once, and not for every token. */
const LEAST_PAUSE_MS = 5

type Waiting = { resolve: () => void; reject: (reason: unknown) => void }

export class Pace {
  readonly #store: Tokens
  readonly #clock: Clock
  readonly perSecond: number
  readonly #burst: number
  /** In the order of asking. */
  readonly #queue: Waiting[] = []
  /** Given to one that stopped waiting meanwhile: the next one's. */
  #spare = 0
  #handingOut = false

  constructor(store: Tokens, clock: Clock, perSecond: number) {
    this.#store = store
    this.#clock = clock
    this.perSecond = perSecond
    // A quarter of a second's worth: a push with a handful of files goes out at once, a thousand do not.
    this.#burst = Math.max(1, perSecond / 4)
  }

  /** Resolves when the call may be made; in the order of asking. Rejects when `signal` aborts before, or the store fails. */
  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1)
        reject(signal.reason)
      }
      const settled = (settle: () => void) => {
        signal.removeEventListener('abort', leave)
        settle()
      }
      const waiting = { resolve: () => settled(resolve), reject: (reason: unknown) => settled(() => reject(reason)) }
      signal.addEventListener('abort', leave, { once: true })
      this.#queue.push(waiting)
      void this.#handOut()
    })
  }

  /** One at a time: while it runs, whoever comes is served by it. */
  async #handOut(): Promise<void> {
    if (this.#handingOut) return
    this.#handingOut = true
    try {
      // What is asked for in this turn is one question to the store.
      await undefined
      while (this.#queue.length > 0) {
        const nextInMs = await this.#serve()
        if (this.#queue.length > 0 && nextInMs > 0) await this.#pause(nextInMs)
      }
    } catch (error) {
      for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    } finally {
      this.#handingOut = false
    }
  }

  /** Asks for no more than is wanted now, so that no replica sits on tokens that another could use. */
  async #serve(): Promise<number> {
    const wanted = Math.min(this.#queue.length, Math.max(1, Math.floor(this.#burst))) - this.#spare
    const { granted, nextInMs } =
      wanted > 0
        ? await this.#store.takeTokens('backstage', { wanted, perSecond: this.perSecond, burst: this.#burst })
        : { granted: 0, nextInMs: 0 }
    const served = this.#queue.splice(0, granted + this.#spare)
    this.#spare += granted - served.length
    for (const waiting of served) waiting.resolve()
    return nextInMs
  }

  #pause(ms: number): Promise<void> {
    return wait(this.#clock, Math.max(LEAST_PAUSE_MS, Math.ceil(ms)), NEVER)
  }
}

const NEVER = new AbortController().signal
