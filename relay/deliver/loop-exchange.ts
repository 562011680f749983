// One closed loop for all replicas: while there is work, each tells the others twice a second what it has asked for and which verdicts have come. So each knows all, and the store is asked nothing for a refresh.
import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../runtime/clock.ts'
import type { Words } from '../store/ports/coordination.ts'
import type { Rate } from './rate.ts'

/** `key`: of a place. */
export type LoopEvent = { what: 'asked' | 'judged'; key: string; atMs: number }

/** How a replica stands. */
export type Standing = {
  /** Calls under way. */
  calls: number
  /** Somebody waits for room. */
  waits: boolean
  /** When our module in Backstage was heard; undefined: it has never told a verdict. */
  heardAtMs?: number | undefined
  busy?: { share: number; atMs: number } | undefined
  /** Of one who has followed what there is for a while. */
  rate?: Rate | undefined
}

/** The loop of this replica. */
export type OwnLoop = {
  standing(): Standing
  /** It has something under way, so that what the others do matters. */
  isActive(): boolean
  hear(others: readonly Standing[], events: readonly LoopEvent[], rate: Rate | undefined): void
}

const TOPIC = 'pace'
const EVERY_MS = { closed: 500, open: 10_000 } as const
/** Whose word is older does nothing now, or is gone. */
const FRESH_MS = 3_000
/** As long as a module that was heard counts. */
const KEPT_MS = 90_000
/** An event is told for so long. */
const TOLD_MS = 5_000
const MOST_TOLD = 3_000

type Text = {
  version: 1
  standing: Omit<Standing, 'heardAtMs' | 'busy'> & { heardAgeMs?: number; busy?: { share: number; ageMs: number } }
  /** Of the last event. */
  number: number
  /** 1: judged. */
  events: [0 | 1, string, ageMs: number][]
}

type Other = { name: string; atMs: number; standing: Standing; number: number }

export class LoopExchange {
  readonly #store: Words
  readonly #clock: Clock
  readonly #loop: OwnLoop
  readonly #name = randomUUID()
  #told: LoopEvent[] = []
  /** Of the last event. */
  #number = 0
  #toldNumber = 0
  #others = new Map<string, Other>()
  #exchangedAtMs = Number.NEGATIVE_INFINITY
  #dueAtMs = Number.POSITIVE_INFINITY
  #cancel = () => {}
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(store: Words, clock: Clock, loop: OwnLoop) {
    this.#store = store
    this.#clock = clock
    this.#loop = loop
  }

  /** Those who do something now. */
  get others(): Standing[] {
    return this.#fresh().map(({ standing }) => standing)
  }

  /** Another replica says the rate. */
  get isLed(): boolean {
    const leader = this.#leader()
    return leader !== undefined && leader.name < this.#name
  }

  /** Something that the others have to know. */
  tell(event: LoopEvent): void {
    this.#told.push(event)
    this.#number++
    this.soon()
  }

  soon(withinMs = 0): void {
    if (this.#isStopped || this.#running) return
    const nowMs = this.#clock.now()
    const everyMs = this.#loop.standing().heardAtMs === undefined ? EVERY_MS.open : EVERY_MS.closed
    const dueAtMs = Math.max(nowMs + withinMs, this.#exchangedAtMs + everyMs)
    if (dueAtMs >= this.#dueAtMs) return
    this.#cancel()
    this.#dueAtMs = dueAtMs
    this.#cancel = this.#clock.after(dueAtMs - nowMs, () => {
      this.#dueAtMs = Number.POSITIVE_INFINITY
      this.#running = this.#exchange().finally(() => {
        this.#running = undefined
        if (this.#loop.isActive() || this.#number > this.#toldNumber) this.soon()
      })
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel()
    await this.#running
  }

  async #exchange(): Promise<void> {
    const fromMs = this.#clock.now()
    const isSteady = fromMs - this.#exchangedAtMs < FRESH_MS
    this.#exchangedAtMs = fromMs
    this.#toldNumber = this.#number
    const text = JSON.stringify(this.#text(fromMs, isSteady))
    try {
      const words = await this.#store.exchange(TOPIC, { from: this.#name, text }, KEPT_MS)
      const events = words.flatMap(word => this.#read(word))
      const leader = this.#leader()
      const rate = leader && (!isSteady || leader.name < this.#name) ? leader.standing.rate : undefined
      this.#loop.hear(this.others, events, rate)
    } catch {
      // The store is away: whoever needs it more says so, and the next time is soon.
    }
  }

  #text(nowMs: number, isSteady: boolean): Text {
    const keptMs = nowMs - TOLD_MS
    this.#told = this.#told.filter(({ atMs }) => atMs >= keptMs).slice(-MOST_TOLD)
    const { heardAtMs, busy, rate, ...standing } = this.#loop.standing()
    return {
      version: 1,
      standing: {
        ...standing,
        ...(heardAtMs === undefined ? {} : { heardAgeMs: nowMs - heardAtMs }),
        ...(busy === undefined ? {} : { busy: { share: busy.share, ageMs: nowMs - busy.atMs } }),
        // What was learnt before a pause is of other work.
        ...(rate === undefined || !isSteady ? {} : { rate }),
      },
      number: this.#number,
      events: this.#told.map(({ what, key, atMs }) => [what === 'judged' ? 1 : 0, key, nowMs - atMs]),
    }
  }

  /** Returns what is new. */
  #read({ from, text, ageMs }: { from: string; text: string; ageMs: number }): LoopEvent[] {
    const word = JSON.parse(text) as Text
    if (word.version !== 1) return []
    const atMs = this.#clock.now() - ageMs
    const { heardAgeMs, busy, ...standing } = word.standing
    const known = this.#others.get(from)?.number ?? 0
    this.#others.set(from, {
      name: from,
      atMs,
      number: word.number,
      standing: {
        ...standing,
        ...(heardAgeMs === undefined ? {} : { heardAtMs: atMs - heardAgeMs }),
        ...(busy === undefined ? {} : { busy: { share: busy.share, atMs: atMs - busy.ageMs } }),
      },
    })
    const isNew = Math.max(0, word.number - known)
    return word.events
      .slice(Math.max(0, word.events.length - isNew))
      .map(([kind, key, eventAgeMs]) => ({ what: kind === 1 ? 'judged' : 'asked', key, atMs: atMs - eventAgeMs }))
  }

  #leader(): Other | undefined {
    return this.#fresh().find(({ standing }) => standing.rate !== undefined)
  }

  /** By name. */
  #fresh(): Other[] {
    const sinceMs = this.#clock.now() - FRESH_MS
    for (const [name, { atMs }] of this.#others) if (atMs < sinceMs - KEPT_MS) this.#others.delete(name)
    return [...this.#others.values()].filter(({ atMs }) => atMs >= sinceMs).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** What replicas name a place by to each other: a hundred thousand of them have one name twice in 60,000 times. */
export const keyOf = (place: string): string => createHash('sha256').update(place).digest('base64url').slice(0, 8)
