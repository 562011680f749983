// 202 means on disk: a relay that is killed, stopped or out of disk loses nothing that it has acknowledged.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { messageId, type PushNotification } from '../../schemas/notification.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import {
  notify,
  type RelayProcess,
  type RelayProcessOptions,
  spawnRelay,
  startRelayProcess,
} from '../support/relay-process.ts'
import { locationOf, MovableGhes, numberedPush } from './stage.ts'

const KILLS = 6
const SENDERS = 8
const REPOSITORIES = 40

let folder: string
let ghes: MovableGhes
let catalog: Catalog
const relays: RelayProcess[] = []
let nextPush = 1

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-crash-'))
  ghes = await new MovableGhes().start()
  catalog = await startCatalog({ token: 'backstage-token' })
  for (let i = 0; i < REPOSITORIES; i++) catalog.knowLocation(locationOf(numberedPush(i, REPOSITORIES)))
})

after(async () => {
  for (const relay of relays) await relay.stop()
  await Promise.all([ghes?.stop(), catalog?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

function options(name: string, config: Record<string, unknown> = {}): RelayProcessOptions {
  return {
    folder: join(folder, name),
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
    backstage: { baseUrl: catalog.url, token: 'backstage-token', refreshesPerSecond: 2000 },
    config: {
      landing: { firstCheckMs: 30, giveUpAfter: '60s' },
      retry: { firstMs: 20, maxMs: 100, giveUpAfter: '1h' },
      ...config,
    },
    env: { LOG_LEVEL: 'info' },
  }
}

async function start(given: RelayProcessOptions): Promise<RelayProcess> {
  const relay = await startRelayProcess(given)
  relays.push(relay)
  return relay
}

/** Sends pushes until the relay does not answer any more, or `until` says so. Returns those that were acknowledged. */
async function send(
  relay: RelayProcess,
  until: () => boolean,
  onAcknowledged: (count: number) => void,
): Promise<PushNotification[]> {
  const acknowledged: PushNotification[] = []
  const sender = async () => {
    while (!until()) {
      const push = numberedPush(nextPush++, REPOSITORIES)
      ghes.land(push)
      try {
        const answer = await notify(relay.listen, push)
        if (answer.status !== 202) return
      } catch {
        return // the relay is gone
      }
      acknowledged.push(push)
      onAcknowledged(acknowledged.length)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
  return acknowledged
}

type Status = { pushes: Record<string, number>; jobs: Record<string, number> }

/** Waits until nothing is open. The relay is asked again with each refresh that arrives, and twice a second. */
async function drained(relay: RelayProcess): Promise<Status> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const status = (await relay.get('/v1/status')).json as Status
    if (status.pushes['waiting'] === 0 && status.pushes['landed'] === 0) return status
    await Promise.race([catalog.nextRefresh(), new Promise(resolve => setTimeout(resolve, 500).unref())])
  }
  throw new Error('the relay did not come to an end of its work')
}

async function statesOf(relay: RelayProcess, pushes: PushNotification[]): Promise<string[]> {
  return Promise.all(
    pushes.map(async push => {
      const { status, json } = await relay.get(`/v1/pushes/${messageId(push)}`)
      return status === 200 ? (json as { state: string }).state : 'lost'
    }),
  )
}

test(`${KILLS} rounds of SIGKILL under load: nothing acknowledged is lost, nothing stays in limbo`, async t => {
  const acknowledged: PushNotification[] = []
  for (let round = 0; round < KILLS; round++) {
    const relay = await start(options('kill'))
    const killAfter = 20 + round * 60
    const sent = await send(
      relay,
      () => relay.child.killed,
      count => {
        if (count >= killAfter) relay.child.kill('SIGKILL')
      },
    )
    await relay.ended
    acknowledged.push(...sent)
  }
  const refreshedBefore = catalog.count('refresh')
  const relay = await start(options('kill'))
  await drained(relay)
  const states = await statesOf(relay, acknowledged)
  const lost = states.filter(state => state !== 'forwarded')
  t.diagnostic(
    `${KILLS} kills, ${acknowledged.length} acknowledged, ${lost.length} lost or in limbo; ${catalog.count('refresh')} refreshes, ${catalog.count('refresh') - refreshedBefore} of them after the last start`,
  )
  assert.ok(acknowledged.length > 300)
  assert.deepEqual(lost, [])
  assert.equal((await relay.kill('SIGTERM')).code, 0)
})

test('killed between 202 and landing: found and forwarded after the restart', async () => {
  const given = options('between')
  const relay = await start(given)
  const push = numberedPush(nextPush++, REPOSITORIES)
  assert.equal((await notify(relay.listen, push)).status, 202)
  await relay.kill('SIGKILL')
  ghes.land(push)
  const refresh = catalog.nextRefresh()
  const again = await start(given)
  await refresh
  await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
  await again.kill('SIGTERM')
})

test('SIGTERM under load: an end with 0 within 5 s, everything acknowledged is forwarded after the next start', async t => {
  const given = options('term')
  const relay = await start(given)
  catalog.latencyMs = 30
  let stopping = Number.POSITIVE_INFINITY
  const acknowledged = await send(
    relay,
    () => relay.child.exitCode !== null,
    count => {
      if (count !== 200) return
      stopping = performance.now()
      relay.child.kill('SIGTERM')
    },
  )
  const { code } = await relay.ended
  const tookMs = performance.now() - stopping
  catalog.latencyMs = 0
  t.diagnostic(`stopped in ${Math.round(tookMs)} ms with ${acknowledged.length} acknowledged`)
  assert.equal(code, 0, relay.stderr)
  assert.ok(tookMs < 5000)
  const again = await start(given)
  await drained(again)
  assert.deepEqual(
    (await statesOf(again, acknowledged)).filter(state => state !== 'forwarded'),
    [],
  )
  await again.kill('SIGTERM')
})

test('SIGTERM while Backstage does not answer: still an end with 0 within 5 s, and the job is not lost', async () => {
  const given = options('hang')
  const relay = await start(given)
  const push = numberedPush(nextPush++, REPOSITORIES)
  ghes.land(push)
  catalog.failNext('refresh', 'hang')
  const hung = catalog.nextRefresh()
  await notify(relay.listen, push)
  await hung
  const startedMs = performance.now()
  assert.equal((await relay.kill('SIGTERM')).code, 0)
  assert.ok(performance.now() - startedMs < 5500)
  const refresh = catalog.nextRefresh()
  const again = await start(given)
  await refresh
  await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
  await again.kill('SIGTERM')
})

test('a second signal ends at once', async () => {
  const relay = await start(options('hurry'))
  const push = numberedPush(nextPush++, REPOSITORIES)
  ghes.land(push)
  catalog.failNext('refresh', 'hang')
  const hung = catalog.nextRefresh()
  await notify(relay.listen, push)
  await hung
  relay.child.kill('SIGTERM')
  await relay.logged(({ msg }) => msg === 'relay stopping')
  assert.notEqual((await relay.kill('SIGTERM')).code, 0)
})

test('a second process is refused, and told who has the store', async () => {
  const given = options('second')
  const relay = await start(given)
  const second = await spawnRelay(given)
  assert.equal((await second.ended).code, 2)
  assert.match(second.stderr, new RegExp(`store: .*relay\\.db is in use by process ${relay.child.pid} on `))
  await relay.kill('SIGTERM')
})

test('wrong starts end with 2 and say all that is wrong', async () => {
  const wrong = await spawnRelay({ ...options('wrong'), config: { listen: 'x', admin: 'y' } })
  assert.equal((await wrong.ended).code, 2)
  assert.match(wrong.stderr, /relay\.yaml: 2 problems\n {2}listen: .*\n {2}admin: /)
  const taken = await spawnRelay({ ...options('taken'), config: { listen: `127.0.0.1:${ghes.port}` } })
  assert.equal((await taken.ended).code, 2)
  assert.match(taken.stderr, /listen or admin: .*EADDRINUSE/)
})

test('a full disk: 503 with Retry-After, then 202 again without a restart; what was acknowledged is forwarded', async t => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const undo = smallDisk(disk)
  t.after(undo)
  const relay = await start(options('full', { store: join(disk, 'relay.db') }))
  t.after(() => relay.stop())
  fill(disk)
  const acknowledged: PushNotification[] = []
  let refused: Response | undefined
  for (let i = 0; i < 500 && refused === undefined; i++) {
    const push = numberedPush(nextPush++, REPOSITORIES)
    push.bypass = 'x'.repeat(2000) // fills what is left sooner
    ghes.land(push)
    const answer = await notify(relay.listen, push)
    if (answer.status === 202) acknowledged.push(push)
    else refused = answer
  }
  assert.equal(refused?.status, 503)
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
  unlinkSync(join(disk, 'filler'))
  const push = numberedPush(nextPush++, REPOSITORIES)
  ghes.land(push)
  assert.equal((await notify(relay.listen, push)).status, 202)
  acknowledged.push(push)
  await drained(relay)
  t.diagnostic(`${acknowledged.length} acknowledged around a full disk`)
  assert.deepEqual(
    (await statesOf(relay, acknowledged)).filter(state => state !== 'forwarded'),
    [],
  )
  assert.equal((await relay.kill('SIGTERM')).code, 0)
})

/** A file system of its own of 1 MiB: a tmpfs where we may mount one, else an own user and mount namespace cannot be had. */
function smallDisk(path: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path])
  return () => execFileSync('umount', ['-l', path])
}

function fill(path: string): void {
  const { bavail, bsize } = statfsSync(path)
  writeFileSync(join(path, 'filler'), Buffer.alloc(bavail * bsize - 16 * 1024))
}
