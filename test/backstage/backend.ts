// Starts the real Backstage backend of this folder and reads its catalog.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, type Started, startProcess, untilReady } from '../support/process.ts'

export type BackstageOptions = {
  /** A folder for the configuration file. */
  directory: string
  ghe: { host: string; apiBaseUrl: string; token: string }
  relayToken: string
  /** What the relay's token may do in the catalog; left out: refresh and nothing else. */
  relayMay?: readonly string[]
  /** Targets that a provider names (`locations.mjs`). */
  locations?: readonly string[]
  /** What else is installed: names of packages, or files. */
  modules?: readonly string[]
  /** `warn`: no line per request. */
  logLevel?: 'info' | 'warn'
  /** In the place of what `catalog` and `backend.reading` of its app-config would be. */
  catalog?: object
  reading?: object
  /** On top of it all: sections of app-config. */
  more?: Record<string, unknown>
  /** In the place of one in memory. */
  database?: object
  /** A free one, unless it starts again where it was. */
  port?: number
}

export type Entity = {
  kind: string
  metadata: { name: string; title?: string; annotations?: Record<string, string> }
  status?: { items?: { type: string; level: string; message: string }[] }
}

export const READER_TOKEN = 'reader-token-0123456789abcdef'
const folder = import.meta.dirname

export async function startBackstage(options: BackstageOptions): Promise<Backstage> {
  const port = options.port ?? (await freePort())
  const file = join(options.directory, 'app-config.json')
  await writeFile(file, JSON.stringify(configuration(port, options), undefined, 2), { mode: 0o600 })
  const started = startProcess(process.execPath, ['index.mjs', '--config', file], {
    cwd: folder,
    env: {
      ...process.env,
      BACKSTAGE_MODULES: [...(options.modules ?? []), ...(options.locations ? ['./locations.mjs'] : [])].join(','),
      BACKSTAGE_LOCATIONS: (options.locations ?? []).join(' '),
      LOG_LEVEL: options.logLevel ?? 'info',
    },
  })
  const url = `http://127.0.0.1:${port}`
  // 1.7 to 3.5 s measured; a slow CI machine with a cold disk takes longer.
  const bootMs = await untilReady('Backstage', started, `${url}/.backstage/health/v1/readiness`, 120_000)
  return new Backstage(url, bootMs, started)
}

function configuration(port: number, options: BackstageOptions) {
  const { ghe, relayToken, relayMay = ['catalog.entity.refresh'], catalog, reading } = options
  const baseUrl = `http://127.0.0.1:${port}`
  const restricted = [{ plugin: 'catalog', permission: [...relayMay] }]
  return {
    app: { title: 'catalog-gate test', baseUrl },
    organization: { name: 'acme' },
    backend: {
      baseUrl,
      listen: `127.0.0.1:${port}`,
      database: options.database ?? { client: 'better-sqlite3', connection: ':memory:' },
      ...(reading ? { reading } : {}),
      auth: {
        externalAccess: [
          { type: 'static', options: { token: relayToken, subject: 'catalog-gate' }, accessRestrictions: restricted },
          { type: 'static', options: { token: READER_TOKEN, subject: 'reader' } },
        ],
      },
    },
    // Without it the restriction to a permission has no effect.
    permission: { enabled: true },
    integrations: { github: [ghe] },
    catalog: {
      // Long, so that the processing loop cannot bring in what a refresh should have.
      processingInterval: { hours: 10 },
      rules: [{ allow: ['Component', 'System', 'API', 'Resource', 'Location'] }],
      ...catalog,
    },
    // The event bus's long poll otherwise holds SIGTERM for 51 s.
    events: { notifyTimeoutMs: 500 },
    ...options.more,
  }
}

export class Backstage {
  readonly url: string
  readonly bootMs: number
  readonly #started: Started

  constructor(url: string, bootMs: number, started: Started) {
    this.url = url
    this.bootMs = bootMs
    this.#started = started
  }

  output(): string {
    return this.#started.output()
  }

  kill(): Promise<void> {
    return this.#started.kill()
  }

  stop(): Promise<void> {
    return this.#started.stop()
  }

  /** A connection each: one that is kept may be closed from the other side just when it is used again. */
  async call(method: string, path: string, body?: unknown, token = READER_TOKEN): Promise<Response> {
    return fetch(`${this.url}/api/catalog${path}`, {
      method,
      headers: {
        connection: 'close',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** What an administrator does once for a repository. */
  async register(target: string): Promise<void> {
    const response = await this.call('POST', '/locations', { type: 'url', target })
    if (response.status !== 201) throw new Error(`POST /locations: ${response.status} ${await response.text()}`)
  }

  /** `undefined` when the catalog has none of this name. */
  async entity(ref: string): Promise<Entity | undefined> {
    const [, kind = '', namespace = '', name = ''] = /^(.+):(.+)\/(.+)$/.exec(ref) ?? []
    const response = await this.call('GET', `/entities/by-name/${kind}/${namespace}/${name}`)
    if (response.status === 404) return undefined
    if (response.status !== 200) throw new Error(`${ref}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Entity
  }

  /**
   * Reads until the entity is as wanted, and says how long that took. The catalog tells nobody when it has processed
   * and stitched an entity, so reading again until a deadline is the only way to know; it is no substitute for an event of ours.
   */
  async until(
    ref: string,
    wanted: (entity: Entity | undefined) => boolean,
    { deadlineMs = 30_000, fromMs = performance.now() }: { deadlineMs?: number; fromMs?: number } = {},
  ): Promise<number> {
    let last: Entity | undefined
    while (performance.now() - fromMs < deadlineMs) {
      last = await this.entity(ref)
      if (wanted(last)) return performance.now() - fromMs
      await delay(50)
    }
    throw new Error(`${ref} is not as expected after ${deadlineMs} ms; the catalog has ${JSON.stringify(last)}`)
  }
}
