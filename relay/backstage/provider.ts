// The relay as the catalog's provider: a Location for each catalog file of a default branch that it knows.
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggerService } from '@backstage/backend-plugin-api'
import type {
  Deferred,
  Entity,
  EntityProvider,
  EntityProviderConnection,
  LocationSpec,
} from '@backstage/plugin-catalog-node'
import type { Lease } from './lease.ts'
import type { LocationsAnswer, RelayClient } from './relay-client.ts'

export const PROVIDER = 'catalog-gate'
const RETRY_MS = { first: 500, most: 30_000 }
/** Another replica has it, or the relay's list was not whole yet. */
const AGAIN_MS = 3_000
const RENEW_MS = 3_000
const WHOLE_AGAIN_MS = 60_000
/** So few new files at once are a person's, who does not wait for what the catalog was asked for before. */
const FEW = 5
/** A statement of the catalog's database is that long at most. */
const AT_ONCE = 500

export type ProviderOptions = {
  relay: Pick<RelayClient, 'locations'>
  log: LoggerService
  lease: Lease
  /** The entities that the catalog has from this provider; undefined where it cannot be told. */
  held: () => Promise<ReadonlySet<string> | undefined>
  /** Backstage's own. */
  toEntity: (options: { location: LocationSpec }) => Entity
  /** These Location entities go ahead in the catalog's queue. */
  ahead?: (refs: readonly string[]) => Promise<unknown>
  /** Of Locations that are gone, and nothing has come in their places: the keys of what wanted their names. */
  freed?: (removed: readonly string[]) => string[]
  now?: () => number
}

export class LocationProvider implements EntityProvider {
  readonly #options: ProviderOptions
  readonly #now: () => number
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #cursor: string | undefined
  #connection: EntityProviderConnection | undefined
  /** What was applied since we are the provider. */
  readonly #applied = new Set<string>()
  #wholeAtMs = Number.NEGATIVE_INFINITY
  #isWhole = false
  /** The relay's last list was not complete: as soon as it says so it is asked for all again. */
  #isUnfinished = false

