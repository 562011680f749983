// Retries, pauses and pace, with a clock that the test owns; the store is a real one.
import assert from 'node:assert/strict'
import type { Trouble } from '../../../relay/clients/trouble.ts'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
import { failing, HOUR, is, sha, testWorker } from './worker-fixture.ts'

testWorker(
  'the first look is after firstCheckMs, the refresh right after it',
  async ({ clock, calls, branchCalls, accept, until }) => {
    const at = clock.now()
    const push = await accept()
    await until(push.id, is('forwarded'))
    assert.deepEqual(
      branchCalls.map(ms => ms - at),
      [250],
    )
    assert.deepEqual(
      calls.map(ms => ms - at),
      [250],
    )
  },
)

testWorker(
  'a failing Backstage is tried again, each time later, up to the longest wait',
  async ({ clock, answers, calls, accept, until, pass }) => {
    answers.refresh = () => failing
    const push = await accept()
    await until(push.id, is('landed'))
    const first = clock.now()
    await pass(2 * HOUR)
    const waits = calls.map((ms, i) => ms - (calls[i - 1] ?? first)).slice(1)
    assert.deepEqual(waits.slice(0, 6), [1000, 2000, 4000, 8000, 16_000, 32_000])
    assert.ok(Math.max(...waits) <= 630_000, `${waits}`)
    answers.refresh = () => ({ result: 'refreshed' })
    const done = await until(push.id, is('forwarded'), HOUR)
    assert.equal(done.files[0]?.attempts, calls.length - 1)
  },
)

testWorker('Retry-After is kept', async ({ clock, answers, calls, accept, until, pass }) => {
  answers.refresh = () => ({
    result: 'trouble',
    kind: 'limited',
    reason: 'Backstage limits our rate (429)',
    retryAfterMs: 45_000,
  })
  const push = await accept()
  await until(push.id, is('landed'))
  await pass(1)
  answers.refresh = () => ({ result: 'refreshed' })
  const at = clock.now()
  await until(push.id, is('forwarded'))
  assert.ok((calls[1] ?? 0) - at >= 44_000, `${(calls[1] ?? 0) - at} ms`)
})

testWorker(
  'a push that never lands is rejected after 60 s of looking',
  async ({ clock, answers, accept, until, calls }) => {
    answers.branch = () => ({ result: 'at', sha: sha(0xff) })
    const at = clock.now()
    const push = await accept()
    const rejected = await until(push.id, is('rejected'), 120_000)
    assert.equal(rejected.reason, 'refused by a later hook or overwritten')
    assert.equal(clock.now() - at, 60_250)
    assert.deepEqual(calls, [])
  },
)

testWorker(
  'a hundred pushes go out at the configured pace',
  async ({ calls, accept, until }) => {
    const pushes = await Promise.all(Array.from({ length: 100 }, (_, i) => accept(i + 1)))
    for (const push of pushes) await until(push.id, is('forwarded'))
    const tookMs = (calls.at(-1) ?? 0) - (calls[0] ?? 0)
    assert.ok(tookMs >= 4400 && tookMs <= 5000, `${tookMs} ms for 100 at 20/s`)
  },
  { perSecond: 20 },
)

testWorker(
  'a single push goes ahead of a reconcile and of the thousand of another pusher, and these end no later for it',
  async ({ clock, store, worker, calls, accept, until, pass }) => {
    const many = (who: string) => ({
      ...{ repository: `acme/${who}`, ref: 'refs/heads/main', before: sha(2), after: sha(2) },
      files: Array.from({ length: 200 }, (_, i) => ({ path: `s${i}/catalog-info.yaml`, change: 'added' as const })),
    })
    await store.acceptLanded('script', { ...many('script'), pusher: 'script' })
    await store.acceptLanded('reconcile', { ...many('reconcile'), isBulk: true })
    worker.jobsArrived()
    await pass(1)
    await pass(2000)
    const at = clock.now()
    const push = await accept()
    await until(push.id, is('forwarded'))
    assert.ok(clock.now() - at - 250 <= 1000, `${clock.now() - at - 250} ms after it had landed`)
    await until(reportId('reconcile'), is('forwarded'))
    const tookMs = (calls.at(-1) ?? 0) - (calls[0] ?? 0)
    assert.equal(calls.length, 401)
    assert.ok(Math.abs(tookMs / (391_000 / 40) - 1) <= 0.05, `${tookMs} ms for 401 at 40/s`)
  },
  { perSecond: 40 },
)

