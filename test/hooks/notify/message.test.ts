// What arrives at the relay: each message with its id and its signature, and only for what the gate lets in.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { pushNotification } from '../../../schemas/compiled/own.mjs'
import { isSignedBy, parseSecret } from '../../../schemas/signature.ts'
import { STAGE_FILE, writeStage } from '../../../schemas/stage.ts'
import { BAD, component, GOOD, locationOf } from '../built-hook.ts'
import { NotifyFixture, type Received, SECRET } from './notify-fixture.ts'

let fixture: NotifyFixture
before(async () => {
  fixture = await NotifyFixture.open()
})
beforeEach(() => fixture.reset())
after(() => fixture.close())

for (const scheme of ['http', 'https']) {
  test(`over ${scheme}: the body, its id and its signature`, async () => {
    const { repository, copy } = await fixture.fresh(`arrives-${scheme}`, scheme, { 'openapi.yaml': 'openapi: 3.1.0' })
    const from = await repository.ref('main')
    const api = component('pay')
      .replace('kind: Component', 'kind: API')
      .replace('owner: team-a', 'owner: team-a, definition: { $text: ./openapi.yaml }')
    const push = await copy.change(
      { 'catalog-info.yaml': `${GOOD}---\n${api}`, 'a/catalog-info.yaml': component('a') },
      { login: 'mona' },
    )
    assert.equal(push.exitCode, 0, push.terminal)
    assert.equal(push.remote, '')
    const [one, ...others] = fixture.received
    assert.ok(one)
    assert.equal(others.length, 0)
    assert.deepEqual([one.method, one.url], ['POST', '/v1/pushes'])
    assert.deepEqual(one.push, {
      version: 1,
      repository: `acme/arrives-${scheme}`,
      ref: 'refs/heads/main',
      before: from,
      after: await repository.ref('main'),
      defaultBranch: true,
      pusher: 'mona',
      verdict: { errors: 0, warnings: 0 },
      blobs: {
        'a/catalog-info.yaml': await repository.git('rev-parse', 'main:a/catalog-info.yaml'),
        'catalog-info.yaml': await repository.git('rev-parse', 'main:catalog-info.yaml'),
      },
      files: [
        { path: 'a/catalog-info.yaml', change: 'added', entities: ['component:default/a'] },
        {
          path: 'catalog-info.yaml',
          change: 'added',
          entities: ['component:default/payments', 'api:default/pay'],
          references: ['openapi.yaml'],
        },
      ],
    })
    assertGenuine(one)
  })
}

