// What becomes of a claimed job, and of one whose claim is lost.
import assert from 'node:assert/strict'
import { acceptLanded, aPush, LEASE, landAll, only, type Promises, stateOf } from './fixture.ts'

export const jobResultPromises: Promises = {
  'a failed job that was overtaken gives way': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    const second = await acceptLanded(store, aPush(clock))
    await store.retryLater(job, { dueAtMs: clock.now() + 100, error: 'Backstage answered 503', counts: true })
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
    clock.pass(100)
    const next = only(await store.claimJobs('refresh', LEASE))
    assert.deepEqual([next.pushId, next.attempts], [second.id, 0])
  },

  'a lease runs from the claim, is checked at the end, and comes back': async (store, clock) => {
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
  },

  'after a crash everything that was claimed is handed out again': async (store, clock, crash, isAlone) => {
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
  },

  'unknown is a state, worse than forwarded, and of all that it covers; a redrive asks again': async (store, clock) => {
    const two = ['a.yaml', 'b.yaml'].map(path => ({ path, change: 'modified' as const }))
    const covered = await acceptLanded(store, aPush(clock, { files: two }))
    const push = await acceptLanded(store, aPush(clock, { files: two }))
    const finish = async (as: 'forwarded' | 'unknown') => {
      for (const job of await store.claimJobs('refresh', LEASE))
        await store.done(job, 'x', job.path === 'b.yaml' ? { as } : { via: 'location:default/a' })
    }
    await finish('unknown')
    for (const one of [covered, push]) {
      const { state, files, history } = await stateOf(store, one)
      assert.equal(state, 'unknown')
      assert.deepEqual(
        files.map(file => file.state),
        ['forwarded', 'unknown'],
      )
      assert.equal(history.at(-1)?.step, 'unknown')
    }
    assert.equal((await store.status()).pushes.unknown, 2)
    assert.deepEqual(
      (await store.list({ state: 'unknown', limit: 9 })).map(({ id }) => id),
      [push.id, covered.id],
    )
    assert.deepEqual(
      (await store.knownFiles(push.repository)).map(({ path, via }) => [path, via]),
      [
        ['a.yaml', 'location:default/a'],
        ['b.yaml', undefined],
      ],
    )
    assert.equal(await store.redrive(push.id), true)
    await landAll(store)
    await finish('forwarded')
    assert.equal((await stateOf(store, push)).state, 'forwarded')
    // The catalog knows the file by now: what it did not know before has been shown with it.
    assert.equal((await stateOf(store, covered)).state, 'forwarded')
    const later = await acceptLanded(store, aPush(clock, { files: two }))
    await finish('unknown')
    assert.equal((await stateOf(store, later)).state, 'unknown')
    clock.pass(1000)
    await store.prune(clock.now())
    assert.equal(await store.push(later.id), undefined, 'it is kept for ever')
  },

  'a retry waits for its time and counts, unless the set-up is at fault': async (store, clock) => {
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
  },

  'a dead letter rests until it is redriven, and starts with a new look at GHES': async (store, clock) => {
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
  },

  'only the dead files of a push are redriven': async (store, clock) => {
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
  },

  'a later push revives a dead key': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
    const second = await acceptLanded(store, aPush(clock))
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.equal((await stateOf(store, first)).state, 'forwarded')
  },

  'redrive since a time takes the dead ones from then on': async (store, clock) => {
    for (const repository of ['acme/old', 'acme/new']) {
      await acceptLanded(store, aPush(clock, { repository }))
      await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
      clock.pass(1000)
    }
    assert.equal(await store.redriveSince(clock.now() - 1500), 1)
    assert.equal((await store.claimLandings(LEASE))[0]?.repository, 'acme/new')
  },

  'what is released is handed out at once': async (store, clock) => {
    await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    await store.accept(aPush(clock, { repository: 'acme/other' }))
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.release([job.lease, task.lease])
    assert.equal((await store.claimJobs('refresh', LEASE)).length, 1)
    assert.equal((await store.claimLandings(LEASE)).length, 1)
  },
}
