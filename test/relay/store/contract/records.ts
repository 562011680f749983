// What people are told, and what is forgotten.
import assert from 'node:assert/strict'
import { acceptLanded, aPush, LEASE, only, type Promises, stateOf } from './fixture.ts'

export const recordPromises: Promises = {
  'lists by repository and state, latest first': async (store, clock) => {
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
  },

  'settled pushes are forgotten by age, open and dead ones are not': async (store, clock) => {
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
  },

  'the history of a push is bounded': async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    for (let i = 0; i < 100; i++) {
      const job = only(await store.claimJobs('refresh', LEASE))
      await store.retryLater(job, { dueAtMs: clock.now(), error: `failure ${i}`, counts: true })
    }
    const { history } = await stateOf(store, push)
    assert.ok(history.length <= 52, `${history.length} steps`)
    assert.match(history.at(-1)?.detail ?? '', /failure 99/)
    assert.equal(history[1]?.step, 'landed')
  },

  'pushes that went past the gate can be listed': async (store, clock) => {
    await store.accept(aPush(clock))
    const past = aPush(clock, { bypass: 'incident 7' })
    await store.accept(past)
    assert.deepEqual(
      (await store.list({ bypassed: true, limit: 10 })).map(({ id }) => id),
      [past.id],
    )
  },
}
