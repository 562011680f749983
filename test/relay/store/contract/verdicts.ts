// What the catalog has made of files, given to the pushes that it is about; and the list of catalog files.
import assert from 'node:assert/strict'
import type { Reading } from '../../../../relay/store/ports/verdicts.ts'
import type { Store } from '../../../../relay/store/store.ts'
import type { TestClock } from '../../clock.ts'
import { acceptLanded, aPush, LEASE, type Promises, stateOf } from './fixture.ts'

const FILE = 'catalog-info.yaml'
const BLOBS = { a: 'a'.repeat(40), b: 'b'.repeat(40) }

const reading = (clock: TestClock, fields: Partial<Reading> = {}): Reading => ({
  repository: 'acme/payments',
  tail: 'main/catalog-info.yaml',
  entity: 'component:default/payments',
  result: 'accepted',
  errors: [],
  atMs: clock.now(),
  ...fields,
})

const file = (blob?: string, entities = ['component:default/payments']) => ({
  ...{ path: 'catalog-info.yaml', change: 'modified' as const, entities },
  ...(blob === undefined ? {} : { blob }),
})
type Removed = Omit<ReturnType<typeof file>, 'change'> & { change: 'removed' }
const verdictOf = async (store: Store, push: { id: string }) => (await stateOf(store, push)).verdict
const names = (files: readonly { repository: string; ref: string; path: string }[]) =>
  files.map(({ repository, ref, path }) => `${repository} ${ref.slice(11)} ${path}`).sort()

