// Good senders beside bad ones (slow, silent, garbage, wrong signatures, thousands of connections): how much longer do they wait?
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { numberedPush } from '../relay/movable-ghes.ts'
import { messageId } from '../support/message-id.ts'
import { signedHeaders } from '../support/relay-process.ts'
import type { Row } from './row.ts'

const ROUNDS = 3
const ROUND_MS = 7000
/** Until the bad ones have piled up, or have gone. */
const SETTLE_MS = 700
const CONNECTIONS = 16
const PER_SECOND = 320

export async function benchBadSenders(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const server = fork(join(import.meta.dirname, 'intake-server.ts'), [join(folder, 'relay.db')])
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const bad = fork(join(import.meta.dirname, 'bad-senders.ts'), [String(port)])
  await once(bad, 'message')
  try {
    const alone: number[] = []
    const beside: number[] = []
    let sent = await goodSenders(port, 0, 1000, []) // warms up
    let crowd = { made: 0, most: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      await delay(SETTLE_MS)
      sent = await goodSenders(port, sent, ROUND_MS, alone)
      bad.send('go')
      await delay(SETTLE_MS)
      sent = await goodSenders(port, sent, ROUND_MS, beside)
      crowd = await stopped(bad)
    }
    return rows(alone, beside, crowd)
  } finally {
    const ended = [server, bad].map(child => once(child, 'close'))
    for (const child of [server, bad]) child.kill('SIGKILL')
    await Promise.all(ended)
    await rm(folder, { recursive: true, force: true })
  }
}

async function stopped(bad: ChildProcess): Promise<{ made: number; most: number }> {
  const answer = once(bad, 'message')
  bad.send('stop')
  const [crowd] = (await answer) as [{ made: number; most: number }]
  return crowd
}

function rows(alone: number[], beside: number[], crowd: { made: number; most: number }): Row[] {
  const [quiet, loud] = [alone, beside].map(tookMs => at(tookMs, 0.99)) as [number, number]
  const ratio = loud / quiet
  return [
    {
      what: 'relay: good senders, p99 beside bad ones',
      figure: `${ratio.toFixed(2)} x`,
      target: '<= 2 x',
      isMet: ratio <= 2,
      note: `${loud.toFixed(1)} ms, undisturbed ${quiet.toFixed(1)} ms; ${beside.length} good requests, all 202; ${crowd.made} bad connections, ${crowd.most} at a time`,
    },
    { what: 'relay: good senders, p50 beside bad ones', figure: `${(at(beside, 0.5) / at(alone, 0.5)).toFixed(2)} x` },
  ]
}

function at(tookMs: number[], share: number): number {
  return tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * share)] ?? Number.NaN
}

/** Steady senders that each wait for their answer. Returns the number of the last push. */
async function goodSenders(port: number, from: number, forMs: number, tookMs: number[]): Promise<number> {
  const count = Math.floor((forMs / 1000) * PER_SECOND)
  // Signed before the clock runs: the senders' work is not the relay's.
  const requests = Array.from({ length: count }, (_, i) => requestOf(from + i + 1))
  await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      sender(
        port,
        requests.filter((_, n) => n % CONNECTIONS === i),
        (i * 1000) / PER_SECOND,
        tookMs,
      ),
    ),
  )
  return from + count
}

function requestOf(n: number): Buffer {
  const push = numberedPush(n, 1000)
  const body = Buffer.from(JSON.stringify(push))
  const headers = { host: 'relay', 'content-length': String(body.length), ...signedHeaders(body, messageId(push)) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`POST /v1/pushes HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

/** A request at its time, on one connection; one that was held up delays those behind it, and that counts. */
async function sender(port: number, requests: Buffer[], offsetMs: number, tookMs: number[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const startMs = performance.now() + offsetMs
  for (const [i, request] of requests.entries()) {
    const dueMs = startMs + (i * CONNECTIONS * 1000) / PER_SECOND
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    const sentMs = Math.min(performance.now(), Math.max(dueMs, performance.now() - 1000))
    socket.write(request)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (answer.toString('latin1', 9, 12) !== '202')
      throw new Error(`expected 202, got ${answer.toString('latin1', 0, 200)}`)
    tookMs.push(performance.now() - sentMs)
  }
  socket.end()
}

if (import.meta.main) console.log(await benchBadSenders())
