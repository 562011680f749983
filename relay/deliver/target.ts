// A target as the lanes of work see it: whether it may be called now, and what is said when it stops working or works again.
import type { Trouble } from '../clients/trouble.ts'
import type { TargetName } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { BreakerState } from './breaker.ts'
import { Circuit, type CircuitOptions } from './circuit.ts'

/** `unasked`: it has not answered yet since the start; with a `reason`, why not. `untilMs`: when it is tried again, while it rests. */
export type TargetHealth = { state: BreakerState | 'unasked'; reason?: string; untilMs?: number }

const WORDS: Record<TargetName, string> = { ghe: 'GHES', backstage: 'Backstage' }

export class Target {
  readonly circuit: Circuit
  readonly #words: string
  readonly #log: Logger
  #hasAnswered = false
  /** Why the first contact has failed. */
  #unreachedBy: string | undefined

  constructor(options: CircuitOptions) {
    this.circuit = new Circuit(options)
    this.#words = WORDS[options.target]
    this.#log = options.log
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  health(): TargetHealth {
    const { state, reason, openUntilMs } = this.circuit
    if (state === 'closed' && !this.#hasAnswered)
      return { state: 'unasked', ...(this.#unreachedBy === undefined ? {} : { reason: this.#unreachedBy }) }
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
  worked(): void {
    this.#hasAnswered = true
    if (this.circuit.reason !== undefined) this.#log.info(`${this.#words} works again`)
    this.circuit.succeeded()
  }

  /** A call has failed by its fault, or by that of our set-up. */
  failed({ kind, reason, retryAfterMs }: Trouble): void {
    // A foreign answer is hardly ever to one call alone: the health says at once what has answered.
    const opened = kind === 'down' ? this.circuit.failed(reason) : this.circuit.pause(reason, retryAfterMs)
    if (!opened) return
    if (kind === 'set-up') this.#log.error({ reason }, `${this.#words}: somebody has to mend our set-up; pushes wait`)
    else this.#log.warn({ reason }, `calls to ${this.#words} are paused; pushes wait`)
  }
}
