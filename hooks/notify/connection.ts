// The connection to the relay: opened before the validation, used after it, and never waited for longer than agreed.
//
// Raw sockets with ten lines of HTTP: node:http adds 6 ms to a hook's start, https 13, fetch 31 and WebAssembly memory that jails refuse (measured).
import type { Socket } from 'node:net'
import { errorCode } from '../../schemas/error-code.ts'
import { addressOf } from './address.ts'
import { type Answer, answersIn } from './answers.ts'
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
   * Asks what the live catalog knows, before anything is delivered: gives the answers with status 200 in the order of the questions, as far as they came in time. What
   * comes of it, the connection is there for the messages then: opened again where it was closed, or is still waiting for an answer. Never rejects.
   */
  ask: (questions: readonly Message[], wait: Wait) => Promise<string[]>
  /** Writes all messages once there is a connection, and waits for their answers; both times count from now. Never rejects. */
  deliver: (messages: readonly Message[], wait: Wait) => Promise<Delivery>
  close: () => void
}

/** Starts connecting at once; `dnsTimeoutMs` bounds the look-up of a name. */
export function openConnection(relay: Relay, dnsTimeoutMs: number, now: () => number): Connection {
  let socket: Socket | undefined
  let failure = ''
  let closed = false
  let isAsked = false
  /** For a connection, by questions: the messages need not wait for it once more. */
  let waitedMs = 0
  const found = addressOf(relay.url.hostname, dnsTimeoutMs)
  const open = () =>
    found
      .then(address =>
        closed ? Promise.reject(new Error('closed')) : connect(relay, address, opened => (socket = opened)),
      )
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
  return {
    close,
    async ask(questions, { connectMs, answersMs }) {
      const [connecting, answering] = [timeout(connectMs), timeout(answersMs)]
      const there = await Promise.race([ready, connecting.over])
      connecting.cancel()
      if (there === 'over') waitedMs = connectMs
      if (there === 'over' || there === undefined) {
        answering.cancel()
        return []
      }
      isAsked = true
      const requests = questions.map(question => request('/v1/lookups', relay, question, now))
      const answers = await Promise.race([askOn(there, requests), answering.over])
      answering.cancel()
      const isUsable = answers !== 'over' && answers.length === questions.length && answers.every(isOurs)
      if (!isUsable) reopen()
      return answers === 'over' ? [] : answers.flatMap(({ status, body }) => (status === 200 ? [body] : []))
    },
    async deliver(messages, { connectMs, answersMs }) {
      const [connecting, answering] = [timeout(connectMs - waitedMs), timeout(answersMs)]
      const end = () => {
        connecting.cancel()
        answering.cancel()
        close()
      }
      const requests = messages.map(message => request('/v1/pushes', relay, message, now))
      if (isAsked && socket?.destroyed) reopen()
      for (let tries = 1; ; tries++) {
        const there = await Promise.race([ready, connecting.over])
        if (there === 'over' || there === undefined) {
          end()
          return { result: 'unreachable', reason: there === 'over' ? `no connection within ${connectMs} ms` : failure }
        }
        const answer = await Promise.race([exchange(there, requests), answering.over])
        // It may have been closed behind the answer to the question, before this was written. One id is one message, however often it comes.
        if (isAsked && tries === 1 && answer !== 'over' && answer.result === 'unreachable') {
          reopen()
          continue
        }
        end()
        return answer === 'over' ? { result: 'unconfirmed' } : answer
      }
    },
  }
}

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

/** So much of answers is read. */
const ANSWER_BYTES = 262_144

/** The answers, in the order of the questions; fewer where the connection ends. */
function askOn(socket: Socket, requests: readonly Buffer[]): Promise<Answer[]> {
  return new Promise(resolve => {
    if (socket.destroyed) return resolve([])
    let text = ''
    const onData = (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString('latin1')
      const answers = answersIn(text)
      if (answers.length >= requests.length) finish(answers)
      else if (text.length > ANSWER_BYTES) finish([])
    }
    const onClose = () => finish(answersIn(text))
    const finish = (answers: Answer[]) => {
      socket.off('data', onData).off('close', onClose)
      resolve(answers)
    }
    socket.on('data', onData).on('close', onClose)
    // What ends it, its closing tells.
    socket.on('error', () => undefined)
    for (const one of requests) socket.write(one)
  })
}

/** All requests at once on the one connection (pipelined); the answers come in their order. */
function exchange(socket: Socket, requests: readonly Buffer[]): Promise<Delivery> {
  return new Promise(resolve => {
    if (socket.destroyed) return resolve({ result: 'unreachable', reason: CLOSED })
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(match => Number(match[1]))
    const settle = () => {
      const refused = statuses().find(status => status !== 202)
      if (refused !== undefined) resolve({ result: 'refused', status: refused })
      else if (statuses().length >= requests.length) resolve({ result: 'stored' })
      else return false
      return true
    }
    socket.on('data', (chunk: Uint8Array) => {
      if (text.length < 65_536) text += Buffer.from(chunk).toString('latin1')
      settle()
    })
    socket.on('error', error => resolve({ result: 'unreachable', reason: errorCode(error) ?? error.message }))
    socket.on('close', () => settle() || resolve({ result: 'unreachable', reason: CLOSED }))
    for (const one of requests) socket.write(one)
  })
}

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

const CLOSED = 'it closed the connection'

function timeout(ms: number): { over: Promise<'over'>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<'over'>(resolve => {
    timer = setTimeout(() => resolve('over'), ms)
  })
  return { over, cancel: () => clearTimeout(timer) }
}
