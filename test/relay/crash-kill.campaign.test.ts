// SIGKILL, again and again, under load: 202 means on disk, whenever the end comes.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rounds } from '../support/campaign.ts'
import { locationRef, serverError } from '../support/catalog.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type Acknowledged, CrashFixture, REPOSITORIES } from './crash-fixture.ts'
import { crashStores, withClock } from './crash-stores.ts'
import { locationOf, numberedPush } from './movable-ghes.ts'

/** How many are acknowledged before the kill, in turn: while it starts, with its first commits, with many under way. */
const KILLED_AFTER = [1, 0, 60, 9, 40, 300]
const KILLS = rounds(3, 24)

/** In the catalog's own words: what only looks like a refusal is tried again, and ends nothing. */
const REFUSED = { status: 400, body: { error: { name: 'InputError', message: 'refused' } } }

let postgres: Postgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.remove())

for (const { name, store, leasedMs } of crashStores(() => postgres)) {
  describe(name, () => {
    let fixture: CrashFixture
    before(async () => {
      fixture = await CrashFixture.open()
    })
    after(() => fixture?.end())

    test(`${KILLS} rounds of SIGKILL under load: nothing acknowledged is lost, nothing stays in limbo`, async t => {
      const given = fixture.options('kill', {
        store: await store(),
        landing: { firstCheckMs: 30, giveUpAfter: '300ms' },
      })
      // One file's pushes always end dead. What is refused once can end forwarded: a push that lands after it takes it along.
      fixture.catalog.refuse(locationRef(locationOf(numberedPush(7, REPOSITORIES))))
      const acknowledged: Acknowledged[] = []
      for (let round = 0; round < KILLS; round++) {
        // A catalog that refuses some and fails at others: dead letters and retries are killed too.
        fixture.catalog.failNext('refresh', REFUSED)
        fixture.catalog.failNext('refresh', serverError(503))
        acknowledged.push(...(await sendUntilKilled(fixture, given, KILLED_AFTER[round % KILLED_AFTER.length] ?? 0)))
      }
      fixture.catalog.clearFailures()
      const before = fixture.catalog.count('refresh')
      const relay = await fixture.start(withClock(given, { fromMs: leasedMs }))
      await fixture.drained(relay)
      const { counts, stale } = await fixture.fates(relay, acknowledged)
      t.diagnostic(
        `${name}: ${KILLS} kills, ${acknowledged.length} acknowledged: ${JSON.stringify(counts)}; ` +
          `${fixture.catalog.count('refresh')} refreshes, ${fixture.catalog.count('refresh') - before} of them after the last start`,
      )
      assert.ok(acknowledged.length >= 20 * KILLS, `${acknowledged.length} acknowledged`)
      assert.deepEqual({ lost: counts.lost, limbo: counts.limbo, stale }, { lost: 0, limbo: 0, stale: [] })
      assert.ok(counts.forwarded > 0 && counts.rejected > 0 && counts.dead > 0, 'each end was met')
      assert.equal((await relay.kill('SIGTERM')).code, 0)
    })
  })
}

async function sendUntilKilled(
  fixture: CrashFixture,
  given: ReturnType<CrashFixture['options']>,
  killAfter: number,
): Promise<Acknowledged[]> {
  const relay = await fixture.start(given)
  const kill = (count: number) => {
    if (count >= killAfter) relay.child.kill('SIGKILL')
  }
  kill(0)
  const sent = await fixture.send(relay, () => relay.child.killed, kill, { withRefused: true })
  await relay.ended
  return sent
}
