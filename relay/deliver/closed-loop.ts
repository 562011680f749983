// The pace as a closed loop: while our module in Backstage reports verdicts, as many refreshes a second as this catalog can take, and only so many
// without a verdict. Without the module, the token bucket of refreshesPerSecond has the pace. Of several replicas each hears a part of the verdicts and asks for a part of the files: they tell each other (loop-exchange.ts).
import type { Clock } from '../runtime/clock.ts'
import type { Words } from '../store/ports/coordination.ts'
import { AskedPlaces } from './asked-places.ts'
import { Flood, type HaveDue } from './flood.ts'
import { keyOf, type LoopEvent, LoopExchange, type OwnLoop, type Standing } from './loop-exchange.ts'
import type { Pace } from './pace.ts'
import { firstRate, mostWithout, nextRate, type Rate, ROUND_MS, type Round } from './rate.ts'

/** A module that is there asks every 25 s at the latest. */
const HEARD_FOR_MS = 90_000
/** So much of a second's worth may go out at once. */
const BURST = 0.25
const LEAST_PAUSE_MS = 5
/** What Backstage has said of how busy it is counts for so long. */
const BUSY_FOR_MS = 3_000
/** While somebody waits, it is looked this often for verdicts that do not come. */
const LOOK_MS = 250
/** A refresh has no verdict any more when it took so many times as long as usual: Backstage was restarted, or the catalog has it by another Location. `floodMs`: while it has everything at once. */
const LOST = { leastMs: 6_000, times: 5, floodMs: 30_000 } as const
/** A module that is heard, and nothing else, is told to the other replicas within this. */
const HEARD_TOLD_MS = 20_000
type OwnRound = Round & { fromMs: number; latenciesMs: number[]; wasFlood: boolean }

type Waiting = { isAhead: boolean; resolve: (way: 'room' | 'open') => void }

export class ClosedLoop {
  readonly #pace: Pick<Pace, 'take' | 'perSecond'>
  readonly #clock: Clock
  readonly #onChange: (isClosed: boolean) => void
  #rate: Rate
  #tokens: number
  #tokensAtMs: number
  #busy: { share: number; atMs: number } | undefined
  readonly #asked: AskedPlaces
  /** Where there are other replicas. */
  readonly #exchange: LoopExchange | undefined
  /** Who goes ahead in the catalog, too, then the others; each in the order of asking. */
  #queue: Waiting[] = []
  #calls = 0
  #round: OwnRound
  #heardAtMs = Number.NEGATIVE_INFINITY
  #hasVerdicts = false
  #wasClosed = false
  #isLooking = false
  readonly #flood: Flood

  /** `words`: of the store that replicas share; `haveDue`: of it, too. */
  constructor(
    pace: Pick<Pace, 'take' | 'perSecond'>,
    clock: Clock,
    onChange: (isClosed: boolean) => void = () => {},
    words?: Words,
    haveDue: HaveDue = async () => false,
  ) {
    this.#pace = pace
    this.#clock = clock
    this.#onChange = onChange
    this.#rate = firstRate(pace.perSecond)
    this.#flood = new Flood(pace.perSecond, haveDue)
    this.#tokens = Math.max(1, BURST * pace.perSecond)
    this.#tokensAtMs = clock.now()
    this.#round = emptyRound(clock.now())
    this.#asked = new AskedPlaces(words !== undefined)
    this.#exchange = words && new LoopExchange(words, clock, this.#forOthers())
  }

  get perSecond(): number {
    return this.#pace.perSecond
  }

  /** How many a second it is now; undefined while the loop is open. */
  get rate(): number | undefined {
    return this.#isClosed() ? this.#rate.perSecond : undefined
  }

  /** How many calls are under way that the loop has let through; while it is open none are counted. */
  get underWay(): number {
    return this.#isClosed() ? this.#calls : 0
  }

