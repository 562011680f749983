// A whole reconcile: real repositories behind the stand-in GHES, a real store, the clock of the test.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGhes } from '../../../relay/clients/ghes/ghes.ts'
import { type ReconcileReport, Reconciler } from '../../../relay/reconcile/reconcile.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { Store } from '../../../relay/store/store.ts'
import { type Ghes, startGhes } from '../../support/ghes.ts'
import { createRepositoryHost, type RepositoryHost } from '../../support/repository.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import type { WorkingCopy } from '../../support/working-copy.ts'
import { TestClock } from '../clock.ts'
import { openNewStore } from '../new-store.ts'

const token = 'ghp_reconcile'
const HOUR = 3_600_000

type Fixture = {
  host: RepositoryHost
  ghes: Ghes
  clock: TestClock
  store: Store
  lines: string[]
  reconciler: Reconciler
  /** Another replica on the same store. */
  another: () => Reconciler
  reconcile: () => Promise<ReconcileReport>
  /** Does every job that is due, as if Backstage had taken it. Returns `repository path change`. */
  work: () => Promise<string[]>
  repository: (name: string, files: Record<string, string>) => Promise<WorkingCopy>
}

function testWith(title: string, run: (fixture: Fixture) => Promise<void>, organizations = ['acme']): void {
  test(title, async () => {
    const folder = temporaryFolder('catalog-gate-reconcile-')
    const host = await createRepositoryHost()
    const ghes = await startGhes({ root: host.root, token })
    const clock = new TestClock()
    const store = openNewStore({ path: join(folder, 'relay.db'), now: clock.now })
    const client = openGhes({ baseUrl: ghes.apiBaseUrl, token: () => token, now: clock.now, timeoutMs: 60_000 })
    const lines: string[] = []
    const log = openLog({ write: line => void lines.push(line) }, 'info')
    const another = () =>
      new Reconciler({
        ...{ store, ghes: client, clock, log, organizations },
        everyMs: 24 * HOUR,
        files: ['**/catalog-info.yaml', '**/catalog-info.yml'],
        onJobs: () => {},
      })
    const reconciler = another()
    const work = async () => {
      const done: string[] = []
      for (;;) {
        const jobs = await store.claimJobs('refresh', { limit: 100, leaseMs: 1000 })
        if (jobs.length === 0) return done.sort()
        for (const job of jobs) {
          done.push(`${job.repository} ${job.path} ${job.change}`)
          await store.done(job, 'refreshed')
        }
      }
    }
    const repository = async (name: string, files: Record<string, string>) => {
      const copy = await (await host.create(`acme/${name}`)).clone()
      await copy.change(files)
      return copy
    }
    const reconcile = async () => {
      const outcome = await reconciler.now()
      assert.ok(outcome.result === 'done', outcome.result)
      return outcome.report
    }
    try {
      await run({ host, ghes, clock, store, lines, reconciler, another, reconcile, work, repository })
    } finally {
      await reconciler.stop()
      await client.close()
      await ghes.stop()
      await store.close()
      await host.remove()
      await rm(folder, { recursive: true, force: true })
    }
  })
}

const file = 'catalog-info.yaml'
const counts = ({ repositories, requests, drift, firstSeen, result }: ReconcileReport) => ({
  ...{ repositories, requests, drift, firstSeen, result },
})

