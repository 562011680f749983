// Moves: the old file first, the new one after it, and once more; in whatever order the pushes came, and through a crash.
import assert from 'node:assert/strict'
import type { RefreshJob } from '../../../../relay/store/ports/jobs.ts'
import type { Store } from '../../../../relay/store/store.ts'
import type { NotifiedFile } from '../../../../schemas/notification.ts'
import type { TestClock } from '../../clock.ts'
import { acceptLanded, aPush, LEASE, landed, only, type Promises, stateOf } from './fixture.ts'

const file = (path: string, change: NotifiedFile['change'], ...entities: string[]): NotifiedFile => ({
  path,
  change,
  ...(entities.length === 0 ? {} : { entities: entities.map(name => `component:default/${name}`) }),
})
const push = (store: Store, clock: TestClock, ...files: NotifiedFile[]) => acceptLanded(store, aPush(clock, { files }))
const claim = (store: Store) => store.claimJobs('refresh', LEASE)
/** A file of the catalog, long ago. */
async function there(store: Store, clock: TestClock, ...files: NotifiedFile[]): Promise<void> {
  await push(store, clock, ...files)
  for (const job of await claim(store)) await store.done(job, 'refreshed')
  clock.pass(3_600_000)
}
/** What is left to do once the old file is told of. */
async function newFile(store: Store, clock: TestClock, path: string): Promise<RefreshJob> {
  clock.pass(250)
  const job = only(await claim(store))
  assert.equal(job.path, path)
  return job
}
const look = (job: RefreshJob, looks = 0) => {
  const { entities = [], from = [] } = job.move ?? {}
  return {
    dueAtMs: 0,
    move: { progress: 'look' as const, entities, from, outcome: 'registered', via: 'location:default/x', looks },
  }
}

/** A move to another repository, whose new file is pushed first. `ref`: the default branch there. */
const followed =
  (ref: string): Promises[string] =>
  async (store, clock) => {
    await there(store, clock, file('a.yaml', 'added', 'x', 'y'))
    const there2 = aPush(clock, { repository: 'acme/billing', ref, files: [file('b.yaml', 'added', 'x')] })
    await acceptLanded(store, there2)
    for (const job of await claim(store)) await store.done(job, 'registered; x comes from acme/payments')
    clock.pass(600_000)
    assert.deepEqual(await store.followers({ repository: 'acme/payments', ref: 'refs/heads/main', path: 'a.yaml' }), [])
    await push(store, clock, file('a.yaml', 'modified', 'y'))
    const old = only(await claim(store))
    assert.equal(old.hasLost, true)
    const [follower, ...others] = await store.followers(old)
    assert.ok(follower)
    assert.deepEqual(
      [others.length, follower.repository, follower.ref, follower.path],
      [0, 'acme/billing', ref, 'b.yaml'],
    )
    assert.deepEqual(follower.entities, ['component:default/x'])
    const files = [file('b.yaml', 'modified', 'x')]
    await acceptLanded(store, aPush(clock, { repository: 'acme/billing', ref, files, follows: true }))
    assert.deepEqual(await store.followers(old), [], 'it waits already')
    clock.pass(250)
    assert.deepEqual(await claim(store), [], 'for the old one')
    await store.done(old, 'refreshed')
    const job = await newFile(store, clock, 'b.yaml')
    const { move } = job
    assert.deepEqual([move?.repository, move?.from], ['acme/payments', ['a.yaml']])
    await store.done(job, 'ok')
    assert.deepEqual(await store.followers(old), [], 'it has arrived')
  }