testWorker(
  'a foreign answer rests the target at once, says so, and makes no dead letter however long it lasts',
  async ({ answers, accept, until, pass, store, worker }) => {
    answers.refresh = () => ({ result: 'trouble', kind: 'foreign', reason: 'Backstage answered 200, a page' })
    const push = await accept()
    await until(push.id, ({ files }) => files[0]?.lastError !== undefined)
    assert.deepEqual(
      [worker.targetHealth().backstage.state, worker.targetHealth().backstage.reason],
      ['open', 'Backstage answered 200, a page'],
    )
    await pass(2 * HOUR)
    assert.equal((await store.push(push.id))?.state, 'landed')
    answers.refresh = () => ({ result: 'refreshed' })
    await until(push.id, is('forwarded'), 90_000)
  },
  { giveUpAfterMs: HOUR },
)

testWorker(
  'a fault of ours in a refresh: counted, told on the page, a dead letter after some attempts',
  async fixture => {
    const { answers, accept, until, store } = fixture
    answers.refresh = () => {
      throw new TypeError('cannot read x of undefined')
    }
    const push = await accept()
    const dead = await until(push.id, is('dead'), 10 * 60_000)
    assert.match(dead.files[0]?.lastError ?? '', /^given up after 5 attempts: a fault of ours: cannot read x/)
    answers.refresh = () => ({ result: 'refreshed' })
    await until((await accept(2)).id, is('forwarded'))
    await store.redrive(push.id)
    await until(push.id, is('forwarded'))
  },
)

testWorker('a fault of ours in a landing check: the same', async ({ answers, accept, until }) => {
  const { branch } = answers
  answers.branch = () => {
    throw new TypeError('cannot read y of undefined')
  }
  const dead = await until((await accept()).id, is('dead'), 10 * 60_000)
  assert.match(dead.reason ?? '', /^given up after 5 attempts: a fault of ours: cannot read y/)
  answers.branch = branch
  await until((await accept(2)).id, is('forwarded'))
})

testWorker(
  'each target its lane: a comparison is made while Backstage rests, and waits while GHES does',
  async ({ answers, accept, until, pass, store, worker, clock }) => {
    answers.refresh = () => ({ result: 'trouble', kind: 'set-up', reason: 'Backstage answered 401' })
    await until((await accept()).id, push => push.state === 'landed' && push.files[0]?.lastError !== undefined)
    const question = async (n: number) => {
      const branch = { repository: `acme/svc-${n}`, ref: 'refs/heads/main', before: sha(0xfe), after: sha(n) }
      const jobs = [{ kind: 'compare' as const, base: sha(0xfe), head: sha(n) }]
      await store.accept({ ...branch, id: `msg_${n}_compare`, files: [], jobs, firstCheckAtMs: clock.now() })
      await store.acceptLanded(`delivery-${n}`, { ...branch, files: [] })
      worker.jobsArrived()
      return `msg_${n}_compare`
    }
    await until(await question(2), is('forwarded'))
    answers.changes = () => ({ result: 'trouble', kind: 'set-up', reason: 'GHES answered 401' })
    answers.refresh = () => ({ result: 'refreshed' })
    const waiting = await question(3)
    await pass(2 * HOUR)
    assert.equal((await store.push('msg_1'))?.state, 'forwarded')
    assert.equal((await store.push(waiting))?.files[0]?.lastError, 'GHES answered 401')
    assert.deepEqual(
      Object.values(worker.targetHealth()).map(({ state }) => state),
      ['open', 'closed'],
    )
    answers.changes = () => ({ result: 'changes', relation: 'ahead', files: new Map(), isWhole: true })
    await until(waiting, is('forwarded'))
  },
)

for (const isKnown of [true, false])
  testWorker(
    `a push that is told of under a former name, ${isKnown ? 'and nobody has reported the rename' : 'after the rename'}: it lands under the new one`,
    async ({ answers, accept, until, store }) => {
      if (isKnown) await until((await accept(1)).id, is('forwarded'))
      const to = { fullName: 'acme/new', archived: false, defaultBranch: 'main' }
      answers.branch = name => (name === 'acme/new' ? { result: 'at', sha: sha(2) } : { result: 'none' })
      answers.repository = name => (name === 'acme/new' ? { result: 'found', ...to } : { result: 'moved', to })
      const late = await accept(1, { id: 'msg_late', before: sha(1), after: sha(2) })
      const { repository, state } = await until(late.id, ({ state }) => state !== 'waiting' && state !== 'landed')
      assert.deepEqual([repository, state], ['acme/new', 'forwarded'])
      const known = [await store.knownFiles('acme/svc-1'), await store.knownFiles('acme/new')]
      assert.deepEqual(
        known.map(files => files.length),
        [0, 1],
      )
    },
  )

