// GHES's answers as values: what is "not there", what is an outage, what is our set-up; and where calls can never go.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type GhesApi, openGhes } from '../../../../relay/clients/ghes/ghes.ts'
import { openTarget } from '../../../../relay/clients/http.ts'
import { FOREIGN_ANSWERS } from '../../../support/foreign-answers.ts'
import { type Answer, type Failure, StandIn } from '../../../support/stand-in.ts'

const svc = { owner: 'acme', name: 'svc' }
const sha = 'b'.repeat(40)
let next: Answer = { status: 200 }
let ghes: StandIn
let client: GhesApi

let token = 'secret-token'
const opened = (timeoutMs: number) =>
  openGhes({
    baseUrl: `${ghes.url}/api/v3`,
    token: () => token,
    now: () => 1_800_000_000_000,
    timeoutMs,
  })

before(async () => {
  ghes = await new StandIn({ kind: () => 'any', answer: () => next }).start()
  client = opened(60_000)
})
after(async () => {
  await client.close()
  await ghes.stop()
})
afterEach(() => {
  ghes.forgetRequests()
  ghes.clearFailures()
})

test('a branch, its name encoded segment by segment', async () => {
  next = { status: 200, body: { object: { sha } } }
  assert.deepEqual(await client.branch(svc, 'team/ä#1?x%{y}'), { result: 'at', sha })
  const [request] = ghes.requests()
  assert.equal(request?.path, '/api/v3/repos/acme/svc/git/ref/heads/team/%C3%A4%231%3Fx%25%7By%7D')
  assert.equal(request?.headers.authorization, 'Bearer secret-token')
})

test('the end of a token is that token’s: the next one may have none', async () => {
  next = { status: 200, headers: { 'github-authentication-token-expiration': '2027-01-31 08:00:00 UTC' } }
  await client.branch(svc, 'main')
  assert.equal(client.tokenEndMs(), Date.UTC(2027, 0, 31, 8))
  token = 'next-token'
  assert.equal(client.tokenEndMs(), undefined)
  next = { status: 200 }
  await client.branch(svc, 'main')
  assert.equal(client.tokenEndMs(), undefined)
  token = 'secret-token'
})

/** As GHES itself refuses. */
const said = (status: number, message: string): Answer => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/enterprise-server@3.19/rest', status: String(status) },
})

