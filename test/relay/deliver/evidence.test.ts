// What is shown and done while a target has not answered, or shows nothing: health is evidence, and a token that sees nothing rejects no push.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GhesBranches } from '../../../relay/clients/ghes/branches.ts'
import type { Trouble } from '../../../relay/clients/trouble.ts'
import { withDoubt } from '../../../relay/deliver/doubt.ts'
import { Target } from '../../../relay/deliver/target.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { TestClock } from '../clock.ts'
import { memoryCircuits } from './memory-circuits.ts'
import { is, sha, testWorker } from './worker-fixture.ts'

const MINUTE = 60_000
const refused: Trouble = {
  result: 'trouble',
  kind: 'set-up',
  reason: 'GHES answered 401: ghe.token is not valid there',
}

testWorker(
  'a target is "not asked yet" until it has answered, and is asked again until then',
  async ({ worker, pass }) => {
    assert.deepEqual(worker.targetHealth(), { ghe: { state: 'unasked' }, backstage: { state: 'unasked' } })
    await pass(1)
    assert.deepEqual(worker.targetHealth(), { ghe: { state: 'closed' }, backstage: { state: 'closed' } })
  },
)

testWorker(
  'a first contact that fails is told at once, and stops no push',
  async ({ worker, answers, pass, accept, until }) => {
    await pass(1)
    const told = { state: 'unasked', reason: refused.reason }
    assert.deepEqual(worker.targetHealth(), { ghe: told, backstage: told })
    const push = await accept()
    await until(push.id, is('forwarded'))
    assert.deepEqual(worker.targetHealth(), { ghe: { state: 'closed' }, backstage: { state: 'closed' } })
    let asked = 0
    answers.reach = () => {
      asked++
      return refused
    }
    await pass(5 * MINUTE)
    assert.equal(asked, 0, 'it has answered, and is still asked')
  },
  { reach: () => refused },
)

testWorker(
  'a target whose last call has failed is not said to work, though it is called on',
  async ({ worker, answers, accept, until, clock }) => {
    for (const n of [1, 2]) {
      answers.refresh = () => ({ result: 'trouble', kind: 'down', reason: 'Backstage answered 500' })
      const push = await accept(n)
      await until(push.id, ({ files }) => files[0]?.lastError !== undefined)
      const { lastFailure, ...health } = worker.targetHealth().backstage
      assert.deepEqual([health, lastFailure?.reason], [{ state: 'closed' }, 'Backstage answered 500'])
      assert.ok(lastFailure && lastFailure.atMs <= clock.now())
      answers.refresh = () => ({ result: 'refreshed' })
      await until(push.id, is('forwarded'))
      assert.deepEqual(worker.targetHealth().backstage, { state: 'closed' })
    }
  },
)

testWorker(
  'five repositories that are not there, and none that is: our set-up, and their pushes wait',
  async fixture => {
    const { answers, accept, pass, store, worker, until } = fixture
    const none = { result: 'none' } as const
    answers.branch = () => none
    answers.repository = () => none
    const ids: string[] = []
    for (let n = 1; n <= 6; n++) ids.push((await accept(n)).id)
    await pass(10 * MINUTE)
    const states = await Promise.all(ids.map(async id => (await store.push(id))?.state))
    assert.deepEqual(states, Array(6).fill('waiting'))
    assert.match(worker.targetHealth().ghe.reason ?? '', /none of the repositories.*ghe\.token/)
    // One that is there: the others are what they say they are.
    answers.branch = fullName => (fullName === 'acme/svc-6' ? { result: 'at', sha: sha(1) } : none)
    await until('msg_6', is('forwarded'), 10 * MINUTE)
    for (const id of ids.slice(0, 5)) {
      const push = await until(id, is('rejected'), 10 * MINUTE)
      assert.match(push.reason ?? '', /repository deleted/)
    }
  },
)

testWorker('four that are not there are four that are not there', async ({ answers, accept, until }) => {
  answers.branch = () => ({ result: 'none' })
  answers.repository = () => ({ result: 'none' })
  for (let n = 1; n <= 4; n++) await accept(n)
  for (let n = 1; n <= 4; n++) await until(`msg_${n}`, is('rejected'), 10 * MINUTE)
})

test('one that was seen speaks for the token for a while, and the same one again is no other', async () => {
  let now = 0
  const ghes = withDoubt<Pick<GhesBranches, 'branch' | 'repository'>>(
    {
      branch: async () => ({ result: 'at', sha: sha(1) }),
      repository: async () => ({ result: 'none' }),
    },
    () => now,
  )
  const ask = async (name: string) => (await ghes.repository({ owner: 'acme', name })).result
  for (let n = 0; n < 9; n++) assert.equal(await ask('same'), 'none')
  await ghes.branch({ owner: 'acme', name: 'there' }, 'main')
  for (let n = 0; n < 9; n++) assert.equal(await ask(`gone-${n}`), 'none')
  now += 10 * MINUTE
  const later = await Promise.all([1, 2, 3, 4, 5].map(n => ask(`later-${n}`)))
  assert.deepEqual(later, ['none', 'none', 'none', 'none', 'trouble'])
})

test('what was refused alone is forgotten when it works, when it is pushed anew, and after an hour: then the target rests as for any other', () => {
  const clock = new TestClock()
  const times = { firstPauseMs: 1000, longestPauseMs: 30_000 }
  const log = openLog({ write() {} }, 'silent')
  const target = new Target({ store: memoryCircuits(clock), target: 'backstage', clock, log, ...times })
  const page: Trouble = { result: 'trouble', kind: 'foreign', reason: 'Backstage answered 403' }
  const [one, other] = [
    { place: 'one', push: 'msg_1' },
    { place: 'other', push: 'msg_1' },
  ]
  const isRestedFor = (about: typeof one) => {
    const rests = target.failed(page, about)
    clock.pass(30_000)
    target.worked(other)
    return rests
  }
  assert.deepEqual([isRestedFor(one), isRestedFor(one), isRestedFor(one)], [true, false, false])
  assert.equal(isRestedFor({ ...one, push: 'msg_2' }), true)
  target.worked({ ...one, push: 'msg_2' })
  assert.equal(isRestedFor({ ...one, push: 'msg_2' }), true)
  assert.equal(isRestedFor({ ...one, push: 'msg_2' }), false)
  clock.pass(3_600_001)
  assert.equal(isRestedFor({ ...one, push: 'msg_2' }), true)
})
