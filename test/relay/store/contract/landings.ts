// Pushes that wait for GHES.
import assert from 'node:assert/strict'
import type { LandingVerdict } from '../../../../relay/store/ports/landings.ts'
import { aPush, LEASE, landAll, landed, only, type Promises, stateOf } from './fixture.ts'

export const landingPromises: Promises = {
  'what a fault of ours keeps from being settled becomes a dead letter, and can be redriven': async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(task, new Map([[push.id, { result: 'broken', reason: 'a fault of ours: x' }]]))
    const found = await stateOf(store, push)
    assert.deepEqual([found.state, found.reason, found.files[0]?.state], ['dead', 'a fault of ours: x', 'dead'])
    assert.equal(await store.redrive(push.id), true)
    const [again] = await store.claimLandings(LEASE)
    assert.ok(again)
    await store.settleLandings(again, new Map([[push.id, landed]]))
    await store.done(only(await store.claimJobs('refresh', LEASE)), 'ok')
    assert.equal((await stateOf(store, push)).state, 'forwarded')
  },

  'all waiting pushes of a branch come as one task, oldest first': async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock)
    await Promise.all([first, second, aPush(clock, { ref: 'refs/heads/other' })].map(push => store.accept(push)))
    const tasks = await store.claimLandings(LEASE)
    assert.deepEqual(tasks.map(({ pushes }) => pushes.length).sort(), [1, 2])
    const main = tasks.find(({ ref }) => ref === 'refs/heads/main')
    assert.deepEqual(
      main?.pushes.map(({ id }) => id),
      [first.id, second.id],
    )
    assert.deepEqual(await store.claimLandings(LEASE), [], 'they were handed out twice')
  },

  'a path that is named twice is one file; written otherwise it is another': async (store, clock) => {
    const names = ['café.yaml', 'cafe\u0301.yaml', 'caf%C3%A9.yaml', 'CAFÉ.yaml', './café.yaml', 'café.yaml']
    const files = names.map(path => ({ path, change: 'modified' as const }))
    for (const push of [aPush(clock, { files }), aPush(clock, { files: files.slice(0, 2) })]) {
      await store.accept(push)
      await landAll(store)
      const jobs = await store.claimJobs('refresh', LEASE)
      assert.equal(jobs.length, new Set(push.files.map(({ path }) => path)).size)
      for (const job of jobs) await store.done(job, 'ok')
      assert.equal((await stateOf(store, push)).state, 'forwarded')
    }
  },

  'a push is looked for when it is due, not before': async (store, clock) => {
    await store.accept(aPush(clock, { firstCheckAtMs: clock.now() + 250 }))
    assert.deepEqual(await store.claimLandings(LEASE), [])
    assert.equal(await store.nextLandingAtMs(), clock.now() + 250)
    clock.pass(250)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    const push = task.pushes[0]
    assert.ok(push)
    const againAtMs = clock.now() + 500
    await store.settleLandings(
      task,
      new Map([[push.id, { result: 'pending', reason: 'not yet', againAtMs, missingMs: 500 }]]),
    )
    assert.deepEqual(await store.claimLandings(LEASE), [])
    clock.pass(500)
    const [again] = await store.claimLandings(LEASE)
    assert.deepEqual([again?.pushes[0]?.checks, again?.pushes[0]?.missingMs], [1, 500])
  },

  'an outage of GHES is no answer: it counts for nothing': async (store, clock) => {
    const push = aPush(clock)
    await store.accept(push)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    const verdict: LandingVerdict = { result: 'unanswered', reason: 'GHES answered 503', againAtMs: clock.now() }
    await store.settleLandings(task, new Map([[push.id, verdict]]))
    const [again] = await store.claimLandings(LEASE)
    assert.deepEqual([again?.pushes[0]?.checks, again?.pushes[0]?.missingMs], [0, 0])
    assert.equal((await stateOf(store, push)).files[0]?.lastError, 'GHES answered 503')
  },

  'a push that never lands supersedes nothing': async (store, clock) => {
    const first = aPush(clock)
    const second = aPush(clock)
    await store.accept(first)
    await store.accept(second)
    const [task] = await store.claimLandings(LEASE)
    assert.ok(task)
    await store.settleLandings(
      task,
      new Map<string, LandingVerdict>([
        [first.id, landed],
        [second.id, { result: 'gone', reason: 'refused' }],
      ]),
    )
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, first.id)
    assert.equal((await stateOf(store, second)).state, 'rejected')
  },

  'whoever pushes much lets the others in at once, also while GHES is asked again and again about the many': async (
    store,
    clock,
  ) => {
    const pushes = (pusher: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          store.accept(aPush(clock, { repository: `acme/${pusher}-${i}`, pusher, firstCheckAtMs: clock.now() })),
        ),
      )
    await pushes('script', 60)
    const first = await store.claimLandings(LEASE)
    const askAgain = { result: 'pending' as const, reason: 'not yet', missingMs: 500 }
    for (const task of first) {
      const verdict = { ...askAgain, againAtMs: clock.now() + 500 }
      await store.settleLandings(task, new Map(task.pushes.map(({ id }) => [id, verdict])))
    }
    clock.pass(1000)
    await pushes('octocat', 1)
    await pushes('hubot', 30)
    const order = (await store.claimLandings({ ...LEASE, limit: 200 })).map(({ repository }) => repository)
    assert.equal(order.length, 91, 'what nobody else wants is not held back')
    for (const other of ['acme/octocat-0', 'acme/hubot-0'])
      assert.ok(order.indexOf(other) <= 3, `${other} was number ${order.indexOf(other)}`)
    assert.ok(order.indexOf('acme/hubot-20') > 25, 'the thirty of one went before the sixty of the other')
    assert.ok(order.indexOf('acme/script-9') < order.indexOf('acme/script-59'), 'each in its own order')
  },

  'what nobody waits for has its turn while people have work all the time': async (store, clock) => {
    const accept = (n: number, isBulk: boolean) =>
      store.accept(
        aPush(clock, { repository: `acme/${isBulk ? 'bulk' : 'live'}-${n}`, firstCheckAtMs: clock.now(), isBulk }),
      )
    for (let n = 0; n < 3; n++) await accept(n, true)
    for (let n = 0; n < 80; n++) await accept(n, false)
    const order: string[] = []
    // One at a time, as slots become free: what was counted is not begun anew with each claim.
    for (let n = 0; n < 70; n++) {
      const [task] = await store.claimLandings({ ...LEASE, limit: 1 })
      order.push(task?.repository ?? 'none')
    }
    const bulk = order.flatMap((repository, at) => (repository.startsWith('acme/bulk') ? [at] : []))
    assert.deepEqual(bulk, [20, 41, 62])
  },

  'of pushes that land together the later has the files; one that had settled a file before takes it from nobody':
    async (store, clock) => {
      const file = (path: string) => ({ path, change: 'modified' as const })
      const early = aPush(clock, { files: [file('a')] })
      const late = aPush(clock, { files: [file('a'), file('b')] })
      await store.accept(early)
      await store.accept(late)
      const [task] = await store.claimLandings(LEASE)
      assert.ok(task)
      const againAtMs = clock.now()
      const pending = { result: 'pending' as const, reason: 'not yet', againAtMs, missingMs: 0 }
      const verdicts = new Map<string, LandingVerdict>([
        [early.id, pending],
        [late.id, landed],
      ])
      await store.settleLandings(task, verdicts)
      for (const job of await store.claimJobs('refresh', LEASE))
        if (job.path === 'a') await store.done(job, 'ok')
        else await store.giveUp(job, 'no')
      assert.equal(await store.redrive(late.id), true)
      const later = aPush(clock, { files: [file('b')] })
      await store.accept(later)
      await landAll(store)
      const { reason, files } = await stateOf(store, late)
      assert.deepEqual(
        [files[1]?.state, files[1]?.outcome],
        ['superseded', `superseded by ${later.id}, after it had waited for its turn`],
      )
      assert.equal(reason, undefined, 'not all of its files gave way')
      const jobs = await store.claimJobs('refresh', LEASE)
      assert.deepEqual(jobs.map(({ path, pushId }) => [path, pushId]).sort(), [
        ['a', early.id],
        ['b', later.id],
      ])
      for (const job of jobs) await store.done(job, 'ok')
      for (const push of [early, late, later]) assert.equal((await stateOf(store, push)).state, 'forwarded')
    },

  'many pushes of a file that land together leave what they leave one after the other': async (store, clock) => {
    const leftOf = async (name: string, isTogether: boolean) => {
      const file = (entities: string[], more = {}) => ({ path: 'a', change: 'modified' as const, entities, ...more })
      const xy = [`component:${name}/x`, `component:${name}/y`]
      const told = [
        ...[file(xy), file(xy, { blob: '1'.repeat(40) }), file(xy, { references: ['docs.md'] })],
        ...Array.from({ length: 17 }, () => file(xy.slice(1))),
      ]
      const repository = `acme/${name}`
      const pushes = told.map(one => aPush(clock, { repository, files: [one] }))
      for (const push of pushes) {
        await store.accept(push)
        if (!isTogether) await landAll(store)
      }
      await landAll(store)
      const claimed = only(await store.claimJobs('refresh', LEASE))
      const { lease: _, ...job } = claimed
      const records = []
      for (const push of pushes) records.push(await stateOf(store, push))
      const quoting = await store.filesReferencing(repository, 'refs/heads/main', ['docs.md'])
      const ids = pushes.flatMap(({ id, before, after }) => [id, before, after])
      const text = JSON.stringify([records, job, quoting]).replaceAll(name, 'it')
      await store.done(claimed, 'refreshed')
      const unjudged = (await store.unjudged(0)).filter(one => one.repository === repository)
      const left = ids.reduce((all, one, n) => all.replaceAll(one, `#${n}`), text)
      // Together they name the latest, apart the next.
      const anyLater = left.replaceAll(/by #\d+(, after it had waited for its turn)?/g, 'by a later one')
      return { left: anyLater, unjudged: unjudged.length, job: unjudged.at(-1)?.pushId === claimed.pushId }
    }
    const [together, apart] = [await leftOf('together', true), await leftOf('apart', false)]
    assert.equal(together.left, apart.left)
    // The catalog was never asked for one that another had overtaken before; of one that had waited nobody knows.
    assert.deepEqual([together.unjudged, together.job, apart.unjudged], [1, true, 20])
  },
}
