// Three replicas on one PostgreSQL: two of them killed, the database stopped and started, all under load.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PACES } from '../../relay/runtime/limits.ts'
import { rounds } from '../support/campaign.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type Acknowledged, CrashFixture } from './crash-fixture.ts'
import { withClock } from './crash-stores.ts'

/** Pushes until the first is killed, until the second is, and until it is enough. */
const A_THIRD = rounds(30, 500)
/** Acknowledged before PostgreSQL stops; twice as many answers are waited for after it. */
const BEFORE_STOP = rounds(20, 100)
const HOW_STOPPED = (['immediate', 'fast', 'immediate'] as const).slice(0, rounds(1, 3))
const NOTHING_WRONG = { rejected: 0, superseded: 0, dead: 0, lost: 0, limbo: 0, stale: [] }

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

test('two of three replicas killed under load: the third does their work, nothing acknowledged is lost', async t => {
  const given = fixture.options('replicas', { store: await postgres.database() })
  // Those that are killed have clocks that are behind, so that their leases end within seconds; a test does not wait for 90.
  const late = withClock(given, { fromMs: 5_000 - PACES.leaseMs })
  const starts = [given, late, late].map((one, i) => fixture.start({ ...one, folder: `${one.folder}-${i}` }))
  const [survivor, ...victims] = await Promise.all(starts)
  assert.ok(survivor)
  fixture.catalog.latencyMs = 20 // something is always under way
  let count = 0
  const sent = await Promise.all(
    [survivor, ...victims].map(relay =>
      fixture.send(
        relay,
        () => relay.child.killed || count >= 3 * A_THIRD,
        () => {
          count++
          if (count === A_THIRD) victims[0]?.child.kill('SIGKILL')
          if (count === 2 * A_THIRD) victims[1]?.child.kill('SIGKILL')
        },
      ),
    ),
  )
  fixture.catalog.latencyMs = 0
  for (const victim of victims) assert.equal((await victim.ended).signal, 'SIGKILL')
  const acknowledged = sent.flat()
  await fixture.drained(survivor)
  const { counts, stale } = await fixture.fates(survivor, acknowledged)
  const reaped = survivor.log.filter(line => 'reaped' in line).reduce((sum, line) => sum + Number(line['reaped']), 0)
  t.diagnostic(
    `3 replicas, 2 killed: ${sent.map(({ length }) => length).join(' + ')} acknowledged: ${JSON.stringify(counts)}; ${reaped} leases taken back`,
  )
  assert.ok(sent.every(({ length }) => length > 0))
  assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NOTHING_WRONG })
  assert.equal((await survivor.kill('SIGTERM')).code, 0)
})

test('PostgreSQL stopped and started under load: 503 with Retry-After meanwhile, then 202 without a restart; nothing acknowledged is lost', async t => {
  const relay = await fixture.start(fixture.options('stopped', { store: await postgres.database() }))
  const acknowledged: Acknowledged[] = []
  const refusals: Response[] = []
  const shown: Promise<Response>[] = []
  for (const how of HOW_STOPPED) {
    const before = acknowledged.length + refusals.length
    const refused = refusals.length
    let stopped: Promise<void> | undefined
    let served = 0
    const sent = await fixture.send(
      relay,
      () => served >= 2 * BEFORE_STOP || relay.child.exitCode !== null,
      count => {
        if (count === BEFORE_STOP) stopped = postgres.stop(how)
        if (refusals.length > refused) served++
      },
      {
        onRefused: answer => {
          refusals.push(answer)
          if (refusals.length === refused + 1) shown.push(fetch(`${relay.admin}/v1/status`))
          if (refusals.length === refused + 8) void stopped?.then(() => postgres.start())
        },
      },
    )
    acknowledged.push(...sent)
    assert.ok(acknowledged.length + refusals.length > before + 3 * BEFORE_STOP)
  }
  await fixture.drained(relay)
  const { counts, stale } = await fixture.fates(relay, acknowledged)
  t.diagnostic(
    `${HOW_STOPPED.length} stops: ${acknowledged.length} acknowledged: ${JSON.stringify(counts)}; ${refusals.length} answered 503 meanwhile`,
  )
  assert.ok(refusals.every(answer => answer.status === 503 && /^\d+$/.test(answer.headers.get('retry-after') ?? '')))
  assert.deepEqual({ ...counts, stale }, { forwarded: acknowledged.length, ...NOTHING_WRONG })
  // No fault of ours.
  for (const { status } of await Promise.all(shown))
    assert.ok(status === 503 || status === 200, `/v1/status: ${status}`)
  assert.equal((await relay.kill('SIGTERM')).code, 0)
})
