// What GHES reports of a repository may be late, a repetition or out of order: only what GHES says when it is asked becomes more than a look.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RepositoryAnswer } from '../../relay/clients/ghes/branches.ts'
import { answerRepository } from '../../relay/intake/answer-repository.ts'
import { answerCompare } from '../../relay/intake/compare-files.ts'
import { takeRepositoryEvent } from '../../relay/intake/reported-repository.ts'
import type { RepositoryHint } from '../../relay/store/ports/inbox.ts'
import type { RefreshJob } from '../../relay/store/ports/jobs.ts'
import type { Store } from '../../relay/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { TestClock } from './clock.ts'
import { openNewStore } from './new-store.ts'

const LEASE = { limit: 100, leaseMs: 60_000 }
const sha = (n: number) => n.toString(16).padStart(40, '0')
const there = (fullName: string, more: { archived?: boolean; defaultBranch?: string } = {}): RepositoryAnswer => ({
  ...{ result: 'found', fullName, archived: false, defaultBranch: 'main' },
  ...more,
})
const movedTo = (fullName: string): RepositoryAnswer => ({
  result: 'moved',
  to: { fullName, archived: false, defaultBranch: 'main' },
})
const none: RepositoryAnswer = { result: 'none' }
const trouble: RepositoryAnswer = { result: 'trouble', kind: 'down', reason: 'GHES answered 502' }
const archived: RepositoryHint = { about: 'archived' }
const deleted: RepositoryHint = { about: 'deleted' }
const moved = (from: string): RepositoryHint => ({ about: 'moved', from })
const branch = (from: string): RepositoryHint => ({ about: 'default branch', from })

type Step = { truth: Record<string, RepositoryAnswer>; event: RepositoryHint; of?: string; comes: string[] }

