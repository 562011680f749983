// The connection to the relay: opened before the validation, used after it, and never waited for longer than agreed.
//
// Raw sockets with ten lines of HTTP: node:http adds 6 ms to a hook's start, https 13, fetch 31 and WebAssembly memory that jails refuse (measured).
import type { Socket } from 'node:net'
import { errorCode } from '../../schemas/error-code.ts'
import { addressOf } from './address.ts'
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

export type Connection = {
  /** Writes all messages once there is a connection, and waits for their answers; both times count from now. Never rejects. */
  deliver: (messages: readonly Message[], wait: { connectMs: number; answersMs: number }) => Promise<Delivery>
  close: () => void
}

/** Starts connecting at once; `dnsTimeoutMs` bounds the look-up of a name. */
export function openConnection(relay: Relay, dnsTimeoutMs: number, now: () => number): Connection {
  let socket: Socket | undefined
  let failure = ''
  let closed = false
  const ready = addressOf(relay.url.hostname, dnsTimeoutMs)
    .then(address =>
      closed ? Promise.reject(new Error('closed')) : connect(relay, address, opened => (socket = opened)),
    )
    .catch((error: unknown) => {
      failure = error instanceof Error ? (errorCode(error) ?? error.message) : String(error)
      return undefined
    })
  const close = () => {
    closed = true
    socket?.destroy()
  }
  return {
    close,
    async deliver(messages, { connectMs, answersMs }) {
      const [connecting, answering] = [timeout(connectMs), timeout(answersMs)]
      const end = () => {
        connecting.cancel()
        answering.cancel()
        close()
      }
      const open = await Promise.race([ready, connecting.over])
      if (open === 'over' || open === undefined) {
        end()
        return { result: 'unreachable', reason: open === 'over' ? `no connection within ${connectMs} ms` : failure }
      }
      const answer = await Promise.race([exchange(open, relay, messages, now), answering.over])
      end()
      return answer === 'over' ? { result: 'unconfirmed' } : answer
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

/** All requests at once on the one connection (pipelined); the answers come in their order. */
function exchange(socket: Socket, relay: Relay, messages: readonly Message[], now: () => number): Promise<Delivery> {
  return new Promise(resolve => {
    if (socket.destroyed) return resolve({ result: 'unreachable', reason: CLOSED })
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(match => Number(match[1]))
    const settle = () => {
      const refused = statuses().find(status => status !== 202)
      if (refused !== undefined) resolve({ result: 'refused', status: refused })
      else if (statuses().length >= messages.length) resolve({ result: 'stored' })
      else return false
      return true
    }
    socket.on('data', (chunk: Uint8Array) => {
      if (text.length < 65_536) text += Buffer.from(chunk).toString('latin1')
      settle()
    })
    socket.on('error', error => resolve({ result: 'unreachable', reason: errorCode(error) ?? error.message }))
    socket.on('close', () => settle() || resolve({ result: 'unreachable', reason: CLOSED }))
    for (const message of messages) socket.write(request(relay, message, now))
  })
}

function request({ url, key }: Relay, { id, body }: Message, now: () => number): Buffer {
  const timestamp = Math.floor(now() / 1000)
  const head = [
    'POST /v1/pushes HTTP/1.1',
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
