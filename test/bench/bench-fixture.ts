// What the benches share: a temp folder, hooks built with a configuration, and peers. All is taken away at the end.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { freePort, type Started, startProcess, untilReady } from '../support/process.ts'

const checkout = join(import.meta.dirname, '../..')
/** Long enough for 30 rounds; a relay that the bench never lets check anything makes no noise. */
const NEVER_MS = 60_000

export class BenchFixture {
  readonly directory: string
  readonly #ends: (() => Promise<void> | void)[] = []

  constructor(directory: string) {
    this.directory = directory
    this.#ends.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  }

  async end(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end()
  }

  /** The built `catalog-gate` hook with this configuration; `name` is the folder's. */
  async hook(name: string, config: Record<string, unknown> = {}): Promise<string> {
    const folder = join(this.directory, name)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'hook.yaml'), stringify(config))
    await run([join(checkout, 'build.mjs'), '--config', join(folder, 'hook.yaml'), '--out', folder])
    return join(folder, 'hooks/catalog-gate')
  }

  /** A hook that tells a relay at `url`. A relay that is up may take longer on a busy machine: the wait is part of the figure then. */
  relayHook(name: string, url: string, caFile?: string, waitMs = WAIT_MS, lookupMs = LOOKUP_MS): Promise<string> {
    const secretFile = this.secretFile()
    return this.hook(name, {
      relay: { url, secretFile, ...(caFile === undefined ? {} : { caFile }), waitMs, lookupMs },
    })
  }

  secretFile(): string {
    const file = join(this.directory, 'hook.secret')
    if (!existsSync(file)) execFileSync('sh', ['-c', 'umask 077; cat >"$1"', 'sh', file], { input: this.#secret })
    return file
  }

  readonly #secret = `whsec_${randomBytes(32).toString('base64')}`

  async peer(
    kind: 'http' | 'https' | 'silent' | 'full' | 'dns',
    ...args: string[]
  ): Promise<{ port: number; process: Started }> {
    const peer = startProcess(process.execPath, [join(import.meta.dirname, 'peer.ts'), kind, ...args])
    this.#ends.push(() => peer.kill())
    while (!/^\d+\n/.test(peer.output())) {
      const ended = peer.ended()
      if (ended !== undefined) throw new Error(`peer.ts ${kind} ${ended}: ${peer.output()}`)
      await delay(10)
    }
    return { port: Number(peer.output().trim()), process: peer }
  }

  /** A port that takes no further connection and refuses none. */
  async blackHole(): Promise<number> {
    const { port, process: peer } = await this.peer('full')
    process.kill(peer.pid, 'SIGSTOP')
    const sockets: Socket[] = []
    this.#ends.push(() => sockets.forEach(socket => void socket.destroy()))
    for (;;) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      sockets.push(socket)
      const isOpen = await Promise.race([
        new Promise<true>(resolve => socket.once('connect', () => resolve(true))),
        delay(200, false),
      ])
      if (!isOpen) return port
    }
  }

  /** A certificate for 127.0.0.1, which is its own authority. */
  certificate(): { certificate: string; key: string } {
    const [certificate, key] = [join(this.directory, 'certificate.pem'), join(this.directory, 'key.pem')]
    const curve = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=relay',
    ]
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate]
    execFileSync('openssl', ['req', '-x509', ...curve, ...names], { stdio: 'pipe' })
    return { certificate, key }
  }

  /** The built relay, which stores what it gets and asks nobody; undefined when there is none yet. */
  async relay(more: object = {}): Promise<string | undefined> {
    const file = join(checkout, 'dist/relay.mjs')
    if (!existsSync(file)) return undefined
    const [listen, admin, nobody] = [await freePort(), await freePort(), await freePort()]
    const secret = { $file: this.secretFile() }
    const token = join(this.directory, 'token')
    await writeFile(token, 'bench-token-0123456789abcdef\n', { mode: 0o600 })
    const config = {
      listen: `127.0.0.1:${listen}`,
      admin: `127.0.0.1:${admin}`,
      store: join(this.directory, 'relay.db'),
      secrets: { hook: [secret] },
      ghe: { host: 'ghe.test', apiBaseUrl: `http://127.0.0.1:${nobody}/api/v3`, token: { $file: token } },
      backstage: { baseUrl: `http://127.0.0.1:${nobody}`, token: { $file: token } },
      landing: { firstCheckMs: NEVER_MS },
      ...more,
    }
    const configFile = join(this.directory, 'relay.yaml')
    await writeFile(configFile, stringify(config))
    const relay = startProcess(process.execPath, [file, '--config', configFile])
    this.#ends.push(() => relay.stop())
    await untilReady('the relay', relay, `http://127.0.0.1:${listen}/readyz`, 20_000)
    return `http://127.0.0.1:${listen}`
  }
}

/** The hooks' defaults. */
export const WAIT_MS = 50
const LOOKUP_MS = 100
/** The most there is. */
export const PATIENT_MS = 1000

export async function openBench(): Promise<BenchFixture> {
  return new BenchFixture(await mkdtemp(join(tmpdir(), 'catalog-gate-bench-')))
}

async function run(args: readonly string[]): Promise<void> {
  const child = startProcess(process.execPath, args, { cwd: checkout })
  await child.gone
  if (child.ended() !== 'ended with exit code 0')
    throw new Error(`node ${args.join(' ')} ${child.ended()}:\n${child.output()}`)
}
