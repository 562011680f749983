// Senders that mean no good, for relay-bad-senders.ts: a process of its own, told `go` and `stop` by its parent.
import { connect, type Socket } from 'node:net'
import { numberedPush } from '../relay/movable-ghes.ts'
import { signedHeaders } from '../support/relay-process.ts'

/** Connections a second of each kind. Slow ones are cut off by the relay after 5 to 10 s: some 3,000 stand at a time. */
const PER_SECOND = { slowHeaders: 150, slowBody: 150, silent: 50, garbage: 75, wrongSignature: 75 }
const TICK_MS = 20

type Kind = keyof typeof PER_SECOND

const [, , port = ''] = process.argv
const body = Buffer.from(JSON.stringify(numberedPush(1, 1)))
const wrong = requestOf(signedHeaders(body, 'msg_bad', Buffer.alloc(32, 9)))
const garbage = Buffer.alloc(10_000, '\x16\x03\x01\x00 garbage\r\n')
const open = new Map<Socket, Kind>()
let made = 0
let most = 0
let ticking: NodeJS.Timeout | undefined

function requestOf(headers: Record<string, string>): string {
  const lines = Object.entries({ host: 'relay', 'content-length': String(body.length), ...headers })
  return `POST /v1/pushes HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

function send(kind: Kind): void {
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  made++
  open.set(socket, kind)
  most = Math.max(most, open.size)
  socket.on('error', () => {}) // followed by close
  socket.once('close', () => open.delete(socket))
  socket.resume()
  socket.once('connect', () => {
    if (kind === 'slowHeaders') socket.write('POST /v1/pushes HTTP/1.1\r\nhost: relay\r\n')
    else if (kind === 'slowBody') socket.write(`${wrong}{`)
    else if (kind === 'garbage') socket.write(garbage)
    else if (kind === 'wrongSignature') socket.end(wrong + body)
  })
}

function go(): void {
  const due = Object.entries(PER_SECOND).map(([kind, perSecond]) => ({ kind: kind as Kind, perSecond, owed: 0 }))
  ticking = setInterval(() => {
    for (const one of due) {
      one.owed += (one.perSecond * TICK_MS) / 1000
      for (; one.owed >= 1; one.owed--) send(one.kind)
    }
    // A byte a second for each of those that stand: slow, not silent. It goes on with a header's name, or a body.
    const standing = [...open].filter(([, kind]) => kind === 'slowHeaders' || kind === 'slowBody')
    const turn = Math.floor(performance.now() / TICK_MS) % (1000 / TICK_MS)
    for (const [i, [socket]] of standing.entries())
      if (i % (1000 / TICK_MS) === turn && socket.writable) socket.write('x')
  }, TICK_MS)
}

function stop(): void {
  clearInterval(ticking)
  for (const socket of open.keys()) socket.destroy()
  process.send?.({ made, most })
}

process.on('message', message => (message === 'go' ? go() : stop()))
process.on('disconnect', () => process.exit())
process.send?.('ready')
