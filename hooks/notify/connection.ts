// The connection to the relay: opened before the validation, used after it, and never waited for longer than agreed.
//
// Raw sockets with ten lines of HTTP: node:http adds 6 ms to a hook's start, https 13, fetch 31 and WebAssembly memory that jails refuse (measured).
import type { Socket } from 'node:net'
import { errorCode } from '../../schemas/error-code.ts'
import { addressOf } from './address.ts'
import type { Answer } from './answers.ts'
import { type Line, lineOn } from './line.ts'
import { sign } from './signing.ts'

export type Delivery =
  | { result: 'stored' }
  /** Written, but the relay's word did not come in time: it has probably arrived. */
  | { result: 'unconfirmed' }
  | { result: 'refused'; status: number }
  | { result: 'unreachable'; reason: string }

export type Relay = { url: URL; key: Buffer; ca: string | undefined }
/** `id`: of this message alone. */
type Message = { id: string; body: Buffer }

type Wait = { connectMs: number; answersMs: number }

export type Connection = {
  /**
   * Asks what the live catalog knows: gives the answers with status 200 in the order of the questions, as far as they came in time. Never rejects.
   *
   * After `deliver` was called the questions go out behind the messages, and are not waited for where those are not answered. Before it, the connection is there for the
   * messages then, whatever comes of the questions: opened again where it was closed, or is still waiting for an answer.
   */
  ask: (questions: readonly Message[], wait: Wait) => Promise<string[]>
  /**
   * Writes all messages once there is a connection, and waits for their answers; both times count from now. Who has waited for an answer to a question in vain waits for
   * the rest of `answersMs` only, and for a quarter of it at least. Never rejects.
   */
  deliver: (messages: readonly Message[], wait: Wait) => Promise<Delivery>
  close: () => void
}

