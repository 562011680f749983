// Verdicts on their way to the relay: held for a moment, batched, retried, bounded.
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggerService } from '@backstage/backend-plugin-api'
import type { CatalogVerdict } from '../../schemas/catalog-verdicts.ts'
import { type RelayClient, RelayRefused } from './relay-client.ts'

/** An entity's processing ends with an error event after its processors were through: until then what they have said may be taken back. */
const HELD_MS = 250
const BATCH = 500
/** Some 10 MB. What is more than that is older, and a push's page says nothing then. */
const MOST = 20_000
const RETRY_MS = { first: 500, most: 30_000 }

export class VerdictQueue {
  readonly #relay: Pick<RelayClient, 'sendVerdicts'>
  readonly #log: LoggerService
  /** The latest of each entity of a content. */
  readonly #waiting = new Map<string, CatalogVerdict>()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #dropped = 0

  constructor(relay: Pick<RelayClient, 'sendVerdicts'>, log: LoggerService) {
    this.#relay = relay
    this.#log = log
  }

  add(verdict: CatalogVerdict): void {
    const key = [verdict.location, verdict.entity, verdict.blob ?? ''].join('\n')
    this.#waiting.delete(key)
    this.#waiting.set(key, verdict)
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
    const rest = [...this.#waiting.values()].slice(0, BATCH)
    if (rest.length > 0) await this.#relay.sendVerdicts(rest, AbortSignal.timeout(1000)).catch(() => {})
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (this.#waiting.size > 0 && !signal.aborted) {
      const pauseMs = failures === 0 ? HELD_MS : Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures)
      await wait(pauseMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      const batch = [...this.#waiting].slice(0, BATCH)
      try {
        await this.#relay.sendVerdicts(
          batch.map(([, verdict]) => verdict),
          signal,
        )
        this.#sent(batch)
        if (failures > 0) this.#log.info('catalog-gate: the relay takes verdicts again')
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof RelayRefused) this.#sent(batch)
        if (failures++ === 0) this.#log.warn(`catalog-gate: verdicts were not taken: ${String(error)}; tried again`)
      }
    }
  }

  /** What came meanwhile under the same key goes with the next batch. */
  #sent(batch: readonly [string, CatalogVerdict][]): void {
    for (const [key, verdict] of batch) if (this.#waiting.get(key) === verdict) this.#waiting.delete(key)
    if (this.#dropped > 0) this.#log.warn(`catalog-gate: ${this.#dropped} verdicts were dropped in all`)
    this.#dropped = 0
  }
}