  constructor(options: ProviderOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  getProviderName(): string {
    return PROVIDER
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection
    this.#running = this.#run(connection)
  }

  /** What the catalog has read under these keys is read anew soon. False: the catalog has not started yet. */
  async refresh(keys: string[]): Promise<boolean> {
    await this.#connection?.refresh({ keys })
    return this.#connection !== undefined
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Backstage stops'))
    await this.#running
  }

  async #run(connection: EntityProviderConnection): Promise<void> {
    const { lease, log } = this.#options
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      let pauseMs = 0
      try {
        if (await lease.take()) await this.#whileOurs(connection)
        else {
          this.#forget()
          pauseMs = AGAIN_MS
        }
        if (failures > 0) log.info('catalog-gate: the relay gives Locations again')
        failures = 0
      } catch (error) {
        if (signal.aborted) break
        if (failures === 0)
          log.warn(`catalog-gate: no Locations of the relay: ${String(error)}; the catalog keeps what it has`)
        pauseMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures++)
      }
      if (pauseMs > 0) await wait(pauseMs, undefined, { signal }).catch(() => {})
    }
    await lease.release().catch(() => {})
  }

  /** One question, while the lease is kept. */
  async #whileOurs(connection: EntityProviderConnection): Promise<void> {
    const { relay, lease } = this.#options
    const lost = new AbortController()
    const renewal = setInterval(() => {
      lease.take().then(
        isOurs => isOurs || lost.abort(new Error('another replica is the provider now')),
        error => lost.abort(error),
      )
    }, RENEW_MS)
    try {
      const wantsWhole = !this.#isWhole && this.#now() - this.#wholeAtMs >= WHOLE_AGAIN_MS
      const after = wantsWhole ? undefined : this.#cursor
      const answer = await relay.locations(after, AbortSignal.any([this.#stopping.signal, lost.signal]))
      if (lost.signal.aborted) throw lost.signal.reason
      // Only what was asked for without a cursor is certain to be everything.
      if (after === undefined) await this.#takeAll(connection, answer)
      else {
        await this.#takeChanges(connection, answer)
        if (this.#isUnfinished && answer.complete) this.#wholeAtMs = Number.NEGATIVE_INFINITY
      }
      this.#cursor = answer.cursor
    } finally {
      clearInterval(renewal)
    }
  }

  /** `url:https://…` as the catalog has it. */
  readonly #deferred = (location: string): Deferred => {
    const spec = { type: 'url', target: location.replace(/^url:/, ''), presence: 'required' as const }
    return { entity: this.#options.toEntity({ location: spec }), locationKey: PROVIDER }
  }

  #forget(): void {
    this.#cursor = undefined
    this.#applied.clear()
    this.#isWhole = false
    this.#isUnfinished = false
    this.#wholeAtMs = Number.NEGATIVE_INFINITY
  }

  /**
   * Never a full mutation from an empty or unfinished list: it would delete the catalog. And what the relay does not say to be gone stays, though it is not on the list: a relay
   * with a new store does not know all that its former one knew.
   */
  async #takeAll(connection: EntityProviderConnection, answer: LocationsAnswer): Promise<void> {
    const { held, log } = this.#options
    this.#wholeAtMs = this.#now()
    const isFinished = answer.complete && answer.added.length > 0
    const there = isFinished ? await held() : undefined
    if (there === undefined) {
      if (!isFinished && !this.#isUnfinished)
        log.info(`catalog-gate: the relay provides ${answer.added.length} Locations so far; its list is not complete`)
      this.#isUnfinished = !isFinished
      return this.#takeChanges(connection, answer)
    }
    this.#isUnfinished = false
    const entities = answer.added.map(this.#deferred)
    const named = new Set([...answer.added, ...answer.removed].map(location => refOf(this.#deferred(location))))
    const unnamed = [...there].filter(ref => !named.has(ref))
    if (unnamed.length > 0) {
      log.warn(
        `catalog-gate: ${unnamed.length} Locations of the catalog are not on the relay's list, and stay (the first is ${unnamed[0]})`,
      )
      await this.#takeChanges(connection, answer)
    } else {
      await connection.applyMutation({ type: 'full', entities })
      this.#applied.clear()
      for (const location of answer.added) this.#applied.add(location)
    }
    this.#isWhole = true
    log.info(`catalog-gate: the relay provides ${answer.added.length} Locations`)
  }

  /** What goes goes first: a name that is taken by a file that is gone is free then. */
  async #takeChanges(connection: EntityProviderConnection, { added, removed }: LocationsAnswer): Promise<void> {
    const isNew = added.filter(location => !this.#applied.has(location))
    if (isNew.length === 0 && removed.length === 0) return
    for (let at = 0; at < Math.max(isNew.length, removed.length); at += AT_ONCE) {
      const slice = { added: isNew.slice(at, at + AT_ONCE), removed: removed.slice(at, at + AT_ONCE) }
      await connection.applyMutation({
        type: 'delta',
        added: slice.added.map(this.#deferred),
        removed: slice.removed.map(this.#deferred),
      })
      if (isNew.length > 0 && isNew.length <= FEW)
        await this.#options.ahead?.(isNew.map(one => refOf(this.#deferred(one))))
      for (const location of slice.added) this.#applied.add(location)
      for (const location of slice.removed) this.#applied.delete(location)
      // What has moved keeps its name: it has to be read before anybody who wants that.
      const keys = slice.added.length === 0 ? (this.#options.freed?.(slice.removed) ?? []) : []
      if (keys.length > 0) await connection.refresh({ keys })
    }
  }
}

const refOf = ({ entity: { kind, metadata } }: Deferred) =>
  `${kind}:${metadata.namespace ?? 'default'}/${metadata.name}`.toLowerCase()
