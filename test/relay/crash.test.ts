// 202 means on disk: a relay that is killed, stopped or out of disk loses nothing that it has acknowledged.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
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

const FULL_DISKS = [
  { what: 'a small file system (tmpfs) that is full', make: smallDisk },
  // Where we may not mount: the size of our files is limited, and the limit lifted again from outside.
  { what: 'a limit on the size of files (RLIMIT_FSIZE)', make: limitedFiles },
]
for (const { what, make } of FULL_DISKS) {
  test(`${what}: 503 with Retry-After, then 202 again without a restart; nothing acknowledged is lost`, async t => {
    const made = await make(`full-${make.name}`, t.after.bind(t))
    if (made === 'not permitted') return t.skip('mounting needs root; the other full disk is tested')
    const { relay, free } = made
    const acknowledged: PushNotification[] = []
    let refused: Response | undefined
    for (let i = 0; i < 2000 && refused === undefined; i++) {
      const push = numberedPush(nextPush++, REPOSITORIES)
      push.bypass = 'x'.repeat(2000) // fills what is left sooner
      ghes.land(push)
      const answer = await notify(relay.listen, push)
      if (answer.status === 202) acknowledged.push(push)
      else refused = answer
    }
    assert.equal(refused?.status, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    const tight = await fetch(`${relay.listen}/healthz`)
    assert.equal(tight.status, 200)
    free()
    const push = numberedPush(nextPush++, REPOSITORIES)
    ghes.land(push)
    assert.equal((await notify(relay.listen, push)).status, 202)
    acknowledged.push(push)
    await drained(relay)
    t.diagnostic(`${acknowledged.length} acknowledged around it`)
    assert.ok(acknowledged.length > 3)
    assert.deepEqual(
      (await statesOf(relay, acknowledged)).filter(state => state !== 'forwarded'),
      [],
    )
    assert.equal((await relay.kill('SIGTERM')).code, 0)
  })
}

type After = (undo: () => void | Promise<void>) => void

/** A file system of its own of 4 MiB, and a file that takes all but a little of it. */
async function smallDisk(
  name: string,
  undo: After,
): Promise<{ relay: RelayProcess; free: () => void } | 'not permitted'> {
  const disk = join(folder, `${name}-disk`)
  mkdirSync(disk)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) return 'not permitted'
  const relay = await start(options(name, { store: join(disk, 'relay.db') }))
  undo(async () => {
    await relay.stop()
    spawnSync('umount', ['-l', disk])
  })
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 400 * 1024))
  return { relay, free: () => unlinkSync(join(disk, 'filler')) }
}

/** Node ignores SIGXFSZ, so that a write beyond the limit fails as on a full disk. */
async function limitedFiles(name: string): Promise<{ relay: RelayProcess; free: () => void }> {
  const relay = await start({ ...options(name), under: ['prlimit', '--fsize=600000:unlimited'] })
  return { relay, free: () => void execFileSync('prlimit', ['--pid', String(relay.child.pid), '--fsize=unlimited:']) }
}
