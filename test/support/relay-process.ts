// The relay as a real child process, from source or as built, with a configuration of its own in a temp folder.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import type { PushNotification } from '../../schemas/notification.ts'
import { sign } from '../../schemas/signature.ts'
import { builtOr } from './built.ts'
import { messageId } from './message-id.ts'

const root = join(import.meta.dirname, '..', '..')
const BUILT = join(root, 'dist/relay.mjs')

export const HOOK_KEY: Buffer = Buffer.from('0123456789abcdef0123456789abcdef')
export const HOOK_SECRET = `whsec_${HOOK_KEY.toString('base64')}`
export const BACKSTAGE_KEY: Buffer = Buffer.from('fedcba9876543210fedcba9876543210')
export const BACKSTAGE_SECRET = `whsec_${BACKSTAGE_KEY.toString('base64')}`
export const ADMIN_TOKEN = 'admin-token-of-the-tests'

export type RelayProcessOptions = {
  /** Holds the configuration and, under data/, the store. */
  folder: string
  ghe: { apiBaseUrl: string; token: string; host?: string }
  backstage: { baseUrl: string; token: string; refreshesPerSecond?: number; register?: boolean }
  /** Merged over the whole configuration. */
  config?: Record<string, unknown>
  /** dist/relay.mjs, and never relay/main.ts, which is taken where it is newer. */
  built?: boolean
  env?: Record<string, string>
  /** A command that starts another and becomes it: prlimit, nice. */
  under?: readonly string[]
}

export type LogLine = Record<string, unknown> & { msg: string; level: string }

export type RelayEnd = { code: number | null; signal: NodeJS.Signals | null }

/** What a relay shows, wherever it runs. */
export class RunningRelay {
  readonly log: LogLine[] = []
  stderr = ''
  listen = ''
  admin = ''
  readonly ended: Promise<RelayEnd>
  #waiting: { matches: (line: LogLine) => boolean; found: (line: LogLine) => void }[] = []

  constructor(ended: Promise<RelayEnd>) {
    this.ended = ended
  }

  /** The first log line that matches, also one that was written already. */
  logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    const known = this.log.find(matches)
    if (known) return Promise.resolve(known)
    return new Promise((found, reject) => {
      this.#waiting.push({ matches, found })
      void this.ended.then(({ code }) => reject(new Error(`the relay ended with ${code}: ${this.stderr}`)))
    })
  }

  async listening(): Promise<void> {
    const line = await this.logged(({ msg }) => msg === 'relay listening')
    this.listen = String(line['listen'])
    this.admin = String(line['admin'])
  }

  async get(path: string): Promise<{ status: number; json: unknown }> {
    const answer = await fetch(`${this.admin}${path}`)
    return { status: answer.status, json: await answer.json() }
  }

  onLine(text: string): void {
    const line = JSON.parse(text) as LogLine
    this.log.push(line)
    for (const wait of this.#waiting.filter(({ matches }) => matches(line))) wait.found(line)
    this.#waiting = this.#waiting.filter(({ matches }) => !matches(line))
  }
}

export class RelayProcess extends RunningRelay {
  readonly child: ChildProcess

  constructor(child: ChildProcess) {
    super(new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal }))))
    this.child = child
    if (!child.stdout || !child.stderr) throw new Error('the relay was started without pipes')
    createInterface({ input: child.stdout }).on('line', text => this.onLine(text))
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString('utf8')
    })
  }

  async kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill(signal)
    return this.ended
  }

  /** For the end of a test: whatever happened, nothing stays behind. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill('SIGKILL')
  }
}

/** Starts the relay and waits until it listens. */
export async function startRelayProcess(options: RelayProcessOptions): Promise<RelayProcess> {
  const relay = await spawnRelay(options)
  await relay.listening()
  return relay
}

/** It starts in half the time with what the tests have compiled. */
const { NODE_COMPILE_CACHE } = process.env
const compiled = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

/** Starts the relay and waits for nothing: for tests of starts that fail. */
export async function spawnRelay(options: RelayProcessOptions): Promise<RelayProcess> {
  const file = await writeConfig(options)
  const entry = options.built ? BUILT : builtOr('relay/main.ts', 'relay.mjs')
  await access(entry)
  const [command = process.execPath, ...args] = [...(options.under ?? []), process.execPath, entry, '--config', file]
  const child = spawn(command, args, {
    cwd: options.folder,
    env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'debug', ...compiled, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  return new RelayProcess(child)
}

/** Gives the path of relay.yaml. */
export async function writeConfig(options: RelayProcessOptions): Promise<string> {
  await mkdir(options.folder, { recursive: true })
  const file = join(options.folder, 'relay.yaml')
  await writeFile(file, stringify(configOf(options)))
  return file
}

function configOf({ ghe, backstage, config }: RelayProcessOptions): Record<string, unknown> {
  const { host = 'ghe.test', ...api } = ghe
  return {
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    store: './data/relay.db',
    secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], admin: ADMIN_TOKEN },
    ghe: { host, ...api },
    backstage,
    ...config,
  }
}

/** Headers of a signed notification. */
export function signedHeaders(
  body: Uint8Array,
  id: string,
  key: Buffer = HOOK_KEY,
  timestamp = Math.floor(Date.now() / 1000),
) {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(key, id, timestamp, body),
  }
}

/** Sends a notification as the hook does; returns the answer. `timestamp` in seconds, where the sender's clock is another. */
export async function notify(
  listen: string,
  push: PushNotification,
  id = messageId(push),
  timestamp?: number,
): Promise<Response> {
  const body = Buffer.from(JSON.stringify(push))
  const headers = signedHeaders(body, id, HOOK_KEY, timestamp)
  return fetch(`${listen}/v1/pushes`, { method: 'POST', headers, body })
}

export const WEBHOOK_SECRET = 'webhook-secret-of-the-tests'

/** Reports a landed push as GHES's webhook does. */
export async function report(listen: string, push: PushNotification, deliveryId: string): Promise<Response> {
  const { ref, before, after, repository, files, pusher } = push
  const paths = (change: string) => files.filter(file => file.change === change).map(({ path }) => path)
  const commit = { id: after, added: paths('added'), modified: paths('modified'), removed: paths('removed') }
  const payload = {
    ref,
    before,
    after,
    repository: { full_name: repository, default_branch: 'main' },
    pusher: { name: pusher ?? 'octocat' },
    commits: [commit],
  }
  const body = JSON.stringify(payload)
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': deliveryId,
    'x-hub-signature-256': `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`,
  }
  return fetch(`${listen}/v1/github`, { method: 'POST', headers, body })
}
