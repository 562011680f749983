// A flood of connections that never sign anything, some with bodies that never end, beside hooks: every push is taken, at once, and the relay stays small.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { rounds } from '../../support/campaign.ts'
import { notify } from '../../support/relay-process.ts'
import { numberedPush } from '../movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from '../relay-fixture.ts'

const BODIES = rounds(15, 200)
const IDLE = rounds(150, 4100)
const PUSHES = rounds(30, 1500)
const PER_SECOND = 100
const BODY_BYTES = 5 * 1024 * 1024
/** All but its last byte. */
const UNFINISHED = Buffer.alloc(BODY_BYTES - 1)

let fixture: RelayFixture
before(async () => {
  fixture = await openRelayFixture({ landing: { firstCheckMs: 60_000 } }, true)
})
after(() => fixture?.end())

test('open bodies and idle connections beside signed pushes', async t => {
  const { relay } = fixture
  const port = Number(new URL(relay.listen).port)
  const open: Socket[] = []
  const flood = async (...texts: (string | Buffer)[]) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    open.push(socket)
    await Promise.race([once(socket, 'connect'), once(socket, 'close')])
    for (const text of texts) socket.write(text)
  }
  const unsigned = {
    'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
    'x-github-delivery': 'd',
    'x-github-event': 'push',
  }
  const lines = Object.entries({
    host: 'x',
    'content-type': 'application/json',
    'content-length': BODY_BYTES,
    ...unsigned,
  })
  const head = `POST /v1/github HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const flooded = (async () => {
    for (let i = 0; i < Math.max(BODIES, IDLE); i++) {
      if (i < IDLE) await flood()
      if (i < BODIES) await flood(head, UNFINISHED)
    }
  })()
  try {
    await flooded
    // One connection is taken in a turn of Node's event loop: who comes behind thousands waits for those before, and is served.
    const behind = await notify(relay.listen, numberedPush(PUSHES + 1, 10))
    assert.equal(behind.status, 202)
    const tookMs = await pushes(relay.listen)
    const p99 = tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? 0
    const residentMb = mostResidentMb(relay.child.pid)
    t.diagnostic(`${PUSHES} pushes: p99 ${p99.toFixed(0)} ms (250); at most ${residentMb.toFixed(0)} MB (300)`)
    // The deploy files give it 512.
    assert.ok(residentMb <= 300, `${residentMb} MB`)
  } finally {
    for (const socket of open) socket.destroy()
  }
})

/** All 202, at a steady pace; how long each took. */
async function pushes(listen: string): Promise<number[]> {
  const startMs = performance.now()
  const sent = Array.from({ length: PUSHES }, async (_, i) => {
    await delay(Math.max(0, startMs + (i * 1000) / PER_SECOND - performance.now()))
    const sentMs = performance.now()
    const { status } = await notify(listen, numberedPush(i + 1, 10))
    assert.equal(status, 202)
    return performance.now() - sentMs
  })
  return Promise.all(sent)
}

function mostResidentMb(pid: number | undefined): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
