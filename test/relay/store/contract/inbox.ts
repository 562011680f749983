// What comes in: announced by a hook, reported by GHES, once or again.
import assert from 'node:assert/strict'
import { reportId } from '../../../../relay/store/ports/inbox.ts'
import { formerMessageId } from '../../../../schemas/notification.ts'
import { acceptLanded, aPush, LEASE, landAll, landed, only, type Promises, reportOf, stateOf } from './fixture.ts'

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

  'half a character, NUL and a control character in a text: kept, and its neighbours with it': async (store, clock) => {
    const odd = ['half \ud800', 'NUL \0', 'bell \u0007'].map(bypass => aPush(clock, { bypass, pusher: bypass }))
    const pushes = [aPush(clock), ...odd, aPush(clock)]
    const receipts = await Promise.all(pushes.map(push => store.accept(push)))
    assert.ok(receipts.every(({ result }) => result === 'stored'))
    for (const push of pushes) assert.equal((await stateOf(store, push)).state, 'waiting')
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

  'something else under a known id is a message of its own, and a repetition of it is one': async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const { id } = push
    const others = [
      { ...aPush(clock), id },
      { ...push, after: 'c'.repeat(40) },
      { ...push, files: [{ path: 'NUL \0.yaml', change: 'added' as const }] },
      { ...push, bypass: 'half \ud800 and NUL \0' },
      { ...push, repository: 'acme/other' },
      { ...push, part: { number: 1, of: 2 } },
      { ...push, part: { number: 2, of: 2 } },
    ]
    for (const other of others) {
      const receipt = await store.accept(other)
      assert.ok(receipt.result === 'stored', JSON.stringify(other))
      assert.notEqual((await stateOf(store, { id: receipt.under ?? id })).id, id)
    }
    for (const known of [push, ...others]) assert.equal((await store.accept(known)).result, 'known')
    // The two parts are one push.
    assert.equal((await store.list({ limit: 20 })).length, others.length)
  },

  'something else under a known delivery id is another report': async (store, clock) => {
    const [one, other] = [aPush(clock), aPush(clock)]
    const stored = { result: 'stored', landed: 1 } as const
    for (const [push, content] of [
      [one, 'a'],
      [other, 'b'],
    ] as const) {
      assert.deepEqual(await store.acceptLanded('d1', { ...reportOf(push), content }), stored)
      assert.deepEqual(await store.acceptLanded('d1', { ...reportOf(push), content }), { result: 'known' })
    }
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.notEqual(job.pushId, reportId('d1'))
    assert.equal((await stateOf(store, { id: reportId('d1') })).files[0]?.state, 'superseded')
  },

  'the same change under another id has happened again: a push of its own, whatever became of the first': async (
    store,
    clock,
  ) => {
    const change = aPush(clock)
    const again = () => ({ ...change, id: aPush(clock).id })
    await acceptLanded(store, change)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    for (const push of [again(), again()]) {
      assert.deepEqual(await store.accept(push), { result: 'stored' })
      await landAll(store)
      assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, push.id)
      clock.pass(LEASE.leaseMs + 1)
      await store.reap()
    }
    const refused = again()
    await store.accept(refused)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(task, new Map([[refused.id, { result: 'gone', reason: 'refused' }]]))
    assert.deepEqual(await store.accept(refused), { result: 'known' })
    assert.equal((await stateOf(store, refused)).state, 'rejected')
    assert.deepEqual(await store.accept(again()), { result: 'stored' })
  },

  'a hash of the change as the id, as hooks had it: a repetition only before GHES is asked, an event of its own then':
    async (store, clock) => {
      const change = aPush(clock)
      const former = { ...change, id: formerMessageId(change) }
      const ids = async () => (await store.list({ repository: former.repository, limit: 10 })).map(({ id }) => id)
      assert.deepEqual(await store.accept(former), { result: 'stored' })
      assert.deepEqual(await store.accept(former), { result: 'known' })
      const [task] = await store.claimLandings(LEASE)
      assert.ok(task)
      assert.deepEqual(await store.accept(former), { result: 'stored' })
      await store.settleLandings(task, new Map([[former.id, landed]]))
      await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
      await landAll(store)
      await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
      assert.deepEqual(await store.accept(former), { result: 'stored' })
      const found = await ids()
      assert.equal(new Set(found).size, 3)
      assert.ok(found.every(id => id.startsWith(former.id)))
    },

  'a report of GHES proves what waits, and what that started from; a delivery counts once': async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock, { before: first.after })
    const other = aPush(clock)
    for (const push of [first, second, other]) await store.accept(push)
    assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'stored', landed: 2 })
    assert.deepEqual(await store.acceptLanded('d1', reportOf(second)), { result: 'known' })
    assert.equal((await stateOf(store, other)).state, 'waiting')
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, second.id)
  },

  'a report that comes after the landing check was faster is of that push; the next one of the same change is not':
    async (store, clock) => {
      const push = await acceptLanded(store, aPush(clock))
      await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
      assert.deepEqual(
        (await store.announced(push)).map(({ id }) => id),
        [push.id],
      )
      assert.deepEqual(await store.acceptLanded('d1', reportOf(push)), { result: 'stored', landed: 0 })
      assert.deepEqual(await store.announced(push), [])
      assert.deepEqual(await store.acceptLanded('d2', reportOf(push)), { result: 'stored', landed: 1 })
      assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, reportId('d2'))
    },

  'a report after the branch was elsewhere, or long after, is news: of a message that was lost': async (
    store,
    clock,
  ) => {
    const push = await acceptLanded(store, aPush(clock))
    await acceptLanded(store, aPush(clock, { before: push.after, after: push.before }))
    assert.deepEqual(await store.acceptLanded('d1', reportOf(push)), { result: 'stored', landed: 1 })
    const late = await acceptLanded(store, aPush(clock, { repository: 'acme/late' }))
    clock.pass(3_600_000)
    assert.deepEqual(await store.acceptLanded('d2', reportOf(late)), { result: 'stored', landed: 1 })
  },

  'a late report of what has landed before proves nothing that waits': async (store, clock) => {
    const change = await acceptLanded(store, aPush(clock))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const again = { ...change, id: aPush(clock).id }
    await store.accept(again)
    assert.deepEqual(await store.acceptLanded('d1', reportOf(change)), { result: 'stored', landed: 0 })
    assert.equal((await stateOf(store, again)).state, 'waiting')
  },

  'what a report shows beyond an announced push is landed beside it; what comes of a question, later': async (
    store,
    clock,
  ) => {
    const push = aPush(clock)
    await store.accept(push)
    const further = { id: `${push.id}_further`, files: [{ path: 'api.yaml', change: 'modified' as const }] }
    const report = { ...reportOf(push), files: [], further }
    assert.deepEqual(await store.acceptLanded('d1', report), { result: 'stored', landed: 2 })
    assert.equal((await stateOf(store, push)).state, 'landed')
    assert.equal((await stateOf(store, further)).state, 'landed')
    const compared = { ...further, id: `${push.id}_compared` }
    assert.deepEqual(await store.acceptFurther(reportOf(push), compared), { result: 'stored' })
    assert.deepEqual(await store.acceptFurther(reportOf(push), compared), { result: 'known' })
    assert.equal((await stateOf(store, compared)).state, 'landed')
  },

  'a report during the landing check wins, and the check changes nothing any more': async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.acceptLanded('d1', reportOf(push))
    assert.equal(await store.settleLandings(task, new Map([[push.id, { result: 'gone', reason: 'refused' }]])), 0)
    assert.equal((await stateOf(store, push)).state, 'landed')
  },

  'a report of what nobody announced is accepted; of what was called rejected, too': async (store, clock) => {
    const unknown = aPush(clock)
    assert.deepEqual(await store.acceptLanded('d1', reportOf(unknown)), { result: 'stored', landed: 1 })
    assert.deepEqual(await store.acceptLanded('d2', { ...reportOf(aPush(clock)), files: [] }), {
      result: 'stored',
      landed: 0,
    })
    const late = aPush(clock, { repository: 'acme/late' })
    await store.accept(late)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(task, new Map([[late.id, { result: 'gone', reason: 'refused' }]]))
    assert.deepEqual(await store.acceptLanded('d3', reportOf(late)), { result: 'stored', landed: 1 })
    assert.equal((await stateOf(store, late)).state, 'landed')
    assert.equal((await stateOf(store, { id: reportId('d1') })).state, 'landed')
  },
}
