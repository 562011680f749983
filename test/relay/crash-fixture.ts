// A relay that is killed and started again, between a GHES and a catalog that go on: who sends, who is asked, what became of each push.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locationRef } from '../../schemas/entity-ref.ts'
import type { PushNotification } from '../../schemas/notification.ts'
import { isWhole } from '../support/campaign.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { messageId } from '../support/message-id.ts'
import { notify, type RelayProcess, type RelayProcessOptions, startRelayProcess } from '../support/relay-process.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { locationOf, MovableGhes, numberedPush } from './movable-ghes.ts'

const SENDERS = 8
export const REPOSITORIES = 40
/** From here on the numbers belong to repositories without a branch: their pushes never land. */
const NEVER_LANDS = 'acme/refused-'

export type Acknowledged = { push: PushNotification; sentAtMs: number }

/** `lost`: the relay does not know it; `limbo`: it knows it, and nothing will ever be done with it. */
export type Fate = 'forwarded' | 'rejected' | 'superseded' | 'dead' | 'lost' | 'limbo'
export type Fates = Record<Fate, number>

export type SendOptions = {
  withRefused?: boolean
  /** Seconds, as the senders' clock has them. */
  timestamp?: () => number
  onRefused?: (answer: Response) => void
}

type Status = { pushes: Record<string, number>; jobs: Record<string, number> }
type PushJson = { id: string; state: string; reason?: string; files: { state: string; outcome?: string }[] }

const now = () => Math.floor(Date.now() / 1000)

export class CrashFixture {
  readonly folder: string
  readonly ghes: MovableGhes
  readonly catalog: Catalog
  readonly #relays: RelayProcess[] = []
  #nextPush = 1

  static async open(): Promise<CrashFixture> {
    const [ghes, catalog] = await Promise.all([new MovableGhes().start(), startCatalog({ token: 'backstage-token' })])
    for (let i = 0; i < REPOSITORIES; i++) catalog.knowLocation(locationOf(numberedPush(i, REPOSITORIES)))
    return new CrashFixture(ghes, catalog)
  }

  private constructor(ghes: MovableGhes, catalog: Catalog) {
    const prefix = 'catalog-gate-crash-'
    // A process that is killed loses nothing of what the system has, in memory or on a disk; the whole campaigns use the disk.
    this.folder = isWhole ? mkdtempSync(join(tmpdir(), prefix)) : temporaryFolder(prefix)
    this.ghes = ghes
    this.catalog = catalog
  }