/** Starts connecting at once; `dnsTimeoutMs` bounds the look-up of a name. */
export function openConnection(relay: Relay, dnsTimeoutMs: number, now: () => number): Connection {
  let socket: Socket | undefined
  let failure = ''
  let closed = false
  let isAsked = false
  /** For a connection, and for answers that did not come, by questions: the messages need not wait for them once more. */
  const waited = { connectMs: 0, answersMs: 0 }
  /** The messages, once they are called for: where they are written, and what becomes of them. */
  let messages: { written: Promise<Line | undefined>; delivery: Promise<Delivery> } | undefined
  let inUse = 0
  const found = addressOf(relay.url.hostname, dnsTimeoutMs)
  const open = () =>
    found
      .then(address =>
        closed ? Promise.reject(new Error('closed')) : connect(relay, address, opened => (socket = opened)),
      )
      .then(lineOn)
      .catch((error: unknown) => {
        failure = error instanceof Error ? (errorCode(error) ?? error.message) : String(error)
        return undefined
      })
  let ready = open()
  const close = () => {
    closed = true
    socket?.destroy()
  }
  const reopen = () => {
    socket?.destroy()
    ready = open()
  }
  const using = async <T>(work: () => Promise<T>): Promise<T> => {
    inUse++
    try {
      return await work()
    } finally {
      inUse--
      if (inUse === 0 && messages !== undefined) close()
    }
  }
  const questionsOf = (questions: readonly Message[]) =>
    questions.map(question => request('/v1/lookups', relay, question, now))

  async function askAhead(questions: readonly Message[], { connectMs, answersMs }: Wait): Promise<Answer[]> {
    const [connecting, answering] = [timeout(connectMs), timeout(answersMs)]
    const line = await Promise.race([ready, connecting.over])
    connecting.cancel()
    if (line === 'over') waited.connectMs = connectMs
    if (line === 'over' || line === undefined) {
      answering.cancel()
      return []
    }
    isAsked = true
    const answers = await Promise.race([line.send(questionsOf(questions), isEach(questions)), answering.over])
    answering.cancel()
    if (answers === 'over') waited.answersMs = answersMs
    if (answers === 'over' || answers.length !== questions.length || !answers.every(isOurs)) reopen()
    return answers === 'over' ? [] : answers
  }

  async function askBehind(
    { written, delivery }: NonNullable<typeof messages>,
    questions: readonly Message[],
    { answersMs }: Wait,
  ): Promise<Answer[]> {
    const answering = timeout(answersMs)
    const line = await written
    const untold = delivery.then(({ result }) => (result === 'stored' ? answering.over : 'over'))
    const answers =
      line === undefined
        ? 'over'
        : await Promise.race([line.send(questionsOf(questions), isEach(questions)), untold, answering.over])
    answering.cancel()
    return answers === 'over' ? [] : answers
  }

  async function deliver(
    requests: readonly Buffer[],
    wait: Wait,
    isWritten: (line: Line | undefined) => void,
  ): Promise<Delivery> {
    const answersMs = Math.max(wait.answersMs - waited.answersMs, wait.answersMs / 4)
    const [connecting, answering] = [timeout(wait.connectMs - waited.connectMs), timeout(answersMs)]
    if (isAsked && socket?.destroyed) reopen()
    try {
      for (let tries = 1; ; tries++) {
        const line = await Promise.race([ready, connecting.over])
        if (line === 'over') return { result: 'unreachable', reason: `no connection within ${wait.connectMs} ms` }
        if (line === undefined) return { result: 'unreachable', reason: failure }
        const answers = line.send(requests, isSettled(requests))
        isWritten(line)
        const came = await Promise.race([answers, answering.over])
        if (came === 'over') return { result: 'unconfirmed' }
        const refused = came.find(({ status }) => status !== 202)
        if (refused !== undefined) return { result: 'refused', status: refused.status }
        if (came.length === requests.length) return { result: 'stored' }
        // It may have been closed behind the answer to the question, before this was written. One id is one message, however often it comes.
        if (!isAsked || tries > 1) return { result: 'unreachable', reason: line.trouble() }
        reopen()
      }
    } finally {
      isWritten(undefined)
      connecting.cancel()
      answering.cancel()
    }
  }

  return {
    close,
    async ask(questions, wait) {
      const answers = await using(() =>
        messages === undefined ? askAhead(questions, wait) : askBehind(messages, questions, wait),
      )
      return answers.flatMap(({ status, body }) => (status === 200 ? [body] : []))
    },
    deliver(bodies, wait) {
      const requests = bodies.map(message => request('/v1/pushes', relay, message, now))
      let isWritten = (_line: Line | undefined): void => undefined
      const written = new Promise<Line | undefined>(resolve => {
        isWritten = resolve
      })
      const delivery = using(() => deliver(requests, wait, isWritten))
      messages = { written, delivery }
      return delivery
    },
  }
}

const isEach = (requests: readonly unknown[]) => (answers: readonly Answer[]) => answers.length >= requests.length

/** All are stored, or one is not. */
const isSettled = (requests: readonly unknown[]) => (answers: readonly Answer[]) =>
  answers.length >= requests.length || answers.some(({ status }) => status !== 202)

function connect(relay: Relay, address: string, opened: (socket: Socket) => void): Promise<Socket> {
  const { hostname, protocol } = relay.url
  const tls = protocol === 'https:'
  const port = Number(relay.url.port || (tls ? 443 : 80))
  return new Promise((resolve, reject) => {
    const isName = hostname !== address && !hostname.startsWith('[')
    const socket = tls
      ? process.getBuiltinModule('node:tls').connect({
          host: address,
          port,
          ...(isName ? { servername: hostname } : {}),
          ...(relay.ca ? { ca: relay.ca } : {}),
        })
      : process.getBuiltinModule('node:net').connect({ host: address, port, noDelay: true })
    opened(socket)
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** A relay's answer to a question, that leaves the connection open. Behind anything else nobody knows what comes. */
const isOurs = ({ status, isLast }: Answer) => !isLast && [200, 400, 401, 404, 503].includes(status)

function request(path: string, { url, key }: Relay, { id, body }: Message, now: () => number): Buffer {
  const timestamp = Math.floor(now() / 1000)
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    `webhook-id: ${id}`,
    `webhook-timestamp: ${timestamp}`,
    `webhook-signature: ${sign(key, id, timestamp, body)}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

function timeout(ms: number): { over: Promise<'over'>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<'over'>(resolve => {
    timer = setTimeout(() => resolve('over'), ms)
  })
  return { over, cancel: () => clearTimeout(timer) }
}
