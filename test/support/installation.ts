// catalog-gate as an administrator installs it: the built hook, and the relay as a process of its own.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { buildInto } from '../hooks/built-hook.ts'
import { freePort, type Started, startProcess, untilReady } from './process.ts'

const checkout = join(import.meta.dirname, '../..')

export type InstallationOptions = {
  /** Everything is written into this folder. */
  directory: string
  ghe: { host: string; apiBaseUrl: string; token: string }
  backstage: { baseUrl: string; token: string }
  /** Added to the hook's configuration. */
  hook?: Record<string, unknown>
  /** Added to the relay's configuration: landing, retry, … */
  relay?: Record<string, unknown>
}

/** Writes both configurations and the secrets, and builds. The relay does not run yet. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const directory = join(options.directory, 'catalog-gate')
  await mkdir(directory, { recursive: true })
  const [listenPort, adminPort] = [await freePort(), await freePort()]
  const secret = async (name: string, text: string) => {
    const file = join(directory, name)
    await writeFile(file, `${text}\n`, { mode: 0o600 })
    return { $file: file }
  }
  const hookSecret = await secret('hook.secret', `whsec_${randomBytes(32).toString('base64')}`)
  const hookConfig = {
    relay: { url: `http://127.0.0.1:${listenPort}`, secretFile: hookSecret.$file, waitMs: 1000, lookupMs: 1000 },
    ...options.hook,
  }
  const relayConfig = {
    listen: `127.0.0.1:${listenPort}`,
    admin: `127.0.0.1:${adminPort}`,
    store: join(directory, 'relay.db'),
    secrets: { hook: [hookSecret], admin: await secret('admin.token', randomBytes(16).toString('hex')) },
    ghe: { ...options.ghe, token: await secret('ghe.token', options.ghe.token) },
    backstage: { ...options.backstage, token: await secret('backstage.token', options.backstage.token) },
    ...options.relay,
  }
  const config = { hook: join(directory, 'hook.yaml'), relay: join(directory, 'relay.yaml') }
  await writeFile(config.hook, stringify(hookConfig))
  await writeFile(config.relay, stringify(relayConfig))
  const installation = new Installation(directory, config, { listenPort, adminPort })
  await installation.build()
  return installation
}

/** A push as the relay shows it. */
export type PushState = { state: string; reason?: string; history: unknown }

export class Installation {
  readonly directory: string
  readonly config: { hook: string; relay: string }
  readonly relayUrl: string
  readonly adminUrl: string
  #relay: Started | undefined

  constructor(
    directory: string,
    config: { hook: string; relay: string },
    ports: { listenPort: number; adminPort: number },
  ) {
    this.directory = directory
    this.config = config
    this.relayUrl = `http://127.0.0.1:${ports.listenPort}`
    this.adminUrl = `http://127.0.0.1:${ports.adminPort}`
  }

  get dist(): string {
    return join(this.directory, 'dist')
  }

  /** What goes into `hooks/pre-receive`. */
  get hook(): string {
    return join(this.dist, 'hooks/catalog-gate')
  }

  async build(): Promise<void> {
    const args = ['build.mjs', '--config', this.config.hook, '--out', this.dist]
    const build = startProcess(process.execPath, args, { cwd: checkout })
    await build.gone
    if (build.ended() !== 'ended with exit code 0')
      throw new Error(`node ${args.join(' ')} ${build.ended()}:\n${build.output()}`)
    // The same hook, which no machine is too busy for: neither unchecked, nor the relay not told.
    const config: unknown = parse(await readFile(this.config.hook, 'utf8'))
    const patience = { waitMs: 30_000, lookupMs: 30_000 }
    await buildInto(join(this.dist, 'hooks'), 'catalog-gate', config, 'catalog-gate', patience)
  }

  async startRelay(): Promise<void> {
    this.#relay = startProcess(process.execPath, [join(this.dist, 'relay.mjs'), '--config', this.config.relay])
    await untilReady('the relay', this.#relay, `${this.relayUrl}/readyz`, 200_000)
  }

  get relay(): Started {
    if (!this.#relay) throw new Error('the relay was not started')
    return this.#relay
  }

  /** Also when it does not run. */
  async stop(): Promise<void> {
    await this.#relay?.stop()
  }

  /** `undefined` when the relay knows no push of this id. */
  /** Latest first. */
  async pushesOf(repository: string): Promise<{ id: string; ref: string; before: string; after: string }[]> {
    const response = await fetch(`${this.adminUrl}/v1/pushes?repository=${encodeURIComponent(repository)}`)
    if (response.status !== 200) throw new Error(`GET /v1/pushes: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { pushes: { id: string; ref: string; before: string; after: string }[] }).pushes
  }

  async push(id: string): Promise<PushState | undefined> {
    const response = await fetch(`${this.adminUrl}/v1/pushes/${id}`)
    if (response.status === 404) return undefined
    if (response.status !== 200) throw new Error(`GET /v1/pushes/${id}: ${response.status} ${await response.text()}`)
    return (await response.json()) as PushState
  }
}