  async end(): Promise<void> {
    for (const relay of this.#relays) await relay.stop()
    await Promise.all([this.ghes.stop(), this.catalog.stop()])
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** A relay with short times. `store` is a path, or the address of a PostgreSQL database. */
  options(name: string, config: Record<string, unknown> = {}): RelayProcessOptions {
    return {
      folder: join(this.folder, name),
      built: true,
      ghe: { apiBaseUrl: this.ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: this.catalog.url, token: 'backstage-token', refreshesPerSecond: 2000 },
      config: {
        landing: { firstCheckMs: 30, giveUpAfter: '60s' },
        retry: { firstMs: 20, maxMs: 100, giveUpAfter: '1h' },
        ...config,
      },
      env: { LOG_LEVEL: 'info' },
    }
  }

  async start(given: RelayProcessOptions): Promise<RelayProcess> {
    const relay = await startRelayProcess(given)
    this.#relays.push(relay)
    return relay
  }

  nextPush(): PushNotification {
    return numberedPush(this.#nextPush++, REPOSITORIES)
  }

  /** The next push, where its branch is already. */
  landedPush(): PushNotification {
    const push = this.nextPush()
    this.ghes.land(push)
    return push
  }

  /** The next push, which a later hook refuses. */
  refusedPush(): PushNotification {
    const push = this.nextPush()
    return { ...push, repository: `${NEVER_LANDS}${this.#nextPush}` }
  }

  /**
   * Sends pushes from eight senders until the relay does not answer any more, or `until` says so; one in ten is refused by a later
   * hook when `withRefused`. Without `onRefused` another answer than 202 ends it. Returns those that were answered with 202.
   */
  async send(
    relay: Pick<RelayProcess, 'listen'>,
    until: () => boolean,
    onAcknowledged: (count: number) => void,
    { withRefused = false, timestamp = now, onRefused }: SendOptions = {},
  ): Promise<Acknowledged[]> {
    const acknowledged: Acknowledged[] = []
    const sender = async () => {
      while (!until()) {
        const push = withRefused && this.#nextPush % 10 === 0 ? this.refusedPush() : this.landedPush()
        const sentAtMs = performance.timeOrigin + performance.now()
        try {
          const answer = await notify(relay.listen, push, messageId(push), timestamp())
          if (answer.status !== 202) {
            if (!onRefused) return
            onRefused(answer)
            continue
          }
        } catch {
          return // the relay is gone
        }
        acknowledged.push({ push, sentAtMs })
        onAcknowledged(acknowledged.length)
      }
    }
    await Promise.all(Array.from({ length: SENDERS }, sender))
    return acknowledged
  }

  /** Waits until nothing waits and nothing is under way. The relay is asked again after a refresh that arrives, and twice a second; not after each of many, which would be its work then. */
  async drained(relay: RelayProcess, withinMs = 300_000): Promise<Status> {
    let status: Status | undefined
    for (const deadline = performance.now() + withinMs; performance.now() < deadline; ) {
      status = (await relay.get('/v1/status')).json as Status
      if (status.pushes['waiting'] === 0 && status.jobs['queued'] === 0 && status.jobs['running'] === 0) return status
      const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms).unref())
      await Promise.all([pause(100), Promise.race([this.catalog.nextRefresh(), pause(500)])])
    }
    throw new Error(`the relay did not come to an end of its work: ${JSON.stringify(status)}`)
  }

  /** What became of each push, as the relay shows it; `stale` are the repositories whose catalog is out of date nevertheless. */
  async fates(relay: RelayProcess, pushes: readonly Acknowledged[]): Promise<{ counts: Fates; stale: string[] }> {
    const counts: Fates = { forwarded: 0, rejected: 0, superseded: 0, dead: 0, lost: 0, limbo: 0 }
    const forwarded: Acknowledged[] = []
    for (const one of pushes) {
      const fate = await this.#fate(relay, messageId(one.push))
      counts[fate]++
      if (fate === 'forwarded') forwarded.push(one)
    }
    return { counts, stale: this.#stale(forwarded) }
  }

  async #fate(relay: RelayProcess, id: string): Promise<Fate> {
    const { status, json } = await relay.get(`/v1/pushes/${id}`)
    if (status !== 200) return 'lost'
    const { state, reason, files } = json as PushJson
    if (state === 'forwarded' || state === 'rejected' || state === 'dead') return state
    // What a dead letter has overtaken waits for it or for the next push, and says so.
    const later = /^superseded by (\S+)$/.exec(reason ?? '')?.[1]
    const covered = state === 'landed' && later !== undefined && files.every(file => file.state === 'superseded')
    if (!covered) return 'limbo'
    return (await this.#fate(relay, later)) === 'limbo' ? 'limbo' : 'superseded'
  }

  /** Repositories whose last forwarded push was sent after the last refresh of its file that arrived. */
  #stale(forwarded: readonly Acknowledged[]): string[] {
    const done = this.catalog.refreshes().filter(({ status }) => status === 200)
    const refreshedAtMs = new Map(done.map(({ entityRef, atMs }) => [entityRef, atMs]))
    const latest = new Map(forwarded.map(one => [one.push.repository, one]))
    return [...latest.values()]
      .filter(({ push, sentAtMs }) => (refreshedAtMs.get(locationRef(locationOf(push))) ?? 0) < sentAtMs)
      .map(({ push }) => push.repository)
  }
}
