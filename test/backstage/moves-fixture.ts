// Relays between one GHES and a real Backstage, and repositories whose catalog file moves.
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { NotifiedFile } from '../../schemas/notification.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { messageId } from '../support/message-id.ts'
import { notify, type RelayProcess, startRelayProcess } from '../support/relay-process.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { type Backstage, startBackstage } from './backend.ts'

const TOKEN = 'relay-token-0123456789abcdef'
const MAY = ['entity.refresh', 'entity.read', 'location.read', 'location.create', 'location.delete', 'entity.delete']

export const OLD = 'catalog-info.yaml'
export const NEW = 'svc/catalog-info.yaml'

export type Settings = { register: boolean; removed: 'refresh' | 'unregister' }
export const ORDERS = ['together', 'new first', 'old first'] as const
/** Where a relay listens now. */
export type Listening = { readonly listen: string }
export type Told = { id: string; landedAtMs: number }

const component = (name: string, title: string) =>
  `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${name}\n  title: ${title}\nspec: { type: service, lifecycle: production, owner: team-a }\n`

const location = (name: string, targets: string) =>
  `apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: ${name} }\nspec: { targets: [${targets}] }\n`

/** Components by name, each with its title; `location:NAME` with its targets. */
export type Content = Record<string, string>
const LOCATION = /^location:/
const textOf = (content: Content) =>
  Object.entries(content)
    .map(([name, text]) => (LOCATION.test(name) ? location(name.replace(LOCATION, ''), text) : component(name, text)))
    .join('---\n')

export class MovesFixture {
  readonly backstage: Backstage
  readonly host: RepositoryHost
  readonly ghes: Ghes
  readonly #relays: RelayProcess[] = []

  constructor(host: RepositoryHost, ghes: Ghes, backstage: Backstage) {
    this.host = host
    this.ghes = ghes
    this.backstage = backstage
  }