export const movePromises: Promises = {
  'a move in one push: the old file first, then the new one, and the push is forwarded when that was looked at once more':
    async (store, clock) => {
      await there(store, clock, file('a.yaml', 'added', 'x'))
      const moved = await push(store, clock, file('b/a.yaml', 'added', 'X'), file('a.yaml', 'removed'))
      const old = only(await claim(store))
      assert.deepEqual([old.path, old.move], ['a.yaml', undefined])
      clock.pass(10_000)
      assert.deepEqual(await claim(store), [], 'the new file went beside the old one')
      await store.done(old, 'unregistered', { isFree: true })
      const job = await newFile(store, clock, 'b/a.yaml')
      const goneMs = clock.now() - 10_250
      assert.deepEqual(job.move, { progress: 'free', entities: ['component:default/x'], from: ['a.yaml'], goneMs })
      await store.goOnLater(job, look(job))
      assert.equal((await stateOf(store, moved)).state, 'landed')
      await store.done(only(await claim(store)), 'and looked at once more')
      assert.equal((await stateOf(store, moved)).state, 'forwarded')
      await push(store, clock, file('b/a.yaml', 'modified', 'x'))
      assert.equal(only(await claim(store)).move, undefined, 'what has moved once moved again')
    },

  'a move in two pushes, the new file first: the one that takes the old file away asks for the new one again': async (
    store,
    clock,
  ) => {
    await there(store, clock, file('a.yaml', 'added', 'x', 'y'))
    await push(store, clock, file('b.yaml', 'added', 'x'))
    await store.done(only(await claim(store)), 'registered')
    const second = await push(store, clock, file('a.yaml', 'modified', 'y'))
    await store.done(only(await claim(store)), 'refreshed')
    const job = await newFile(store, clock, 'b.yaml')
    const leftAtMs = clock.now() - 250
    assert.deepEqual([job.pushId, job.change, job.entities], [second.id, 'modified', ['component:default/x']])
    assert.deepEqual(job.move?.progress === 'leaving' && job.move.leftAtMs, leftAtMs)
    assert.equal((await stateOf(store, second)).state, 'landed')
    await store.done(job, 'ok')
    const { state, files } = await stateOf(store, second)
    assert.deepEqual([state, files.map(({ path }) => path)], ['forwarded', ['a.yaml', 'b.yaml']])
  },

  'what moves on before its first move was told of comes from either file, also where nobody has told what was in the first one':
    async (store, clock) => {
      await push(store, clock, file('a.yaml', 'removed'), file('b.yaml', 'added', 'x'))
      await push(store, clock, file('b.yaml', 'removed'), file('c.yaml', 'added', 'x'))
      for (const old of await claim(store)) await store.done(old, 'refreshed')
      const { move } = await newFile(store, clock, 'c.yaml')
      assert.deepEqual([move?.entities, move?.from], [['component:default/x'], ['b.yaml', 'a.yaml']])
    },

  'a move that was begun before the old file was gone begins anew when it goes: also where the new one is under way':
    async (store, clock) => {
      // Nobody has told what was in it before, so that what comes elsewhere may come from it.
      await push(store, clock, file('a.yaml', 'modified', 'x'))
      await store.done(only(await claim(store)), 'refreshed')
      await push(store, clock, file('b.yaml', 'added', 'x'))
      const early = await newFile(store, clock, 'b.yaml')
      assert.equal(early.move?.progress, 'leaving')
      await store.goOnLater(early, {
        dueAtMs: 0,
        move: { progress: 'free', entities: ['component:default/x'], from: ['a.yaml'] },
      })
      const running = only(await claim(store))
      const gone = await push(store, clock, file('a.yaml', 'removed', 'x'))
      await store.goOnLater(running, look(running))
      await store.done(only(await claim(store)), 'refreshed')
      const job = await newFile(store, clock, 'b.yaml')
      assert.equal(job.move?.progress, 'leaving', 'it went on from where it was, and the old file has it again')
      await store.goOnLater(job, look(job))
      await store.done(only(await claim(store)), 'and looked at once more')
      assert.equal((await stateOf(store, gone)).state, 'forwarded')
    },

  'a move in two pushes, the old file first: within two minutes it is one': async (store, clock) => {
    await there(store, clock, file('a.yaml', 'added', 'x'))
    for (const [passMs, isOne] of [
      [60_000, true],
      [130_000, false],
    ] as const) {
      await push(store, clock, file('a.yaml', 'removed'))
      await store.done(only(await claim(store)), 'refreshed')
      clock.pass(passMs)
      await push(store, clock, file('b.yaml', 'added', 'x'))
      const job = only(await claim(store))
      assert.equal(job.move !== undefined, isOne, `${passMs} ms`)
      await store.done(job, 'ok')
      await there(store, clock, file('a.yaml', 'added', 'x'), file('b.yaml', 'removed'))
      clock.pass(200_000)
    }
  },

  'an old file of which nobody has told what was in it, and a new one of which only GHES has told': async (
    store,
    clock,
  ) => {
    await push(store, clock, file('a.yaml', 'removed'), file('b.yaml', 'added', 'x'))
    await store.done(only(await claim(store)), 'refreshed')
    const known = await newFile(store, clock, 'b.yaml')
    assert.deepEqual([known.move?.entities, known.move?.from], [['component:default/x'], ['a.yaml']])
    await store.done(known, 'ok')
    clock.pass(200_000)
    await push(store, clock, file('y.yaml', 'added', 'y'))
    await store.done(only(await claim(store)), 'registered')
    await push(store, clock, file('z.yaml', 'removed'))
    await store.done(only(await claim(store)), 'refreshed')
    const later = await newFile(store, clock, 'y.yaml')
    assert.deepEqual([later.move?.entities, later.move?.from], [['component:default/y'], ['z.yaml']])
    await store.done(later, 'ok')
    clock.pass(200_000)
    await push(store, clock, file('b.yaml', 'removed', 'x'), file('c.yaml', 'added'))
    await store.done(only(await claim(store)), 'refreshed')
    const guessed = await newFile(store, clock, 'c.yaml')
    assert.deepEqual([guessed.move?.entities, guessed.move?.isGuess], [['component:default/x'], true])
  },

  'pushes that land in another order than they came: the new file is asked for after the old one all the same': async (
    store,
    clock,
  ) => {
    await there(store, clock, file('a.yaml', 'added', 'x'))
    const first = aPush(clock, { files: [file('a.yaml', 'removed')] })
    const second = aPush(clock, { files: [file('b.yaml', 'added', 'x')] })
    await store.accept(first)
    await store.accept(second)
    const task = only(await store.claimLandings(LEASE))
    await store.settleLandings({ ...task, pushes: [] }, new Map([[second.id, landed]]))
    const early = only(await claim(store))
    assert.deepEqual([early.path, early.move], ['b.yaml', undefined])
    await store.settleLandings(task, new Map([[first.id, landed]]))
    await store.done(only(await claim(store)), 'unregistered', { isFree: true })
    await store.done(early, 'too early')
    for (const one of [first, second]) assert.equal((await stateOf(store, one)).state, 'landed')
    const job = await newFile(store, clock, 'b.yaml')
    assert.equal(job.move?.progress, 'free')
    await store.done(job, 'ok')
    for (const one of [first, second]) assert.equal((await stateOf(store, one)).state, 'forwarded')
  },

  'the first that is told of files that were there: each may have lost something to a new one, and none to another of them':
    async (store, clock) => {
      await push(
        store,
        clock,
        file('a.yaml', 'modified', 'x'),
        file('b.yaml', 'modified', 'y'),
        file('c.yaml', 'added', 'z'),
      )
      const before = await claim(store)
      assert.deepEqual(
        before.map(({ path, move }) => [path, move]),
        [
          ['a.yaml', undefined],
          ['b.yaml', undefined],
        ],
      )
      for (const job of before) await store.done(job, 'refreshed')
      assert.deepEqual((await newFile(store, clock, 'c.yaml')).move?.from, ['a.yaml', 'b.yaml'])
    },

  'two files that exchange their entities do not wait for each other': async (store, clock) => {
    await there(store, clock, file('a.yaml', 'added', 'x'), file('b.yaml', 'added', 'y'))
    const swapped = await push(store, clock, file('a.yaml', 'modified', 'y'), file('b.yaml', 'modified', 'x'))
    const both = await claim(store)
    assert.equal(both.length, 2)
    for (const job of both) await store.done(job, 'ok')
    assert.equal((await stateOf(store, swapped)).state, 'forwarded')
  },

  'a crash between the steps, and a later push of the new file, begin where the move has come to': async (
    store,
    clock,
    crash,
    isAlone,
  ) => {
    await there(store, clock, file('a.yaml', 'added', 'x'))
    const moved = await push(store, clock, file('a.yaml', 'removed'), file('b.yaml', 'added', 'x'))
    await store.done(only(await claim(store)), 'unregistered', { isFree: true })
    const job = await newFile(store, clock, 'b.yaml')
    await store.goOnLater(job, look(job, 2))
    await claim(store)
    const later = await crash()
    if (!isAlone) {
      clock.pass(LEASE.leaseMs + 1)
      await later.reap()
    }
    const again = await push(later, clock, file('b.yaml', 'modified', 'x'))
    const looked = only(await claim(later))
    assert.deepEqual([looked.pushId, looked.move?.progress, looked.change], [again.id, 'look', 'modified'])
    await later.done(looked, 'ok')
    for (const one of [moved, again]) assert.equal((await stateOf(later, one)).state, 'forwarded')
  },

  'what has left for another repository, whose file was told of first: that one follows, and waits for the old one':
    followed('refs/heads/main'),
  'the same where the default branch of that repository has another name': followed('refs/heads/master'),

  'a file of a branch that was the default one once follows nobody': async (store, clock) => {
    await there(store, clock, file('a.yaml', 'added', 'x'))
    for (const [ref, path] of [
      ['refs/heads/master', 'b.yaml'],
      ['refs/heads/main', 'c.yaml'],
    ] as const)
      await acceptLanded(store, aPush(clock, { repository: 'acme/billing', ref, files: [file(path, 'added', 'x')] }))
    for (const job of await claim(store)) await store.done(job, 'refreshed')
    clock.pass(600_000)
    await push(store, clock, file('a.yaml', 'removed'))
    const followers = await store.followers(only(await claim(store)))
    assert.deepEqual(
      followers.map(({ ref, path }) => [ref, path]),
      [['refs/heads/main', 'c.yaml']],
    )
  },

  'what a renamed repository has lost and taken in, it has under its new name': async (store, clock) => {
    await there(store, clock, file('a.yaml', 'added', 'x'))
    await store.renameRepository('acme/payments', 'acme/billing')
    const files = [file('a.yaml', 'removed'), file('b.yaml', 'added', 'x')]
    await acceptLanded(store, aPush(clock, { repository: 'acme/billing', files }))
    await store.done(only(await claim(store)), 'refreshed')
    assert.deepEqual((await newFile(store, clock, 'b.yaml')).move?.from, ['a.yaml'])
  },
}
