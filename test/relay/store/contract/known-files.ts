// Known files, and repositories that get another name or take no pushes any more.
import assert from 'node:assert/strict'
import { acceptLanded, aPush, LEASE, landAll, only, type Promises, stateOf } from './fixture.ts'

export const knownFilePromises: Promises = {
  'a forwarded file is known, with what it quotes, until it is removed': async (store, clock, crash) => {
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
  },

  'a file is found by what it quotes or names by a pattern, from its landing on': async (store, clock) => {
    const { repository, ref } = aPush(clock)
    const references = ['openapi.yaml', 'teams/*.yaml', 'more/**/*.{yml,yaml}']
    const file = { path: 'catalog-info.yaml', change: 'added' as const, references }
    await acceptLanded(store, aPush(clock, { files: [file] }))
    for (const [path, isFound] of [
      ['openapi.yaml', true],
      ['teams/a.yaml', true],
      ['teams/.a.yaml', false],
      ['teams/a/b.yaml', false],
      ['more/a/b/c.yml', true],
      ['other.yaml', false],
    ] as const)
      assert.deepEqual(
        await store.filesReferencing(repository, ref, [path]),
        isFound ? ['catalog-info.yaml'] : [],
        path,
      )
    // A webhook tells no references: what the hook has told stays.
    await acceptLanded(store, aPush(clock, { files: [{ path: 'catalog-info.yaml', change: 'modified' }] }))
    assert.equal((await store.filesReferencing(repository, ref, ['teams/a.yaml'])).length, 1)
  },

  'a renamed repository goes on under its new name': async (store, clock) => {
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
  },

  'a repository renamed to a name that has work: the later push of a file has it': async (store, clock) => {
    const older = await acceptLanded(store, aPush(clock, { repository: 'acme/old' }))
    const later = await acceptLanded(store, aPush(clock, { repository: 'acme/new' }))
    await store.renameRepository('acme/old', 'acme/new')
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(job.pushId, later.id)
    await store.done(job, 'ok')
    for (const push of [older, later]) assert.equal((await stateOf(store, push)).state, 'forwarded')
  },

  'what waits for a closed repository is rejected with the reason': async (store, clock) => {
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
  },
}
