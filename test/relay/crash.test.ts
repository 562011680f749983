// 202 means on disk: what a relay has acknowledged outlives its end at any moment, and an orderly stop.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { messageId } from '../support/message-id.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { notify, spawnRelay } from '../support/relay-process.ts'
import { CrashFixture } from './crash-fixture.ts'
import { crashStores, withClock } from './crash-stores.ts'

/** It gives itself 5 s; nothing that it waits for would ever come. */
const HELD_UP_MS = 60_000
const NONE_LEFT = { superseded: 0, rejected: 0, dead: 0, lost: 0, limbo: 0 }

let fixture: CrashFixture
let postgres: Postgres
before(async () => {
  fixture = await CrashFixture.open()
  postgres = await startPostgres()
})
after(async () => {
  await fixture?.end()
  await postgres?.remove()
})

const refreshed = () => fixture.catalog.refreshes().filter(({ status }) => status === 200).length

for (const { name, store, leasedMs } of crashStores(() => postgres)) {
  describe(name, () => {
    test('killed between 202 and landing: found and forwarded after the restart', async () => {
      const given = fixture.options(`${name}-between`, { store: await store() })
      const relay = await fixture.start(given)
      const push = fixture.nextPush()
      assert.equal((await notify(relay.listen, push)).status, 202)
      await relay.kill('SIGKILL')
      fixture.ghes.land(push)
      const refresh = fixture.catalog.nextRefresh()
      const again = await fixture.start(withClock(given, { fromMs: leasedMs }))
      await refresh
      await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
      await again.kill('SIGTERM')
    })

    test('SIGTERM under load: an end with 0 before long, everything acknowledged is forwarded after the next start', async t => {
      const given = fixture.options(`${name}-term`, { store: await store() })
      const relay = await fixture.start(given)
      const before = refreshed()
      fixture.catalog.latencyMs = 30
      let stopping = Number.POSITIVE_INFINITY
      const acknowledged = await fixture.send(
        relay,
        () => relay.child.exitCode !== null,
        count => {
          if (count !== 40) return
          stopping = performance.now()
          relay.child.kill('SIGTERM')
        },
      )
      const { code } = await relay.ended
      const tookMs = performance.now() - stopping
      fixture.catalog.latencyMs = 0
      assert.equal(code, 0, relay.stderr)
      assert.ok(tookMs < HELD_UP_MS, `${tookMs} ms`)
      // What was in flight at the signal was finished: nothing that Backstage has refreshed is asked for once more.
      const finished = refreshed() - before
      const recorded = relay.log.filter(({ step }) => step === 'forwarded').length
      const again = await fixture.start(given)
      await fixture.drained(again)
      const { counts, stale } = await fixture.fates(again, acknowledged)
      t.diagnostic(
        `${name}: stopped in ${Math.round(tookMs)} ms with ${acknowledged.length} acknowledged, all forwarded`,
      )
      assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NONE_LEFT, stale: [] })
      assert.equal(recorded, finished)
      await again.kill('SIGTERM')
    })

    test('SIGTERM while Backstage does not answer: still an end with 0 before long, and the job is not lost', async () => {
      const given = fixture.options(`${name}-hang`, { store: await store() })
      const relay = await fixture.start(given)
      const push = fixture.landedPush()
      fixture.catalog.failNext('refresh', 'hang')
      const hung = fixture.catalog.nextRefresh()
      await notify(relay.listen, push)
      await hung
      const startedMs = performance.now()
      assert.equal((await relay.kill('SIGTERM')).code, 0)
      assert.ok(performance.now() - startedMs < HELD_UP_MS)
      const refresh = fixture.catalog.nextRefresh()
      const again = await fixture.start(given)
      await refresh
      await again.logged(({ id, step }) => id === messageId(push) && step === 'forwarded')
      await again.kill('SIGTERM')
    })
  })
}

test('a second signal ends at once', async () => {
  const relay = await fixture.start(fixture.options('hurry'))
  const push = fixture.landedPush()
  fixture.catalog.failNext('refresh', 'hang')
  const hung = fixture.catalog.nextRefresh()
  await notify(relay.listen, push)
  await hung
  relay.child.kill('SIGTERM')
  await relay.logged(({ msg }) => msg === 'relay stopping')
  assert.notEqual((await relay.kill('SIGTERM')).code, 0)
})

test('a second process is refused, and told who has the store', async () => {
  const given = fixture.options('second')
  const relay = await fixture.start(given)
  const second = await spawnRelay(given)
  assert.equal((await second.ended).code, 2)
  assert.match(second.stderr, new RegExp(`store: .*relay\\.db is in use by process ${relay.child.pid} on `))
  await relay.kill('SIGTERM')
})

test('wrong starts end with 2 and say all that is wrong', async () => {
  const wrong = await spawnRelay(fixture.options('wrong', { listen: 'x', admin: 'y' }))
  assert.equal((await wrong.ended).code, 2)
  assert.match(wrong.stderr, /relay\.yaml: 2 problems\n {2}listen: .*\n {2}admin: /)
  const taken = await spawnRelay(fixture.options('taken', { listen: `127.0.0.1:${fixture.ghes.port}` }))
  assert.equal((await taken.ended).code, 2)
  assert.match(taken.stderr, /listen or admin: .*EADDRINUSE/)
})
