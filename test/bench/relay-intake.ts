// Durable intake: 32 connections, signatures checked, against the same server storing nothing. Taking turns, medians.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleRelay } from '../../scripts/build/bundle.ts'
import { load, type Run, signedRequests } from './intake-load.ts'
import type { Row } from './row.ts'

const CONNECTIONS = 32
const REQUESTS = 8000
const ROUNDS = 5

export async function benchIntake(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const server = join(folder, 'intake-server.mjs')
  // As the relay is shipped: from its sources Node would hold 40 MB more, for stripping their types.
  await bundleRelay(join(import.meta.dirname, 'intake-server.ts'), server)
  const durable = fork(server, [join(folder, 'relay.db')])
  const bare = fork(server, [])
  try {
    const ports = await Promise.all([durable, bare].map(portOf))
    const runs: [Run[], Run[]] = [[], []]
    for (let round = 0; round <= ROUNDS; round++) {
      // Signed before the clock runs: the senders' work is not the relay's.
      const requests = signedRequests(round * REQUESTS, REQUESTS)
      for (const [which, port] of ports.entries()) {
        const run = await load([port], requests, CONNECTIONS)
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

if (import.meta.main) console.log(await benchIntake())