const branchTable: [string, Answer, string][] = [
  ['404', said(404, 'Not Found'), 'none'],
  [
    '404 that only its headers tell for GHES’s',
    { status: 404, headers: { 'x-github-request-id': 'A1' }, body: { message: 'Not Found' } },
    'none',
  ],
  ['409, an empty repository', said(409, 'Git Repository is empty.'), 'none'],
  [
    '404 of GHES’s pages, where ghe.apiBaseUrl is not the API',
    { status: 404, headers: { 'x-github-request-id': 'A1' }, body: '<html>' },
    'trouble foreign',
  ],
  [
    '200 with a page instead of JSON',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    'trouble foreign',
  ],
  ['401', { status: 401, body: { message: 'Bad credentials' } }, 'trouble set-up'],
  ['403', { status: 403, body: { message: 'Resource not accessible' } }, 'trouble set-up'],
  [
    '403 with nothing remaining',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000060' } },
    'trouble limited 60000',
  ],
  [
    '403 that only says it is a secondary limit',
    { status: 403, body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' } },
    'trouble limited 60000',
  ],
  [
    '403 with a reset in the past, so another clock',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1799999000' } },
    'trouble limited 60000',
  ],
  [
    '403 of a permission, with requests remaining',
    { status: 403, headers: { 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '1800000060' } },
    'trouble set-up',
  ],
  ['403 with Retry-After', { status: 403, headers: { 'retry-after': '30' } }, 'trouble limited 30000'],
  ['429', { status: 429, headers: { 'retry-after': '5' } }, 'trouble limited 5000'],
  ['500', { status: 500 }, 'trouble down'],
  ['503 with Retry-After', { status: 503, headers: { 'retry-after': '9' } }, 'trouble down 9000'],
]
for (const [what, answer, expected] of branchTable) {
  test(`branch: ${what} is ${expected}`, async () => {
    next = answer
    const given = await client.branch(svc, 'main')
    const words = given.result === 'trouble' ? ['trouble', given.kind, given.retryAfterMs] : [given.result]
    assert.equal(words.filter(word => word !== undefined).join(' '), expected)
  })
}

for (const failure of ['hang', 'drop'] satisfies Failure[]) {
  test(`branch: ${failure} is an outage`, async t => {
    const impatient = opened(100)
    t.after(() => impatient.close())
    ghes.failNext('any', failure)
    const given = await impatient.branch(svc, 'main')
    assert.ok(given.result === 'trouble')
    assert.equal(given.kind, 'down')
  })
}

test('a repository: there, gone, moved, and a redirect that is not a move', async () => {
  const answers: [Answer, string][] = [
    [{ status: 200, body: facts }, 'found'],
    [{ status: 200, body: { id: 1 } }, 'trouble'],
    [said(404, 'Not Found'), 'none'],
    [{ status: 301, headers: { location: `${ghes.url}/api/v3/repositories/42` } }, 'moved'],
    [{ status: 302, headers: { location: 'https://login.example.com/' } }, 'trouble'],
  ]
  for (const [answer, expected] of answers) {
    next = answer
    assert.equal((await client.repository(svc)).result, expected)
  }
  // Where it has moved to is asked for by its id, once.
  assert.equal(ghes.count(), answers.length + 1, 'a redirect was followed')
})

const facts = { full_name: 'acme/svc', archived: true, default_branch: 'trunk' }
const read = { fullName: 'acme/svc', archived: true, defaultBranch: 'trunk' }

test('a repository that has moved: under its new name, where that is for us', async () => {
  const moved = { status: 301, headers: { location: 'https://ghe.test/api/v3/repositories/42' } }
  ghes.failNext('any', moved)
  next = { status: 200, body: facts }
  assert.deepEqual(await client.repository({ owner: 'acme', name: 'old' }), { result: 'moved', to: read })
  assert.deepEqual(
    ghes.requests().map(({ path }) => path),
    ['/api/v3/repos/acme/old', '/api/v3/repositories/42'],
  )
  ghes.failNext('any', moved)
  next = said(404, 'Not Found')
  assert.deepEqual(await client.repository({ owner: 'acme', name: 'old' }), { result: 'moved' })
})

test('reached: GHES itself has answered; else the reason says what to look at', async () => {
  next = { status: 200, body: { verifiable_password_authentication: false, installed_version: '3.19.2' } }
  assert.deepEqual(await client.reach(), { result: 'answered' })
  // Every GHES has it: what says otherwise is another part of the API, or of something else.
  next = said(404, 'Not Found')
  const other = await client.reach()
  assert.ok(other.result === 'trouble' && /ghe\.apiBaseUrl/.test(other.reason))
  next = said(401, 'Bad credentials')
  const wrong = await client.reach()
  assert.ok(wrong.result === 'trouble' && wrong.kind === 'set-up')
  // Pages for people, at an address without /api/v3.
  for (const answer of [
    { status: 302, headers: { location: 'https://ghe.test/login' } },
    { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' },
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
  ]) {
    next = answer
    const root = openGhes({ baseUrl: ghes.url, token: () => 'ghe-token', now: Date.now, timeoutMs: 60_000 })
    const given = await root.reach()
    await root.close()
    assert.ok(given.result === 'trouble')
    assert.match(given.reason, /ghe\.apiBaseUrl.*usual is https:\/\/HOST\/api\/v3/)
  }
})

test('a repository is asked for under its ETag, and by all at once only once', async () => {
  const asked = { owner: 'acme', name: 'etag' }
  next = { status: 200, body: facts, headers: { etag: 'W/"1"' } }
  const first = await Promise.all([client.repository(asked), client.repository(asked), client.repository(asked)])
  assert.deepEqual(first, Array(3).fill({ result: 'found', ...read }))
  assert.equal(ghes.count(), 1)
  next = { status: 304 }
  assert.deepEqual(await client.repository(asked), { result: 'found', ...read })
  assert.equal(ghes.requests()[1]?.headers['if-none-match'], 'W/"1"')
})

const status = { state: 'success', context: 'catalog-gate', description: '' } as const
for (const [who, answer] of Object.entries(FOREIGN_ANSWERS)) {
  test(`${who}: says nothing about a branch, a repository or a comparison`, async () => {
    next = answer
    const given = [
      await client.reach(),
      await client.repository(svc),
      await client.compare(svc, sha, sha),
      await client.changes(svc, sha, sha),
      await client.branch(svc, 'main'),
      await client.statuses.setStatus({ repository: 'acme/svc', sha }, { ...status }),
    ]
    for (const one of given) assert.equal(one.result, 'trouble')
  })
}

test('a refusal on the way says who may be meant, and nothing of our token', async () => {
  for (const [answer, words] of [
    [{ status: 401, headers: { 'www-authenticate': 'Negotiate' } }, /it asks for Negotiate/],
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' }, /a proxy, a firewall, a login/],
    [{ status: 429, headers: { 'content-type': 'text/html' }, body: '<html>' }, /^something on the way to GHES limits/],
  ] as const) {
    next = answer
    const given = await client.branch(svc, 'main')
    assert.ok(given.result === 'trouble')
    assert.match(given.reason, words)
    assert.doesNotMatch(given.reason, /token/)
  }
})

test('a file: there or absent, also where the repository is archived, renamed or gone; else nothing is said', async () => {
  const node = { nameWithOwner: 'acme/svc', isArchived: false, object: { oid: sha } }
  const gone = { type: 'NOT_FOUND', path: ['repository'], message: 'Could not resolve' }
  for (const [body, expected] of [
    [{ data: { repository: { ...node, nameWithOwner: 'Acme/svc' } } }, 'there'],
    [{ data: { repository: { ...node, object: null } } }, 'absent'],
    [{ data: { repository: { ...node, object: {} } } }, 'absent'],
    [{ data: { repository: { ...node, isArchived: true } } }, 'absent'],
    [{ data: { repository: { ...node, nameWithOwner: 'acme/else' } } }, 'absent'],
    [{ data: { repository: null }, errors: [gone] }, 'absent'],
    [{ data: { repository: null }, errors: [{ ...gone, type: 'SERVICE_UNAVAILABLE' }] }, 'trouble'],
    [{ data: null, errors: [{ type: 'RATE_LIMITED', message: 'later' }] }, 'trouble'],
    [{ data: { repository: null } }, 'trouble'],
    [{ status: 'ok' }, 'trouble'],
  ] as const) {
    next = { status: 200, body }
    const place = { repository: 'acme/svc', branch: 'team/x', path: 'a b/catalog-info.yaml' }
    assert.equal((await client.file(place)).result, expected, JSON.stringify(body))
  }
  const [request] = ghes.requests()
  assert.equal(request?.path, '/api/graphql')
  assert.equal(JSON.parse(request?.body ?? '').variables.at, 'refs/heads/team/x:a b/catalog-info.yaml')
})

test('a comparison asks for one commit, and takes 404 as unknown', async () => {
  next = { status: 200, body: { status: 'diverged' } }
  assert.deepEqual(await client.compare(svc, sha, sha), { result: 'compared', relation: 'diverged' })
  assert.equal(ghes.requests()[0]?.path, `/api/v3/repos/acme/svc/compare/${sha}...${sha}?per_page=1`)
  next = said(404, 'No common ancestor')
  assert.deepEqual(await client.compare(svc, sha, sha), { result: 'unknown' })
})

test('a comparison in a repository that was renamed is unknown, and no set-up that holds up all of GHES', async () => {
  next = { status: 301, headers: { location: `${ghes.url}/api/v3/repositories/42/compare/x` } }
  assert.deepEqual(await client.compare(svc, sha, sha), { result: 'unknown' })
  assert.deepEqual(await client.changes(svc, sha, sha), { result: 'unknown' })
})

test('no call leaves the configured address', async () => {
  const target = openTarget({ baseUrl: `${ghes.url}/api/v3`, timeoutMs: 60_000, answerBytes: 1000 })
  for (const url of [
    `${ghes.url}/api/v3/../x`,
    `${ghes.url}/api/v4/x`,
    `${ghes.url}/api/v3x`,
    'http://127.0.0.1:1/api/v3/x',
    `${ghes.url.replace('//', '//user@')}/api/v3/x`,
  ]) {
    await assert.rejects(target.call({ method: 'GET', url, headers: {} }), /outside of/, url)
  }
  await target.close()
  await assert.rejects(client.branch({ owner: 'acme', name: '..' }, '../../../../../../x'), /outside of/)
  assert.equal(ghes.count(), 0)
})
