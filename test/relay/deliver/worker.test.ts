// Retries, pauses and giving up, with a clock that the test owns; the store is a real one.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RefreshAnswer } from '../../../relay/clients/backstage.ts'
import type { BranchAnswer } from '../../../relay/clients/ghes/branches.ts'
import type { ChangesAnswer } from '../../../relay/clients/ghes/comparisons.ts'
import { Worker } from '../../../relay/deliver/worker.ts'
import { answerCompare } from '../../../relay/intake/compare-files.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import type { AcceptedPush, PushRecord, Store } from '../../../relay/store/store.ts'
import { TestClock } from '../clock.ts'

const HOUR = 3_600_000
const sha = (n: number) => n.toString(16).padStart(40, '0')

type Stage = {
  clock: TestClock
  store: Store
  worker: Worker
  /** What the targets answer from now on. */
  answers: { refresh: () => RefreshAnswer; branch: () => BranchAnswer; changes: () => ChangesAnswer }
  /** When Backstage was called. */
  calls: number[]
  branchCalls: number[]
  accept: (n?: number) => Promise<AcceptedPush>
  /** Lets time pass until the push looks so, at most so long. */
  until: (id: string, looks: (push: PushRecord) => boolean, mostMs?: number) => Promise<PushRecord>
  pass: (ms: number) => Promise<void>
}

