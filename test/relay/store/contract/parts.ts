// A push that came in several messages is one push, whenever they come; what never comes is asked for.
import assert from 'node:assert/strict'
import type { AcceptedPush } from '../../../../relay/store/ports/inbox.ts'
import type { Store } from '../../../../relay/store/store.ts'
import { aPush, LEASE, landAll, only, type Promises, stateOf } from './fixture.ts'

/** Message `number` of `of` for the change; one file in each. */
const partOf = (change: AcceptedPush, number: number, of: number): AcceptedPush => ({
  ...change,
  id: `${change.id}_${number}`,
  part: { number, of },
  files: [{ path: `${number}.yaml`, change: 'modified' }],
})

async function accept(store: Store, pushes: AcceptedPush[]): Promise<void> {
  for (const push of pushes) assert.deepEqual(await store.accept(push), { result: 'stored' })
}

const pathsOf = async (store: Store, push: { id: string }) =>
  (await stateOf(store, push)).files.map(({ path, kind }) => kind ?? path).sort()

export const partPromises: Promises = {
  'the messages of a push are one push, under each of their ids, after a crash too': async (store, clock, crash) => {
    const change = aPush(clock)
    const [first, second, third] = [partOf(change, 2, 3), partOf(change, 1, 3), partOf(change, 3, 3)]
    await accept(store, [first, second, third])
    for (const known of [first, second, third]) assert.deepEqual(await store.accept(known), { result: 'known' })
    const after = await crash()
    for (const part of [first, second, third]) {
      const found = await stateOf(after, part)
      assert.deepEqual([found.id, found.parts], [first.id, { here: 3, of: 3 }])
    }
    assert.equal((await after.list({ limit: 10 }))[0]?.fileCount, 3)
    const [task] = await landAll(after)
    assert.equal(task?.pushes.length, 1)
    assert.deepEqual(await pathsOf(after, third), ['1.yaml', '2.yaml', '3.yaml'])
    for (const job of await after.claimJobs('refresh', LEASE)) await after.done(job, 'ok')
    assert.equal((await stateOf(after, second)).state, 'forwarded')
    assert.deepEqual(await after.claimJobs('compare', LEASE), [])
  },

  'one that comes after the others were refreshed is refreshed; GHES was asked for it meanwhile': async (
    store,
    clock,
  ) => {
    const change = aPush(clock)
    const [first, second] = [partOf(change, 1, 2), partOf(change, 2, 2)]
    await accept(store, [first])
    await landAll(store)
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    const { base, head } = only(await store.claimJobs('compare', LEASE))
    assert.deepEqual([base, head], [change.before, change.after])
    await accept(store, [second])
    assert.equal((await stateOf(store, first)).state, 'landed')
    assert.equal(only(await store.claimJobs('refresh', LEASE)).path, '2.yaml')
    assert.deepEqual(await pathsOf(store, first), ['1.yaml', '2.yaml', 'compare'])
  },

  'the same change in several messages again is another push; so is one long after': async (store, clock) => {
    const change = aPush(clock)
    const again = { ...change, id: aPush(clock).id }
    const late = { ...change, id: aPush(clock).id }
    await accept(store, [partOf(change, 1, 2), partOf(change, 2, 2), partOf(again, 1, 2)])
    clock.pass(3_600_000)
    await accept(store, [partOf(late, 2, 2)])
    const found = (await store.list({ limit: 10 })).map(({ id, fileCount }) => [id, fileCount])
    assert.deepEqual(found, [
      [`${late.id}_2`, 1],
      [`${again.id}_1`, 1],
      [`${change.id}_1`, 2],
    ])
  },

  'a redrive by the id of any message is of the whole push': async (store, clock) => {
    const change = aPush(clock)
    const parts = [partOf(change, 1, 2), partOf(change, 2, 2)]
    await accept(store, parts)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(task, new Map([[`${change.id}_1`, { result: 'gone', reason: 'refused' }]]))
    assert.equal(await store.redrive(`${change.id}_2`), true)
    await landAll(store)
    assert.equal((await store.claimJobs('refresh', LEASE)).length, 2)
  },
}