  /** `locations` of the provider, as `REPOSITORY/PATH`. */
  static async open(locations: readonly string[], repositories: Record<string, Record<string, Content>>) {
    const host = await createRepositoryHost()
    const ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    const moving = Object.fromEntries(
      await Promise.all(
        Object.entries(repositories).map(
          async ([name, files]) => [name, await MovingRepository.create(host, name, files)] as const,
        ),
      ),
    )
    const backstage = await startBackstage({
      directory: host.directory,
      ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' },
      relayToken: TOKEN,
      relayMay: MAY.map(permission => `catalog.${permission}`),
      locations: locations.map(place => place.replace(/^([^/]+)\//, `https://${ghes.host}/acme/$1/blob/main/`)),
      logLevel: 'warn',
    })
    return { fixture: new MovesFixture(host, ghes, backstage), moving }
  }

  register(repository: string, path: string): Promise<void> {
    return this.backstage.register(`https://${this.ghes.host}/acme/${repository}/blob/main/${path}`)
  }

  async relay(
    name: string,
    settings: Settings,
    config: Record<string, unknown> = {},
    built = false,
  ): Promise<RelayProcess> {
    const relay = await startRelayProcess({
      folder: `${this.host.directory}/relay-${name}`,
      ghe: { host: this.ghes.host, apiBaseUrl: this.ghes.apiBaseUrl, token: 'ghp_test' },
      backstage: { baseUrl: this.backstage.url, token: TOKEN, ...settings } as never,
      config: { landing: { firstCheckMs: 50, giveUpAfter: '60s' }, ...config },
      built,
    })
    this.#relays.push(relay)
    return relay
  }

  /** Where the catalog has an entity from, and its title; `-` where it has none. */
  async shown(name: string): Promise<string> {
    const entity = await this.backstage.entity(`component:default/${name}`)
    if (!entity) return '-'
    const from = entity.metadata.annotations?.['backstage.io/managed-by-location'] ?? ''
    return `${entity.metadata.title} ${from.replace(/^.*?\/(tree|blob)\/main\//, '')}`
  }

  /** Milliseconds from a moment until the catalog shows it so. */
  async until(name: string, wanted: string, fromMs: number, deadlineMs = 20_000): Promise<number> {
    let last = ''
    while (Date.now() - fromMs < deadlineMs) {
      last = await this.shown(name)
      if (last === wanted) return Date.now() - fromMs
      await delay(100)
    }
    throw new Error(`${name} is "${last}" and not "${wanted}" after ${deadlineMs} ms`)
  }

  /** The push once it is settled: its state, and what became of each file. */
  async settled(relay: RelayProcess, id: string, deadlineMs = 20_000): Promise<{ state: string; outcomes: string }> {
    for (const fromMs = Date.now(); Date.now() - fromMs < deadlineMs; await delay(50)) {
      const { status, json } = await relay.get(`/v1/pushes/${id}`)
      const push = json as { state: string; files: { path: string; outcome?: string }[] }
      if (status === 200 && !['waiting', 'landed'].includes(push.state))
        return { state: push.state, outcomes: push.files.map(({ path, outcome }) => `${path}: ${outcome}`).join('\n') }
    }
    throw new Error(
      `${id} is not settled after ${deadlineMs} ms: ${JSON.stringify((await relay.get(`/v1/pushes/${id}`)).json, null, 1)}`,
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map(relay => relay.stop()))
    await this.backstage.stop()
    await this.ghes.stop()
    await this.host.remove()
  }
}

export class MovingRepository {
  readonly name: string
  fullName: string
  readonly #copy: WorkingCopy
  #files: Record<string, Content>

  private constructor(name: string, copy: WorkingCopy, files: Record<string, Content>) {
    this.name = name
    this.fullName = `acme/${name}`
    this.#copy = copy
    this.#files = files
  }

  static async create(host: RepositoryHost, name: string, files: Record<string, Content>): Promise<MovingRepository> {
    const bare = await host.create(`acme/${name}`)
    const copy = await bare.clone()
    await copy.change(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, textOf(content)])))
    return new MovingRepository(name, copy, files)
  }

  /** A message for all that is there, as the hook's would be. */
  async tellAll(relay: Listening): Promise<Told> {
    const after = await this.#ref()
    const files = Object.entries(this.#files).map(([path, content]) => this.#told(path, 'modified', content))
    return this.#tell(relay, '0'.repeat(40), after, files)
  }

  /** Renamed or transferred, as GHES does it: the old name redirects. */
  async rename(root: string, ghes: Ghes, to: string): Promise<void> {
    const folder = (fullName: string) => join(root, `${fullName}.git`)
    await mkdir(dirname(folder(to)), { recursive: true })
    await rename(folder(this.fullName), folder(to))
    ghes.moved(this.fullName, to)
    await this.#copy.git('remote', 'set-url', 'origin', folder(to))
    this.fullName = to
  }

  /** Pushes files as they shall be (`null`: gone), and tells the relay as the hook does: before the branch has moved. */
  async push(relay: Listening, files: Record<string, Content | null>): Promise<Told> {
    const before = await this.#ref()
    const told = await this.#write(files)
    const pushed = await this.#copy.push()
    if (pushed.exitCode !== 0) throw new Error(pushed.terminal)
    return this.#tell(relay, before, await this.#ref(), told)
  }

  async #write(files: Record<string, Content | null>): Promise<NotifiedFile[]> {
    const told: NotifiedFile[] = []
    for (const [path, content] of Object.entries(files)) {
      const change = content === null ? 'removed' : path in this.#files ? 'modified' : 'added'
      told.push(this.#told(path, change, content ?? {}))
      if (content === null) await this.#copy.remove(path)
      else await this.#copy.write(path, textOf(content))
    }
    await this.#copy.commit('Change')
    const kept = { ...this.#files, ...files }
    this.#files = Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, Content] => entry[1] !== null),
    )
    return told
  }

  /** The same on another branch that begins where main is, and is told of as a hook does. Main stays as it was. */
  async pushTopic(relay: Listening, branch: string, files: Record<string, Content | null>): Promise<void> {
    const before = this.#files
    await this.#copy.git('checkout', '-q', '-b', branch)
    const told = await this.#write(files)
    const pushed = await this.#copy.push()
    if (pushed.exitCode !== 0) throw new Error(pushed.terminal)
    const after = (await this.#copy.git('rev-parse', 'HEAD')).trim()
    await this.#tell(relay, '0'.repeat(40), after, told, branch)
    await this.#copy.git('checkout', '-q', 'main')
    this.#files = before
  }

  /** Its file, with the entity of its name. */
  async move(relay: Listening, order: (typeof ORDERS)[number]): Promise<Told[]> {
    const content = { [this.name]: 'two' }
    if (order === 'together') return [await this.push(relay, { [OLD]: null, [NEW]: content })]
    const [first, second] =
      order === 'new first' ? [{ [NEW]: content }, { [OLD]: null }] : [{ [OLD]: null }, { [NEW]: content }]
    return [await this.push(relay, first), await this.push(relay, second)]
  }

  #ref = async () => (await this.#copy.git('rev-parse', 'origin/main')).trim()

  #told(path: string, change: NotifiedFile['change'], content: Content): NotifiedFile {
    const entities = Object.keys(content).map(name =>
      LOCATION.test(name) ? name.replace(':', ':default/') : `component:default/${name}`,
    )
    const targets = Object.entries(content).flatMap(([name, text]) => (LOCATION.test(name) ? text.split(', ') : []))
    const references = targets.map(target => target.replace('./', ''))
    return {
      ...{ path, change },
      ...(entities.length === 0 ? {} : { entities }),
      ...(references.length === 0 ? {} : { references }),
    }
  }

  async #tell(relay: Listening, before: string, after: string, files: NotifiedFile[], branch = 'main'): Promise<Told> {
    const where = { repository: this.fullName, ref: `refs/heads/${branch}`, defaultBranch: branch === 'main' }
    const push = { version: 1 as const, ...where, before, after, files }
    const landedAtMs = Date.now()
    const id = messageId(push)
    // A relay that is killed has not answered: told again, as a hook's message that waits in a proxy would be.
    for (;;) {
      const answer = await notify(relay.listen, push, id).catch(() => undefined)
      if (answer?.status === 202) return { id, landedAtMs }
      if (answer && answer.status !== 503) throw new Error(`${answer.status} ${await answer.text()}`)
      await delay(50)
    }
  }
}
