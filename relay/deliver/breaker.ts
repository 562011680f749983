// Stops calling a target that does not work, and tries it with one call at a time until it does.

export type BreakerState = 'closed' | 'open' | 'half-open'

export type BreakerOptions = { now: () => number; firstPauseMs: number; longestPauseMs: number }

/** So many failures in a row, of different calls, are the target's and not one entity's. */
const FAILURES_TO_OPEN = 5

export class Breaker {
  readonly #options: BreakerOptions
  #failures = 0
  #pauses = 0
  #openUntilMs = 0
  /** Why it opened last; undefined while all is well. */
  reason: string | undefined

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get state(): BreakerState {
    if (this.reason === undefined) return 'closed'
    return this.#options.now() < this.#openUntilMs ? 'open' : 'half-open'
  }

  /** When it may be tried again; in the past when it may be now. */
  get openUntilMs(): number {
    return this.reason === undefined ? 0 : this.#openUntilMs
  }

  /** How many calls may be under way at once. */
  allowed(most: number): number {
    const state = this.state
    return state === 'closed' ? most : state === 'half-open' ? 1 : 0
  }

  succeeded(): void {
    this.#close()
  }

  /** A failure of one call. Returns true when the breaker opened by it. */
  failed(reason: string): boolean {
    this.#failures++
    if (this.state === 'closed' && this.#failures < FAILURES_TO_OPEN) return false
    return this.#open(
      reason,
      Math.min(this.#options.longestPauseMs, this.#options.firstPauseMs * 2 ** Math.min(this.#pauses, 20)),
    )
  }

  /** The target has asked for a pause, or every call must fail until somebody mends the set-up. */
  pause(reason: string, forMs?: number): boolean {
    const grown = Math.min(this.#options.longestPauseMs, this.#options.firstPauseMs * 2 ** Math.min(this.#pauses, 20))
    // "Retry-After: 0", or a date of a clock that is behind ours, is asked again and again: not without a pause.
    return this.#open(reason, forMs === undefined || forMs < this.#options.firstPauseMs ? grown : forMs)
  }

  /** What another replica has found out. */
  adopt(open: { reason: string; untilMs: number } | undefined): void {
    if (!open) {
      if (this.reason !== undefined) this.#close()
      return
    }
    this.reason = open.reason
    this.#openUntilMs = Math.max(this.#openUntilMs, open.untilMs)
  }

  /** Somebody else tries it meanwhile. */
  protected restUntil(atMs: number): void {
    this.#openUntilMs = Math.max(this.#openUntilMs, atMs)
  }

  /** Told whenever it opens, or stays open for longer. */
  protected opened(_open: { reason: string; untilMs: number }): void {}

  #close(): void {
    this.#failures = 0
    this.#pauses = 0
    this.reason = undefined
  }

  #open(reason: string, forMs: number): boolean {
    const news = this.state === 'closed'
    // Calls that were under way together fail together: that is one failure, and must not lengthen the pause for each.
    if (this.state !== 'open') this.#pauses++
    this.#openUntilMs = Math.max(this.#openUntilMs, this.#options.now() + forMs)
    this.reason = reason
    this.opened({ reason, untilMs: this.#openUntilMs })
    return news
  }
}
