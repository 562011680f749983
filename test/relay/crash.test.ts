// 202 means on disk: what a relay has acknowledged outlives its end at any moment, an orderly stop, and a clock that jumps.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { messageId } from '../../schemas/notification.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { notify, type RelayProcessOptions, spawnRelay } from '../support/relay-process.ts'
import { type Acknowledged, CrashStage } from './crash-stage.ts'
import { crashStores, withClock } from './crash-stores.ts'

const HOUR_MS = 3_600_000
const NONE_LEFT = { superseded: 0, rejected: 0, dead: 0, lost: 0, limbo: 0 }

let stage: CrashStage
let postgres: Postgres
before(async () => {
  stage = await CrashStage.open()
  postgres = await startPostgres()
})
after(async () => {
  await stage?.end()
  await postgres?.remove()
})

const refreshed = () => stage.catalog.refreshes().filter(({ status }) => status === 200).length

for (const { name, store, leasedMs } of crashStores(() => postgres)) {
  describe(name, () => {
    test('killed between 202 and landing: found and forwarded after the restart', async () => {
      const given = stage.options(`${name}-between`, { store: await store() })
      const relay = await stage.start(given)
      const push = stage.nextPush()
      assert.equal((await notify(relay.listen, push)).status, 202)
      await relay.kill('SIGKILL')
      stage.ghes.land(push)
      const refresh = stage.catalog.nextRefresh()
      const again = await stage.start(withClock(given, { fromMs: leasedMs }))
      await refresh
      await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
      await again.kill('SIGTERM')
    })

    test('SIGTERM under load: an end with 0 within 5 s, everything acknowledged is forwarded after the next start', async t => {
      const given = stage.options(`${name}-term`, { store: await store() })
      const relay = await stage.start(given)
      const before = refreshed()
      stage.catalog.latencyMs = 30
      let stopping = Number.POSITIVE_INFINITY
      const acknowledged = await stage.send(
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
      stage.catalog.latencyMs = 0
      assert.equal(code, 0, relay.stderr)
      assert.ok(tookMs < 5000)
      // What was in flight at the signal was finished: nothing that Backstage has refreshed is asked for once more.
      const finished = refreshed() - before
      const recorded = relay.log.filter(({ step }) => step === 'forwarded').length
      const again = await stage.start(given)
      await stage.drained(again)
      const { counts, stale } = await stage.fates(again, acknowledged)
      t.diagnostic(
        `${name}: stopped in ${Math.round(tookMs)} ms with ${acknowledged.length} acknowledged, all forwarded`,
      )
      assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NONE_LEFT, stale: [] })
      assert.equal(recorded, finished)
      await again.kill('SIGTERM')
    })

    test('SIGTERM while Backstage does not answer: still an end with 0 within 5 s, and the job is not lost', async () => {
      const given = stage.options(`${name}-hang`, { store: await store() })
      const relay = await stage.start(given)
      const push = stage.landedPush()
      stage.catalog.failNext('refresh', 'hang')
      const hung = stage.catalog.nextRefresh()
      await notify(relay.listen, push)
      await hung
      const startedMs = performance.now()
      assert.equal((await relay.kill('SIGTERM')).code, 0)
      assert.ok(performance.now() - startedMs < 5500)
      const refresh = stage.catalog.nextRefresh()
      const again = await stage.start(given)
      await refresh
      await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
      await again.kill('SIGTERM')
    })

    test('the clock jumps an hour ahead and two back under load: nothing is lost, nothing waits for an hour', async t => {
      const given = stage.options(`${name}-clock`, { store: await store() })
      const acknowledged: Acknowledged[] = []
      stage.catalog.latencyMs = 20 // something is always under way
      for (const jump of [
        { fromMs: 0, toMs: HOUR_MS },
        { fromMs: HOUR_MS, toMs: -HOUR_MS },
      ]) {
        const sent = await sendOverJump(given, jump)
        assert.ok(sent.length >= 300, `acknowledged after the jump too: ${sent.length}`)
        acknowledged.push(...sent)
      }
      stage.catalog.latencyMs = 0
      const relay = await stage.start(withClock(given, { fromMs: HOUR_MS + leasedMs }))
      await stage.drained(relay)
      const { counts, stale } = await stage.fates(relay, acknowledged)
      t.diagnostic(`${name}: ${acknowledged.length} acknowledged around the jumps, all forwarded`)
      assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NONE_LEFT, stale: [] })
      await relay.kill('SIGTERM')
    })
  })
}

type Jump = { fromMs: number; toMs: number }

/** Sends, lets the clock jump while there is a backlog, sends again, kills. The senders' clock is the relay's: both follow the same time servers. */
async function sendOverJump(given: RelayProcessOptions, jump: Jump): Promise<Acknowledged[]> {
  const relay = await stage.start(withClock(given, jump))
  const seconds = (offMs: number) => () => Math.floor((Date.now() + offMs) / 1000)
  let count = 0
  const counted = () => void count++
  const first = await stage.send(relay, () => count >= 150, counted, { timestamp: seconds(jump.fromMs) })
  relay.child.kill('SIGUSR2')
  await relay.logged(({ msg }) => msg === 'the clock has jumped')
  const second = await stage.send(relay, () => count >= 300, counted, { timestamp: seconds(jump.toMs) })
  await relay.kill('SIGKILL')
  return [...first, ...second]
}

test('a second signal ends at once', async () => {
  const relay = await stage.start(stage.options('hurry'))
  const push = stage.landedPush()
  stage.catalog.failNext('refresh', 'hang')
  const hung = stage.catalog.nextRefresh()
  await notify(relay.listen, push)
  await hung
  relay.child.kill('SIGTERM')
  await relay.logged(({ msg }) => msg === 'relay stopping')
  assert.notEqual((await relay.kill('SIGTERM')).code, 0)
})

test('a second process is refused, and told who has the store', async () => {
  const given = stage.options('second')
  const relay = await stage.start(given)
  const second = await spawnRelay(given)
  assert.equal((await second.ended).code, 2)
  assert.match(second.stderr, new RegExp(`store: .*relay\\.db is in use by process ${relay.child.pid} on `))
  await relay.kill('SIGTERM')
})

test('wrong starts end with 2 and say all that is wrong', async () => {
  const wrong = await spawnRelay(stage.options('wrong', { listen: 'x', admin: 'y' }))
  assert.equal((await wrong.ended).code, 2)
  assert.match(wrong.stderr, /relay\.yaml: 2 problems\n {2}listen: .*\n {2}admin: /)
  const taken = await spawnRelay(stage.options('taken', { listen: `127.0.0.1:${stage.ghes.port}` }))
  assert.equal((await taken.ended).code, 2)
  assert.match(taken.stderr, /listen or admin: .*EADDRINUSE/)
})
