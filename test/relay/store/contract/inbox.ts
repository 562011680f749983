// What comes in: announced by a hook, reported by GHES, once or again.
import assert from 'node:assert/strict'
import { messageId } from '../../../../schemas/notification.ts'
import { acceptLanded, aPush, LEASE, landAll, only, type Promises, reportOf, stateOf } from './fixture.ts'

export const inboxPromises: Promises = {
  'an accepted push is there after a crash, with all it said': async (store, clock, crash) => {
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
  },

  'a message is stored once': async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    assert.deepEqual(await store.accept(push), { result: 'known' })
    await landAll(store)
    assert.deepEqual(await store.accept(push), { result: 'known' })
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await store.accept(push), { result: 'known' })
    assert.deepEqual(await store.claimLandings(LEASE), [])
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
  },

  'the same update again after it was refused is looked at again': async (store, clock) => {
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
  },

  'the same update again after the branch was elsewhere is forwarded again': async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    await acceptLanded(store, aPush(clock, { before: push.after, after: push.before }))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await store.accept(push), { result: 'again' })
    await landAll(store)
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, push.id)
  },

  'a report of GHES proves what waits, and what that started from; a delivery counts once': async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock, { before: first.after })
    const other = aPush(clock)
    for (const push of [first, second, other].map(push => ({ ...push, id: messageId(push) }))) await store.accept(push)
    assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'stored', landed: 2 })
    assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'known' })
    assert.deepEqual(await store.acceptLanded('d2', reportOf(second)), { result: 'stored', landed: 0 })
    assert.equal((await stateOf(store, { id: messageId(other) })).state, 'waiting')
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, messageId(second))
  },

  'a report during the landing check wins, and the check changes nothing any more': async (store, clock) => {
    const push = aPush(clock)
    const id = messageId(push)
    await store.accept({ ...push, id })
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.acceptLanded('d1', reportOf(push))
    assert.equal(await store.settleLandings(task, new Map([[id, { result: 'gone', reason: 'refused' }]])), 0)
    assert.equal((await stateOf(store, { id })).state, 'landed')
  },

  'a report of what nobody announced is accepted; of what was called rejected, too': async (store, clock) => {
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
  },
}