testWith('first seen, then nothing, then drift: a change, a removal', async ({ ghes, reconcile, work, repository }) => {
  const one = await repository('one', { [file]: 'a\n' })
  const two = await repository('two', { [file]: 'b\n' })
  await repository('three', { 'README.md': 'no catalog file\n' })
  const expected = { repositories: 3, requests: 2, result: 'complete' }
  assert.deepEqual(counts(await reconcile()), { ...expected, drift: 0, firstSeen: 2 })
  assert.deepEqual(await work(), [`acme/one ${file} added`, `acme/two ${file} added`])

  ghes.forgetRequests()
  assert.deepEqual(counts(await reconcile()), { ...expected, drift: 0, firstSeen: 0 })
  assert.deepEqual(await work(), [])
  assert.deepEqual(
    ghes.requests().map(({ kind }) => kind),
    ['graphql', 'hooks'],
  )

  await one.change({ [file]: 'changed\n' })
  await two.remove(file)
  await two.change({ 'README.md': 'x' })
  assert.deepEqual(counts(await reconcile()), { ...expected, drift: 2, firstSeen: 0 })
  assert.deepEqual(await work(), [`acme/one ${file} modified`, `acme/two ${file} removed`])
  assert.deepEqual(counts(await reconcile()), { ...expected, drift: 0, firstSeen: 0 })
})

testWith('known files in folders: asked for where the branch has moved, and only there', async fixture => {
  const { store, ghes, reconcile, work, repository } = fixture
  const deep = 'services/a/catalog-info.yaml'
  const copy = await repository('mono', { [deep]: 'a\n' })
  const head = await copy.git('rev-parse', 'HEAD')
  const blob = await copy.git('rev-parse', `HEAD:${deep}`)
  const push = { repository: 'acme/mono', ref: 'refs/heads/main', before: '0'.repeat(40), after: head }
  await store.acceptLanded('guid-1', { ...push, files: [{ path: deep, change: 'added', blob }] })
  await work()
  assert.equal((await reconcile()).drift, 0)
  ghes.forgetRequests()
  await reconcile()
  assert.equal(ghes.count('graphql'), 1)
  await copy.change({ [deep]: 'b\n' })
  assert.equal((await reconcile()).drift, 1)
  assert.equal(ghes.count('graphql'), 3)
  assert.deepEqual(await work(), [`acme/mono ${deep} modified`])
})

testWith('what is on its way is no drift', async ({ store, reconcile, work, repository }) => {
  const copy = await repository('one', { [file]: 'a\n' })
  const after = await copy.git('rev-parse', 'HEAD')
  const push = { repository: 'acme/one', ref: 'refs/heads/main', before: '0'.repeat(40), after }
  await store.acceptLanded('guid-1', { ...push, files: [{ path: file, change: 'added' }] })
  const report = await reconcile()
  assert.deepEqual([report.drift, report.firstSeen], [0, 0])
  assert.equal((await work()).length, 1)
})

testWith(
  'one organisation that fails does not stop the other',
  async ({ host, reconcile, repository }) => {
    await repository('one', { [file]: 'a\n' })
    await host.create('acme/empty')
    const report = await reconcile()
    assert.deepEqual(counts(report), { repositories: 2, requests: 4, drift: 0, firstSeen: 1, result: 'partial' })
    assert.match(report.failures.join(), /^nobody: GHES shows no such organization/)
  },
  ['nobody', 'acme'],
)

testWith('an outage is waited for with smaller pages; a rate limit as long as it wants', async fixture => {
  const { ghes, clock, reconciler, repository } = fixture
  await repository('one', { [file]: 'a\n' })
  ghes.failNext('graphql', { status: 502 })
  ghes.failNext('graphql', { status: 403, headers: { 'retry-after': '1800' } })
  const running = reconciler.now()
  for (const waitMs of [1000, 1_800_000]) {
    await timerSet(clock, clock.now() + waitMs)
    clock.pass(waitMs)
  }
  const outcome = await running
  assert.ok(outcome.result === 'done')
  assert.equal(outcome.report.result, 'complete')
  assert.equal(outcome.report.tookMs, 1_801_000)
  const pages = ghes
    .requests('graphql')
    .map(({ body }) => (JSON.parse(body) as { variables: { first: number } }).variables)
  assert.deepEqual(
    pages.map(({ first }) => first),
    [100, 50, 50],
  )
})

/** Waits until some timer of the clock is set; what sets it comes over a socket. */
async function timerSet(clock: TestClock, untilMs: number): Promise<void> {
  while (!clock.isSetFor(untilMs)) await new Promise(resolve => setImmediate(resolve))
}

