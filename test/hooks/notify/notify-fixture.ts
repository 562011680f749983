// Relays that a hook meets: one that answers as a test says, a raw socket, a black hole; and hooks that are built for each of them.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { PushNotification } from '../../../schemas/notification.ts'
import { endWithUs, freePort } from '../../support/process.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../../support/repository.ts'
import type { WorkingCopy } from '../../support/working-copy.ts'
import { BAD, buildInto, component, GOOD, type HookRun, runHook } from '../built-hook.ts'

export const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
/** Reserved for such uses, and nobody's: what looks it up is answered from here or not at all. */
export const NAME = 'relay.test'

/** Where the answer comes, it is waited for until it does, however slow the machine is; where it does not, so long. */
const LONG = { configuredMs: 1000, waitMs: 60_000 }
const SHORT = { configuredMs: 100, waitMs: 100 }
const STRICT = { 'unknown-ref': 'error', 'name-taken': 'error' }
/** A bound on a wait that has no end, not on how fast the machine is: the exact numbers are the bench's. */
const HANG_MS = 30_000

export type Received = {
  headers: IncomingMessage['headers']
  raw: Buffer
  push: PushNotification
  url: string | undefined
  method: string | undefined
}

/** As a relay that is not configured for it. */
const withoutLookups: RequestListener = (_request, response) => {
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not configured"}')
}

const accepting: RequestListener = (_request, response) => {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"x"}')
}

type Configured = { url: string; files?: object; wait: typeof LONG; rules?: object; lookupMs?: number }
type Direct = { repository: BareRepository; good: string; bad: string }

export class NotifyFixture {
  readonly host: RepositoryHost
  readonly received: Received[] = []
  /** Questions about the live catalog; they stand in no list of messages. */
  readonly asked: { headers: IncomingMessage['headers']; raw: Buffer }[] = []
  lookUp = withoutLookups
  connections = 0
  answer = accepting
  rawAnswer: (socket: Socket) => void = () => undefined
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #built = new Map<string, Promise<string>>()
  #configured: Record<string, Configured | undefined> = {}
  #direct: Direct | undefined
  #stopBlackHole = (): unknown => undefined

  static async open(): Promise<NotifyFixture> {
    const fixture = new NotifyFixture(await createRepositoryHost())
    writeFileSync(fixture.file('relay.secret'), `${SECRET}\n`, { mode: 0o600 })
    makeCertificates(fixture.host.directory)
    fixture.#configured = await fixture.#listen()
    fixture.#direct = await directPushes(fixture.host)
    return fixture
  }

  private constructor(host: RepositoryHost) {
    this.host = host
  }

  file(name: string): string {
    return join(this.host.directory, name)
  }

  get direct(): Direct {
    assert.ok(this.#direct)
    return this.#direct
  }

  /** As it was before the last test. */
  reset(): void {
    this.received.length = 0
    this.asked.length = 0
    this.lookUp = withoutLookups
    this.connections = 0
    this.answer = accepting
    this.rawAnswer = () => undefined
  }

  async close(): Promise<void> {
    this.#stopBlackHole()
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) server.close()
    await this.host.remove()
  }

