// A clock that jumps, under load: nothing acknowledged is lost, and nothing waits for a time that will not come.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isWhole, rounds } from '../support/campaign.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import type { RelayProcessOptions } from '../support/relay-process.ts'
import { type Acknowledged, CrashFixture } from './crash-fixture.ts'
import { crashStores, withClock } from './crash-stores.ts'

const HOUR_MS = 3_600_000
/** Acknowledged before a jump, and again after it. */
const PUSHES = rounds(25, 150)
const NONE_LEFT = { superseded: 0, rejected: 0, dead: 0, lost: 0, limbo: 0 }

let fixture: CrashFixture
let postgres: Postgres
before(async () => {
  fixture = await CrashFixture.open()
  if (isWhole) postgres = await startPostgres()
})
after(async () => {
  await fixture?.end()
  await postgres?.remove()
})

for (const { name, store, leasedMs } of crashStores(() => postgres).slice(0, rounds(1, 2))) {
  test(`${name}: the clock jumps an hour ahead and two back under load: nothing is lost, nothing waits for an hour`, async t => {
    const given = fixture.options(`${name}-clock`, { store: await store() })
    const acknowledged: Acknowledged[] = []
    fixture.catalog.latencyMs = 20 // something is always under way
    for (const jump of [
      { fromMs: 0, toMs: HOUR_MS },
      { fromMs: HOUR_MS, toMs: -HOUR_MS },
    ]) {
      const sent = await sendOverJump(given, jump)
      assert.ok(sent.length >= 2 * PUSHES, `acknowledged after the jump too: ${sent.length}`)
      acknowledged.push(...sent)
    }
    fixture.catalog.latencyMs = 0
    const relay = await fixture.start(withClock(given, { fromMs: HOUR_MS + leasedMs }))
    await fixture.drained(relay)
    const { counts, stale } = await fixture.fates(relay, acknowledged)
    t.diagnostic(`${name}: ${acknowledged.length} acknowledged around the jumps, all forwarded`)
    assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NONE_LEFT, stale: [] })
    await relay.kill('SIGTERM')
  })
}

type Jump = { fromMs: number; toMs: number }

/** Sends, lets the clock jump while there is a backlog, sends again, kills. The senders' clock is the relay's: both follow the same time servers. */
async function sendOverJump(given: RelayProcessOptions, jump: Jump): Promise<Acknowledged[]> {
  const relay = await fixture.start(withClock(given, jump))
  const seconds = (offMs: number) => () => Math.floor((Date.now() + offMs) / 1000)
  let count = 0
  const counted = () => void count++
  const first = await fixture.send(relay, () => count >= PUSHES, counted, { timestamp: seconds(jump.fromMs) })
  relay.child.kill('SIGUSR2')
  await relay.logged(({ msg }) => msg === 'the clock has jumped')
  const second = await fixture.send(relay, () => count >= 2 * PUSHES, counted, { timestamp: seconds(jump.toMs) })
  await relay.kill('SIGKILL')
  return [...first, ...second]
}