testWith('two replicas: one does it, the other says so; the report is for both', async fixture => {
  const { ghes, reconciler, another, repository } = fixture
  await repository('one', { [file]: 'a\n' })
  const other = another()
  const [first, second, third] = await Promise.all([reconciler.now(), other.now(), reconciler.now()])
  assert.deepEqual([first.result, second.result, third.result].sort(), ['already running', 'already running', 'done'])
  assert.equal(ghes.count('graphql'), 1)
  assert.equal((await other.last())?.firstSeen, 1)
  assert.equal((await other.now()).result, 'done', 'the lead was not given back')
})

testWith('a stop interrupts it, and it is due again', async ({ ghes, reconciler, another, repository }) => {
  await repository('one', { [file]: 'a\n' })
  ghes.failNext('graphql', 'hang')
  const running = reconciler.now()
  await ghes.arrived('graphql', 1)
  await reconciler.stop()
  const outcome = await running
  assert.ok(outcome.result === 'done')
  assert.equal(outcome.report.result, 'interrupted')
  const next = another()
  assert.equal(await next.last(), undefined)
  assert.equal((await next.now()).result, 'done', 'the lead was not given back')
})

testWith(
  'on time: a minute after the start when it is due, then each day',
  async ({ clock, ghes, reconciler, repository }) => {
    await repository('one', { [file]: 'a\n' })
    reconciler.start()
    const startMs = clock.now()
    await timerSet(clock, startMs + 60_000)
    clock.pass(60_000)
    await ghes.arrived('hooks', 1)
    await timerSet(clock, startMs + 60_000 + 24 * HOUR)
    assert.equal((await reconciler.last())?.startedAtMs, startMs + 60_000)
    clock.pass(23 * HOUR)
    assert.equal(ghes.count('graphql'), 1)
    clock.pass(HOUR)
    await ghes.arrived('graphql', 2)
    await ghes.arrived('hooks', 2)
  },
)

testWith(
  'without organizations nothing is asked',
  async ({ ghes, reconciler, clock }) => {
    reconciler.start()
    assert.equal((await reconciler.now()).result, 'not configured')
    assert.equal(clock.nextTimerAtMs, undefined)
    assert.equal(ghes.count(), 0)
  },
  [],
)

testWith(
  'lost webhook deliveries are asked for again; whose hooks are hidden is a note',
  async ({ ghes, reconcile }) => {
    const hidden = await reconcile()
    assert.equal(hidden.result, 'partial', 'no organisation acme yet')
    const hook = ghes.addHook('acme', { url: 'http://127.0.0.1:1/v1/github', secret: 's' })
    hook.lost('push', { n: 1 })
    hook.lost('push', { n: 2 })
    const report = await reconcile()
    assert.equal(report.redelivered, 2)
    assert.equal(ghes.count('redelivery'), 2)
  },
)

testWith('a restart asks for what failed meanwhile, though no reconcile is due', async fixture => {
  const { clock, ghes, reconciler, another, repository } = fixture
  await repository('one', { [file]: 'a\n' })
  const hook = ghes.addHook('acme', { url: 'http://127.0.0.1:1/v1/github', secret: 's' })
  await reconciler.now()
  hook.lost('push', {})
  ghes.forgetRequests()
  const restarted = another()
  restarted.start()
  clock.pass(60_000)
  await ghes.arrived('redelivery', 1)
  assert.equal(ghes.count('graphql'), 0)
  const last = await restarted.last()
  await timerSet(clock, (last?.startedAtMs ?? 0) + 24 * HOUR)
  await restarted.stop()
})

testWith(
  'a partial one is made up for after six hours',
  async ({ clock, ghes, reconciler }) => {
    reconciler.start()
    clock.pass(60_000)
    await ghes.arrived('graphql', 1)
    await timerSet(clock, clock.now() + 6 * HOUR)
    assert.equal((await reconciler.last())?.result, 'partial')
  },
  ['nobody'],
)
