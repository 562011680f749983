// Senders for the intake benches: signed requests made before the clock runs, sent on so many connections, one after the other on each.
import { connect } from 'node:net'
import { numberedPush } from '../relay/movable-ghes.ts'
import { messageId } from '../support/message-id.ts'
import { signedHeaders } from '../support/relay-process.ts'

const REPOSITORIES = 1000

export type Run = { perSecond: number; p99Ms: number }

/** Raw requests for the pushes from this number on. */
export function signedRequests(from: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const push = numberedPush(from + i + 1, REPOSITORIES)
    const body = Buffer.from(JSON.stringify(push))
    const headers = { host: 'relay', 'content-length': String(body.length), ...signedHeaders(body, messageId(push)) }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return Buffer.concat([Buffer.from(`POST /v1/pushes HTTP/1.1\r\n${lines.join('')}\r\n`), body])
  })
}

/** All of them answered 202, or it rejects. Connections are dealt out to the ports in turn. */
export async function load(ports: readonly number[], requests: readonly Buffer[], connections: number): Promise<Run> {
  let next = 0
  const tookMs: number[] = []
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: connections }, (_, i) =>
      connection(ports[i % ports.length] ?? 0, () => requests[next++], tookMs),
    ),
  )
  const seconds = (performance.now() - startedMs) / 1000
  tookMs.sort((a, b) => a - b)
  return { perSecond: requests.length / seconds, p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN }
}

/** One request after the other on one connection. */
function connection(port: number, take: () => Buffer | undefined, tookMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sentMs = 0
    const send = () => {
      const request = take()
      if (!request) {
        socket.end()
        resolve()
        return
      }
      sentMs = performance.now()
      socket.write(request)
    }
    socket.once('connect', send)
    socket.on('error', reject)
    socket.on('data', chunk => {
      // An answer is 200 bytes: it comes in one piece.
      if (chunk.toString('latin1', 9, 12) !== '202')
        reject(new Error(`expected 202, got ${chunk.toString('latin1', 0, 200)}`))
      tookMs.push(performance.now() - sentMs)
      send()
    })
  })
}
