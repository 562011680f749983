// An HTTP server on loopback that a test steers: it records requests, fails, hangs, drops, goes down and comes back.
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export type Recorded = {
  kind: string
  method: string
  /** Path and query, as sent. */
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** Of arrival, in milliseconds since the epoch, with a fraction. */
  atMs: number
  /** Undefined until answered, and for good when it hangs or the connection was dropped. */
  status: number | undefined
}

export type Answer = { status: number; headers?: Record<string, string>; body?: string | Uint8Array | object }

/** What happens to a request instead of its answer. */
export type Failure =
  | Answer
  | 'hang'
  | 'drop'
  /** What was asked is done, and the connection ends before its answer. */
  | 'lose'

export type StandInRequest = { method: string; url: URL; headers: IncomingHttpHeaders; body: string }

/** What the stand-in stands for: `kind` names a request for the records and the failures, `answer` is its normal answer. */
export type Behaviour = {
  kind: (request: StandInRequest) => string
  answer: (request: StandInRequest) => Promise<Answer> | Answer
  /** On every answer, failures included. */
  headers?: () => Record<string, string>
}

export type StandInOptions = { latencyMs?: number; tls?: { key: string; cert: string } }

/** Any kind of request, for the controls that take one. */
export const anyKind = '*'

export class StandIn {
  latencyMs: number
  readonly #behaviour: Behaviour
  readonly #server: Server
  readonly #scheme: string
  #port = 0
  readonly #recorded: Recorded[] = []
  #failures: { kind: string; failure: Failure; left: number; after: number; path: RegExp }[] = []
  #waiting: { kind: string; matches: (request: Recorded) => boolean; arrived: (request: Recorded) => void }[] = []

  #holds: { matches: (request: Recorded) => boolean; arrived: (letGo: () => void) => void }[] = []

  constructor(behaviour: Behaviour, options: StandInOptions = {}) {
    this.#behaviour = behaviour
    this.latencyMs = options.latencyMs ?? 0
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response)
    this.#scheme = options.tls ? 'https' : 'http'
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  }

  async start(): Promise<this> {
    await this.comeBack()
    return this
  }

  /** Without a path. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  requests(kind: string = anyKind): Recorded[] {
    return this.#recorded.filter(request => kind === anyKind || request.kind === kind)
  }

  count(kind: string = anyKind): number {
    return this.requests(kind).length
  }

  forgetRequests(): void {
    this.#recorded.length = 0
  }

  /** The next request of this kind from now on, at its arrival (it may not be answered yet). */
  next(kind: string = anyKind, matches: (request: Recorded) => boolean = () => true): Promise<Recorded> {
    return new Promise(arrived => this.#waiting.push({ kind, matches, arrived }))
  }

  /** The same, and its answer waits until what this gives is called. */
  hold(matches: (request: Recorded) => boolean = () => true): Promise<() => void> {
    return new Promise(arrived => this.#holds.push({ matches, arrived }))
  }

  /** Waits until so many requests of this kind have arrived since the start, or since `forgetRequests`. */
  async arrived(kind: string, count: number): Promise<Recorded[]> {
    while (this.count(kind) < count) await this.next(kind)
    return this.requests(kind)
  }

  /** The next `times` requests of this kind get this instead, when `after` more of them have passed; only those to this path. Failures of the same kind queue up. */
  failNext(kind: string, failure: Failure, times = 1, after = 0, path = /^/): void {
    this.#failures.push({ kind, failure, left: times, after, path })
  }

  clearFailures(): void {
    this.#failures = []
  }

  /** Nobody listens any more, open connections are cut; `comeBack` opens the same port again. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Also when it is down already, or hangs. */
  async stop(): Promise<void> {
    if (this.#server.listening) await this.goDown()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    if (body === undefined) return // the client went away in the middle of its request
    const asked = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', this.url),
      headers: request.headers,
      body,
    }
    const { method, headers } = asked
    const record: Recorded = {
      kind: this.#behaviour.kind(asked),
      method,
      path: request.url ?? '',
      headers,
      body,
      atMs: performance.timeOrigin + performance.now(),
      status: undefined,
    }
    this.#record(record)
    const failure = this.#takeFailure(record)
    await this.#held(record)
    if (this.latencyMs > 0) await new Promise(resolve => setTimeout(resolve, this.latencyMs))
    if (failure === 'hang') return
    if (failure === 'drop') return void response.destroy()
    if (failure === 'lose') {
      await this.#answer(asked)
      return void response.destroy()
    }
    const answer = failure ?? (await this.#answer(asked))
    record.status = answer.status
    send(response, answer, this.#behaviour.headers?.() ?? {})
  }

  /** A stand-in that throws is a bug of ours: it must be seen at once and not be taken for a failing GHES. */
  async #answer(asked: StandInRequest): Promise<Answer> {
    try {
      return await this.#behaviour.answer(asked)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.stderr.write(`the stand-in failed at ${asked.method} ${asked.url.pathname}: ${text}\n`)
      return { status: 500, body: { message: `the stand-in failed: ${text}` } }
    }
  }

  #record(record: Recorded): void {
    this.#recorded.push(record)
    const fits = (wait: { kind: string; matches: (request: Recorded) => boolean }) =>
      (wait.kind === anyKind || wait.kind === record.kind) && wait.matches(record)
    const woken = this.#waiting.filter(fits)
    this.#waiting = this.#waiting.filter(wait => !woken.includes(wait))
    for (const wait of woken) wait.arrived(record)
  }

  async #held(record: Recorded): Promise<void> {
    const held = this.#holds.filter(({ matches }) => matches(record))
    this.#holds = this.#holds.filter(one => !held.includes(one))
    await Promise.all(held.map(({ arrived }) => new Promise<void>(letGo => arrived(letGo))))
  }

  #takeFailure({ kind, path }: Recorded): Failure | undefined {
    const found = this.#failures.find(one => (one.kind === anyKind || one.kind === kind) && one.path.test(path))
    if (!found || found.after-- > 0) return undefined
    found.left--
    if (found.left <= 0) this.#failures = this.#failures.filter(one => one !== found)
    return found.failure
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, answer: Answer, headers: Record<string, string>): void {
  const { body } = answer
  const json = typeof body === 'object' && !(body instanceof Uint8Array)
  response.writeHead(answer.status, {
    ...headers,
    ...(json ? { 'content-type': 'application/json; charset=utf-8' } : {}),
    ...answer.headers,
  })
  response.end(json ? JSON.stringify(body) : body)
}
