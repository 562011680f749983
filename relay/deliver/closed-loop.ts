// The pace as a closed loop: while our module in Backstage reports verdicts, only so many refreshes are without one, and how many follows
// what this catalog can take. Without the module, the token bucket of refreshesPerSecond has the pace.
import type { Clock } from '../runtime/clock.ts'
import type { Pace } from './pace.ts'
import { nextWindow, type Round, WINDOW, type Window } from './window.ts'

/** A module that is there asks every 25 s at the latest. */
const HEARD_FOR_MS = 90_000
const ROUND_MS = 1_000
/** While somebody waits, it is looked this often for verdicts that do not come. */
const LOOK_MS = 250
/** A refresh has no verdict any more when it took so many times as long as usual: Backstage was restarted, or the catalog has it by another Location. */
const LOST = { leastMs: 6_000, times: 5 } as const

type Waiting = { resolve: (way: 'room' | 'open') => void }

export class ClosedLoop {
  readonly #pace: Pick<Pace, 'take' | 'perSecond'>
  readonly #clock: Clock
  readonly #onChange: (isClosed: boolean) => void
  #window: Window
  /** When each place was asked for, the oldest first. */
  readonly #asked = new Map<string, number>()
  /** In the order of asking. */
  #queue: Waiting[] = []
  #calls = 0
  #round: { fromMs: number; latenciesMs: number[]; lost: number; wasFull: boolean }
  #heardAtMs = Number.NEGATIVE_INFINITY
  #hasVerdicts = false
  #wasClosed = false
  #isLooking = false

  constructor(pace: Pick<Pace, 'take' | 'perSecond'>, clock: Clock, onChange: (isClosed: boolean) => void = () => {}) {
    this.#pace = pace
    this.#clock = clock
    this.#onChange = onChange
    // A verdict takes about a second, so that it begins with the pace that is set.
    this.#window = { size: Math.max(WINDOW.least, Math.ceil(pace.perSecond)), baseMs: Number.POSITIVE_INFINITY }
    this.#round = emptyRound(clock.now())
  }

  get perSecond(): number {
    return this.#pace.perSecond
  }

  /** How many may be without a verdict; undefined while the loop is open. */
  get size(): number | undefined {
    return this.#isClosed() ? this.#window.size : undefined
  }

  /** Resolves when a call may be made. Each needs its part in `settled`. Rejects when `signal` aborts before, or the store fails. */
  async take(signal: AbortSignal): Promise<void> {
    if (this.#isClosed() && (await this.#room(signal)) === 'room') return
    await this.#pace.take(signal)
    this.#calls++
  }

  /** So many calls are through; by the last one the catalog was asked for this place, when there is one. */
  settled(calls: number, place?: string): void {
    this.#calls -= calls
    if (place !== undefined) {
      this.#asked.delete(place)
      this.#asked.set(place, this.#clock.now())
    }
    this.#look()
  }

  /** The catalog has made something of these places. */
  judged(places: Iterable<string>): void {
    this.#hasVerdicts = true
    this.heard()
    const nowMs = this.#clock.now()
    for (const place of places) {
      const askedMs = this.#asked.get(place)
      if (askedMs === undefined) continue
      this.#asked.delete(place)
      this.#round.latenciesMs.push(nowMs - askedMs)
    }
    this.#look()
  }

  /** Our module in Backstage is there. */
  heard(): void {
    this.#heardAtMs = this.#clock.now()
  }

  #isClosed(): boolean {
    const isClosed = this.#hasVerdicts && this.#clock.now() - this.#heardAtMs < HEARD_FOR_MS
    if (isClosed !== this.#wasClosed) this.#onChange(isClosed)
    this.#wasClosed = isClosed
    return isClosed
  }

  #room(signal: AbortSignal): Promise<'room' | 'open'> {
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue = this.#queue.filter(one => one !== waiting)
        reject(signal.reason)
      }
      const waiting = {
        resolve: (way: 'room' | 'open') => {
          signal.removeEventListener('abort', leave)
          resolve(way)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#queue.push(waiting)
      this.#look()
    })
  }

  #look(): void {
    this.#forgetLost()
    this.#endRound()
    const isClosed = this.#isClosed()
    while (this.#queue.length > 0 && (!isClosed || this.#calls + this.#asked.size < this.#window.size)) {
      const next = this.#queue.shift()
      if (isClosed) this.#calls++
      next?.resolve(isClosed ? 'room' : 'open')
    }
    if (this.#queue.length === 0) return
    this.#round.wasFull = true
    if (this.#isLooking) return
    this.#isLooking = true
    this.#clock.after(LOOK_MS, () => {
      this.#isLooking = false
      this.#look()
    })
  }

  #forgetLost(): void {
    const usualMs = Number.isFinite(this.#window.baseMs) ? this.#window.baseMs : 0
    const lostMs = this.#clock.now() - Math.max(LOST.leastMs, LOST.times * usualMs)
    for (const [place, askedMs] of this.#asked) {
      if (askedMs > lostMs) return
      this.#asked.delete(place)
      this.#round.lost++
    }
  }

  #endRound(): void {
    const nowMs = this.#clock.now()
    if (nowMs - this.#round.fromMs < ROUND_MS) return
    // What has no verdict while nobody reports any says nothing.
    if (this.#wasClosed) this.#window = nextWindow(this.#window, this.#round)
    this.#round = emptyRound(nowMs)
  }
}

const emptyRound = (fromMs: number): Round & { fromMs: number; latenciesMs: number[] } => ({
  ...{ fromMs, latenciesMs: [], lost: 0, wasFull: false },
})

/** As a push and a verdict have it both: the file, whatever its repository's letter case. `tail`: BRANCH/PATH. */
export const placeOf = (repository: string, tail: string): string => `${repository.toLowerCase()}/${tail}`