for (const isKnown of [true, false])
  for (const options of [{}, { register: true, isThere: () => false }, { hasProvider: true }])
    testWorker(
      `a late report under a former name, of a file that nobody has announced: it goes on under the new one (${JSON.stringify({ isKnown, ...options })})`,
      async ({ answers, accept, until, store, worker, pass }) => {
        const to = { fullName: 'acme/new', archived: false, defaultBranch: 'main' }
        if (isKnown) await until((await accept(1)).id, is('forwarded'))
        const news = locationRef('https://ghe.test/acme/new/blob/main/new/catalog-info.yaml')
        answers.refresh = ref => ({ result: ref === news ? 'refreshed' : 'unknown' })
        let asked = 0
        answers.repository = name => {
          asked++
          return name === 'acme/new' ? { result: 'found', ...to } : { result: 'moved', to }
        }
        for (const [n, path] of ['new/catalog-info.yaml', 'old/catalog-info.yaml'].entries())
          await store.acceptLanded(`late-${n}`, {
            ...{ repository: 'acme/svc-1', ref: 'refs/heads/main', before: sha(1), after: sha(2 + n) },
            files: [{ path, change: n === 0 ? 'added' : 'removed' }],
          })
        worker.jobsArrived()
        for (const id of [reportId('late-0'), reportId('late-1')]) {
          const { repository } = await until(id, ({ state }) => state !== 'landed')
          assert.deepEqual([repository, (await store.push(id))?.state], ['acme/new', 'forwarded'])
        }
        await pass(60_000)
        const { there } = await store.locationsAfter(undefined)
        assert.ok(there.every(({ repository }) => repository === 'acme/new'))
        assert.ok(asked < 10, `${asked} questions`)
      },
      options,
    )

testWorker(
  'what the catalog does not know waits for a GHES that does not say the name',
  async ({ answers, until, store, worker, pass }) => {
    const ofRepository = answers.repository
    answers.refresh = () => ({ result: 'unknown' })
    answers.repository = () => ({ result: 'trouble', kind: 'down', reason: 'GHES answered 502' })
    for (let n = 0; n < 20; n++)
      await store.acceptLanded(`late-${n}`, {
        ...{ repository: 'acme/svc-1', ref: 'refs/heads/main', before: sha(1), after: sha(2) },
        files: [{ path: `${n}/catalog-info.yaml`, change: 'added' }],
      })
    worker.jobsArrived()
    await pass(10_000)
    assert.equal((await store.push(reportId('late-0')))?.state, 'landed')
    let asked = 0
    answers.repository = name => {
      asked++
      return ofRepository(name)
    }
    for (let n = 0; n < 20; n++) await until(reportId(`late-${n}`), is('unknown'), HOUR)
    assert.ok(asked < 20, `${asked} questions`)
  },
)

for (const [at, kind] of [
  ['ghe', 'foreign'],
  ['backstage', 'foreign'],
  ['backstage', 'set-up'],
] as const)
  testWorker(
    `${at}, ${kind}: what is answered so to one alone, for ever, holds up nobody else`,
    async ({ answers, accept, until, clock, pass, worker, store }) => {
      const trouble: Trouble = { result: 'trouble', kind, reason: 'answered 403' }
      const own = locationRef('https://ghe.test/acme/svc-1/blob/main/catalog-info.yaml')
      if (at === 'ghe') answers.branch = name => (name === 'acme/svc-1' ? trouble : { result: 'at', sha: sha(1) })
      else answers.refresh = ref => (ref === own ? trouble : { result: 'refreshed' })
      const one = await accept(1)
      await pass(60_000)
      const took: number[] = []
      for (let n = 2; n <= 20; n++) {
        const fromMs = clock.now()
        await until((await accept(n)).id, is('forwarded'))
        took.push(clock.now() - fromMs)
        await pass(730)
      }
      // At first nobody knows that it is one alone.
      assert.ok(
        took.slice(2).every(ms => ms === 250),
        took.join(),
      )
      assert.deepEqual(worker.targetHealth()[at], { state: 'closed' })
      const { state } = (await store.push(one.id)) ?? {}
      assert.equal(state, at === 'ghe' ? 'waiting' : 'landed')
    },
  )

testWorker(
  'a Backstage that takes half a second for an answer has as many refreshes a second as one that is quick',
  async ({ worker, accept, calls, clock, pass }) => {
    worker.judged([])
    // Landings take as long, and bring more files than may be refreshed.
    const files = ['a', 'b', 'c', 'd', 'e'].map(folder => ({
      path: `${folder}/catalog-info.yaml`,
      change: 'modified' as const,
    }))
    for (let n = 1; n <= 40; n++) await accept(n, { files })
    const places = Array.from({ length: 40 }, (_, i) =>
      files.map(({ path }) => ({ repository: `acme/svc-${i + 1}`, tail: `main/${path}` })),
    ).flat()
    const passed = async (ms: number) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 250) {
        await pass(250)
        worker.judged(calls.some(atMs => atMs <= clock.now() - 1_000) ? places : [])
      }
      return calls.length
    }
    const asked = await passed(4_000)
    await passed(4_000)
    assert.ok(asked > 110, `${asked} in 4 s, and 40 a second may be`)
    assert.equal(calls.length, 200)
  },
  { perSecond: 40, answersAfterMs: 500 },
)