  async #listen(): Promise<Record<string, Configured>> {
    const tls = { key: readFileSync(this.file('server.key')), cert: readFileSync(this.file('server.pem')) }
    const listener: RequestListener = (request, response) => this.#receive(request, response)
    const http = await this.#listening(createHttpServer(listener))
    const https = await this.#listening(createHttpsServer(tls, listener))
    const raw = await this.#listening(createServer(socket => this.rawAnswer(socket)))
    const refused = await freePort()
    const blackHole = await this.#blackHole()
    const files = { caFile: this.file('ca.pem') }
    return {
      http: { url: `http://127.0.0.1:${http}`, wait: LONG },
      https: { url: `https://127.0.0.1:${https}`, wait: LONG, files },
      strict: { url: `http://127.0.0.1:${http}`, wait: LONG, rules: STRICT },
      hasty: { url: `http://127.0.0.1:${http}`, wait: LONG, lookupMs: 100 },
      hastyStrict: { url: `http://127.0.0.1:${http}`, wait: LONG, lookupMs: 100, rules: STRICT },
      unasking: { url: `http://127.0.0.1:${http}`, wait: LONG, lookupMs: 0 },
      raw: { url: `http://127.0.0.1:${raw}`, wait: SHORT },
      rawTls: { url: `https://127.0.0.1:${raw}`, wait: SHORT, files },
      rawPatient: { url: `http://127.0.0.1:${raw}`, wait: LONG },
      refused: { url: `http://127.0.0.1:${refused}`, wait: LONG },
      blackHole: { url: `http://127.0.0.1:${blackHole}`, wait: SHORT },
      blackHoleTls: { url: `https://127.0.0.1:${blackHole}`, wait: SHORT, files },
      named: { url: `http://${NAME}:${http}`, wait: SHORT },
      namedPatient: { url: `http://${NAME}:${http}`, wait: LONG },
      namedTls: { url: `https://${NAME}:${https}`, wait: LONG, files },
      wrongName: { url: `https://localhost:${https}`, wait: LONG, files },
      otherCa: { url: `https://127.0.0.1:${https}`, wait: LONG, files: { caFile: 'other.pem' } },
      noCa: { url: `https://127.0.0.1:${https}`, wait: LONG },
      missingCa: { url: `https://127.0.0.1:${https}`, wait: LONG, files: { caFile: 'nowhere.pem' } },
      tlsToPlain: { url: `https://127.0.0.1:${http}`, wait: LONG, files },
      plainToTls: { url: `http://127.0.0.1:${https}`, wait: LONG },
    }
  }

  #receive(request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const { headers, url, method } = request
      if (url === '/v1/lookups') {
        this.asked.push({ headers, raw })
        return this.lookUp(request, response)
      }
      this.received.push({ headers, raw, push: JSON.parse(raw.toString('utf8')) as PushNotification, url, method })
      this.answer(request, response)
    })
  }

  async #listening(server: Server): Promise<number> {
    this.#servers.push(server)
    server.on('connection', socket => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  /** A port whose queue of connections is full: the kernel drops what comes, as a firewall does. */
  async #blackHole(): Promise<number> {
    const script = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('fs').writeSync(1, String(s.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000)
  })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    endWithUs(child)
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(chunk)
    this.#stopBlackHole = () => child.kill('SIGKILL')
    const waiting = Array.from({ length: 6 }, () => connect({ host: '127.0.0.1', port }))
    for (const socket of waiting) {
      socket.on('error', () => undefined)
      this.#sockets.add(socket)
    }
    const [first] = waiting
    if (first?.connecting) await once(first, 'connect')
    return port
  }

  /** The hook for one of the relays; `none` has none, `notify` and `validate` are the other two hooks. Built when it is first asked for. */
  hook(name: string): Promise<string> {
    const built = this.#built.get(name) ?? this.#build(name)
    this.#built.set(name, built)
    return built
  }

  #build(name: string): Promise<string> {
    if (name === 'none') return buildInto(this.host.directory, name)
    const file = name === 'notify' ? 'catalog-notify' : name === 'validate' ? 'catalog-validate' : 'catalog-gate'
    const configured = this.#configured[file === 'catalog-gate' ? name : 'http']
    assert.ok(configured, name)
    const { url, files, wait, rules = {}, lookupMs = wait.waitMs } = configured
    const relay = { url, secretFile: 'relay.secret', waitMs: wait.configuredMs, ...files }
    const more = { waitMs: wait.waitMs, lookupMs, runsOften: name === 'http' }
    return buildInto(this.host.directory, name, { relay, enforce: { rules } }, file, more)
  }

  /** A push's ref lines given to a hook directly; whatever it prints, the secret is not in it. */
  async run(
    name: string,
    options: { input?: string; command?: string[]; env?: Record<string, string> } = {},
  ): Promise<HookRun> {
    const command = [...(options.command ?? []), await this.hook(name)]
    const result = await runHook(command, {
      cwd: this.direct.repository.directory,
      input: options.input ?? this.direct.good,
      env: { GITHUB_USER_LOGIN: 'mona', ...options.env },
    })
    assert.ok(!`${result.stdout}${result.stderr}`.includes(SECRET.slice(6, 20)), 'the secret is printed')
    assert.equal(result.stderr, '')
    assert.deepEqual(result.leftBehind, [])
    return result
  }

  async fresh(
    name: string,
    hook: string,
    files: Record<string, string> = { 'README.md': 'x' },
  ): Promise<{ repository: BareRepository; copy: WorkingCopy }> {
    const repository = await this.host.create(`acme/${name}`)
    const copy = await repository.clone()
    await copy.change(files)
    await repository.installHooks([await this.hook(hook)])
    return { repository, copy }
  }

  /** The verdict is what it would be without a relay: accepted with one line, or refused without one. */
  async assertHarmless(
    name: string,
    expected: RegExp,
    // A push that is refused sends no message: what the relay answers to one is nothing to it.
    { onlyGood = false, ...options }: { command?: string[]; onlyGood?: boolean } = {},
  ): Promise<void> {
    const good = await this.run(name, options)
    assert.equal(good.exitCode, 0, good.stdout)
    assert.match(good.stdout, /^warning: catalog-gate: [^\n]*; Backstage learns of this push later\n$/)
    assert.match(good.stdout, expected)
    assert.ok(good.tookMs < HANG_MS, `${good.tookMs} ms`)
    if (onlyGood) return
    const bad = await this.run(name, { ...options, input: this.direct.bad })
    assert.equal(bad.exitCode, 1)
    assert.doesNotMatch(bad.stdout, /relay|learns/)
  }
}

/** An authority and a server certificate for 127.0.0.1 and the name; and another authority. */
function makeCertificates(directory: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const name of ['ca', 'other']) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    openssl('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, ...files)
  }
  openssl('req', ...key, '-subj', '/CN=relay', '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(join(directory, 'san'), `subjectAltName=IP:127.0.0.1,DNS:${NAME}\n`)
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2', '-extfile', 'san']
  openssl('x509', '-req', '-in', 'server.csr', ...by, '-out', 'server.pem')
}

async function directPushes(host: RepositoryHost): Promise<Direct> {
  const repository = await host.create('acme/direct')
  const copy = await repository.clone()
  const ids: (string | undefined)[] = []
  for (const text of [GOOD, component('other'), BAD]) {
    await copy.change({ 'catalog-info.yaml': text })
    ids.push(await repository.ref('main'))
  }
  return { repository, good: `${ids[0]} ${ids[1]} refs/heads/main\n`, bad: `${ids[1]} ${ids[2]} refs/heads/main\n` }
}
