// The inventory's questions against GitHub's own schema, and its answers as values: what cannot be read never looks removed.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parse, validate } from 'graphql'
import { type GhesApi, openGhes } from '../../../../relay/clients/ghes/ghes.ts'
import { graphqlUrlOf } from '../../../../relay/clients/ghes/graphql.ts'
import type { ObservedCall } from '../../../../relay/runtime/events.ts'
import { type Ghes, startGhes } from '../../../support/ghes.ts'
import { gitHubSchema } from '../../../support/ghes-graphql.ts'
import { createRepositoryHost, type RepositoryHost } from '../../../support/repository.ts'
import { type Answer, StandIn } from '../../../support/stand-in.ts'

const token = 'ghp_inventory'
const paths = ['catalog-info.yaml', 'catalog-info.yml']

test('GraphQL lies beside the REST API', () => {
  assert.equal(graphqlUrlOf('https://ghe.example.com/api/v3'), 'https://ghe.example.com/api/graphql')
  assert.equal(graphqlUrlOf('https://api.github.com'), 'https://api.github.com/graphql')
})

suite('of real repositories', () => {
  const about = { visibility: 'internal', fork: false, topics: [] }
  let host: RepositoryHost
  let ghes: Ghes
  let client: GhesApi
  let head = ''
  const observed: ObservedCall[] = []

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token })
    const full = await (await host.create('acme/full', { defaultBranch: 'trunk' })).clone()
    await full.write('catalog-info.yaml', 'one\n')
    await full.write('services/ä "b"/catalog-info.yaml', 'two\n')
    await full.write('catalog-info.yml/keep', 'a folder of that name\n')
    head = await full.commit()
    await full.push()
    await host.create('acme/empty')
    await host.create('acme/old')
    ghes.archive('acme/old')
    ghes.describe('acme/full', { visibility: 'PRIVATE', isFork: true, topics: ['payments', 'java'] })
    client = openGhes({
      baseUrl: ghes.apiBaseUrl,
      token: () => token,
      now: Date.now,
      observe: call => observed.push(call),
    })
  })
  after(async () => {
    await client.close()
    await ghes.stop()
    await host.remove()
  })

  test('every repository with its branch, its head and the blobs of the files asked for', async () => {
    const page = await client.inventory.repositories('acme', { paths, first: 100 })
    assert.ok(page.result === 'page', JSON.stringify(page))
    assert.equal(page.next, undefined)
    assert.deepEqual(page.repositories, [
      { ...{ repository: 'acme/empty', archived: false, blobs: new Map() }, about: { ...about, archived: false } },
      {
        repository: 'acme/full',
        archived: false,
        branch: 'trunk',
        head,
        blobs: new Map([['catalog-info.yaml', '5626abf0f72e58d7a153368ba57db4c673c0e171']]),
        about: {
          ...{ visibility: 'private', archived: false, fork: true, defaultBranch: 'trunk' },
          topics: ['java', 'payments'],
        },
      },
      { ...{ repository: 'acme/old', archived: true, blobs: new Map() }, about: { ...about, archived: true } },
    ])
    assert.deepEqual(
      observed.map(({ target, purpose, status }) => ({ target, purpose, status })),
      [{ target: 'ghe', purpose: 'reconcile', status: 200 }],
    )
  })

  test('page after page', async () => {
    const names: string[] = []
    let after: string | undefined
    do {
      const page = await client.inventory.repositories('acme', { paths, first: 1, ...(after ? { after } : {}) })
      assert.ok(page.result === 'page')
      names.push(...page.repositories.map(({ repository }) => repository))
      after = page.next
    } while (after !== undefined)
    assert.deepEqual(names, ['acme/empty', 'acme/full', 'acme/old'])
  })

  test('an organisation that is not there is none', async () => {
    assert.deepEqual(await client.inventory.repositories('nobody', { paths, first: 100 }), { result: 'none' })
  })

  test('further paths, whatever their letters; a repository that is gone is left out', async () => {
    const path = 'services/ä "b"/catalog-info.yaml'
    const answer = await client.inventory.files([
      { repository: 'acme/full', paths: [path, 'services/none.yaml'] },
      { repository: 'acme/gone', paths: [path] },
    ])
    assert.ok(answer.result === 'files', JSON.stringify(answer))
    assert.deepEqual(
      answer.blobs,
      new Map([['acme/full', new Map([[path, 'f719efd430d52bcfc8566a43b2eb655688d38871']])]]),
    )
  })

  test('both questions are right by GitHub’s schema', async () => {
    const asked = ghes.requests('graphql').map(({ body }) => (JSON.parse(body) as { query: string }).query)
    assert.ok(asked.some(query => query.includes('organization')) && asked.some(query => query.includes('repository0')))
    const schema = await gitHubSchema()
    for (const query of asked) assert.deepEqual(validate(schema, parse(query)), [], query)
  })
})

