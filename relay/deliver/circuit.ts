// A breaker that all replicas share through the store, and that a restart remembers.
import type { Clock } from '../runtime/clock.ts'
import type { TargetName } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Circuits, OpenCircuit } from '../store/ports/coordination.ts'
import { Breaker, type BreakerOptions } from './breaker.ts'

export type CircuitOptions = Omit<BreakerOptions, 'now'> & {
  store: Circuits
  target: TargetName
  clock: Clock
  log: Logger
}

/** What another replica has found out is known here after so long. */
const LOOK_MS = 1000
/** The longest that a probe can take: the calls of one job. Who holds it longer has died. */
const PROBE_MS = 60_000

export class Circuit extends Breaker {
  readonly #options: CircuitOptions
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #probeUntilMs = 0
  /** Changes go to the store one after the other. */
  #writing: Promise<void> = Promise.resolve()

  constructor(options: CircuitOptions) {
    super({ ...options, now: options.clock.now })
    this.#options = options
  }

  /** Whether work may be claimed now. While the target is only tried, one replica has the try. */
  async admits(): Promise<boolean> {
    await this.#look()
    if (this.state !== 'half-open') return this.state === 'closed'
    const { store, target, clock } = this.#options
    // It is still ours when there was no work to try it with.
    if (clock.now() < this.#probeUntilMs) return true
    if (await store.claimProbe(target, PROBE_MS)) {
      this.#probeUntilMs = clock.now() + PROBE_MS
      return true
    }
    this.restUntil(clock.now() + LOOK_MS)
    return false
  }

  override succeeded(): void {
    const wasOpen = this.reason !== undefined
    this.#probeUntilMs = 0
    super.succeeded()
    if (wasOpen) this.#write(store => store.closeCircuit(this.#options.target))
  }

  protected override opened(open: OpenCircuit): void {
    this.#probeUntilMs = 0
    this.#write(store => store.openCircuit(this.#options.target, open))
  }

  /** Resolves when the store knows. */
  flushed(): Promise<void> {
    return this.#writing
  }

  async #look(): Promise<void> {
    const { store, target, clock } = this.#options
    if (clock.now() - this.#lookedAtMs < LOOK_MS && this.state !== 'half-open') return
    this.#lookedAtMs = clock.now()
    await this.#writing
    this.adopt(await store.circuit(target))
  }

  /** A store that cannot take it down leaves this replica with what it knows itself. */
  #write(change: (store: Circuits) => Promise<void>): void {
    const { store, log, target } = this.#options
    this.#writing = this.#writing
      .then(() => change(store))
      .catch((error: unknown) =>
        log.warn({ err: error, target }, 'the other replicas are not told how the target does'),
      )
  }
}