/** Lets everything that waits for no timer of ours happen: promises, and the commits in setImmediate. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

function staged(title: string, run: (stage: Stage) => Promise<void>, options: { perSecond?: number } = {}): void {
  test(title, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-worker-'))
    const clock = new TestClock()
    const store = openSqliteStore({ path: join(folder, 'relay.db'), now: clock.now })
    const calls: number[] = []
    const branchCalls: number[] = []
    const answers: Stage['answers'] = {
      refresh: () => ({ result: 'refreshed' }),
      branch: () => ({ result: 'at', sha: sha(1) }),
      changes: () => ({ result: 'unknown' }),
    }
    const worker = new Worker({
      store,
      clock,
      log: openLog({ write() {} }, 'silent'),
      ghes: {
        branch: async () => {
          branchCalls.push(clock.now())
          return answers.branch()
        },
        repository: async () => ({ result: 'found' }),
        compare: async () => ({ result: 'unknown' }),
      },
      backstage: {
        refresh: async () => {
          calls.push(clock.now())
          return answers.refresh()
        },
        register: async () => ({ result: 'registered' }),
        unregister: async () => ({ result: 'none' }),
        close: async () => {},
      },
      host: 'ghe.test',
      compare: job =>
        answerCompare({ store, clock, isCatalogFile: () => true, changes: async () => answers.changes() }, job),
      register: false,
      removed: 'refresh',
      refreshesPerSecond: options.perSecond ?? 1000,
      landing: { giveUpAfterMs: 60_000 },
      retry: { firstMs: 1000, maxMs: 600_000, giveUpAfterMs: 24 * HOUR },
      random: () => 1,
    })
    worker.start()
    const accept = async (n = 1) => {
      const push: AcceptedPush = {
        id: `msg_${n}`,
        repository: `acme/svc-${n}`,
        ref: 'refs/heads/main',
        before: sha(0xff),
        after: sha(1),
        files: [{ path: 'catalog-info.yaml', change: 'modified' }],
        firstCheckAtMs: clock.now() + 250,
      }
      await store.accept(push)
      worker.landingDueAt(push.firstCheckAtMs)
      return push
    }
    const pass = async (ms: number) => {
      for (const untilMs = clock.now() + ms; clock.now() < untilMs; ) {
        const next = clock.nextTimerAtMs ?? untilMs
        clock.pass(Math.max(1, Math.min(next, untilMs) - clock.now()))
        await settle()
      }
    }
    const until: Stage['until'] = async (id, looks, mostMs = 60_000) => {
      for (const deadline = clock.now() + mostMs; ; ) {
        const push = await store.push(id)
        if (push && looks(push)) return push
        assert.ok(clock.now() < deadline, `after ${mostMs} ms it still is ${JSON.stringify(push, null, 1)}`)
        await pass(Math.max(1, Math.min(deadline, clock.nextTimerAtMs ?? deadline) - clock.now()))
      }
    }
    try {
      await run({ clock, store, worker, answers, calls, branchCalls, accept, until, pass })
      await worker.stop(1000)
    } finally {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
}

const is = (state: string) => (push: PushRecord) => push.state === state
const failing: RefreshAnswer = { result: 'trouble', kind: 'down', reason: 'Backstage answered 503' }

staged(
  'the first look is after firstCheckMs, the refresh right after it',
  async ({ clock, calls, branchCalls, accept, until }) => {
    const at = clock.now()
    const push = await accept()
    await until(push.id, is('forwarded'))
    assert.deepEqual(
      branchCalls.map(ms => ms - at),
      [250],
    )
    assert.deepEqual(
      calls.map(ms => ms - at),
      [250],
    )
  },
)

staged(
  'a failing Backstage is tried again, each time later, up to the longest wait',
  async ({ clock, answers, calls, accept, until, pass }) => {
    answers.refresh = () => failing
    const push = await accept()
    await until(push.id, is('landed'))
    const first = clock.now()
    await pass(2 * HOUR)
    const waits = calls.map((ms, i) => ms - (calls[i - 1] ?? first)).slice(1)
    assert.deepEqual(waits.slice(0, 6), [1000, 2000, 4000, 8000, 16_000, 32_000])
    assert.ok(Math.max(...waits) <= 630_000, `${waits}`)
    answers.refresh = () => ({ result: 'refreshed' })
    const done = await until(push.id, is('forwarded'), HOUR)
    assert.equal(done.files[0]?.attempts, calls.length - 1)
  },
)

staged(
  'given up after 24 h of failures, then redriven by hand',
  async ({ store, worker, clock, answers, accept, until }) => {
    answers.refresh = () => failing
    const push = await accept()
    const dead = await until(push.id, is('dead'), 25 * HOUR)
    assert.match(dead.reason ?? '', /catalog-info\.yaml: given up after \d+ attempts: Backstage answered 503/)
    assert.ok(dead.history.length <= 52)
    answers.refresh = () => ({ result: 'refreshed' })
    assert.equal(await store.redrive(push.id), true)
    worker.landingDueAt(clock.now())
    await until(push.id, is('forwarded'))
  },
)

staged(
  "a wrong token is nobody's death: jobs wait for days, and go on when it is mended",
  async ({ answers, calls, accept, until, pass, worker, store, clock }) => {
    answers.refresh = () => ({ result: 'trouble', kind: 'set-up', reason: 'Backstage answered 401' })
    const pushes = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(i + 1)))
    await pass(30 * HOUR)
    assert.equal((await store.status()).pushes.dead, 0)
    const { state, reason, untilMs } = worker.targetHealth().backstage
    assert.deepEqual([state, reason], ['open', 'Backstage answered 401'])
    assert.ok((untilMs ?? 0) > clock.now(), 'it is tried again later')
    // One careful try each 30 s and not one for each job.
    assert.ok(calls.length < 30 * 120 + 50, `${calls.length} calls`)
    answers.refresh = () => ({ result: 'refreshed' })
    for (const push of pushes) await until(push.id, is('forwarded'))
    assert.equal((await store.push('msg_1'))?.files[0]?.attempts, 0)
    assert.equal(worker.targetHealth().backstage.state, 'closed')
  },
)

staged('Retry-After is kept', async ({ clock, answers, calls, accept, until, pass }) => {
  answers.refresh = () => ({
    result: 'trouble',
    kind: 'limited',
    reason: 'Backstage limits our rate (429)',
    retryAfterMs: 45_000,
  })
  const push = await accept()
  await until(push.id, is('landed'))
  await pass(1)
  answers.refresh = () => ({ result: 'refreshed' })
  const at = clock.now()
  await until(push.id, is('forwarded'))
  assert.ok((calls[1] ?? 0) - at >= 44_000, `${(calls[1] ?? 0) - at} ms`)
})

staged(
  'GHES down for hours: nothing is rejected, and little is asked',
  async ({ answers, branchCalls, accept, until, pass, store }) => {
    answers.branch = () => ({ result: 'trouble', kind: 'down', reason: 'GHES: connect ECONNREFUSED' })
    const pushes = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(i + 1)))
    await pass(12 * HOUR)
    assert.equal((await store.status()).pushes.waiting, 20)
    assert.ok(branchCalls.length < 12 * 120 + 100, `${branchCalls.length} calls`)
    answers.branch = () => ({ result: 'at', sha: sha(1) })
    for (const push of pushes) await until(push.id, is('forwarded'))
  },
)

staged(
  'a push that never lands is rejected after 60 s of looking',
  async ({ clock, answers, accept, until, calls }) => {
    answers.branch = () => ({ result: 'at', sha: sha(0xff) })
    const at = clock.now()
    const push = await accept()
    const rejected = await until(push.id, is('rejected'), 120_000)
    assert.equal(rejected.reason, 'refused by a later hook or overwritten')
    assert.equal(clock.now() - at, 60_250)
    assert.deepEqual(calls, [])
  },
)

staged(
  'a hundred pushes go out at the configured pace',
  async ({ calls, accept, until }) => {
    const pushes = await Promise.all(Array.from({ length: 100 }, (_, i) => accept(i + 1)))
    for (const push of pushes) await until(push.id, is('forwarded'))
    const tookMs = (calls.at(-1) ?? 0) - (calls[0] ?? 0)
    assert.ok(tookMs >= 4400 && tookMs <= 5000, `${tookMs} ms for 100 at 20/s`)
  },
  { perSecond: 20 },
)

staged(
  'each target its lane: a comparison is made while Backstage rests, and waits while GHES does',
  async ({ answers, accept, until, pass, store, worker, clock }) => {
    answers.refresh = () => ({ result: 'trouble', kind: 'set-up', reason: 'Backstage answered 401' })
    await until((await accept()).id, push => push.state === 'landed' && push.files[0]?.lastError !== undefined)
    const question = async (n: number) => {
      const branch = { repository: `acme/svc-${n}`, ref: 'refs/heads/main', before: sha(0xfe), after: sha(n) }
      const jobs = [{ kind: 'compare' as const, base: sha(0xfe), head: sha(n) }]
      await store.accept({ ...branch, id: `msg_${n}_compare`, files: [], jobs, firstCheckAtMs: clock.now() })
      await store.acceptLanded(`delivery-${n}`, { ...branch, files: [] })
      worker.jobsArrived()
      return `msg_${n}_compare`
    }
    await until(await question(2), is('forwarded'))
    answers.changes = () => ({ result: 'trouble', kind: 'set-up', reason: 'GHES answered 401' })
    answers.refresh = () => ({ result: 'refreshed' })
    const waiting = await question(3)
    await pass(2 * HOUR)
    assert.equal((await store.push('msg_1'))?.state, 'forwarded')
    assert.equal((await store.push(waiting))?.files[0]?.lastError, 'GHES answered 401')
    assert.deepEqual(
      Object.values(worker.targetHealth()).map(({ state }) => state),
      ['open', 'closed'],
    )
    answers.changes = () => ({ result: 'changes', relation: 'ahead', files: new Map(), isWhole: true })
    await until(waiting, is('forwarded'))
  },
)
