// What every store must do, whatever it is made of. An adapter's test file hands in how to open one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AcceptedPush, LandingTask, LandingVerdict, Store } from '../../../relay/store/store.ts'
import { messageId } from '../../../schemas/notification.ts'
import { TestClock } from '../clock.ts'

export type OpenStore = (now: () => number) => Promise<{
  store: Store
  /** Opens it again as after a crash: nothing was closed, released or written before. */
  crash: () => Promise<Store>
  /** No other process can have it: what a dead one had claimed comes back at the start, and need not wait for its leases to end. */
  isAlone: boolean
  remove: () => Promise<void>
}>

const LEASE = { limit: 10, leaseMs: 10_000 }
let made = 0

/** A push of its own unless told otherwise. */
function aPush(clock: TestClock, fields: Partial<AcceptedPush> = {}): AcceptedPush {
  const number = String(++made).padStart(8, '0')
  return {
    id: `msg_${number}`,
    repository: 'acme/payments',
    ref: 'refs/heads/main',
    before: `a${number}`.padEnd(40, '0'),
    after: `b${number}`.padEnd(40, '0'),
    files: [{ path: 'catalog-info.yaml', change: 'modified', entities: ['component:default/payments'] }],
    firstCheckAtMs: clock.now(),
    ...fields,
  }
}

const landed: LandingVerdict = { result: 'landed', detail: 'seen' }

async function landAll(store: Store): Promise<LandingTask[]> {
  const tasks = await store.claimLandings({ ...LEASE, limit: 100 })
  for (const task of tasks) {
    await store.settleLandings(task, new Map(task.pushes.map(push => [push.id, landed])))
  }
  return tasks
}

async function acceptLanded(store: Store, push: AcceptedPush): Promise<AcceptedPush> {
  await store.accept(push)
  await landAll(store)
  return push
}

const only = <J>(jobs: J[]): J => {
  const [job] = jobs
  assert.equal(jobs.length, 1)
  assert.ok(job)
  return job
}

async function stateOf(store: Store, { id }: { id: string }) {
  const push = await store.push(id)
  assert.ok(push, `${id} is not there`)
  return push
}