test('the verdict is as the default branch would have it, also where the branch only warns', async () => {
  const { copy } = await fixture.fresh('preview', 'http', { 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assert.equal((await copy.push({ refs: ['HEAD:topic'] })).exitCode, 0)
  const { verdict } = fixture.received[0]?.push ?? {}
  assert.deepEqual([verdict?.errors, verdict?.warnings], [1, 0])
  assert.match(verdict?.first ?? '', /^catalog-info\.yaml:\d+:\d+: name /)
})

test('every message has an id of its own, the same push made again too', async () => {
  await fixture.run('http')
  await fixture.run('http')
  await fixture.run('http', { env: { GITHUB_REPO_NAME: 'acme/other' } })
  const ids = fixture.received.map(({ headers }) => headers['webhook-id'])
  assert.equal(new Set(ids).size, 3)
  for (const one of fixture.received) assertGenuine(one)
})

test('several refs: a message each, on one connection; only what the gate lets in', async () => {
  const { repository, copy } = await fixture.fresh('several', 'https', { 'catalog-info.yaml': GOOD })
  const from = await repository.ref('main')
  await copy.write('catalog-info.yaml', component('two'))
  await copy.commit()
  await copy.git('tag', 'v1')
  const push = await copy.push({ refs: ['HEAD:main', 'HEAD:topic', 'HEAD:other', 'v1'] })
  assert.equal(push.remote, '')
  assert.equal(fixture.connections, 1)
  assert.deepEqual(fixture.received.map(({ push }) => [push.ref, push.defaultBranch, push.before]).sort(), [
    ['refs/heads/main', true, from],
    ['refs/heads/other', false, '0'.repeat(40)],
    ['refs/heads/topic', false, '0'.repeat(40)],
  ])
  for (const one of fixture.received) assertGenuine(one)
})

test('a removed file, with the entities it had; a renamed one is both', async () => {
  const { copy } = await fixture.fresh('removed', 'http', {
    'catalog-info.yaml': GOOD,
    'a/catalog-info.yaml': component('a'),
  })
  await copy.remove('catalog-info.yaml')
  await copy.git('mv', 'a', 'b')
  await copy.commit()
  await copy.push()
  assert.deepEqual(fixture.received[0]?.push.files, [
    { path: 'a/catalog-info.yaml', change: 'removed', entities: ['component:default/a'] },
    { path: 'b/catalog-info.yaml', change: 'added', entities: ['component:default/a'] },
    { path: 'catalog-info.yaml', change: 'removed', entities: ['component:default/payments'] },
  ])
})

test('a file that a Location names', async () => {
  const { copy } = await fixture.fresh('followed', 'http', {
    'catalog-info.yaml': locationOf('./b.yaml'),
    'b.yaml': GOOD,
  })
  await copy.change({ 'b.yaml': component('b'), 'values.yaml': 'a: 1' })
  assert.deepEqual(fixture.received[0]?.push.files, [
    { path: 'b.yaml', change: 'modified', entities: ['component:default/b'] },
  ])
})

test('files that are quoted, and those that a description of an API names in turn', async () => {
  const { copy } = await fixture.fresh('references', 'http', {
    'api/openapi.yaml': 'openapi: 3.0.0\npaths: { /a: { $ref: "paths/a.yaml#/a" }, /b: { $ref: "#/c" } }\n',
    'api/paths/a.yaml': "a: { $ref: '../common.json' }\n",
    'api/common.json': '{ "$ref": "openapi.yaml", "b": { "$ref": "https://example.com/x.yaml" } }',
    'tags.yaml': '- web\n',
  })
  const api = component('orders', '')
    .replace('Component', 'API')
    .replace('}', ', definition: { $openapi: ./openapi.yaml } }')
  await copy.change({ 'api/catalog-info.yaml': api.replace('  name', '  tags: { $yaml: ../tags.yaml }\n  name') })
  const [file] = fixture.received[0]?.push.files ?? []
  assert.deepEqual([...(file?.references ?? [])].sort(), [
    'api/common.json',
    'api/openapi.yaml',
    'api/paths/a.yaml',
    'tags.yaml',
  ])
})

test('what a Location names, by path or by pattern, is told with it', async () => {
  const { copy } = await fixture.fresh('named', 'http', { 'teams/a.yaml': component('a') })
  const location = (target: string) =>
    `{ apiVersion: backstage.io/v1alpha1, kind: Location, metadata: { name: all }, spec: { targets: [./plain.yaml, ${target}] } }`
  await copy.change({ 'catalog-info.yaml': location("'./teams/*.yaml'"), 'plain.yaml': component('plain') })
  const files = fixture.received[0]?.push.files ?? []
  assert.deepEqual(
    files.map(({ path, change, references = [] }) => [path, change, references]),
    [
      ['catalog-info.yaml', 'added', ['plain.yaml', 'teams/*.yaml']],
      ['plain.yaml', 'added', []],
    ],
  )
})

test('a new branch that lacks a file of main removes nothing', async () => {
  const { copy } = await fixture.fresh('orphan', 'http', { 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '--orphan', 'pages')
  await copy.git('rm', '-rfq', '.')
  await copy.change({ 'docs/catalog-info.yaml': component('docs') })
  assert.deepEqual(
    fixture.received[0]?.push.files.map(({ path }) => path),
    ['docs/catalog-info.yaml'],
  )
})

test('a bypassed push, with its reason', async () => {
  const { copy } = await fixture.fresh('bypassed', 'http')
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  await copy.push({ pushOptions: ['catalog-gate.skip=the catalog is down'] })
  assert.equal(fixture.received[0]?.push.bypass, 'the catalog is down')
})

test('a push that is accepted with warnings', async () => {
  const { copy } = await fixture.fresh('warned', 'http')
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const push = await copy.push({ refs: ['HEAD:topic'] })
  assert.match(push.remote, /^warning: this push was accepted with 1 problem/)
  assert.equal(fixture.received.length, 1)
})

test('nothing for a refused push, nothing for one without catalog files', async () => {
  const { copy } = await fixture.fresh('nothing', 'http')
  assert.equal((await copy.change({ 'catalog-info.yaml': BAD })).exitCode, 1)
  assert.equal(fixture.received.length, 0)
  await copy.git('reset', '--quiet', '--hard', 'HEAD~1')
  await copy.change({ 'values.yaml': 'a: 1', 'main.ts': '' })
  assert.equal(fixture.received.length, 0)
})

test('in testing, where such a push lands, its files are told all the same', async () => {
  const { copy } = await fixture.fresh('staged', 'http')
  writeFileSync(fixture.file(STAGE_FILE), writeStage({ everywhere: 'enabled', scopes: { 'acme/staged': 'testing' } }))
  const push = await copy.change({ 'catalog-info.yaml': BAD, 'a/catalog-info.yaml': component('a') })
  assert.match(push.remote, /^warning: the gate is in testing/)
  assert.equal(push.exitCode, 1)
  const [message, ...others] = fixture.received
  const paths = message?.push.files.map(({ path }) => path)
  assert.deepEqual([paths, others.length], [['a/catalog-info.yaml', 'catalog-info.yaml'], 0])
})

test('catalog-notify tells what it does not judge; catalog-validate tells nothing', async () => {
  await fixture.run('notify', { input: fixture.direct.bad })
  assert.deepEqual(fixture.received[0]?.push.files, [
    { path: 'catalog-info.yaml', change: 'modified', entities: ['component:default/payments api'] },
  ])
  fixture.connections = 0
  await fixture.run('validate')
  assert.equal(fixture.connections, 0)
})

test('a bypass and its reason, also where the notification is all that runs', async () => {
  const env = { GIT_PUSH_OPTION_COUNT: '1', GIT_PUSH_OPTION_0: 'catalog-gate.skip=the catalog is down' }
  const { stdout } = await fixture.run('notify', { input: fixture.direct.bad, env })
  assert.equal(stdout, 'warning: catalog-gate was bypassed: the catalog is down\n')
  assert.equal(fixture.received[0]?.push.bypass, 'the catalog is down')
})

test('names that JSON and HTTP could stumble over', async () => {
  const { copy } = await fixture.fresh('names', 'http')
  const path = 'größe "x"/\\n\n/catalog-info.yaml'
  await copy.change({ [path]: GOOD })
  assert.equal(fixture.received[0]?.push.files[0]?.path, path)
  assert.ok(fixture.received[0] && assertGenuine(fixture.received[0]) === undefined)
})

test('a push that does not fit into a message: in several, whole, each with an id and a signature of its own', async () => {
  const { copy } = await fixture.fresh('large', 'http')
  const folder = 'x'.repeat(200)
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, i) => [`${folder}/${i}/catalog-info.yaml`, component(`n${i}`)]),
  )
  const push = await copy.change(files)
  assert.equal(push.remote, '')
  const { received } = fixture
  assert.equal(fixture.connections, 1)
  const of = received.length
  assert.deepEqual(
    received.map(({ push }) => push.part),
    received.map((_, i) => ({ number: i + 1, of })),
  )
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, of)
  for (const one of received) {
    assert.ok(one.raw.length <= 64 * 1024, `${one.raw.length} bytes`)
    assertGenuine(one)
  }
  const told = received.flatMap(({ push }) => push.files)
  assert.deepEqual(told.map(({ path }) => path).sort(), Object.keys(files).sort())
  assert.ok(told.every(({ entities }) => entities?.length === 1))
})

test('more entities in a file than a message may name', async () => {
  const { copy } = await fixture.fresh('entities', 'http')
  await copy.change({ 'catalog-info.yaml': Array.from({ length: 1100 }, (_, i) => component(`n${i}`)).join('---\n') })
  assert.equal(fixture.received[0]?.push.files[0]?.entities?.length, 1000)
  assert.ok(fixture.received[0] && assertGenuine(fixture.received[0]) === undefined)
})

function assertGenuine({ headers, raw, push }: Received): void {
  const text = (name: string) => String(headers[name])
  assert.equal(pushNotification(push), true, JSON.stringify(pushNotification.errors))
  assert.equal(headers['content-type'], 'application/json')
  assert.match(text('webhook-id'), /^msg_[0-9a-f]{32}$/)
  assert.match(text('webhook-timestamp'), /^\d{10}$/)
  const secret = parseSecret(SECRET)
  assert.ok(secret.result === 'key')
  const signed = [text('webhook-id'), text('webhook-timestamp'), raw, text('webhook-signature')] as const
  assert.ok(isSignedBy([secret.key], ...signed))
  assert.ok(!isSignedBy([Buffer.alloc(32)], ...signed))
  new Webhook(SECRET).verify(
    raw,
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  )
}