suite('when GHES has trouble', () => {
  let next: Answer = { status: 200 }
  let ghes: StandIn
  let client: GhesApi
  const nowMs = 1_800_000_000_000

  before(async () => {
    ghes = await new StandIn({ kind: () => 'any', answer: () => next }).start()
    client = openGhes({ baseUrl: `${ghes.url}/api/v3`, token: () => token, now: () => nowMs, timeoutMs: 60_000 })
  })
  after(async () => {
    await client.close()
    await ghes.stop()
  })

  const errors = (type: string, message = 'x') => ({ data: null, errors: [{ type, message }] })
  const limit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowMs / 1000 + 90) }
  const table: [string, Answer, string][] = [
    [
      'RATE_LIMITED, which comes with 200',
      { status: 200, headers: limit, body: errors('RATE_LIMITED') },
      'limited 90000',
    ],
    ['403 with nothing remaining', { status: 403, headers: limit, body: {} }, 'limited 90000'],
    [
      '403 that only says so',
      { status: 403, body: { message: 'You have exceeded a secondary rate limit. Please wait.' } },
      'limited 60000',
    ],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, 'limited 7000'],
    ['401', { status: 401 }, 'set-up'],
    ['a missing scope', { status: 200, body: errors('INSUFFICIENT_SCOPES') }, 'set-up'],
    ['502 after ten seconds', { status: 502, body: '<html>' }, 'down'],
    ['an error that it does not explain', { status: 200, body: errors('', 'Something went wrong\n\nwhile') }, 'down'],
    ['a page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'foreign'],
  ]
  for (const [what, answer, expected] of table) {
    test(`${what}: ${expected}`, async () => {
      next = answer
      for (const given of [
        await client.inventory.repositories('acme', { paths, first: 100 }),
        await client.inventory.files([{ repository: 'acme/a', paths }]),
      ]) {
        assert.ok(given.result === 'trouble', JSON.stringify(given))
        const words = [given.kind, given.retryAfterMs].filter(word => word !== undefined)
        assert.equal(words.join(' '), expected, given.reason)
      }
    })
  }

  test('a GHES that does not know what nothing depends on gives the page all the same, and is not asked for it again', async () => {
    const node = { nameWithOwner: 'acme/a', isArchived: false, defaultBranchRef: null, file0: null, file1: null }
    const connection = { nodes: [node], pageInfo: { hasNextPage: false } }
    const asked: boolean[] = []
    const old = new StandIn({
      kind: () => 'graphql',
      answer: ({ body }) => {
        asked.push(body.includes('repositoryTopics'))
        const message = "Field 'visibility' doesn't exist on type 'Repository'"
        if (body.includes('visibility'))
          return { status: 200, body: { errors: [{ message, path: ['query', 'visibility'] }] } }
        return { status: 200, body: { data: { organization: { repositories: connection } } } }
      },
    })
    await old.start()
    const api = openGhes({ baseUrl: `${old.url}/api/v3`, token: () => token, now: Date.now })
    for (const _ of [1, 2]) {
      const page = await api.inventory.repositories('acme', { paths, first: 100 })
      assert.ok(page.result === 'page')
      assert.deepEqual(page.repositories[0]?.about, { archived: false })
    }
    assert.deepEqual(asked, [true, false, false])
    await api.close()
    await old.stop()
  })

  test('a repository that GHES could not read is unread, and its files are not gone', async () => {
    const node = (nameWithOwner: string) => ({
      nameWithOwner,
      isArchived: false,
      defaultBranchRef: { name: 'main', target: { oid: 'a' } },
      file0: null,
      file1: null,
    })
    const connection = { nodes: [node('acme/a'), node('acme/b'), null], pageInfo: { hasNextPage: false } }
    const data = { organization: { repositories: connection } }
    const broken = { message: 'timeout', path: ['organization', 'repositories', 'nodes', 1, 'file0'] }
    next = { status: 200, body: { data, errors: [broken] } }
    const page = await client.inventory.repositories('acme', { paths, first: 100 })
    assert.ok(page.result === 'page')
    assert.deepEqual(
      page.repositories.map(({ repository }) => repository),
      ['acme/a'],
    )
    assert.deepEqual(page.unread, ['acme/b: timeout', 'a repository: empty'])
    next = { status: 200, body: { data, errors: [{ message: 'timeout' }] } }
    const doubtful = await client.inventory.repositories('acme', { paths, first: 100 })
    assert.ok(doubtful.result === 'page')
    assert.deepEqual(doubtful.repositories, [])
  })
})
