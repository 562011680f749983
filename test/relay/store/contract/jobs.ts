// Jobs: one a key, a line for each kind, taken over by later pushes, and handed out in turn.
import assert from 'node:assert/strict'
import type { AcceptedPush } from '../../../../relay/store/ports/inbox.ts'
import { acceptLanded, aPush, LEASE, landAll, only, type Promises, stateOf } from './fixture.ts'

export const jobPromises: Promises = {
  'one job a key, and the later push has it': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const second = await acceptLanded(store, aPush(clock))
    const superseded = await stateOf(store, first)
    assert.equal(superseded.reason, `superseded by ${second.id}`)
    assert.equal(superseded.state, 'landed')
    assert.equal(superseded.files[0]?.state, 'superseded')
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(job.pushId, second.id)
    await store.done(job, 'refreshed')
    for (const push of [first, second]) assert.equal((await stateOf(store, push)).state, 'forwarded')
    assert.equal((await stateOf(store, first)).reason, `superseded by ${second.id}`)
  },

  'what lands while its key is in flight runs after it': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock))
    const job = only(await store.claimJobs('refresh', LEASE))
    const second = await acceptLanded(store, aPush(clock))
    assert.deepEqual(await store.claimJobs('refresh', LEASE), [], 'two of one key were in flight')
    assert.equal(await store.done(job, 'ok'), true)
    assert.equal((await stateOf(store, first)).state, 'forwarded')
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, second.id)
  },

  'whoever has much to refresh lets the others in, at once: a person, and a repository whose pusher is not known':
    async (store, clock) => {
      const files = Array.from({ length: 60 }, (_, i) => ({
        path: `s${i}/catalog-info.yaml`,
        change: 'added' as const,
      }))
      for (const pusher of [{ pusher: 'script' }, {}])
        await acceptLanded(store, aPush(clock, { repository: `acme/many-${pusher.pusher}`, files, ...pusher }))
      // However long nobody could be called: positions are no times.
      clock.pass(3_600_000)
      const single = await acceptLanded(store, aPush(clock, { repository: 'acme/many-script', pusher: 'octocat' }))
      const many = await acceptLanded(store, aPush(clock, { repository: 'acme/one', pusher: 'script' }))
      const order = (await store.claimJobs('refresh', { limit: 200, leaseMs: 1000 })).map(({ pushId }) => pushId)
      assert.equal(order.length, 122, 'what nobody else wants is not held back')
      assert.ok(order.indexOf(single.id) <= 2, `behind one of each at most: it was number ${order.indexOf(single.id)}`)
      assert.ok(order.indexOf(many.id) > 100, 'the sixty-first of a person went before the sixtieth')
    },

  'what people push goes before what nobody waits for, which has its turn all the same': async (store, clock) => {
    const files = Array.from({ length: 30 }, (_, i) => ({ path: `s${i}/catalog-info.yaml`, change: 'added' as const }))
    const { firstCheckAtMs: _, id: __, ...bulk } = aPush(clock, { repository: 'acme/bulk', files, isBulk: true })
    await store.acceptLanded('reconcile', bulk)
    const order: string[] = []
    // Two people push for each refresh that is asked for, ten times two at once: the queue never ends.
    for (let round = 0; round < 130; round++) {
      const people = round % 10 === 0 ? Array.from({ length: 20 }, (_, i) => `p${i}-${round}`) : []
      await Promise.all(
        people.map(pusher =>
          store.accept(aPush(clock, { repository: 'acme/live', pusher, files: [{ path: pusher, change: 'added' }] })),
        ),
      )
      if (people.length > 0) await landAll(store)
      const job = only(await store.claimJobs('refresh', { limit: 1, leaseMs: 1000 }))
      order.push(job.path)
      await store.done(job, 'ok')
    }
    const turns = order.filter(path => path.endsWith('/catalog-info.yaml')).length
    assert.ok(turns >= 2 && turns <= 3, `its turns among 130: ${turns}`)
    const [first] = order.filter(path => !path.endsWith('/catalog-info.yaml'))
    assert.ok(first?.endsWith('-0'), 'who came first goes first')
  },

  'a push of a person takes over what waited for nobody, and its position': async (store, clock) => {
    const files = ['a', 'b', 'catalog-info.yaml'].map(path => ({ path, change: 'added' as const }))
    const { firstCheckAtMs: _, id: __, ...bulk } = aPush(clock, { files, isBulk: true })
    await store.acceptLanded('reconcile', bulk)
    await acceptLanded(store, aPush(clock, { pusher: 'octocat' }))
    const order = (await store.claimJobs('refresh', LEASE)).map(({ path }) => path)
    assert.deepEqual(order, ['a', 'catalog-info.yaml', 'b'])
  },

  'GHES is asked for what people push before what a redrive of all brings back': async (store, clock) => {
    await acceptLanded(store, aPush(clock, { repository: 'acme/dead' }))
    await store.giveUp(only(await store.claimJobs('refresh', LEASE)), 'no')
    assert.equal(await store.redriveSince(0), 1)
    clock.pass(1000)
    const live = aPush(clock, { repository: 'acme/live' })
    await store.accept(live)
    assert.equal(await store.nextLandingAtMs(), clock.now() - 1000)
    const asked = await store.claimLandings({ ...LEASE, limit: 1 })
    assert.deepEqual(
      asked.map(({ repository }) => repository),
      ['acme/live'],
    )
    assert.equal(only(await store.claimLandings(LEASE)).repository, 'acme/dead')
  },

  'what was put off keeps its place, and stands in nobody’s way until it is due': async (store, clock) => {
    const first = await acceptLanded(store, aPush(clock, { repository: 'acme/first' }))
    const job = only(await store.claimJobs('refresh', LEASE))
    await store.retryLater(job, { dueAtMs: clock.now() + 5000, error: 'x', counts: true })
    clock.pass(1000)
    const second = await acceptLanded(store, aPush(clock, { repository: 'acme/second' }))
    assert.equal(only(await store.claimJobs('refresh', { limit: 1, leaseMs: 1000 })).pushId, second.id)
    const third = await acceptLanded(store, aPush(clock, { repository: 'acme/third' }))
    clock.pass(4000)
    const due = await store.claimJobs('refresh', LEASE)
    assert.deepEqual(
      due.map(({ pushId }) => pushId),
      [first.id, third.id],
    )
  },

  'each kind of job has its own line, and is claimed with what it is about': async (store, clock) => {
    const question = { kind: 'compare' as const, base: 'a'.repeat(40), head: 'b'.repeat(40) }
    const asking = await acceptLanded(store, aPush(clock, { files: [], jobs: [question] }))
    const other = await acceptLanded(store, aPush(clock))
    assert.equal(only(await store.claimJobs('refresh', LEASE)).pushId, other.id)
    assert.equal(await store.nextJobAtMs('refresh'), undefined)
    assert.equal(await store.nextJobAtMs('compare'), clock.now())
    assert.deepEqual(await Promise.all([1, 2].map(many => store.haveDue('compare', many))), [true, false])
    const { kind, base, head, pushId, lease } = only(await store.claimJobs('compare', LEASE))
    assert.deepEqual({ kind, base, head, pushId }, { ...question, pushId: asking.id })
    await store.release([lease])
    const job = only(await store.claimJobs('compare', LEASE))
    await store.retryLater(job, { dueAtMs: clock.now() + 1000, error: 'GHES answered 502', counts: true })
    assert.equal(await store.nextJobAtMs('compare'), clock.now() + 1000)
    clock.pass(1000)
    assert.equal(await store.done(only(await store.claimJobs('compare', LEASE)), '2 files to refresh'), true)
    const { state, files } = await stateOf(store, asking)
    assert.deepEqual([state, files[0]?.kind, files[0]?.outcome], ['forwarded', 'compare', '2 files to refresh'])
    assert.deepEqual(await store.knownFiles(asking.repository), [])
  },

  'a later push takes no comparison over, and a comparison no file of any name': async (store, clock) => {
    const compare = (base: string, head: string) => ({ kind: 'compare' as const, base, head })
    await acceptLanded(store, aPush(clock, { files: [], jobs: [compare('main', 'b'.repeat(40))] }))
    const name = `compare/main...${'b'.repeat(40)}`
    await acceptLanded(store, aPush(clock, { files: [{ path: name, change: 'added' }], jobs: [compare('main', 'c')] }))
    const heads = (await store.claimJobs('compare', LEASE)).map(({ head }) => head)
    assert.deepEqual(heads, ['b'.repeat(40), 'c'])
    assert.equal(only(await store.claimJobs('refresh', LEASE)).path, name)
  },

  'due jobs come in the order of their age': async (store, clock) => {
    const pushes: AcceptedPush[] = []
    for (const repository of ['acme/c', 'acme/a', 'acme/b']) {
      pushes.push(await acceptLanded(store, aPush(clock, { repository })))
      clock.pass(10)
    }
    await acceptLanded(store, aPush(clock, { repository: 'acme/c' })) // a later push does not lose the key its place
    assert.deepEqual(
      (await store.claimJobs('refresh', LEASE)).map(({ repository }) => repository),
      ['acme/c', 'acme/a', 'acme/b'],
    )
  },

  'one refresh that covers hundreds of pushes: all are forwarded in the end, slice by slice': async (store, clock) => {
    const pushes = Array.from({ length: 250 }, () => aPush(clock))
    await Promise.all(pushes.map(push => store.accept(push)))
    await landAll(store)
    const job = only(await store.claimJobs('refresh', LEASE))
    assert.equal(await store.done(job, 'ok'), true)
    const forwarded = async () => (await store.status()).pushes.forwarded
    const slices = [await forwarded()]
    const next = () => store.nextJobAtMs('refresh')
    for (let dueAtMs = await next(); dueAtMs !== undefined; dueAtMs = await next()) {
      assert.ok(dueAtMs <= clock.now(), 'the rest is due at once')
      assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
      slices.push(await forwarded())
      assert.ok(slices.length < 10, `it goes on: ${slices}`)
    }
    assert.ok((slices[0] ?? 0) < 250, 'more than one transaction')
    assert.equal(slices.at(-1), 250)
    assert.equal((await stateOf(store, pushes[7] as AcceptedPush)).state, 'forwarded')
  },
}
