// A relay, and a real Backstage with our module in it: the package as it is built, unpacked where npm would put it.
import { createHash } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { locationRef } from '../../schemas/entity-ref.ts'
import type { PushNotification } from '../../schemas/notification.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { messageId } from '../support/message-id.ts'
import { startPostgres } from '../support/postgres.ts'
import { freePort } from '../support/process.ts'
import {
  ADMIN_TOKEN,
  BACKSTAGE_SECRET,
  HOOK_SECRET,
  notify,
  type RelayProcess,
  startRelayProcess,
  WEBHOOK_SECRET,
} from '../support/relay-process.ts'
import { BareRepository, createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { deliver, repositoryPayload } from '../support/webhook.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { type Backstage, startBackstage } from './backend.ts'
import { type Installed, installPackage } from './installed-package.ts'

const TOKEN = 'relay-token-0123456789abcdef'
const FILE = 'catalog-info.yaml'

type Pushed = { fullName: string; bare: BareRepository; copy: WorkingCopy; known: Set<string> }

export type Verdict = {
  result: string
  files: { path: string; result: string; errors?: string[]; heldBy?: string }[]
  afterMs: number
  by?: string
}

export class HomeFixture {
  readonly host: RepositoryHost
  readonly ghes: Ghes
  backstage!: Backstage
  relay!: RelayProcess
  readonly #ports: { relay: number; backstage: number }
  readonly #installed: Installed
  readonly #postgres: OnPostgres | undefined
  /** With a store that is shared: another replica, which Backstage does not know. */
  #second: RelayProcess | undefined
  readonly #copies = new Map<string, Pushed>()

  private constructor(
    host: RepositoryHost,
    ghes: Ghes,
    ports: { relay: number; backstage: number },
    installed: Installed,
    postgres: OnPostgres | undefined,
  ) {
    this.host = host
    this.ghes = ghes
    this.#ports = ports
    this.#installed = installed
    this.#postgres = postgres
  }

  /** The name of our package, as it is installed. */
  get module(): string {
    return this.#installed.name
  }

  /** How many were pushed to. */
  get repositories(): number {
    return this.#copies.size
  }

  /** `postgres`: catalog and relay have their tables there, and the relay has two replicas. */
  static async open(on: 'files' | 'postgres' = 'files'): Promise<HomeFixture> {
    const postgres = on === 'postgres' ? await openPostgres() : undefined
    const installed = await installPackage()
    const host = await createRepositoryHost()
    const ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    const ports = { relay: await freePort(), backstage: await freePort() }
    const fixture = new HomeFixture(host, ghes, ports, installed, postgres)
    if (postgres) fixture.#second = await fixture.#startRelay('second', await freePort(), { store: postgres.store })
    await fixture.startRelay()
    await fixture.startBackstage()
    return fixture
  }

  async startRelay(): Promise<void> {
    const store = this.#postgres && { store: this.#postgres.store }
    this.relay = await this.#startRelay('relay', this.#ports.relay, { ...store })
  }

  #startRelay(folder: string, port: number, more: object): Promise<RelayProcess> {
    const { host: name, apiBaseUrl } = this.ghes
    return startRelayProcess({
      folder: `${this.host.directory}/${folder}`,
      ghe: { host: name, apiBaseUrl, token: 'ghp_test' },
      backstage: { baseUrl: `http://127.0.0.1:${this.#ports.backstage}`, token: TOKEN },
      config: {
        ...{ ...more, listen: `127.0.0.1:${port}` },
        secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], backstage: [BACKSTAGE_SECRET], admin: ADMIN_TOKEN },
        reconcile: { organizations: ['acme'], every: '24h' },
        landing: { firstCheckMs: 50, giveUpAfter: '60s' },
        retry: { firstMs: 100, maxMs: 500 },
      },
    })
  }

  async startBackstage(): Promise<void> {
    const { name, catalogGate } = this.#installed
    const relay = { url: `http://127.0.0.1:${this.#ports.relay}`, secret: BACKSTAGE_SECRET }
    this.backstage = await startBackstage({
      directory: this.host.directory,
      ghe: { host: this.ghes.host, apiBaseUrl: this.ghes.apiBaseUrl, token: 'ghp_test' },
      relayToken: TOKEN,
      modules: [name],
      port: this.#ports.backstage,
      database: this.#postgres?.database ?? {
        ...{ client: 'better-sqlite3', connection: { directory: `${this.host.directory}/catalog` } },
      },
      more: { catalogGate: { ...catalogGate, relay: { ...catalogGate.relay, ...relay } } },
      logLevel: 'info',
    })
  }

  /** Pushes the file of a repository (`null`: gone), and tells the relay as the hook does. Returns the push's id. */
  push(repository: string, text: string | null, entities: readonly string[]): Promise<string> {
    return this.pushFiles(repository, { [FILE]: text }, entities)
  }

  async pushFiles(
    repository: string,
    files: Readonly<Record<string, string | null>>,
    entities: readonly string[],
  ): Promise<string> {
    const push = await this.pushUntold(repository, files, entities)
    const id = messageId(push)
    // A relay that is killed has not answered: told again, as a message that waits in a proxy would be.
    for (;;) {
      const answer = await notify(`http://127.0.0.1:${this.#ports.relay}`, push, id).catch(() => undefined)
      if (answer?.status === 202) return id
      if (answer && answer.status !== 503) throw new Error(`${answer.status} ${await answer.text()}`)
      await delay(50)
    }
  }

  /** As a hook that does not reach the relay. Returns what it would have told. */
  async pushUntold(
    repository: string,
    files: Readonly<Record<string, string | null>>,
    entities: readonly string[],
  ): Promise<PushNotification> {
    const { fullName, bare, copy, known } = this.#copies.get(repository) ?? (await this.#create(repository))
    const before = (await bare.ref('main')) ?? '0'.repeat(40)
    const told: PushNotification['files'] = []
    const blobs: Record<string, string> = {}
    for (const [path, text] of Object.entries(files)) {
      const change = text === null ? 'removed' : known.has(path) ? 'modified' : 'added'
      told.push({ path, change, entities: [...entities] })
      if (text === null) {
        await copy.remove(path)
        known.delete(path)
      } else {
        await copy.write(path, text)
        blobs[path] = blobOf(text)
        known.add(path)
      }
    }
    await copy.commit('Change')
    const pushed = await copy.push()
    if (pushed.exitCode !== 0) throw new Error(pushed.terminal)
    const after = (await bare.ref('main')) ?? ''
    return {
      ...{ version: 1 as const, repository: fullName, ref: 'refs/heads/main', before, after },
      ...{ files: told, blobs },
    }
  }

  async #create(repository: string): Promise<Pushed> {
    const bare = await this.host.create(`acme/${repository}`)
    const made = { fullName: bare.fullName, bare, copy: await bare.clone(), known: new Set<string>() }
    this.#copies.set(repository, made)
    return made
  }

  /** Renamed or transferred, as GHES does it and tells of it: the old name redirects. `to` in full; pushes go by its last part. */
  async rename(repository: string, to: string, action: 'renamed' | 'transferred'): Promise<void> {
    const pushed = this.#copies.get(repository)
    if (!pushed) throw new Error(`nothing was pushed to ${repository}`)
    const directory = join(this.host.root, `${to}.git`)
    await mkdir(dirname(directory), { recursive: true })
    await rename(pushed.bare.directory, directory)
    this.ghes.moved(pushed.fullName, to)
    await pushed.copy.git('remote', 'set-url', 'origin', directory)
    this.#copies.delete(repository)
    this.#copies.set(basename(to), { ...pushed, fullName: to, bare: new BareRepository(to, directory, {}, () => '') })
    const changes =
      action === 'renamed'
        ? { repository: { name: { from: repository } } }
        : { owner: { from: { organization: { login: 'acme' } } } }
    await this.tellOf(action, to, changes)
  }

  /** A webhook `repository`. */
  async tellOf(action: string, repository: string, changes: object = {}): Promise<void> {
    const answer = await deliver(this.relay.listen, 'repository', repositoryPayload(action, repository, changes))
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
  }

  /** Everything that the catalog shows. */
  async refs(): Promise<Set<string>> {
    const answer = await this.backstage.call('GET', '/entities?fields=kind,metadata.name')
    const entities = (await answer.json()) as { kind: string; metadata: { name: string } }[]
    return new Set(entities.map(({ kind, metadata }) => `${kind}:default/${metadata.name}`.toLowerCase()))
  }

  get store(): string {
    return `${this.host.directory}/relay/data`
  }

  /** The relay's request for many files, of which the catalog has read these repositories'. Returns what was asked for. */
  async refreshTogether(repositories: readonly string[]): Promise<{ status: number; refreshed: string[] }> {
    const locations = repositories.map(name => this.locationOf(name))
    const answer = await this.backstage.call('POST', '/catalog-gate/refresh', { locations }, TOKEN)
    const { refreshed = [] } = (await answer.json()) as { refreshed?: string[] }
    return { status: answer.status, refreshed }
  }

  locationOf(repository: string): string {
    return locationRef(`https://${this.ghes.host}/acme/${repository}/blob/main/${FILE}`)
  }

  async reconcile(): Promise<void> {
    const answer = await fetch(`${this.relay.admin}/v1/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  }

  async verdict(id: string, deadlineMs = 30_000): Promise<Verdict> {
    let last: unknown
    for (const fromMs = Date.now(); Date.now() - fromMs < deadlineMs; await delay(50)) {
      last = await this.relay.get(`/v1/pushes/${id}`).catch(() => undefined)
      const { verdict } = (last as { json?: { verdict?: Verdict } })?.json ?? {}
      if (verdict) return verdict
    }
    throw new Error(`${id} has no verdict: ${JSON.stringify(last, null, 1)}\n${this.backstage.output().slice(-3000)}`)
  }

  async close(): Promise<void> {
    await this.relay.stop()
    await this.#second?.stop()
    await this.backstage?.stop()
    await this.ghes.stop()
    await this.#postgres?.remove()
    await this.host.remove()
  }
}

type OnPostgres = { store: string; database: object; remove(): Promise<void> }

async function openPostgres(): Promise<OnPostgres> {
  const postgres = await startPostgres()
  const connection = await postgres.database()
  const database = { client: 'pg', connection, prefix: 'home_' }
  return { store: await postgres.database(), database, remove: () => postgres.remove() }
}

const blobOf = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0`)
    .update(text)
    .digest('hex')

export const component = (name: string, title: string, type = 'service') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
  title: ${title}
spec: { ${type === '' ? '' : `type: ${type}, `}lifecycle: production, owner: team-a }
`
