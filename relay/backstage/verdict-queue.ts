// Verdicts on their way to the relay: held for a moment, batched, retried, bounded.
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggerService } from '@backstage/backend-plugin-api'
import type { CatalogVerdict } from '../../schemas/catalog-verdicts.ts'
import { type RelayClient, RelayRefused } from './relay-client.ts'

/** An entity's processing ends with an error event after its processors were through: until then what they have said may be taken back. */
const HELD_MS = 250
const BATCH = 500
/** What is not shown after so long waits for its stitching to be tried again, a minute later at the earliest. */
const MOST_UNSHOWN_MS = 10_000
/** Some 10 MB. What is more than that is older, and a push's page says nothing then. */
const MOST = 20_000
const RETRY_MS = { first: 500, most: 30_000 }

type Waiting = { verdict: CatalogVerdict; sinceMs: number }
type Batch = readonly [string, Waiting][]

/** Of these entities, those that are processed and not yet shown. */
export type Unshown = (entities: readonly string[]) => Promise<Set<string>>

export class VerdictQueue {
  readonly #relay: Pick<RelayClient, 'sendVerdicts'>
  readonly #log: LoggerService
  readonly #unshown: Unshown
  readonly #now: () => number
  /** The latest of each entity of a content. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #dropped = 0

  constructor(
    relay: Pick<RelayClient, 'sendVerdicts'>,
    log: LoggerService,
    unshown: Unshown = async () => new Set(),
    now: () => number = Date.now,
  ) {
    this.#relay = relay
    this.#log = log
    this.#unshown = unshown
    this.#now = now
  }

  add(verdict: CatalogVerdict): void {
    const key = [verdict.location, verdict.entity, verdict.blob ?? ''].join('\n')
    this.#waiting.delete(key)
    this.#waiting.set(key, { verdict, sinceMs: this.#now() })
    while (this.#waiting.size > MOST) {
      for (const oldest of this.#waiting.keys()) {
        this.#waiting.delete(oldest)
        break
      }
      if (this.#dropped++ === 0) this.#log.warn('catalog-gate: the relay takes no verdicts; the oldest are dropped')
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Sends what waits once more, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Backstage stops'))
    await this.#running
    const rest = [...this.#waiting.values()].slice(0, BATCH).map(({ verdict }) => verdict)
    if (rest.length > 0) await this.#relay.sendVerdicts(rest, AbortSignal.timeout(1000)).catch(() => {})
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (this.#waiting.size > 0 && !signal.aborted) {
      const pauseMs = failures === 0 ? HELD_MS : Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures)
      await wait(pauseMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        const batch = await this.#ready()
        if (batch.length > 0) await this.#send(batch, signal)
        if (failures > 0) this.#log.info('catalog-gate: the relay takes verdicts again')
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (failures++ === 0) this.#log.warn(`catalog-gate: verdicts were not taken: ${String(error)}; tried again`)
      }
    }
  }

  /** What is taken is told once the catalog shows it. */
  async #ready(): Promise<Batch> {
    const oldest = [...this.#waiting].slice(0, BATCH)
    const taken = oldest.flatMap(([, { verdict }]) => (verdict.result === 'accepted' ? [verdict.entity] : []))
    const unshown = taken.length > 0 ? await this.#unshown(taken) : new Set()
    const nowMs = this.#now()
    return oldest.filter(
      ([, { verdict, sinceMs }]) =>
        verdict.result !== 'accepted' || !unshown.has(verdict.entity) || nowMs - sinceMs >= MOST_UNSHOWN_MS,
    )
  }

  async #send(batch: Batch, signal: AbortSignal): Promise<void> {
    try {
      await this.#relay.sendVerdicts(
        batch.map(([, { verdict }]) => this.#asShown(verdict)),
        signal,
      )
    } catch (error) {
      if (!(error instanceof RelayRefused)) throw error
      this.#log.warn(`catalog-gate: verdicts were not taken: ${String(error)}`)
    }
    this.#sent(batch)
  }

  /** Where the content is named the time is that of the end; else it says from when on the file was read. */
  #asShown(verdict: CatalogVerdict): CatalogVerdict {
    if (verdict.result !== 'accepted' || verdict.blob === undefined) return verdict
    return { ...verdict, at: new Date(this.#now()).toISOString() }
  }

  /** What came meanwhile under the same key goes with the next batch. */
  #sent(batch: Batch): void {
    for (const [key, waiting] of batch) if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    if (this.#dropped > 0) this.#log.warn(`catalog-gate: ${this.#dropped} verdicts were dropped in all`)
    this.#dropped = 0
  }
}
