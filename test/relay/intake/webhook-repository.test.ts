// Repository events of GHES, and what a push event brings besides an announced push: on a real server and store, whose knowledge of files is given.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { KnownFile } from '../../../relay/store/ports/known-files.ts'
import { messageId } from '../../support/message-id.ts'
import { notify } from '../../support/relay-process.ts'
import { deliver, ids, pushPayload, repositoryPayload } from '../../support/webhook.ts'
import { numberedPush } from '../movable-ghes.ts'
import { type IntakeFixture, openIntakeFixture, steered } from './intake-fixture.ts'

const told: string[] = []
let known: Record<string, Pick<KnownFile, 'ref' | 'path'>[]> = {}
let quoting: Record<string, string[]> = {}
let fixture: IntakeFixture
let url: string

before(async () => {
  fixture = await openIntakeFixture({}, store =>
    steered(store, {
      knownFiles: async repository => (known[repository] ?? []).map(file => ({ ...file, entities: [] })),
      filesReferencing: async (_repository, _ref, paths) => paths.flatMap(path => quoting[path] ?? []),
      renameRepository: async (from, to) => told.push(`${from} -> ${to}`),
      closeRepository: async (repository, reason) => told.push(`${repository}: ${reason}`),
    }),
  )
  url = `http://127.0.0.1:${fixture.port}`
})
after(() => fixture.end())
beforeEach(() => {
  told.length = 0
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

test('renamed: what waits moves on, the old Location is looked at once more, the new one is told of', async () => {
  known['acme/old'] = [main('catalog-info.yaml')]
  const changes = { repository: { name: { from: 'old' } } }
  const payload = repositoryPayload('renamed', 'acme/new', changes)
  assert.deepEqual(await delivered('repository', payload, 'renamed-1'), { status: 'accepted', refreshes: 2 })
  assert.deepEqual(told, ['acme/old -> acme/new'])
  assert.deepEqual(await storedFor('acme/old'), ['landed main removed catalog-info.yaml'])
  assert.deepEqual(await storedFor('acme/new'), ['landed main added catalog-info.yaml'])
  assert.deepEqual(await delivered('repository', payload, 'renamed-1'), { status: 'accepted', refreshes: 0 })
})

test('renamed there and back and there again: three times refreshed', async () => {
  known = { 'acme/here': [main('catalog-info.yaml')], 'acme/there': [main('catalog-info.yaml')] }
  for (const [from, to] of [
    ['here', 'there'],
    ['there', 'here'],
    ['here', 'there'],
  ] as const) {
    const payload = repositoryPayload('renamed', `acme/${to}`, { repository: { name: { from } } })
    assert.equal((await delivered('repository', payload))['refreshes'], 2)
  }
})

test('transferred, from a person or an organisation', async () => {
  for (const owner of ['user', 'organization']) {
    const changes = { owner: { from: { [owner]: { login: `a-${owner}` } } } }
    await delivered('repository', repositoryPayload('transferred', 'acme/taken-over', changes))
  }
  assert.deepEqual(told, ['a-user/taken-over -> acme/taken-over', 'a-organization/taken-over -> acme/taken-over'])
})

test('archived or deleted: nothing waits any longer, and the catalog is told', async () => {
  for (const action of ['archived', 'deleted']) {
    const repository = `acme/${action}`
    known[repository] = [main('catalog-info.yaml'), { ref: 'refs/heads/next', path: 'b.yaml' }]
    assert.equal((await delivered('repository', repositoryPayload(action, repository, {})))['refreshes'], 2)
    assert.deepEqual(told.splice(0), [`${repository}: the repository was ${action}`])
    assert.deepEqual((await storedFor(repository)).sort(), [
      'landed main removed catalog-info.yaml',
      'landed next removed b.yaml',
    ])
  }
})

test('unarchived: what it held when it was archived is told of again', async () => {
  known['acme/back'] = [main('catalog-info.yaml')]
  await delivered('repository', repositoryPayload('archived', 'acme/back', {}))
  known = {}
  await delivered('repository', repositoryPayload('unarchived', 'acme/back', {}))
  assert.deepEqual((await storedFor('acme/back')).sort(), [
    'landed main added catalog-info.yaml',
    'landed main removed catalog-info.yaml',
  ])
})

test('another default branch: its Locations are told of, those of the old one are looked at', async () => {
  known['acme/branch'] = [
    { ref: 'refs/heads/master', path: 'catalog-info.yaml' },
    { ref: 'refs/heads/x', path: 'x.yaml' },
  ]
  const changes = { default_branch: { from: 'master' } }
  await delivered('repository', repositoryPayload('edited', 'acme/branch', changes, 'main'))
  assert.deepEqual((await storedFor('acme/branch')).sort(), [
    'landed main added catalog-info.yaml',
    'landed master modified catalog-info.yaml',
  ])
})

test('what says nothing about names is ignored; names that lead out of the API are refused', async () => {
  for (const [action, changes] of [
    ['edited', { description: { from: 'x' } }],
    ['created', {}],
    ['publicized', {}],
  ] as const) {
    const body = await delivered('repository', repositoryPayload(action, 'acme/quiet', changes))
    assert.equal(body['status'], 'ignored', action)
  }
  for (const [action, changes, repository, branch] of [
    ['renamed', { repository: { name: { from: '..' } } }, 'acme/new', 'main'],
    ['deleted', {}, 'acme/..', 'main'],
    ['edited', { default_branch: { from: 'x' } }, 'acme/new', 'a/../b'],
  ] as const) {
    const answer = await deliver(url, 'repository', repositoryPayload(action, repository, changes, branch))
    assert.equal(answer.status, 400, action)
  }
  assert.deepEqual(told, [])
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
