// Hours and days without Backstage or GHES, in simulated time: what is given up, what is not, and how little is asked meanwhile.
import assert from 'node:assert/strict'
import { rounds } from '../../support/campaign.ts'
import { failing, HOUR, is, sha, testWorker } from './worker-fixture.ts'

/** In hours. */
const GIVE_UP_AFTER = rounds(4, 24)
const WRONG_TOKEN = GIVE_UP_AFTER + rounds(1, 6)
const DOWN = rounds(2, 12)

testWorker(
  'given up after hours of failures, then redriven by hand',
  async ({ store, worker, clock, answers, accept, until }) => {
    answers.refresh = () => failing
    const push = await accept()
    const dead = await until(push.id, is('dead'), (GIVE_UP_AFTER + 1) * HOUR)
    assert.match(dead.reason ?? '', /catalog-info\.yaml: given up after \d+ attempts: Backstage answered 503/)
    assert.ok(dead.history.length <= 52)
    answers.refresh = () => ({ result: 'refreshed' })
    assert.equal(await store.redrive(push.id), true)
    worker.landingDueAt(clock.now())
    await until(push.id, is('forwarded'))
  },
  { giveUpAfterMs: GIVE_UP_AFTER * HOUR },
)

testWorker(
  "a wrong token is nobody's death: jobs wait for days, and go on when it is mended",
  async ({ answers, calls, accept, until, pass, worker, store, clock }) => {
    answers.refresh = () => ({ result: 'trouble', kind: 'set-up', reason: 'Backstage answered 401' })
    const pushes = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(i + 1)))
    await pass(WRONG_TOKEN * HOUR)
    assert.equal((await store.status()).pushes.dead, 0)
    const { state, reason, untilMs } = worker.targetHealth().backstage
    assert.deepEqual([state, reason], ['open', 'Backstage answered 401'])
    assert.ok((untilMs ?? 0) > clock.now(), 'it is tried again later')
    // One careful try each 30 s and not one for each job.
    assert.ok(calls.length < WRONG_TOKEN * 120 + 50, `${calls.length} calls`)
    answers.refresh = () => ({ result: 'refreshed' })
    for (const push of pushes) await until(push.id, is('forwarded'))
    assert.equal((await store.push('msg_1'))?.files[0]?.attempts, 0)
    assert.equal(worker.targetHealth().backstage.state, 'closed')
  },
  { giveUpAfterMs: GIVE_UP_AFTER * HOUR },
)

testWorker(
  'GHES down for hours: nothing is rejected, and little is asked',
  async ({ answers, branchCalls, accept, until, pass, store }) => {
    answers.branch = () => ({ result: 'trouble', kind: 'down', reason: 'GHES: connect ECONNREFUSED' })
    const pushes = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(i + 1)))
    await pass(DOWN * HOUR)
    assert.equal((await store.status()).pushes.waiting, 20)
    assert.ok(branchCalls.length < DOWN * 120 + 100, `${branchCalls.length} calls`)
    answers.branch = () => ({ result: 'at', sha: sha(1) })
    for (const push of pushes) await until(push.id, is('forwarded'))
  },
)