/** acme/a has a known file and a push that waits. `comes`: what there is to refresh, and where the push is. */
const SCENES: Record<string, Step[]> = {
  'archived, reported again, unarchived, and the first report once more': [
    {
      truth: { 'acme/a': there('acme/a', { archived: true }) },
      event: archived,
      comes: ['acme/a main removed', 'rejected'],
    },
    { truth: { 'acme/a': there('acme/a', { archived: true }) }, event: archived, comes: ['rejected'] },
    { truth: { 'acme/a': there('acme/a') }, event: archived, comes: ['acme/a main added', 'rejected'] },
    { truth: { 'acme/a': there('acme/a') }, event: archived, comes: ['rejected'] },
  ],
  'a late "archived" of a repository that is not': [
    { truth: { 'acme/a': there('acme/a') }, event: archived, comes: ['waiting'] },
  ],
  deleted: [{ truth: {}, event: deleted, comes: ['acme/a main removed', 'rejected'] }],
  'a late "deleted", and the name was given again': [
    { truth: { 'acme/a': there('acme/a') }, event: deleted, comes: ['waiting'] },
  ],
  '"archived" of what the token does not see': [{ truth: {}, event: archived, comes: ['waiting'] }],
  renamed: [
    {
      truth: { 'acme/a': movedTo('acme/b') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main removed', 'acme/b main added', 'waiting in acme/b'],
    },
    // A repetition may be one that broke off.
    {
      truth: { 'acme/a': movedTo('acme/b') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main removed', 'acme/b main added', 'waiting in acme/b'],
    },
  ],
  'a late rename, and a new repository has the name': [
    {
      truth: { 'acme/a': there('acme/a'), 'acme/b': there('acme/b') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main modified', 'waiting'],
    },
  ],
  'renamed twice, reported in the wrong order': [
    {
      truth: { 'acme/a': movedTo('acme/c'), 'acme/b': movedTo('acme/c') },
      event: moved('acme/b'),
      of: 'acme/c',
      comes: ['waiting'],
    },
    {
      truth: { 'acme/a': movedTo('acme/c'), 'acme/b': movedTo('acme/c') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main removed', 'acme/c main added', 'waiting in acme/c'],
    },
  ],
  'renamed there and back, both reported late': [
    {
      truth: { 'acme/a': there('acme/a'), 'acme/b': movedTo('acme/a') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main modified', 'waiting'],
    },
    {
      truth: { 'acme/a': there('acme/a'), 'acme/b': movedTo('acme/a') },
      event: moved('acme/b'),
      of: 'acme/a',
      comes: ['acme/a main added', 'acme/b main removed', 'waiting'],
    },
  ],
  'renamed there and back, each reported in time': [
    {
      truth: { 'acme/a': movedTo('acme/b') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main removed', 'acme/b main added', 'waiting in acme/b'],
    },
    {
      truth: { 'acme/a': there('acme/a'), 'acme/b': movedTo('acme/a') },
      event: moved('acme/b'),
      of: 'acme/a',
      comes: ['acme/a main added', 'acme/b main removed', 'waiting'],
    },
  ],
  'transferred twice, and only the second is reported': [
    {
      truth: { 'acme/a': movedTo('x/a'), 'y/a': movedTo('x/a') },
      event: moved('y/a'),
      of: 'x/a',
      comes: ['waiting'],
    },
  ],
  'deleted, made again under the same name, and both that and a rename of the former are reported late': [
    { truth: { 'acme/a': there('acme/a') }, event: deleted, comes: ['waiting'] },
    {
      truth: { 'acme/a': there('acme/a'), 'acme/old': none },
      event: moved('acme/old'),
      of: 'acme/a',
      comes: ['acme/a main added', 'acme/old main removed', 'waiting'],
    },
  ],
  'of a repository of which nothing is known yet': [
    { truth: { 'x/new': there('x/new') }, event: archived, of: 'x/new', comes: ['waiting'] },
    { truth: { 'x/new': there('x/new', { archived: true }) }, event: archived, of: 'x/new', comes: ['waiting'] },
    { truth: { 'x/new': there('x/new') }, event: branch('master'), of: 'x/new', comes: ['waiting'] },
    { truth: {}, event: deleted, of: 'x/new', comes: ['waiting'] },
    { truth: { 'x/new': there('x/new') }, event: moved('x/older'), of: 'x/new', comes: ['waiting'] },
  ],
  'renamed, and GHES has forgotten the former name': [
    {
      truth: { 'acme/b': there('acme/b') },
      event: moved('acme/a'),
      of: 'acme/b',
      comes: ['acme/a main removed', 'acme/b main added', 'waiting in acme/b'],
    },
  ],
  'renamed in letter case only': [
    {
      truth: { 'acme/a': there('acme/A') },
      event: moved('acme/a'),
      of: 'acme/A',
      comes: ['acme/A main added', 'acme/a main removed', 'waiting in acme/A'],
    },
  ],
  'renamed to where the token does not see it': [
    { truth: { 'acme/a': { result: 'moved' } }, event: moved('acme/a'), of: 'x/b', comes: ['waiting'] },
  ],
  'another default branch, and back before the report came': [
    {
      truth: { 'acme/a': there('acme/a', { defaultBranch: 'next' }) },
      event: branch('main'),
      comes: ['acme/a main modified', 'acme/a next added', 'waiting'],
    },
    { truth: { 'acme/a': there('acme/a') }, event: branch('main'), comes: ['waiting'] },
  ],
  'the event of one, and the truth of another: archived, and renamed since': [
    {
      truth: { 'acme/a': movedTo('acme/b') },
      event: archived,
      comes: ['acme/a main removed', 'acme/b main added', 'waiting in acme/b'],
    },
  ],
}

/** A store in which acme/a has a known file and a push that waits, until it has run. */
async function withStore(run: (store: Store, clock: TestClock) => Promise<void>): Promise<void> {
  const folder = temporaryFolder('catalog-gate-repositories-')
  const clock = new TestClock()
  const store = openNewStore({ path: join(folder, 'relay.db'), now: clock.now })
  const push = { repository: 'acme/a', ref: 'refs/heads/main', before: sha(1), after: sha(2) }
  const file = { path: 'catalog-info.yaml', change: 'modified' as const }
  try {
    await store.acceptLanded('known', { ...push, files: [file] })
    await finishRefreshes(store, clock)
    await store.accept({ ...push, id: 'msg_waits', before: sha(2), after: sha(3), files: [file], firstCheckAtMs: 1e15 })
    await run(store, clock)
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What has to wait for others comes after them. */
async function finishRefreshes(store: Store, clock: TestClock): Promise<string[]> {
  const done: RefreshJob[] = []
  for (;;) {
    const jobs = await store.claimJobs('refresh', LEASE)
    for (const job of jobs) await store.done(job, 'refreshed')
    done.push(...jobs)
    clock.pass(250)
    if ((await store.nextJobAtMs('refresh')) === undefined) break
  }
  return done.map(({ repository, ref, change }) => `${repository} ${ref.slice('refs/heads/'.length)} ${change}`).sort()
}

let deliveries = 0
async function reported(store: Store, { event, of = 'acme/a' }: Step): Promise<void> {
  const report = { delivery: `delivery-${++deliveries}`, content: '' }
  await takeRepositoryEvent(store, report, { repository: of, branch: 'main', hint: event })
}

async function answered(store: Store, truth: Step['truth']): Promise<string[]> {
  const outcomes: string[] = []
  for (const job of await store.claimJobs('repository', LEASE)) {
    const repository = async ({ owner, name }: { owner: string; name: string }) => truth[`${owner}/${name}`] ?? none
    const answer = await answerRepository({ store, repository }, job)
    if (answer.result === 'done') await store.done(job, answer.outcome)
    else await store.retryLater(job, { dueAtMs: 0, error: answer.reason, counts: true })
    outcomes.push(answer.result === 'done' ? answer.outcome : answer.reason)
  }
  return outcomes
}

for (const [title, steps] of Object.entries(SCENES)) {
  test(title, () =>
    withStore(async (store, clock) => {
      for (const step of steps) {
        await reported(store, step)
        const outcomes = await answered(store, step.truth)
        const push = await store.push('msg_waits')
        const where = push?.repository === 'acme/a' ? '' : ` in ${push?.repository}`
        assert.deepEqual(
          [...(await finishRefreshes(store, clock)), `${push?.state}${where}`],
          step.comes,
          outcomes.join(),
        )
      }
    }),
  )
}

test('the same a hundred times is one question; without an answer nothing is done, and it is asked again', () =>
  withStore(async (store, clock) => {
    const step: Step = { truth: { 'acme/a': trouble }, event: archived, comes: [] }
    for (let n = 0; n < 100; n++) await reported(store, step)
    assert.deepEqual(await answered(store, step.truth), ['GHES answered 502'])
    assert.equal((await store.push('msg_waits'))?.state, 'waiting')
    const truth = { 'acme/a': there('acme/a', { archived: true }) }
    assert.deepEqual(await answered(store, truth), ['acme/a is archived; 1 file to refresh'])
    assert.deepEqual(await finishRefreshes(store, clock), ['acme/a main removed'])
    assert.deepEqual(await answered(store, truth), [], 'all of them are settled by it')
  }))

test('what broke off is done again as GHES says it then, which may be the contrary', () =>
  withStore(async (store, clock) => {
    await reported(store, { truth: {}, event: archived, comes: [] })
    const [job] = await store.claimJobs('repository', LEASE)
    assert.ok(job)
    const dies = {
      ...store,
      closeRepository: async () => {
        throw new Error('kill -9')
      },
    }
    await assert.rejects(
      answerRepository({ store: dies, repository: async () => there('acme/a', { archived: true }) }, job),
    )
    await answerRepository({ store, repository: async () => there('acme/a') }, job)
    assert.deepEqual(await finishRefreshes(store, clock), ['acme/a main added'])
  }))

test('all that is in a new default branch is asked for: pushed before it was one, or just before the other was none any more', () =>
  withStore(async (store, clock) => {
    const truth = { 'acme/a': there('acme/a', { defaultBranch: 'next' }) }
    await reported(store, { truth, event: branch('main'), comes: [] })
    await answered(store, truth)
    const [job] = await store.claimJobs('compare', LEASE)
    assert.ok(job)
    const paths = ['catalog-info.yaml', 'topic/catalog-info.yaml', 'README.md']
    const asked: string[] = []
    const ghes = {
      changes: async () => assert.fail('a comparison'),
      tree: async (_: unknown, id: string) => {
        asked.push(id)
        const files = new Map(paths.map(path => [path, sha(9)]))
        return { result: 'tree' as const, files, folders: new Map<string, string>(), isWhole: true }
      },
    }
    const isCatalogFile = (path: string) => path.endsWith('.yaml')
    const answer = await answerCompare({ store, ghes, isCatalogFile }, job)
    assert.deepEqual([answer.result, asked], ['done', ['next']])
    assert.deepEqual(await finishRefreshes(store, clock), [
      ...['acme/a main modified', 'acme/a next added', 'acme/a next added'],
    ])
  }))

test('a question that was given up is asked again by a redrive: no commit has to land for it', () =>
  withStore(async store => {
    await reported(store, { truth: {}, event: archived, comes: [] })
    for (const job of await store.claimJobs('repository', LEASE)) await store.giveUp(job, 'a day of 502')
    const [dead] = await store.list({ state: 'dead', limit: 1 })
    assert.equal(await store.redrive(dead?.id ?? ''), true)
    const truth = { 'acme/a': there('acme/a', { archived: true }) }
    assert.deepEqual(await answered(store, truth), ['acme/a is archived; 1 file to refresh'])
  }))
