// Repository events of GHES, and what a push event brings besides an announced push: on a real server and store, whose knowledge of files is given.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { KnownFile } from '../../../relay/store/ports/known-files.ts'
import { messageId } from '../../support/message-id.ts'
import { notify } from '../../support/relay-process.ts'
import { deliver, ids, pushPayload, repositoryPayload } from '../../support/webhook.ts'
import { numberedPush } from '../movable-ghes.ts'
import { type IntakeFixture, openIntakeFixture, steered } from './intake-fixture.ts'

let known: Record<string, Pick<KnownFile, 'ref' | 'path'>[]> = {}
let quoting: Record<string, string[]> = {}
let fixture: IntakeFixture
let url: string

before(async () => {
  fixture = await openIntakeFixture({}, store =>
    steered(store, {
      knownFiles: async repository => (known[repository] ?? []).map(file => ({ ...file, entities: [] })),
      filesReferencing: async (_repository, _ref, paths) => paths.flatMap(path => quoting[path] ?? []),
    }),
  )
  url = `http://127.0.0.1:${fixture.port}`
})
after(() => fixture.end())
beforeEach(() => {
  known = {}
  quoting = {}
})

const main = (path: string) => ({ ref: 'refs/heads/main', path })

/** What was stored for a repository: the files of each push. */
async function storedFor(repository: string): Promise<string[]> {
  const pushes = await fixture.store.list({ repository, limit: 20 })
  const records = await Promise.all(pushes.map(({ id }) => fixture.store.push(id)))
  return records.flatMap(push =>
    (push?.files ?? []).map(
      ({ path, kind, change = kind }) => `${push?.state} ${push?.ref.slice('refs/heads/'.length)} ${change} ${path}`,
    ),
  )
}

async function delivered(event: string, payload: unknown, id?: string): Promise<Record<string, unknown>> {
  const answer = await deliver(url, event, payload, id === undefined ? {} : { id })
  const body = (await answer.json()) as Record<string, unknown>
  assert.equal(answer.status, 202, JSON.stringify(body))
  return body
}

test('an event of the repository itself is kept as a question, however often it comes', async () => {
  for (const [n, [action, changes, job]] of (
    [
      ['renamed', { repository: { name: { from: 'old' } } }, 'moved/acme/old'],
      ['transferred', { owner: { from: { user: { login: 'a-user' } } } }, 'moved/a-user/asked-1'],
      ['transferred', { owner: { from: { organization: { login: 'an-org' } } } }, 'moved/an-org/asked-2'],
      ['archived', {}, 'archived'],
      ['unarchived', {}, 'archived'],
      ['deleted', {}, 'deleted'],
      ['edited', { default_branch: { from: 'master' } }, 'default branch/master'],
    ] as const
  ).entries()) {
    const repository = `acme/asked-${n}`
    known[repository] = [main('catalog-info.yaml')]
    const payload = repositoryPayload(action, repository, changes)
    assert.deepEqual(await delivered('repository', payload, `asked-${n}`), { status: 'accepted' })
    assert.deepEqual(await delivered('repository', payload, `asked-${n}`), { status: 'known' })
    assert.deepEqual(await storedFor(repository), [`landed main repository /repository/${job}`])
  }
})

test('what says nothing about names is ignored; names that lead out of the API are refused', async () => {
  for (const [action, changes] of [
    ['edited', { description: { from: 'x' } }],
    ['created', {}],
    ['publicized', {}],
    ['privatized', {}],
    ['Archived', {}],
    ['', {}],
  ] as const) {
    const body = await delivered('repository', repositoryPayload(action, 'acme/quiet', changes))
    assert.equal(body['status'], 'ignored', action)
  }
  for (const event of ['ping', 'branch_protection_rule', 'create', 'delete', 'organization', 'Repository', '__proto__'])
    assert.equal((await delivered(event, repositoryPayload('deleted', 'acme/quiet', {})))['status'], 'ignored', event)
  assert.deepEqual(await storedFor('acme/quiet'), [])
  for (const [action, changes, repository, branch] of [
    ['renamed', { repository: { name: { from: '..' } } }, 'acme/new', 'main'],
    ['deleted', {}, 'acme/..', 'main'],
    ['edited', { default_branch: { from: 'x' } }, 'acme/new', 'a/../b'],
  ] as const) {
    const answer = await deliver(url, 'repository', repositoryPayload(action, repository, changes, branch))
    assert.equal(answer.status, 400, action)
  }
})

