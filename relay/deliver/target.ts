// A target as the lanes of work see it: whether it may be called now, and what is said when it stops working or works again.
import type { Trouble } from '../clients/trouble.ts'
import type { TargetName } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { BreakerState } from './breaker.ts'
import { Circuit, type CircuitOptions } from './circuit.ts'

/** `unasked`: it has not answered yet since the start; with a `reason`, why not. `untilMs`: when it is tried again, while it rests. `lastFailure`: it is called on, and has not worked since. */
export type TargetHealth = {
  state: BreakerState | 'unasked'
  reason?: string
  untilMs?: number
  lastFailure?: { reason: string; atMs: number }
}

const WORDS: Record<TargetName, string> = { ghe: 'GHES', backstage: 'Backstage' }

/** What has failed has its next try a part of the first pause after the others, so that one alone never has all the tries. */
const OTHERS_FIRST = 0.1
const REMEMBERED = 1000
/** What was answered to one alone longer ago says nothing of today. */
const REMEMBERED_MS = 3_600_000

/** What a call is about: a branch, or a file as a push has brought it. */
export type About = { place: string; push?: string }

type Refused = { push: string | undefined; worked: number; atMs: number }

export class Target {
  readonly circuit: Circuit
  readonly #words: string
  readonly #log: Logger
  readonly #othersFirstMs: number
  readonly #now: () => number
  #hasAnswered = false
  /** How often it has worked. */
  #worked = 0
  /** What was answered by something in between, or refused by our set-up; and how often the target had worked then. By place. */
  readonly #refused = new Map<string, Refused>()
  #lastFailure: TargetHealth['lastFailure']
  /** Why the first contact has failed. */
  #unreachedBy: string | undefined

  constructor(options: CircuitOptions) {
    this.circuit = new Circuit(options)
    this.#words = WORDS[options.target]
    this.#log = options.log
    this.#now = options.clock.now
    this.#othersFirstMs = Math.ceil(options.firstPauseMs * OTHERS_FIRST)
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  health(): TargetHealth {
    const { state, reason, openUntilMs } = this.circuit
    if (state === 'closed' && !this.#hasAnswered)
      return { state: 'unasked', ...(this.#unreachedBy === undefined ? {} : { reason: this.#unreachedBy }) }
    if (state === 'closed' && this.#lastFailure) return { state, lastFailure: this.#lastFailure }
    return { state, ...(reason === undefined ? {} : { reason }), ...(state === 'open' ? { untilMs: openUntilMs } : {}) }
  }

  /** It has answered the first contact. */
  reached(): void {
    if (this.#unreachedBy !== undefined) this.#log.info(`${this.#words} answers`)
    this.#hasAnswered = true
  }

  /** The first contact has failed: told at once, before any push needs it. */
  unreached({ kind, reason }: Trouble): void {
    if (this.#unreachedBy !== reason)
      this.#log[kind === 'set-up' || kind === 'foreign' ? 'error' : 'warn'](
        { reason },
        `${this.#words} does not answer as it should`,
      )
    this.#unreachedBy = reason
  }

  /** It has answered a call as it should. */
  worked({ place }: About): void {
    this.#refused.delete(place)
    this.#hasAnswered = true
    this.#worked++
    this.#lastFailure = undefined
    if (this.circuit.reason !== undefined) this.#log.info(`${this.#words} works again`)
    this.circuit.succeeded()
  }

  /** When what has failed may be tried again; in the past when it may be now. */
  get againAtMs(): number {
    return this.circuit.reason === undefined ? 0 : this.circuit.openUntilMs + this.#othersFirstMs
  }

  /** A call about this (a branch, a file) has failed by the target's fault, or by that of our set-up. False where it is a matter of that one alone: the target works for others. */
  failed({ kind, reason, retryAfterMs }: Trouble, about: About): boolean {
    if (this.#isOfOneAlone(kind, about)) {
      this.#log.warn({ reason, about: about.place }, `${this.#words} answers so to this alone, and works for others`)
      return false
    }
    this.#lastFailure = { reason, atMs: this.#now() }
    // A foreign answer is hardly ever to one call alone: the health says at once what has answered.
    const opened = kind === 'down' ? this.circuit.failed(reason) : this.circuit.pause(reason, retryAfterMs)
    if (!opened) return true
    if (kind === 'set-up') this.#log.error({ reason }, `${this.#words}: somebody has to mend our set-up; pushes wait`)
    else this.#log.warn({ reason }, `calls to ${this.#words} are paused; pushes wait`)
    return true
  }

  /** A firewall may refuse one path, and a policy one entity: then the target has worked for others since the last time. What was pushed anew has no last time. */
  #isOfOneAlone(kind: Trouble['kind'], { place, push }: About): boolean {
    if (kind !== 'foreign' && kind !== 'set-up') return false
    const atMs = this.#now()
    const before = this.#refused.get(place)
    this.#refused.delete(place)
    this.#refused.set(place, { push, worked: this.#worked, atMs })
    for (const oldest of this.#refused.keys()) if (this.#refused.size > REMEMBERED) this.#refused.delete(oldest)
    if (before === undefined || before.push !== push || atMs - before.atMs > REMEMBERED_MS) return false
    return before.worked < this.#worked
  }
}
