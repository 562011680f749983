// Durable intake: 32 connections, signatures checked, against the same server storing nothing. Taking turns, medians.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageId } from '../../schemas/notification.ts'
import { numberedPush } from '../relay/stage.ts'
import { signedHeaders } from '../support/relay-process.ts'
import type { Row } from './row.ts'

const CONNECTIONS = 32
const REQUESTS = 8000
const ROUNDS = 5
const REPOSITORIES = 1000

type Run = { perSecond: number; p99Ms: number }

export async function benchIntake(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const durable = fork(join(import.meta.dirname, 'intake-server.ts'), [join(folder, 'relay.db')])
  const bare = fork(join(import.meta.dirname, 'intake-server.ts'), [])
  try {
    const ports = await Promise.all([durable, bare].map(portOf))
    const runs: [Run[], Run[]] = [[], []]
    for (let round = 0; round <= ROUNDS; round++) {
      // Signed before the clock runs: the senders' work is not the relay's.
      const requests = signedRequests(round * REQUESTS)
      for (const [which, port] of ports.entries()) {
        const run = await load(port, requests)
        if (round > 0) runs[which]?.push(run) // the first warms up
      }
    }
    const [stored, unstored] = runs.map(median)
    if (!stored || !unstored) throw new Error('no runs')
    const ratio = stored.perSecond / unstored.perSecond
    const rssMb = await rssOf(durable)
    return [
      {
        what: 'relay: durable intake on SQLite',
        figure: `${Math.round(stored.perSecond)}/s`,
        target: '>= 8000/s',
        isMet: stored.perSecond >= 8000,
        note: `${CONNECTIONS} connections, the senders on the same cores`,
      },
      { what: 'relay: the same server storing nothing', figure: `${Math.round(unstored.perSecond)}/s` },
      {
        what: 'relay: durable to storing nothing',
        figure: `${ratio.toFixed(2)} x`,
        target: '>= 0.6 x',
        isMet: ratio >= 0.6,
      },
      {
        what: 'relay: durable intake, p99',
        figure: `${stored.p99Ms.toFixed(1)} ms`,
        target: '<= 25 ms',
        isMet: stored.p99Ms <= 25,
      },
      { what: 'relay: memory after it', figure: `${Math.round(rssMb)} MB`, target: '<= 160 MB', isMet: rssMb <= 160 },
    ]
  } finally {
    const ended = [durable, bare].map(child => once(child, 'close'))
    for (const child of [durable, bare]) child.kill('SIGKILL')
    await Promise.all(ended)
    await rm(folder, { recursive: true, force: true })
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number }]
  return message.port
}

async function rssOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message')
  child.send('rss')
  const [message] = (await answer) as [{ rss: number }]
  return message.rss / 1024 / 1024
}

function median(runs: Run[]): Run {
  const middle = (pick: (run: Run) => number) =>
    runs.map(pick).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN
  return { perSecond: middle(run => run.perSecond), p99Ms: middle(run => run.p99Ms) }
}

function signedRequests(from: number): Buffer[] {
  return Array.from({ length: REQUESTS }, (_, i) => {
    const push = numberedPush(from + i + 1, REPOSITORIES)
    const body = Buffer.from(JSON.stringify(push))
    const headers = { host: 'relay', 'content-length': String(body.length), ...signedHeaders(body, messageId(push)) }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return Buffer.concat([Buffer.from(`POST /v1/pushes HTTP/1.1\r\n${lines.join('')}\r\n`), body])
  })
}

async function load(port: number, requests: Buffer[]): Promise<Run> {
  let next = 0
  const tookMs: number[] = []
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, () => connection(port, () => requests[next++], tookMs)))
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

if (import.meta.main) console.log(await benchIntake())