  /**
   * Resolves when a call may be made; `isAhead`, before those that wait already. Each needs its part in `settled`. Rejects when `signal` aborts before,
   * or the store fails.
   */
  async take(signal: AbortSignal, isAhead = false): Promise<void> {
    this.#exchange?.soon()
    if (this.#isClosed() && (await this.#room(signal, isAhead)) === 'room') return
    await this.#pace.take(signal)
    this.#calls++
  }

  /** So many calls are through; by the last one the catalog was asked for this place, when there is one. */
  settled(calls: number, place?: string): void {
    this.#calls -= calls
    if (place !== undefined) {
      const event = { what: 'asked', key: this.#keyOf(place), atMs: this.#clock.now() } as const
      this.#wasAsked(event)
      this.#exchange?.tell(event)
    }
    this.#look()
  }

  /** The catalog has made something of these places. `busy`: how much of its time Backstage works, 0 to 1. */
  judged(places: Iterable<string>, busy?: number): void {
    this.#hasVerdicts = true
    this.heard()
    const atMs = this.#clock.now()
    if (busy !== undefined) this.#busy = { share: busy, atMs }
    for (const place of new Set(places)) {
      const event = { what: 'judged', key: this.#keyOf(place), atMs } as const
      if (this.#wasJudged(event)) this.#exchange?.tell(event)
    }
    // What is not known may have been asked for by another replica just now.
    this.#exchange?.soon()
    this.#look()
  }

  /** Whether this Backstage lets a single push go ahead of what it has been asked for before. */
  overtakes(overtakes: boolean): void {
    this.#flood.isPossible = overtakes
  }

  /** Our module in Backstage is there. */
  heard(): void {
    this.#heardAtMs = this.#clock.now()
    if (this.#hasVerdicts) this.#exchange?.soon(HEARD_TOLD_MS)
  }

  async stop(): Promise<void> {
    await this.#exchange?.stop()
  }

  #keyOf(place: string): string {
    return this.#exchange === undefined ? place : keyOf(place)
  }

  #wasAsked({ key, atMs }: LoopEvent): void {
    const judgedMs = this.#asked.asked(key, atMs)
    if (judgedMs === undefined) return
    this.#round.latenciesMs.push(judgedMs - atMs)
    this.#exchange?.tell({ what: 'judged', key, atMs: judgedMs })
  }

  /** Returns whether it was asked for, as far as is known here. */
  #wasJudged({ key, atMs }: LoopEvent): boolean {
    const tookMs = this.#asked.judged(key, atMs)
    if (tookMs !== undefined) this.#round.latenciesMs.push(tookMs)
    return tookMs !== undefined
  }

  #forOthers(): OwnLoop {
    return {
      standing: () => ({
        calls: this.#calls,
        waits: this.#queue.length > 0,
        heardAtMs: this.#hasVerdicts ? this.#heardAtMs : undefined,
        busy: this.#busy,
        rate: this.rate === undefined ? undefined : this.#rate,
      }),
      isActive: () => this.#calls + this.#queue.length + this.#asked.count > 0,
      hear: (others, events, rate) => this.#hear(others, events, rate),
    }
  }

  #hear(others: readonly Standing[], events: readonly LoopEvent[], rate: Rate | undefined): void {
    for (const { heardAtMs, busy } of others) {
      if (heardAtMs !== undefined) this.#hasVerdicts = true
      this.#heardAtMs = Math.max(this.#heardAtMs, heardAtMs ?? Number.NEGATIVE_INFINITY)
      if (busy && busy.atMs > (this.#busy?.atMs ?? Number.NEGATIVE_INFINITY)) this.#busy = busy
    }
    for (const event of events) if (event.what === 'asked') this.#wasAsked(event)
    for (const event of events) if (event.what === 'judged') this.#wasJudged(event)
    if (rate !== undefined) this.#rate = rate
    this.#asked.forgetEarly(this.#clock.now())
    this.#look()
  }

  #isClosed(): boolean {
    const isClosed = this.#hasVerdicts && this.#clock.now() - this.#heardAtMs < HEARD_FOR_MS
    if (isClosed !== this.#wasClosed) this.#onChange(isClosed)
    this.#wasClosed = isClosed
    return isClosed
  }

  #room(signal: AbortSignal, isAhead: boolean): Promise<'room' | 'open'> {
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue = this.#queue.filter(one => one !== waiting)
        reject(signal.reason)
      }
      const waiting = {
        isAhead,
        resolve: (way: 'room' | 'open') => {
          signal.removeEventListener('abort', leave)
          resolve(way)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      const others = isAhead ? this.#queue.findIndex(one => !one.isAhead) : -1
      this.#queue.splice(others < 0 ? this.#queue.length : others, 0, waiting)
      this.#look()
    })
  }

