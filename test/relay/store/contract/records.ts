// What people are told, and what is forgotten.
import assert from 'node:assert/strict'
import type { PushFilter } from '../../../../relay/store/ports/records.ts'
import { readSearch } from '../../../../relay/watch/search.ts'
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

  'found by a part of the name, a commit or its beginning, an id, an address; page by page': async (store, clock) => {
    const names = ['acme/Payments', 'acme/payments-api', 'acme/shop', 'other/deadbeef', 'acme/100%_sure']
    const pushes = names.map((repository, i) =>
      aPush(clock, { repository, after: `${i}abc${i}`.padEnd(40, String(i)) }),
    )
    for (const push of pushes) await store.accept(push)
    const found = async (text: string, more: Partial<PushFilter> = {}) => {
      const search = readSearch(text)
      const filter = { limit: 10, ...(search ? { search } : {}), ...more }
      return (await store.list(filter)).map(({ id }) => pushes.findIndex(push => push.id === id))
    }
    const [payments, , , , sure] = pushes
    const rows: [string, number[]][] = [
      ['PAYMENTS', [1, 0]],
      [' acme/pay ', [1, 0]],
      ['beef', [3]],
      ['2abc', [2]],
      [String(sure?.after).toUpperCase(), [4]],
      ['100%_', [4]],
      ['0%_', [4]],
      [payments?.id ?? '', [0]],
      [`https://relay/pushes/${payments?.id}`, [0]],
      ['https://ghe.example.com/acme/payments', [0]],
      ['https://ghe.example.com/ACME/payments/tree/main?x#y', [0]],
      [`https://ghe.example.com/acme/shop/commit/${'2abc2'.padEnd(40, '2')}`, [2]],
      [`https://ghe.example.com/acme/shop/commit/${'3abc3'.padEnd(40, '3')}`, []],
      ['https://ghe.example.com/api/v3/repos/acme/shop/commits/2abc2', [2]],
      ['git@ghe.example.com:acme/shop.git', [2]],
      ['https://ghe.example.com/other', [3]],
      ['nobody', []],
    ]
    for (const [text, expected] of rows) assert.deepEqual(await found(text), expected, text)
    assert.deepEqual(await found('acme', { limit: 2 }), [4, 2])
    assert.deepEqual(await found('acme', { limit: 2, before: pushes[2]?.id ?? '' }), [1, 0])
    assert.deepEqual(await found('', { limit: 2, before: pushes[2]?.id ?? '' }), [1, 0])
    const [task] = await store.claimLandings({ ...LEASE, limit: 1 })
    assert.ok(task && payments)
    await store.settleLandings(task, new Map([[payments.id, { result: 'gone', reason: 'refused' }]]))
    assert.deepEqual(await found('', { state: 'problem' }), [0])
    assert.deepEqual(await found('shop', { state: 'problem' }), [])
  },
}
