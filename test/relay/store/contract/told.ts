// What pushes tell of entities before the catalog knows: for lookups.
import assert from 'node:assert/strict'
import type { AcceptedPush } from '../../../../relay/store/ports/inbox.ts'
import { acceptLanded, aPush, LEASE, landAll, only, type Promises } from './fixture.ts'

const PAY = 'component:default/payments'
const TEN_MINUTES = 600_000
const file = { repository: 'acme/payments', ref: 'refs/heads/main', path: 'catalog-info.yaml' }

const withFile = (change: 'added' | 'modified' | 'removed', ...entities: string[]): Partial<AcceptedPush> => ({
  files: [{ path: 'catalog-info.yaml', change, ...(entities.length === 0 ? {} : { entities }) }],
})

export const toldPromises: Promises = {
  'an entity that a push brings is known from its acceptance on, until the catalog has had time enough': async (
    store,
    clock,
  ) => {
    const lately = async () => [...(await store.broughtLately([PAY, 'component:default/other']))]
    assert.deepEqual(await lately(), [])
    await store.accept(aPush(clock, withFile('added', 'Component:default/Payments')))
    assert.deepEqual(await lately(), [PAY], 'it waits for GHES')
    await landAll(store)
    assert.deepEqual(await lately(), [PAY], 'it has landed')
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual(await lately(), [PAY], 'the catalog was asked just now')
    clock.pass(TEN_MINUTES)
    assert.deepEqual(await lately(), [], 'the catalog has not taken it')
  },

  'also one in the first push that tells of a file, and one that Backstage could not be asked for': async (
    store,
    clock,
  ) => {
    await acceptLanded(store, aPush(clock, withFile('modified', PAY)))
    clock.pass(2 * TEN_MINUTES)
    assert.deepEqual([...(await store.broughtLately([PAY]))], [PAY], 'its job waits')
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual([...(await store.broughtLately([PAY]))], [])
    await acceptLanded(store, aPush(clock, { ...withFile('modified', PAY), repository: 'acme/other' }))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.deepEqual([...(await store.broughtLately([PAY]))], [PAY], 'told just now')
  },

  'one that a push takes away is not brought, and has left its file from the acceptance on': async (store, clock) => {
    assert.equal(await store.hasLeft(file, PAY), false, 'nobody has told')
    await acceptLanded(store, aPush(clock, withFile('added', PAY)))
    assert.equal(await store.hasLeft(file, PAY), false)
    await store.accept(aPush(clock, withFile('removed')))
    assert.equal(await store.hasLeft(file, PAY), true, 'it waits for GHES')
    await landAll(store)
    assert.equal(await store.hasLeft(file, PAY), true)
    assert.deepEqual([...(await store.broughtLately([PAY]))], [])
  },

  'a file that holds others, or was removed before anybody told of it, does not hold it': async (store, clock) => {
    await acceptLanded(store, aPush(clock, withFile('modified', 'component:default/other')))
    assert.equal(await store.hasLeft(file, PAY), true)
    await store.accept(aPush(clock, withFile('modified', 'component:default/other', PAY)))
    assert.equal(await store.hasLeft(file, PAY), false, 'it comes back')
    await acceptLanded(store, aPush(clock, { ...withFile('removed'), repository: 'acme/b' }))
    assert.equal(await store.hasLeft({ ...file, repository: 'acme/b' }, PAY), true)
    assert.equal(await store.hasLeft({ ...file, repository: 'acme/b', path: 'other.yaml' }, PAY), false)
  },

  'an owner is known by the pushes of its repositories': async (store, clock) => {
    assert.equal(await store.knowsOwnerOf('acme/payments'), false)
    await acceptLanded(store, aPush(clock))
    assert.equal(await store.knowsOwnerOf('acme/another'), true)
    for (const other of ['acm/payments', 'acme-2/payments', 'acmee/payments', 'Zacme/payments'])
      assert.equal(await store.knowsOwnerOf(other), false, other)
    await store.closeRepository('acme/payments', 'it is deleted')
    assert.equal(await store.knowsOwnerOf('acme/payments'), true)
  },
}