export const verdictPromises: Promises = {
  'what the catalog has made of a push is its verdict, and changes no state': async (store, clock, crash) => {
    const push = await acceptLanded(store, aPush(clock))
    clock.pass(1400)
    const judged = await store.recordReadings([reading(clock)])
    const files = [{ path: 'catalog-info.yaml', result: 'accepted' }]
    assert.deepEqual(judged, [{ id: push.id, verdict: { result: 'accepted', files, afterMs: 1400 }, isFirst: true }])
    assert.deepEqual(await store.recordReadings([reading(clock)]), [], 'the same again')
    const kept = await stateOf(await crash(), push)
    assert.deepEqual([kept.state, kept.verdict], ['landed', { result: 'accepted', files, afterMs: 1400 }])
    assert.equal(kept.history.at(-1)?.detail, 'in the catalog after 1.4 s')
  },

  'the worst of its entities is the verdict on a file, and different ones make a push mixed': async (store, clock) => {
    const entities = ['component:default/a', 'component:default/b']
    const files = [file(undefined, entities), { ...file(undefined, ['api:default/c']), path: 'c.yaml' }]
    const push = await acceptLanded(store, aPush(clock, { files }))
    const say = (fields: Partial<Reading>) => store.recordReadings([reading(clock, fields)])
    await say({ entity: 'Component:default/A' })
    await say({ tail: 'main/c.yaml', entity: 'api:default/c' })
    assert.equal(await verdictOf(store, push), undefined, 'one entity is missing')
    await say({ entity: 'component:default/b', result: 'conflict', heldBy: 'url:x', errors: ['taken'] })
    assert.deepEqual(await verdictOf(store, push), {
      ...{ result: 'mixed', afterMs: 0 },
      files: [
        { path: 'c.yaml', result: 'accepted' },
        { path: 'catalog-info.yaml', result: 'conflict', errors: ['taken'], heldBy: 'url:x' },
      ],
    })
    assert.deepEqual(
      (await store.list({ refused: true, limit: 5 })).map(({ id }) => id),
      [push.id],
    )
    clock.pass(1000)
    await say({ entity: 'component:default/b' })
    assert.equal((await verdictOf(store, push))?.result, 'accepted', 'the name was given up')
  },

  'what was read before a push landed, or names another content, is no verdict on it': async (store, clock) => {
    const earlier = reading(clock)
    clock.pass(10_000)
    const unnamed = await acceptLanded(store, aPush(clock, { files: [file()] }))
    await store.recordReadings([earlier])
    assert.equal(await verdictOf(store, unnamed), undefined)
    const named = await acceptLanded(store, aPush(clock, { files: [file(BLOBS.b)] }))
    clock.pass(1000)
    await store.recordReadings([reading(clock, { blob: BLOBS.a, result: 'refused' })])
    assert.equal(await verdictOf(store, named), undefined)
    await store.recordReadings([reading(clock, { blob: BLOBS.b, atMs: clock.now() + 1 })])
    assert.equal((await verdictOf(store, named))?.result, 'accepted')
  },

  'the same content again, after another one or none, has no verdict by what was said of it before': async (
    store,
    clock,
  ) => {
    const land = (given: ReturnType<typeof file> | Removed) => acceptLanded(store, aPush(clock, { files: [given] }))
    for (const between of [file(BLOBS.b), { ...file(), change: 'removed' as const }]) {
      const first = await land(file(BLOBS.a))
      await store.recordReadings([reading(clock, { blob: BLOBS.a })])
      assert.equal((await verdictOf(store, first))?.result, 'accepted')
      await land(between)
      const again = await land(file(BLOBS.a))
      assert.equal(await verdictOf(store, again), undefined)
      clock.pass(1000)
      await store.recordReadings([reading(clock, { blob: BLOBS.a })])
      assert.equal((await verdictOf(store, again))?.result, 'accepted')
      clock.pass(10_000)
    }
  },

  'a later push of the file rewrites no earlier verdict': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock, { files: [file(BLOBS.a)] }))
    clock.pass(1000)
    await store.recordReadings([reading(clock, { blob: BLOBS.a })])
    const before = await verdictOf(store, first)
    const second = await acceptLanded(store, aPush(clock, { files: [file(BLOBS.b)] }))
    clock.pass(1000)
    await store.recordReadings([reading(clock, { blob: BLOBS.b, result: 'refused', errors: ['no'] })])
    assert.deepEqual(await verdictOf(store, first), before)
    assert.equal((await verdictOf(store, second))?.result, 'refused')
  },

  'the catalog may have read it before we knew that it has landed': async (store, clock) => {
    const push = aPush(clock, { files: [file(BLOBS.a)] })
    await store.accept(push)
    clock.pass(100)
    await store.recordReadings([reading(clock, { blob: BLOBS.a, repository: 'Acme/Payments' })])
    assert.equal(await verdictOf(store, push), undefined)
    const [task] = await store.claimLandings({ ...LEASE, limit: 10 })
    assert.ok(task)
    await store.settleLandings(task, new Map([[push.id, { result: 'landed', detail: 'seen' }]]))
    assert.equal((await verdictOf(store, push))?.result, 'accepted')
  },

  'an outage long after does not change what was accepted; in the same round it does': async (store, clock) => {
    const push = await acceptLanded(store, aPush(clock, { files: [file()] }))
    await store.recordReadings([reading(clock)])
    clock.pass(500)
    await store.recordReadings([reading(clock, { result: 'refused' })])
    assert.equal((await verdictOf(store, push))?.result, 'refused', 'the first was the content before')
    await store.recordReadings([reading(clock, { atMs: clock.now() + 1 })])
    clock.pass(60_000)
    const entity = `location:default/generated-${'0'.repeat(40)}`
    await store.recordReadings([
      reading(clock, { entity, result: 'unreadable' }),
      reading(clock, { result: 'refused' }),
    ])
    assert.equal((await verdictOf(store, push))?.result, 'accepted')
  },

  'where nobody says it, what was read is the verdict; the catalog itself overrules it': async (
    store,
    clock,
    crash,
  ) => {
    const sinceMs = clock.now()
    const push = await acceptLanded(
      store,
      aPush(clock, { files: [file(), { ...file(undefined, []), path: 'b.yaml' }] }),
    )
    assert.deepEqual(await store.unjudged(sinceMs), [], 'nothing is forwarded yet')
    for (const job of await store.claimJobs('refresh', LEASE)) await store.done(job, 'refreshed')
    const unjudged = await store.unjudged(sinceMs) // both at once, in whichever order
    const [first, second] = unjudged.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    assert.ok(first && second)
    const { pushId, repository, after, entities, settledAtMs } = second
    assert.deepEqual([pushId, repository, after, second.path], [push.id, push.repository, push.after, FILE])
    assert.deepEqual([first.path, entities, settledAtMs], ['b.yaml', ['component:default/payments'], clock.now()])
    assert.deepEqual(await store.unjudged(clock.now() + 1), [])
    clock.pass(4000)
    const read = { pushId, repository, atMs: clock.now() }
    const unclear = { result: 'not known', words: 'not there', looksWrong: true } as const
    assert.equal(await store.recordRead({ ...read, ...unclear, path: 'b.yaml' }), undefined)
    assert.equal((await stateOf(store, push)).notKnown, undefined, 'one file was not looked at')
    assert.equal(await store.recordRead({ ...read, path: FILE, result: 'accepted' }), undefined)
    const kept = await stateOf(await crash(), push)
    assert.deepEqual([kept.notKnown, kept.verdict], [{ words: 'b.yaml: not there', looksWrong: true }, undefined])
    assert.equal(kept.history.at(-1)?.detail, 'what the catalog has made of it is not known: b.yaml: not there')
    assert.deepEqual(await store.unjudged(sinceMs), [])
    const told = (await store.dueStatuses(5)).find(({ id }) => id === push.id)
    assert.deepEqual([told?.notKnown, told?.hasContent], [kept.notKnown, true])
    const judged = await store.recordRead({ ...read, path: 'b.yaml', result: 'conflict', heldBy: 'url:x' })
    const files = [
      { path: 'b.yaml', result: 'conflict', heldBy: 'url:x' },
      { path: FILE, result: 'accepted' },
    ]
    assert.deepEqual(judged?.verdict, { result: 'mixed', files, afterMs: 4000, by: 'reading' })
    clock.pass(1000)
    await store.recordReadings([reading(clock), reading(clock, { tail: 'main/b.yaml', entity: 'api:default/b' })])
    const { verdict, notKnown } = await stateOf(store, push)
    const said = [{ path: 'b.yaml', result: 'accepted' }, files[1]]
    assert.deepEqual([verdict, notKnown], [{ result: 'accepted', files: said, afterMs: 5000 }, undefined])
    assert.equal(await store.recordRead({ ...read, path: FILE, result: 'refused' }), undefined)
    assert.deepEqual((await stateOf(store, push)).verdict, verdict)
  },

  'the list has the files of default branches, and what changed since a cursor': async (store, clock) => {
    await store.forgetCursors()
    const empty = await store.locationsAfter(undefined)
    assert.deepEqual([empty.isAll, empty.there, empty.gone], [true, [], []])
    const added = (path: string) => ({ path, change: 'added' as const })
    await acceptLanded(store, aPush(clock, { files: [added('a.yaml'), added('b.yaml')] }))
    await acceptLanded(store, aPush(clock, { ref: 'refs/heads/topic', defaultBranch: false, files: [added('c.yaml')] }))
    const two = await store.locationsAfter(empty.cursor)
    assert.deepEqual(names(two.there), ['acme/payments main a.yaml', 'acme/payments main b.yaml'])
    assert.equal(two.isAll, false)
    await acceptLanded(
      store,
      aPush(clock, {
        files: [
          { path: 'a.yaml', change: 'removed' },
          { path: 'b.yaml', change: 'modified' },
        ],
      }),
    )
    const less = await store.locationsAfter(two.cursor)
    assert.deepEqual([names(less.there), names(less.gone)], [[], ['acme/payments main a.yaml']])
    assert.deepEqual((await store.locationsAfter(less.cursor)).gone, [])
    await store.closeRepository('acme/payments', 'archived')
    assert.deepEqual(names((await store.locationsAfter(less.cursor)).gone), ['acme/payments main b.yaml'])
    await store.forgetCursors()
    const all = await store.locationsAfter(less.cursor)
    assert.deepEqual([all.isAll, all.there.length, all.gone.length], [true, 0, 2])
    assert.ok((await store.claimJobs('refresh', LEASE)).length > 0)
  },
}