test('a changed file that a catalog file quotes refreshes that one', async () => {
  quoting['openapi.yaml'] = ['catalog-info.yaml']
  const repository = 'acme/quoted'
  const payload = pushPayload({ repository, commits: [{ modified: ['openapi.yaml', 'README.md'] }] })
  assert.deepEqual(await delivered('push', payload), { status: 'accepted', landed: 1 })
  assert.deepEqual(await storedFor(repository), ['landed main modified catalog-info.yaml'])
})

test('announced by the hook, and more than it knew: both land by the one report', async () => {
  const push = { ...numberedPush(7, 1), repository: 'acme/more' }
  quoting['openapi.yaml'] = ['api/catalog-info.yaml', 'catalog-info.yaml']
  await notify(url, push)
  const { repository, before, after } = push
  const commits = [{ modified: ['openapi.yaml', 'catalog-info.yaml'] }]
  assert.deepEqual(await delivered('push', pushPayload({ repository, before, after, commits })), {
    status: 'accepted',
    landed: 2,
  })
  assert.deepEqual((await storedFor(repository)).sort(), [
    'landed main modified api/catalog-info.yaml',
    'landed main modified catalog-info.yaml',
  ])
  assert.equal((await fixture.store.push(`${messageId(push)}_further`))?.state, 'landed')
})

test('an incomplete list becomes a question to GHES, on disk before the answer', async () => {
  const repository = 'acme/long'
  const commits = [{ modified: ['catalog-info.yaml'] }]
  await delivered('push', pushPayload({ repository, commits, more: { size: 3000 } }))
  assert.deepEqual(await storedFor(repository), [`landed main compare /compare/${ids.before}...${ids.after}`])
})

test('the default branch is deleted and made again: all that is in it is asked for', async () => {
  const repository = 'acme/made-again'
  known[repository] = [main('catalog-info.yaml')]
  await delivered('push', pushPayload({ repository, after: ids.nothing }))
  await delivered('push', pushPayload({ repository, before: ids.nothing }))
  // Larger than what a payload lists.
  const commits = [{ added: ['README.md'] }]
  await delivered(
    'push',
    pushPayload({ repository, before: ids.nothing, after: ids.before, commits, more: { size: 9 } }),
  )
  assert.deepEqual((await storedFor(repository)).sort(), [
    `landed main compare /compare/${ids.nothing}...${ids.before}`,
    `landed main compare /compare/${ids.nothing}...${ids.after}`,
    'landed main removed catalog-info.yaml',
  ])
})

test('a forced push of a feature branch is asked for only where the catalog has a file of that branch', async () => {
  const forced = { repository: 'acme/forced', branch: 'feature', forced: true, commits: [{ modified: ['x'] }] }
  await delivered('push', pushPayload(forced))
  assert.deepEqual(await storedFor('acme/forced'), [])
  known['acme/forced'] = [{ ref: 'refs/heads/feature', path: 'catalog-info.yaml' }]
  await delivered('push', pushPayload({ ...forced, after: 'd'.repeat(40) }))
  assert.equal((await storedFor('acme/forced')).length, 1)
})

test('a branch that is deleted takes its Locations along', async () => {
  known['acme/gone'] = [{ ref: 'refs/heads/feature', path: 'catalog-info.yaml' }, main('catalog-info.yaml')]
  await delivered('push', pushPayload({ repository: 'acme/gone', branch: 'feature', after: ids.nothing }))
  assert.deepEqual(await storedFor('acme/gone'), ['landed feature removed catalog-info.yaml'])
})