/** Registers the suite's tests. */
export function storeContract(name: string, open: OpenStore): void {
  const promise = (
    title: string,
    run: (store: Store, clock: TestClock, crash: () => Promise<Store>, isAlone: boolean) => Promise<void>,
  ) =>
    test(`${name}: ${title}`, async () => {
      const clock = new TestClock()
      const { store, crash, isAlone, remove } = await open(clock.now)
      try {
        await run(store, clock, crash, isAlone)
      } finally {
        await remove()
      }
    })

  promise('an accepted push is there after a crash, with all it said', async (store, clock, crash) => {
    const push = aPush(clock, { pusher: 'octocat', bypass: 'urgent' })
    assert.deepEqual(await store.accept(push), { result: 'stored' })
    const found = await stateOf(await crash(), push)
    assert.equal(found.state, 'waiting')
    assert.equal(found.bypass, 'urgent')
    assert.equal(found.files[0]?.path, 'catalog-info.yaml')
    assert.deepEqual(
      found.history.map(({ step }) => step),
      ['accepted'],
    )
  })

  promise('a message is stored once', async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    assert.deepEqual(await store.accept(push), { result: 'known' })
    await landAll(store)
    assert.deepEqual(await store.accept(push), { result: 'known' })
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await store.accept(push), { result: 'known' })
    assert.deepEqual(await store.claimLandings(LEASE), [])
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
  })

  promise('the same update again after it was refused is looked at again', async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(
      task,
      new Map([[push.id, { result: 'gone', reason: 'refused by a later hook or overwritten' }]]),
    )
    assert.equal((await stateOf(store, push)).state, 'rejected')
    assert.deepEqual(await store.accept(push), { result: 'again' })
    await landAll(store)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.equal((await stateOf(store, push)).state, 'forwarded')
  })

  promise('the same update again after the branch was elsewhere is forwarded again', async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    await acceptLanded(store, aPush(clock, { before: push.after, after: push.before }))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await store.accept(push), { result: 'again' })
    await landAll(store)
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, push.id)
  })

  promise(
    'announced again during its landing check: the verdict of that check does not count',
    async (store, clock) => {
      const push = aPush(clock)
      await store.accept(push)
      const [task] = await store.claimLandings(LEASE)
      assert.ok(task)
      assert.deepEqual(await store.accept(push), { result: 'known' })
      const gone: LandingVerdict = { result: 'gone', reason: 'refused by a later hook or overwritten' }
      assert.equal(await store.settleLandings(task, new Map([[push.id, gone]])), 0)
      assert.equal((await stateOf(store, push)).state, 'waiting')
      assert.equal((await store.claimLandings(LEASE)).length, 1)
    },
  )

  promise('all waiting pushes of a branch come as one task, oldest first', async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock)
    await Promise.all([first, second, aPush(clock, { ref: 'refs/heads/other' })].map(push => store.accept(push)))
    const tasks = await store.claimLandings(LEASE)
    assert.deepEqual(tasks.map(({ pushes }) => pushes.length).sort(), [1, 2])
    const main = tasks.find(({ ref }) => ref === 'refs/heads/main')
    assert.deepEqual(
      main?.pushes.map(({ id }) => id),
      [first.id, second.id],
    )
    assert.deepEqual(await store.claimLandings(LEASE), [], 'they were handed out twice')
  })

  promise('a push is looked for when it is due, not before', async (store, clock) => {
    await store.accept(aPush(clock, { firstCheckAtMs: clock.now() + 250 }))
    assert.deepEqual(await store.claimLandings(LEASE), [])
    assert.equal(await store.nextLandingAtMs(), clock.now() + 250)
    clock.pass(250)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    const push = task.pushes[0]
    assert.ok(push)
    const againAtMs = clock.now() + 500
    await store.settleLandings(
      task,
      new Map([[push.id, { result: 'pending', reason: 'not yet', againAtMs, missingMs: 500 }]]),
    )
    assert.deepEqual(await store.claimLandings(LEASE), [])
    clock.pass(500)
    const [again] = await store.claimLandings(LEASE)
    assert.deepEqual([again?.pushes[0]?.checks, again?.pushes[0]?.missingMs], [1, 500])
  })

  promise('an outage of GHES is no answer: it counts for nothing', async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    const verdict: LandingVerdict = { result: 'unanswered', reason: 'GHES answered 503', againAtMs: clock.now() }
    await store.settleLandings(task, new Map([[push.id, verdict]]))
    const [again] = await store.claimLandings(LEASE)
    assert.deepEqual([again?.pushes[0]?.checks, again?.pushes[0]?.missingMs], [0, 0])
    assert.equal((await stateOf(store, push)).files[0]?.lastError, 'GHES answered 503')
  })

  const reportOf = ({ id: _, firstCheckAtMs: __, ...push }: AcceptedPush) => push

  promise(
    'a report of GHES proves what waits, and what that started from; a delivery counts once',
    async (store, clock) => {
      const first = aPush(clock)
      const second = aPush(clock, { before: first.after })
      const other = aPush(clock)
      for (const push of [first, second, other].map(push => ({ ...push, id: messageId(push) })))
        await store.accept(push)
      assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'stored', landed: 2 })
      assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'known' })
      assert.deepEqual(await store.acceptLanded('d2', reportOf(second)), { result: 'stored', landed: 0 })
      assert.equal((await stateOf(store, { id: messageId(other) })).state, 'waiting')
      assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, messageId(second))
    },
  )

  promise('a report during the landing check wins, and the check changes nothing any more', async (store, clock) => {
    const push = aPush(clock)
    const id = messageId(push)
    await store.accept({ ...push, id })
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.acceptLanded('d1', reportOf(push))
    assert.equal(await store.settleLandings(task, new Map([[id, { result: 'gone', reason: 'refused' }]])), 0)
    assert.equal((await stateOf(store, { id })).state, 'landed')
  })

  promise('a report of what nobody announced is accepted; of what was called rejected, too', async (store, clock) => {
    const unknown = aPush(clock)
    assert.deepEqual(await store.acceptLanded('d1', reportOf(unknown)), { result: 'stored', landed: 1 })
    assert.deepEqual(await store.acceptLanded('d2', { ...reportOf(aPush(clock)), files: [] }), {
      result: 'stored',
      landed: 0,
    })
    const late = aPush(clock, { repository: 'acme/late' })
    const id = messageId(late)
    await store.accept({ ...late, id })
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(task, new Map([[id, { result: 'gone', reason: 'refused' }]]))
    assert.deepEqual(await store.acceptLanded('d3', reportOf(late)), { result: 'stored', landed: 1 })
    assert.equal((await stateOf(store, { id })).state, 'landed')
    assert.equal((await stateOf(store, { id: messageId(unknown) })).state, 'landed')
  })

  promise('one job a key, and the later push has it', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const second = await acceptLanded(store, aPush(clock))
    const superseded = await stateOf(store, first)
    assert.equal(superseded.reason, `superseded by ${second.id}`)
    assert.equal(superseded.state, 'landed')
    assert.equal(superseded.files[0]?.state, 'superseded')
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(job.pushId, second.id)
    await store.done(job, 'refreshed')
    for (const push of [first, second]) assert.equal((await stateOf(store, push)).state, 'forwarded')
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
  })

  promise('a push that never lands supersedes nothing', async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock)
    await store.accept(first)
    await store.accept(second)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(
      task,
      new Map<string, LandingVerdict>([
        [first.id, landed],
        [second.id, { result: 'gone', reason: 'refused' }],
      ]),
    )
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, first.id)
    assert.equal((await stateOf(store, second)).state, 'rejected')
  })

  promise('what lands while its key is in flight runs after it', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    const second = await acceptLanded(store, aPush(clock))
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [], 'two of one key were in flight')
    assert.equal(await store.done(job, 'ok'), true)
    assert.equal((await stateOf(store, first)).state, 'forwarded')
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, second.id)
  })

  promise('a failed job that was overtaken gives way', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    const second = await acceptLanded(store, aPush(clock))
    await store.retryLater(job, { dueAtMs: clock.now() + 100, error: 'Backstage answered 503', counts: true })
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
    clock.pass(100)
    const next = only(await store.claimJobs('refresh', LEASE))
    assert.deepEqual([next.pushId, next.attempts], [second.id, 0])
  })

  promise('a lease runs from the claim, is checked at the end, and comes back', async (store, clock) => {
    await acceptLanded(store, aPush(clock))
    clock.pass(60_000) // due for long: the lease must not have begun then
    const job = only(await store.claimJobs('refresh', LEASE))
    clock.pass(9_000)
    assert.equal(await store.reap(), 0)
    clock.pass(2_000)
    assert.equal(await store.reap(), 1)
    const again = only(await store.claimJobs('refresh', LEASE))
    assert.equal(await store.done(job, 'too late'), false)
    assert.equal(await store.retryLater(job, { dueAtMs: 0, error: 'late', counts: true }), false)
    assert.equal(await store.giveUp(job, 'late'), false)
    assert.equal(await store.done(again, 'ok'), true)
  })

  promise('after a crash everything that was claimed is handed out again', async (store, clock, crash, isAlone) => {
    const waiting = aPush(clock, { repository: 'acme/waiting' })
    const first = await acceptLanded(store, aPush(clock))
    await store.claimJobs('refresh', LEASE)
    const second = await acceptLanded(store, aPush(clock))
    await store.accept(waiting)
    await store.claimLandings(LEASE)
    const reopened = await crash()
    if (!isAlone) {
      assert.deepEqual(await reopened.claimLandings(LEASE), [], 'its holder may be alive')
      clock.pass(LEASE.leaseMs + 1)
      assert.equal(await reopened.reap(), 2)
    }
    assert.equal((await reopened.claimLandings(LEASE))[0]?.pushes[0]?.id, waiting.id)
    const job = only(await reopened.claimJobs('refresh', LEASE))
    assert.equal(job.pushId, second.id)
    await reopened.done(job, 'ok')
    assert.equal((await stateOf(reopened, first)).state, 'forwarded', 'the push in flight at the crash is in limbo')
  })

  promise('a repository with much to refresh lets the others in', async (store, clock) => {
    const files = Array.from({ length: 40 }, (_, i) => ({
      path: `s${i}/catalog-info.yaml`,
      change: 'modified' as const,
    }))
    await acceptLanded(store, aPush(clock, { repository: 'acme/many', files }))
    clock.pass(1000)
    await acceptLanded(store, aPush(clock, { repository: 'acme/one' }))
    const order = (await store.claimJobs('refresh', { limit: 100, leaseMs: 1000 })).map(({ repository }) => repository)
    assert.equal(order.length, 41, 'what nobody else wants is not held back')
    const place = order.indexOf('acme/one')
    assert.ok(place >= 9 && place <= 12, `ten a second go before it, not forty: it was number ${place}`)
  })

  promise('what was put off keeps its place, and stands in nobody’s way until it is due', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock, { repository: 'acme/first' }))
    const job = only(await store.claimJobs('refresh', LEASE))
    await store.retryLater(job, { dueAtMs: clock.now() + 5000, error: 'x', counts: true })
    clock.pass(1000)
    const second = await acceptLanded(store, aPush(clock, { repository: 'acme/second' }))
    assert.equal(only(await store.claimJobs('refresh', { limit: 1, leaseMs: 1000 })).pushId, second.id)
    const third = await acceptLanded(store, aPush(clock, { repository: 'acme/third' }))
    clock.pass(4000)
    const due = await store.claimJobs('refresh', LEASE)
    assert.deepEqual(
      due.map(({ pushId }) => pushId),
      [first.id, third.id],
    )
  })

  promise(
    'one refresh that covers hundreds of pushes: all are forwarded in the end, slice by slice',
    async (store, clock) => {
      const pushes = Array.from({ length: 450 }, () => aPush(clock))
      await Promise.all(pushes.map(push => store.accept(push)))
      await landAll(store)
      const job = only(await store.claimJobs('refresh', LEASE))
      assert.equal(await store.done(job, 'ok'), true)
      const forwarded = async () => (await store.status()).pushes.forwarded
      const slices = [await forwarded()]
      const next = () => store.nextJobAtMs('refresh')
      for (let dueAtMs = await next(); dueAtMs !== undefined; dueAtMs = await next()) {
        assert.ok(dueAtMs <= clock.now(), 'the rest is due at once')
        assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
        slices.push(await forwarded())
        assert.ok(slices.length < 10, `it goes on: ${slices}`)
      }
      assert.ok((slices[0] ?? 0) < 450, 'more than one transaction')
      assert.equal(slices.at(-1), 450)
      assert.equal((await stateOf(store, pushes[7] as AcceptedPush)).state, 'forwarded')
    },
  )

  promise('a retry waits for its time and counts, unless the set-up is at fault', async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    await store.retryLater(job, { dueAtMs: clock.now() + 1000, error: 'Backstage answered 503', counts: true })
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
    const file = (await stateOf(store, push)).files[0]
    assert.deepEqual(
      [file?.attempts, file?.nextAttemptAtMs, file?.lastError],
      [1, clock.now() + 1000, 'Backstage answered 503'],
    )
    const failedAt = clock.now()
    clock.pass(1000)
    const again = only(await store.claimJobs('refresh', LEASE))
    assert.deepEqual([again.attempts, again.failingSinceMs], [1, failedAt])
    await store.retryLater(again, { dueAtMs: clock.now(), error: 'Backstage answered 401', counts: false })
    const third = only(await store.claimJobs('refresh', LEASE))
    assert.deepEqual([third.attempts, third.failingSinceMs], [1, failedAt])
  })

  promise('each kind of job has its own line, and is claimed with what it is about', async (store, clock) => {
    const question = { kind: 'compare' as const, base: 'a'.repeat(40), head: 'b'.repeat(40) }
    const asking = await acceptLanded(store, aPush(clock, { files: [], jobs: [question] }))
    const other = await acceptLanded(store, aPush(clock))
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, other.id)
    assert.equal(await store.nextJobAtMs('refresh'), undefined)
    assert.equal(await store.nextJobAtMs('compare'), clock.now())
    const { kind, base, head, pushId, lease } = only(await store.claimJobs('compare', LEASE))
    assert.deepEqual({ kind, base, head, pushId }, { ...question, pushId: asking.id })
    await store.release([lease])
    const job = only(await store.claimJobs('compare', LEASE))
    await store.retryLater(job, { dueAtMs: clock.now() + 1000, error: 'GHES answered 502', counts: true })
    assert.equal(await store.nextJobAtMs('compare'), clock.now() + 1000)
    clock.pass(1000)
    assert.equal(await store.done(only(await store.claimJobs('compare', LEASE)), '2 files to refresh'), true)
    const { state, files } = await stateOf(store, asking)
    assert.deepEqual([state, files[0]?.kind, files[0]?.outcome], ['forwarded', 'compare', '2 files to refresh'])
    assert.deepEqual(await store.knownFiles(asking.repository), [])
  })

  promise('a later push takes no comparison over, and a comparison no file of any name', async (store, clock) => {
    const compare = (base: string, head: string) => ({ kind: 'compare' as const, base, head })
    await acceptLanded(store, aPush(clock, { files: [], jobs: [compare('main', 'b'.repeat(40))] }))
    const name = `compare/main...${'b'.repeat(40)}`
    await acceptLanded(store, aPush(clock, { files: [{ path: name, change: 'added' }], jobs: [compare('main', 'c')] }))
    const heads = (await store.claimJobs('compare', LEASE)).map(({ head }) => head)
    assert.deepEqual(heads, ['b'.repeat(40), 'c'])
    assert.equal(only(await store.claimJobs('refresh', LEASE)).path, name)
  })

  promise('due jobs come in the order of their age', async (store, clock) => {
    const pushes: AcceptedPush[] = []
    for (const repository of ['acme/c', 'acme/a', 'acme/b']) {
      pushes.push(await acceptLanded(store, aPush(clock, { repository })))
      clock.pass(10)
    }
    await acceptLanded(store, aPush(clock, { repository: 'acme/c' })) // a later push does not lose the key its place
    assert.deepEqual(
      (await store.claimJobs('refresh', LEASE)).map(({ repository }) => repository),
      ['acme/c', 'acme/a', 'acme/b'],
    )
  })

  promise('a dead letter rests until it is redriven, and starts with a new look at GHES', async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'given up after 24 h')
    const dead = await stateOf(store, push)
    assert.deepEqual(
      [dead.state, dead.files[0]?.state, dead.reason],
      ['dead', 'dead', 'catalog-info.yaml: given up after 24 h'],
    )
    clock.pass(86_400_000)
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
    assert.equal(await store.redrive('msg_unknown'), false)
    assert.equal(await store.redrive(push.id), true)
    assert.equal((await stateOf(store, push)).state, 'waiting')
    await landAll(store)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.equal((await stateOf(store, push)).state, 'forwarded')
    assert.equal((await store.status()).jobs.dead, 0)
  })

  promise('only the dead files of a push are redriven', async (store, clock) => {
    const files = ['a.yaml', 'b.yaml'].map(path => ({ path, change: 'modified' as const }))
    const push = await acceptLanded(store, aPush(clock, { files }))
    const jobs = await store.claimJobs('refresh', LEASE)
    for (const job of jobs) await (job.path === 'a.yaml' ? store.done(job, 'ok') : store.giveUp(job, 'no'))
    assert.equal((await stateOf(store, push)).state, 'dead')
    await store.redrive(push.id)
    await landAll(store)
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(job.path, 'b.yaml')
    await store.done(job, 'ok')
    assert.equal((await stateOf(store, push)).state, 'forwarded')
  })

  promise('a later push revives a dead key', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
    const second = await acceptLanded(store, aPush(clock))
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.equal((await stateOf(store, first)).state, 'forwarded')
  })

  promise('redrive since a time takes the dead ones from then on', async (store, clock) => {
    for (const repository of ['acme/old', 'acme/new']) {
      await acceptLanded(store, aPush(clock, { repository }))
      await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
      clock.pass(1000)
    }
    assert.equal(await store.redriveSince(clock.now() - 1500), 1)
    assert.equal((await store.claimLandings(LEASE))[0]?.repository, 'acme/new')
  })

  promise('what is released is handed out at once', async (store, clock) => {
    await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    await store.accept(aPush(clock, { repository: 'acme/other' }))
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.release([job.lease, task.lease])
    assert.equal((await store.claimJobs('refresh', LEASE)).length, 1)
    assert.equal((await store.claimLandings(LEASE)).length, 1)
  })

  promise('lists by repository and state, latest first', async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock, { repository: 'acme/a' }))
    const second = aPush(clock, { repository: 'acme/a' })
    await store.accept(second)
    await store.accept(aPush(clock, { repository: 'acme/b' }))
    const ids = async (filter: object) => (await store.list({ limit: 10, ...filter })).map(({ id }) => id)
    assert.deepEqual(await ids({ repository: 'acme/a' }), [second.id, first.id])
    assert.deepEqual(await ids({ state: 'landed' }), [first.id])
    assert.deepEqual(await ids({ repository: 'acme/a', state: 'waiting' }), [second.id])
    const status = await store.status()
    assert.deepEqual([status.pushes.waiting, status.pushes.landed, status.jobs.queued], [2, 1, 1])
  })

  promise('settled pushes are forgotten by age, open and dead ones are not', async (store, clock) => {
    const done = await acceptLanded(store, aPush(clock, { repository: 'acme/done' }))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const dead = await acceptLanded(store, aPush(clock, { repository: 'acme/dead' }))
    await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
    const open = await acceptLanded(store, aPush(clock, { repository: 'acme/open' }))
    clock.pass(1000)
    assert.equal(await store.prune(clock.now() - 2000), 0)
    assert.equal(await store.prune(clock.now()), 1)
    assert.equal(await store.push(done.id), undefined)
    for (const push of [dead, open]) assert.ok(await store.push(push.id))
  })

  promise('the history of a push is bounded', async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    for (let i = 0; i < 100; i++) {
      const job = only(await store.claimJobs('refresh', LEASE))
      await store.retryLater(job, { dueAtMs: clock.now(), error: `failure ${i}`, counts: true })
    }
    const { history } = await stateOf(store, push)
    assert.ok(history.length <= 52, `${history.length} steps`)
    assert.match(history.at(-1)?.detail ?? '', /failure 99/)
    assert.equal(history[1]?.step, 'landed')
  })

  promise('a forwarded file is known, with what it quotes, until it is removed', async (store, clock, crash) => {
    const { repository, ref } = aPush(clock)
    const blob = 'c'.repeat(40)
    const file = { path: 'catalog-info.yaml', change: 'modified' as const, entities: ['api:default/pay'], blob }
    await acceptLanded(store, aPush(clock, { files: [{ ...file, references: ['openapi.yaml', 'a/b.yaml'] }] }))
    assert.deepEqual(await store.knownFiles(repository), [], 'known before it was forwarded')
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const again = await crash()
    assert.deepEqual(await again.knownFiles(repository), [
      { ref, path: 'catalog-info.yaml', blob, entities: ['api:default/pay'] },
    ])
    assert.deepEqual(await again.knownFiles('acme/other'), [])
    assert.deepEqual(await again.filesReferencing(repository, ref, ['x.yaml', 'openapi.yaml']), ['catalog-info.yaml'])
    assert.deepEqual(await again.filesReferencing(repository, 'refs/heads/other', ['openapi.yaml']), [])
    await acceptLanded(again, aPush(clock, { files: [{ ...file, references: ['new.yaml'] }] }))
    await again.done(only(await again.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await again.filesReferencing(repository, ref, ['openapi.yaml']), [], 'quotes it no longer')
    assert.deepEqual(await again.filesReferencing(repository, ref, ['new.yaml']), ['catalog-info.yaml'])
    await acceptLanded(again, aPush(clock, { files: [{ path: 'catalog-info.yaml', change: 'removed' }] }))
    await again.done(only(await again.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await again.knownFiles(repository), [])
    assert.deepEqual(await again.filesReferencing(repository, ref, ['new.yaml']), [])
  })

  promise('a renamed repository goes on under its new name', async (store, clock) => {
    const from = 'acme/payments'
    const to = 'acme/pay'
    await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const running = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    const waiting = aPush(clock)
    await store.accept(waiting)
    assert.ok((await store.renameRepository(from, to)) > 0)
    assert.equal(await store.done(job, 'ok'), false, 'what was in flight has counted under the old name')
    assert.equal((await stateOf(store, running)).repository, to)
    assert.deepEqual(await store.knownFiles(from), [])
    assert.equal((await store.knownFiles(to)).length, 1)
    const [task] = await landAll(store)
    assert.equal(task?.repository, to)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    for (const push of [running, waiting]) assert.equal((await stateOf(store, push)).state, 'forwarded')
  })

  promise('a repository renamed to a name that has work: the later push of a file has it', async (store, clock) => {
    const older = await acceptLanded(store, aPush(clock, { repository: 'acme/old' }))
    const later = await acceptLanded(store, aPush(clock, { repository: 'acme/new' }))
    await store.renameRepository('acme/old', 'acme/new')
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(job.pushId, later.id)
    await store.done(job, 'ok')
    for (const push of [older, later]) assert.equal((await stateOf(store, push)).state, 'forwarded')
  })

  promise('what waits for a closed repository is rejected with the reason', async (store, clock) => {
    await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const waiting = aPush(clock)
    const other = aPush(clock, { repository: 'acme/other' })
    await store.accept(waiting)
    await store.accept(other)
    assert.equal(await store.closeRepository('acme/payments', 'the repository was archived'), 1)
    const { state, reason } = await stateOf(store, waiting)
    assert.deepEqual([state, reason], ['rejected', 'the repository was archived'])
    assert.equal((await stateOf(store, other)).state, 'waiting')
    assert.deepEqual(await store.knownFiles('acme/payments'), [])
  })

  promise('a circuit is the same for all, outlives a crash, and is tried by one', async (store, clock, crash) => {
    assert.equal(await store.circuit('backstage'), undefined)
    await store.openCircuit('backstage', { reason: 'answered 503', untilMs: clock.now() + 1000 })
    const again = await crash()
    assert.deepEqual(await again.circuit('backstage'), { reason: 'answered 503', untilMs: clock.now() + 1000 })
    assert.equal(await again.circuit('ghe'), undefined)
    assert.equal(await again.claimProbe('backstage', 5000), true)
    assert.equal(await again.claimProbe('backstage', 5000), false)
    clock.pass(5000)
    assert.equal(await again.claimProbe('backstage', 5000), true)
    await again.openCircuit('backstage', { reason: 'answered 502', untilMs: clock.now() + 1000 })
    assert.equal(await again.claimProbe('backstage', 5000), true, 'opened anew, and the old probe still counts')
    await again.closeCircuit('backstage')
    assert.equal(await again.circuit('backstage'), undefined)
  })

  promise('one leads, until it resigns or its time has run out', async (store, clock) => {
    assert.equal(await store.lead('reconcile', 'a', 1000), true)
    assert.equal(await store.lead('reconcile', 'b', 1000), false)
    assert.equal(await store.lead('sweep', 'b', 1000), true)
    clock.pass(900)
    assert.equal(await store.lead('reconcile', 'a', 1000), true, 'made longer')
    clock.pass(900)
    assert.equal(await store.lead('reconcile', 'b', 1000), false)
    await store.resign('reconcile', 'b')
    assert.equal(await store.lead('reconcile', 'b', 1000), false, 'another one has resigned for it')
    await store.resign('reconcile', 'a')
    assert.equal(await store.lead('reconcile', 'b', 1000), true)
    clock.pass(1001)
    assert.equal(await store.lead('reconcile', 'a', 1000), true)
  })

  promise('notes are kept by name', async (store, _clock, crash) => {
    assert.equal(await store.note('cursor'), undefined)
    await store.setNote('cursor', '1')
    await store.setNote('cursor', '2')
    assert.equal(await (await crash()).note('cursor'), '2')
  })

  promise('tokens come at the rate, and no more than the burst at once', async (store, clock) => {
    const wish = { wanted: 10, perSecond: 2, burst: 3 }
    assert.deepEqual(await store.takeTokens('backstage', wish), { granted: 3, nextInMs: 500 })
    clock.pass(500)
    assert.equal((await store.takeTokens('backstage', wish)).granted, 1)
    assert.equal((await store.takeTokens('other', wish)).granted, 3)
    clock.pass(3_600_000)
    assert.equal((await store.takeTokens('backstage', wish)).granted, 3)
  })

  promise('pushes that went past the gate can be listed', async (store, clock) => {
    await store.accept(aPush(clock))
    const past = aPush(clock, { bypass: 'incident 7' })
    await store.accept(past)
    assert.deepEqual(
      (await store.list({ bypassed: true, limit: 10 })).map(({ id }) => id),
      [past.id],
    )
  })
}
