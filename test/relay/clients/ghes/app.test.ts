// As a GitHub App, against a stand-in that verifies, lets tokens end, and shows an installation only what is its own.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { appCredential } from '../../../../relay/clients/ghes/app.ts'
import { openGhesClient } from '../../../../relay/clients/ghes/client.ts'
import { field } from '../../../../relay/clients/ghes/read.ts'
import { relayRemedies } from '../../../../relay/clients/ghes/remedies.ts'
import { startGhes } from '../../../support/ghes.ts'
import { appKeyPair, GhesApp } from '../../../support/ghes-app.ts'
import { createRepositoryHost } from '../../../support/repository.ts'

const { publicKey, privateKey } = appKeyPair()
const HOUR_MS = 3_600_000
const START_MS = Date.parse('2026-11-27T20:00:00Z')

async function opened(t: TestContext, { key = privateKey, id = '7', skewMs = 0, timeoutMs = 10_000 } = {}) {
  const host = await createRepositoryHost()
  for (const name of ['acme/web', 'other/tool', 'third/one']) await host.create(name)
  const time = { passedMs: 0, jumpMs: 0 }
  const app = new GhesApp({
    ...{ id: '7', publicKey, nowMs: () => START_MS + time.passedMs },
    installations: [
      { id: 11, account: 'acme' },
      { id: 12, account: 'other' },
    ],
  })
  const ghes = await startGhes({ root: host.root, token: 'ghp_of_people', app })
  const now = () => START_MS + time.passedMs + time.jumpMs + skewMs
  const open = () => {
    const connection = { baseUrl: ghes.apiBaseUrl, now, timeoutMs }
    const credential = appCredential({ ...connection, id, privateKey: () => key, elapsed: () => time.passedMs })
    return openGhesClient({ ...connection, credential, remedies: relayRemedies })
  }
  const client = open()
  t.after(async () => {
    await Promise.all([client.close(), ghes.stop()])
    await host.remove()
  })
  const readOf = (from: typeof client) => (name: string) => {
    const [owner, repo] = name.split('/')
    return from.ask('GET /repos/{owner}/{repo}', { owner, repo }, data => field(data, 'full_name', 'text'))
  }
  const used = () => ghes.requests('repository').map(({ headers }) => headers.authorization)
  return { ghes, app, time, client, open, read: readOf(client), readOf, used }
}

const told = (answer: { result: string; value?: unknown; message?: string }) => answer.value ?? answer.message

test('a token for each installation, asked for once however many want it', async t => {
  const { ghes, client, read, used } = await opened(t)
  const names = ['acme/web', 'ACME/web', 'other/tool', 'acme/web']
  const answers = await Promise.all(names.map(read))
  assert.deepEqual(answers.map(told), ['acme/web', 'acme/web', 'other/tool', 'acme/web'])
  assert.deepEqual([ghes.count('app-installations'), ghes.count('app-token')], [1, 2])
  assert.equal(new Set(used()).size, 2)
  // What is about nobody goes as any of them; so does a question in GraphQL as its owner.
  assert.equal((await client.ask('GET /meta', {}, () => true)).result, 'answered')
  const asked = await client.query(
    'query ($organization: String!) { organization(login: $organization) { repositories(first: 1) { nodes { nameWithOwner } } } }',
    { organization: 'other', first: 1 },
    ({ errors }) => (errors.length === 0 ? true : undefined),
  )
  assert.notEqual(asked.status, 404)
  assert.equal(ghes.count('app-token'), 2)
})

test('renewed before it ends, by time that no clock moves; nobody is ever answered 401', async t => {
  const { ghes, time, read } = await opened(t)
  for (let minutes = 0; minutes < 180; minutes += 7) {
    time.passedMs = minutes * 60_000
    // Ours jumps by hours now and then; GHES's does not.
    time.jumpMs = (minutes % 3) * 5 * HOUR_MS
    assert.equal(told(await read('acme/web')), 'acme/web')
  }
  assert.deepEqual(
    ghes.requests('repository').filter(({ status }) => status !== 200),
    [],
  )
  const renewed = ghes.requests('app-token').filter(({ status }) => status === 201).length
  assert.ok(renewed >= 3 && renewed <= 5, `${renewed} tokens in three hours`)
})

for (const skewMs of [-HOUR_MS, -120_000, 120_000, HOUR_MS])
  test(`our clock is off by ${skewMs / 60_000} minutes: made up for after one refusal at the most`, async t => {
    const { ghes, time, read } = await opened(t, { skewMs })
    assert.equal(told(await read('acme/web')), 'acme/web')
    time.passedMs = HOUR_MS
    assert.equal(told(await read('acme/web')), 'acme/web')
    const refused = ghes.requests().filter(({ status }) => status === 401)
    assert.ok(refused.length <= 1, `${refused.length} refusals`)
  })

test('a token that was taken away is replaced, and the request made again; a GHES that takes none is told', async t => {
  const { ghes, app, read } = await opened(t)
  await read('acme/web')
  app.tokens.clear()
  assert.equal(told(await read('acme/web')), 'acme/web')
  assert.equal(ghes.count('app-token'), 2)
  ghes.failNext('repository', { status: 401, body: { message: 'Bad credentials', documentation_url: 'x' } }, 2)
  const answer = await read('acme/web')
  assert.deepEqual([answer.result, answer.status], ['refused', 401])
})

test('an organization without the App is one that may not be seen, until it has it', async t => {
  const { app, time, read, ghes } = await opened(t)
  const found = async (name: string) => (await read(name)).status
  assert.deepEqual([await found('third/one'), await found('third/one')], [404, 404])
  assert.equal(ghes.count('app-installations'), 1)
  app.installations.push({ id: 13, account: 'third' })
  time.passedMs += 61_000
  assert.equal(await found('third/one'), 200)
  for (const one of app.installations) if (one.account === 'third') one.suspended = true
  assert.equal((await read('third/one')).status, 403)
  app.installations = app.installations.filter(({ account }) => account !== 'third')
  time.passedMs += 61_000
  assert.deepEqual([await found('third/one'), await found('acme/web')], [404, 200])
})

test('what may not be read is told as a lack of permission; a wrong key and a wrong id as theirs, without the key', async t => {
  const { app, read } = await opened(t)
  app.installations = [{ id: 11, account: 'acme', permissions: { metadata: 'read' } }]
  assert.deepEqual([(await read('acme/web')).status], [403])
  const other = appKeyPair()
  for (const wrong of [{ key: other.privateKey }, { id: '8' }]) {
    const { read: asWrong } = await opened(t, wrong)
    const refused = await asWrong('acme/web')
    assert.ok(refused.result === 'refused')
    assert.match(
      `${refused.message} ${refused.remedy}`,
      /GET \/app\/installations.*is the id that of the GitHub App|the installation/,
    )
    assert.doesNotMatch(JSON.stringify(refused), /BEGIN|ghs_/)
  }
})

test('ended while a token was being fetched: the next process fetches its own; one that does not come is an outage', async t => {
  const { ghes, open, read, readOf, time } = await opened(t, { timeoutMs: 300 })
  await read('acme/web')
  time.passedMs = HOUR_MS
  ghes.failNext('app-token', 'hang')
  const hung = await read('acme/web')
  assert.ok(hung.result === 'refused' && hung.kind === 'timeout', JSON.stringify(hung))
  ghes.failNext('app-token', 'lose')
  assert.equal((await read('acme/web')).result, 'refused')
  const next = open()
  assert.equal(told(await readOf(next)('acme/web')), 'acme/web')
  assert.equal(told(await read('acme/web')), 'acme/web')
  await next.close()
})