  #look(): void {
    this.#forgetLost()
    this.#endRound()
    const isClosed = this.#isClosed()
    this.#flood.look(this.#queue.length, this.#unjudged(), this.#clock.now())
    this.#round.wasFlood ||= this.#flood.isOn
    this.#refill()
    while (this.#queue.length > 0 && (!isClosed || this.#mayGo())) {
      const next = this.#queue.shift()
      if (isClosed) {
        this.#calls++
        this.#tokens = Math.max(0, this.#tokens - 1)
      }
      next?.resolve(isClosed ? 'room' : 'open')
    }
    const others = this.#exchange?.others ?? []
    if (this.#queue.length > 0 || others.some(({ waits }) => waits)) this.#round.wasFull = true
    if (this.#queue.length === 0) return
    if (this.#isLooking) return
    this.#isLooking = true
    const nextTokenMs = ((1 - this.#tokens) * 1000) / this.#share()
    this.#clock.after(
      this.#flood.isOn || this.#hasRoom() ? Math.min(LOOK_MS, Math.max(LEAST_PAUSE_MS, nextTokenMs)) : LOOK_MS,
      () => {
        this.#isLooking = false
        this.#look()
      },
    )
  }

  #mayGo(): boolean {
    return this.#flood.hasRoom(this.#unjudged()) || (this.#tokens >= 1 && (this.#flood.isOn || this.#hasRoom()))
  }

  #hasRoom(): boolean {
    return this.#unjudged() < mostWithout(this.#rate)
  }

  /** What the catalog has been asked for, or is asked for now, by any replica. */
  #unjudged(): number {
    const others = this.#exchange?.others ?? []
    return others.reduce((sum, other) => sum + other.calls, this.#calls) + this.#asked.count
  }

  /** Of the rate, as far as it is ours: the replicas where somebody waits share it. */
  #share(): number {
    const others = this.#exchange?.others ?? []
    return this.#rate.perSecond / (1 + others.filter(({ waits }) => waits).length)
  }

  #refill(): void {
    const nowMs = this.#clock.now()
    const perSecond = this.#flood.morePerSecond ?? this.#share()
    const refilled = this.#tokens + ((nowMs - this.#tokensAtMs) * perSecond) / 1000
    this.#tokens = Math.min(Math.max(1, BURST * perSecond), refilled)
    this.#tokensAtMs = nowMs
  }

  #forgetLost(): void {
    const usualMs = Math.max(LOST.leastMs, LOST.times * this.#rate.usualMs)
    const lostMs = this.#clock.now() - (this.#flood.isOn ? Math.max(LOST.floodMs, usualMs) : usualMs)
    this.#round.lost += this.#asked.lose(lostMs)
  }

  #endRound(): void {
    const nowMs = this.#clock.now()
    if (nowMs - this.#round.fromMs < ROUND_MS) return
    // What has no verdict while nobody reports any says nothing.
    const busy = this.#busy && nowMs - this.#busy.atMs < BUSY_FOR_MS ? this.#busy.share : undefined
    // How long a verdict takes behind a thousand others says nothing of the rate.
    if (this.#wasClosed && !this.#round.wasFlood && this.#exchange?.isLed !== true)
      this.#rate = nextRate(
        this.#rate,
        { ...this.#round, busy, tookMs: nowMs - this.#round.fromMs },
        this.#pace.perSecond,
      )
    this.#round = { ...emptyRound(nowMs), wasFlood: this.#flood.isOn }
  }
}

const emptyRound = (fromMs: number): OwnRound => ({
  fromMs,
  latenciesMs: [],
  lost: 0,
  wasFull: false,
  wasFlood: false,
  tookMs: 0,
})

/** As a push and a verdict have it both: the file, whatever its repository's letter case. `tail`: BRANCH/PATH. */
export const placeOf = (repository: string, tail: string): string => `${repository.toLowerCase()}/${tail}`
