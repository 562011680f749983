// What PostgreSQL accepts and then cannot index (a path beyond 2.7 kB, as a former relay let it in): its neighbours go on, and it ends as a dead letter.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { landingLane } from '../../../relay/deliver/landing-lane.ts'
import { Target } from '../../../relay/deliver/target.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { openPostgresStore } from '../../../relay/store/postgres/postgres-store.ts'
import { startPostgres } from '../../support/postgres.ts'
import { TestClock } from '../clock.ts'
import { aPush } from './contract/fixture.ts'

test('a push that cannot be settled holds up nobody, and is given up with its reason', async t => {
  const postgres = await startPostgres()
  t.after(() => postgres.remove())
  const clock = new TestClock()
  const store = await openPostgresStore({ url: await postgres.database(), now: clock.now, onTrouble: () => {} })
  t.after(() => store.close())
  const long = { path: `${randomBytes(3000).toString('hex').slice(0, 4000)}/x.yaml`, change: 'modified' as const }
  const pushes = [aPush(clock), aPush(clock, { files: [long] }), aPush(clock)]
  for (const push of pushes) assert.deepEqual(await store.accept(push), { result: 'stored' })
  const log = openLog({ write() {} }, 'silent')
  const lane = landingLane({
    store,
    ghes: {
      branch: async () => ({ result: 'at', sha: 'f'.repeat(40) }),
      repository: async () => ({ result: 'none' }),
      compare: async () => ({ result: 'compared', relation: 'ahead' }),
    },
    target: new Target({ store, target: 'ghe', clock, log, firstPauseMs: 1000, longestPauseMs: 1000 }),
    clock,
    log,
    giveUpAfterMs: 60_000,
    troubleAgainMs: 1000,
    onLanded: () => {},
  })
  const states = async () =>
    Promise.all(pushes.map(async ({ id }) => (await store.push(id))?.state ?? assert.fail(`${id} is gone`)))
  for (let round = 0; round < 5; round++) {
    lane.look()
    while ((await store.nextLandingAtMs()) !== undefined && ((await store.nextLandingAtMs()) ?? 0) <= clock.now())
      await new Promise(resolve => setImmediate(resolve))
    while (lane.leases().length > 0) await new Promise(resolve => setImmediate(resolve))
    if (round === 0) assert.deepEqual(await states(), ['landed', 'waiting', 'landed'])
    clock.pass(60_000)
  }
  assert.deepEqual(await states(), ['landed', 'dead', 'landed'])
  assert.match((await store.push(pushes[1]?.id ?? ''))?.reason ?? '', /a fault of ours: .*index row size/)
  await lane.stop()
})
