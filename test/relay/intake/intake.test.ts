// Every row of the intake's refusal table, on a real server with a real store.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { catalogPathTest } from '../../../relay/intake/catalog-paths.ts'
import { readNotification } from '../../../relay/intake/hook.ts'
import type { IntakeOptions } from '../../../relay/intake/intake-options.ts'
import { openIntake } from '../../../relay/intake/server.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import { type Store, StoreUnavailable } from '../../../relay/store/store.ts'
import { CATALOG_DEFAULTS } from '../../../schemas/catalog-globs.ts'
import { sign } from '../../../schemas/signature.ts'
import { messageId } from '../../support/message-id.ts'
import { HOOK_KEY, HOOK_SECRET, notify, signedHeaders } from '../../support/relay-process.ts'
import { TestClock } from '../clock.ts'
import { numberedPush } from '../movable-ghes.ts'
import { steered } from './intake-fixture.ts'

const clock = new TestClock()
const seconds = () => Math.floor(clock.now() / 1000)
const otherKey = Buffer.alloc(32, 7)
const state = { draining: false, full: false, broken: false, hookSecrets: [HOOK_SECRET] }
const logged: string[] = []
let folder: string
let store: Store
let url: string
let port: number
let app: ReturnType<typeof openIntake>

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalog-gate-intake-'))
  store = openSqliteStore({ path: join(folder, 'relay.db'), now: clock.now })
  const failing = () => Promise.reject(new StoreUnavailable('disk full'))
  const faulty = steered(store, {
    accept: push => (state.broken ? failing() : store.accept(push)),
    acceptLanded: (...report) => (state.broken ? failing() : store.acceptLanded(...report)),
    probe: () => (state.broken ? failing() : store.probe()),
    backlog: () => (state.full ? 1_000_000 : 0),
  })
  const options: IntakeOptions = {
    store: faulty,
    clock,
    wallMs: clock.now,
    log: openLog({ write: text => void logged.push(text) }, 'debug'),
    hookSecrets: [() => state.hookSecrets[0] ?? '', () => state.hookSecrets[1] ?? HOOK_SECRET],
    isCatalogFile: catalogPathTest(CATALOG_DEFAULTS),
    firstCheckMs: 250,
    webhookSecrets: [() => 'webhook-secret-one', () => 'webhook-secret-two'],
    onLanded: () => {},
    onAccepted: () => {},
    draining: () => state.draining,
  }
  app = openIntake(options)
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
  url = `http://127.0.0.1:${port}`
})

after(async () => {
  await app.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const notification = {
  version: 1,
  repository: 'acme/payments',
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: 'b'.repeat(40),
  files: [{ path: 'catalog-info.yaml', change: 'modified' }],
}

let sent = 0
type Sending = {
  body?: string | Uint8Array
  headers?: Record<string, string>
  key?: Buffer
  atSeconds?: number
  id?: string
  drop?: string
}

function post({
  body = JSON.stringify(notification),
  headers,
  key,
  atSeconds,
  id = `msg_${++sent}`,
  drop,
}: Sending = {}) {
  const bytes = Buffer.from(body as string)
  const all: Record<string, string> = { ...signedHeaders(bytes, id, key, atSeconds ?? seconds()), ...headers }
  if (drop) delete all[drop]
  return fetch(`${url}/v1/pushes`, { method: 'POST', headers: all, body: bytes })
}

const withFields = (fields: object) => JSON.stringify({ ...notification, ...fields })

test('202 with the message id, once the push is on disk; the same for one that is known', async () => {
  for (const _ of [1, 2]) {
    const answer = await post({ id: 'msg_twice' })
    assert.equal(answer.status, 202)
    assert.deepEqual(await answer.json(), { id: 'msg_twice' })
    assert.ok(await store.push('msg_twice'))
  }
})

test('fields that we do not know are ignored, and not kept', async () => {
  const body = withFields({ shiny: 'yes', files: [{ path: 'a.yaml', change: 'added', colour: 'red' }] })
  assert.equal((await post({ id: 'msg_new', body })).status, 202)
  const read = readNotification(Buffer.from(body))
  assert.ok(read.result === 'push' && !JSON.stringify(read.push).match(/shiny|colour/))
})

const fileAt = (path: string, change = 'added') => ({ path, change })
const noJson = 'the body is not JSON in UTF-8'
const noBranch = 'ref: expected refs/heads/ and a branch name of git; found'
const wrongShapes: [body: string | Uint8Array | object, error: string][] = [
  ['hello', noJson],
  ['', noJson],
  [Buffer.from([0x22, 0xff, 0x22]), noJson],
  ['[]', 'the body: expected a map; found an empty list'],
  [{ version: 2, files: 3 }, 'version: expected 1; found 2'],
  [{ repository: undefined }, 'repository: expected OWNER/NAME; found nothing'],
  [{ files: [fileAt('a', 'moved')] }, 'files[0].change: expected added, modified or removed; found "moved"'],
  [{ repository: 'acme/..' }, 'repository: expected OWNER/NAME; found "acme/.."'],
  [{ ref: 'refs/heads/../../x' }, `${noBranch} "refs/heads/../../x"`],
  [{ ref: 'refs/heads/a//b' }, `${noBranch} "refs/heads/a//b"`],
  [{ files: [fileAt('../a.yaml')] }, 'files[0].path: expected a path in a git tree; found "../a.yaml"'],
  [{ files: [fileAt('a'), fileAt('a')] }, 'files[1].path: expected each path once; found "a"'],
  [{ after: 'abc\u202e' }, 'after: expected an object id of git, 40 or 64 hexadecimal digits; found "abc\\u202e"'],
  [{ part: { number: 4, of: 3 } }, 'part.number: expected at most part.of, 3; found 4'],
]
for (const [body, error] of wrongShapes) {
  test(`400: ${error}`, async () => {
    const isWhole = typeof body === 'string' || body instanceof Uint8Array
    const answer = await post({ body: isWhole ? body : withFields(body) })
    assert.deepEqual([answer.status, await answer.json()], [400, { error }])
  })
}

const unauthorized: Record<string, Sending> = {
  'no id': { drop: 'webhook-id' },
  'no timestamp': { drop: 'webhook-timestamp' },
  'no signature': { drop: 'webhook-signature' },
  'another secret': { key: otherKey },
  'a signature of another id': { headers: { 'webhook-id': 'msg_other' } },
  'a broken signature': { headers: { 'webhook-signature': 'v1,AAAA' } },
  'an unknown scheme': { headers: { 'webhook-signature': 'v2,AAAA' } },
  'more than 5 minutes old': { atSeconds: seconds() - 301 },
  'more than 5 minutes ahead': { atSeconds: seconds() + 301 },
  'a timestamp that is no plain number': { headers: { 'webhook-timestamp': `${seconds()}.0` } },
  'an unsigned wrong shape': { body: '{}', key: otherKey },
}
for (const [what, sending] of Object.entries(unauthorized)) {
  test(`401 without detail: ${what}`, async () => {
    const answer = await post(sending)
    assert.equal(answer.status, 401)
    assert.deepEqual(await answer.json(), { error: 'unauthorized' })
  })
}

test('a time at the edge of the tolerance is taken', async () => {
  assert.equal((await post({ atSeconds: seconds() - 299 })).status, 202)
  assert.equal((await post({ atSeconds: seconds() + 299 })).status, 202)
})

test('two secrets are active, and one of several signatures is enough', async () => {
  state.hookSecrets = [`whsec_${otherKey.toString('base64')}`, HOOK_SECRET]
  try {
    assert.equal((await post()).status, 202)
    assert.equal((await post({ key: otherKey })).status, 202)
    const body = Buffer.from(JSON.stringify(notification))
    const both = ['v1,AAAA', sign(HOOK_KEY, 'msg_both', seconds(), body)].join(' ')
    assert.equal((await post({ id: 'msg_both', headers: { 'webhook-signature': both } })).status, 202)
  } finally {
    state.hookSecrets = [HOOK_SECRET]
  }
  assert.equal((await post({ key: otherKey })).status, 401)
})

test('404 for other paths, whatever their body', async () => {
  for (const [path, init] of [
    ['/', {}],
    ['/v1', {}],
    ['/v1/pushes/msg_1', {}],
    ['/v1/status', {}],
    ['/x', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
  ] as const) {
    assert.equal((await fetch(`${url}${path}`, init)).status, 404, path)
  }
})

test('405 names what is allowed', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await fetch(`${url}/v1/pushes`, { method, ...(method === 'PUT' ? { body: 'x' } : {}) })
    assert.equal(answer.status, 405, method)
    assert.equal(answer.headers.get('allow'), 'POST')
  }
  const answer = await fetch(`${url}/healthz`, { method: 'POST' })
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.get('allow'), 'GET, HEAD')
})

test('413 above 64 KiB, by content-length and while streaming', async () => {
  const limit = 64 * 1024
  const fill = (bytes: number) => {
    const body = withFields({ bypass: '' })
    return `${body}${' '.repeat(bytes - body.length)}`
  }
  assert.equal((await post({ body: fill(limit) })).status, 202)
  assert.equal((await post({ body: fill(limit + 1) })).status, 413)
  assert.equal((await post({ body: fill(2 * 1024 * 1024) }).catch(() => ({ status: 413 }))).status, 413)
  const streamed = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(fill(limit + 1)))
      controller.close()
    },
  })
  const headers = signedHeaders(Buffer.from(''), 'msg_stream', HOOK_KEY, seconds())
  const answer = await fetch(`${url}/v1/pushes`, {
    method: 'POST',
    headers,
    body: streamed,
    duplex: 'half',
  } as RequestInit)
  assert.equal(answer.status, 413)
})

test('415 for other content types and for compressed bodies', async () => {
  for (const headers of [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-encoding': 'gzip' },
  ]) {
    assert.equal((await post({ headers })).status, 415, JSON.stringify(headers))
  }
  assert.equal((await post({ drop: 'content-type' })).status, 415)
  assert.equal((await post({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } })).status, 202)
})

test('429 with Retry-After while too much waits', async () => {
  state.full = true
  const answer = await post()
  state.full = false
  assert.equal(answer.status, 429)
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
})

test('503 with Retry-After when storing fails, and 202 again when it works', async () => {
  state.broken = true
  const answer = await post({ id: 'msg_broken' })
  clock.pass(1000)
  const ready = await fetch(`${url}/readyz`)
  state.broken = false
  assert.equal(answer.status, 503)
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
  assert.equal(ready.status, 503)
  assert.equal(await store.push('msg_broken'), undefined)
  assert.equal((await post({ id: 'msg_broken' })).status, 202)
  clock.pass(1000)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
})

test('503 with Retry-After while draining; alive, but not ready', async () => {
  state.draining = true
  const answer = await post()
  const [ready, alive] = await Promise.all(['/readyz', '/healthz'].map(path => fetch(`${url}${path}`)))
  state.draining = false
  assert.equal(answer.status, 503)
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
  assert.equal(ready?.status, 503)
  assert.equal(alive?.status, 200)
})

const report = {
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: 'c'.repeat(40),
  repository: { full_name: 'acme/reported', default_branch: 'main' },
  pusher: { name: 'a key' },
  sender: { login: 'octocat' },
  commits: [
    { added: ['catalog-info.yaml'], modified: ['README.md'], removed: [] },
    { added: [], modified: ['catalog-info.yaml'], removed: ['old/catalog-info.yml'] },
  ],
}

function webhook(payload: unknown, headers: Record<string, string> = {}, secret = 'webhook-secret-one') {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const all = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': `delivery-${++sent}`,
    'x-hub-signature-256': signature,
    ...headers,
  }
  return fetch(`${url}/v1/github`, { method: 'POST', headers: all, body })
}

test('webhook: a push that nobody announced is a way in of its own, once a delivery', async () => {
  const headers = { 'x-github-delivery': 'delivery-once' }
  const first = await webhook(report, headers)
  assert.deepEqual([first.status, await first.json()], [202, { status: 'accepted', landed: 1 }])
  const again = await webhook(report, headers, 'webhook-secret-two')
  assert.deepEqual([again.status, await again.json()], [202, { status: 'known' }])
  const push = await store.push(reportId('delivery-once'))
  assert.deepEqual([push?.state, push?.pusher], ['landed', 'octocat'])
  assert.deepEqual(
    push?.files.map(({ path, change }) => [path, change]),
    [
      ['catalog-info.yaml', 'added'],
      ['old/catalog-info.yml', 'removed'],
    ],
  )
})

test('webhook: other events, tags and pushes of other files are taken and ignored', async () => {
  for (const [payload, event] of [
    [{ zen: 'x' }, 'ping'],
    [{ action: 'created' }, 'repository'],
    [{ ...report, ref: 'refs/tags/v1' }, 'push'],
    [{ ...report, after: 'd'.repeat(40), commits: [{ modified: ['README.md'] }] }, 'push'],
  ] as const) {
    assert.equal((await webhook(payload, { 'x-github-event': event })).status, 202)
  }
  const stored = await store.list({ repository: 'acme/reported', limit: 10 })
  assert.ok(stored.every(({ after }) => after !== 'd'.repeat(40)))
})

test('webhook: refusals', async () => {
  assert.equal((await webhook(report, {}, 'another secret')).status, 401)
  assert.equal((await webhook(report, { 'x-hub-signature-256': 'sha256=00' })).status, 401)
  assert.equal((await webhook('not JSON')).status, 400)
  assert.equal((await webhook({ ...report, repository: { full_name: 'acme/..' } })).status, 400)
  assert.equal((await webhook({ ...report, ref: 'refs/heads/../x' })).status, 400)
  assert.equal((await webhook(report, { 'content-type': 'application/x-www-form-urlencoded' })).status, 415)
  assert.equal((await webhook(report, { 'x-github-delivery': '' })).status, 400)
  assert.equal((await webhook(' '.repeat(5 * 1024 * 1024 + 1)).catch(() => ({ status: 413 }))).status, 413)
  assert.equal((await fetch(`${url}/v1/github`)).headers.get('allow'), 'POST')
})

test('garbage instead of HTTP is answered 400 and closed', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.end('\x16\x03\x01 hello\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1\.1 400 /)
})

test('neither secrets nor signatures are in the log', () => {
  const text = logged.join('')
  assert.ok(text.includes('push accepted'))
  assert.ok(!text.includes(HOOK_SECRET.slice(6, 20)))
  assert.ok(!/v1,[A-Za-z0-9+/]{20}/.test(text))
})

test('references are found as paths, also where they were written as parts of a URL', async () => {
  const push = { ...numberedPush(910, 1000), repository: 'acme/references' }
  const references = ['docs/open%20api.yaml', 'swagger.yaml?raw=true#/a', '100%.yaml', 'a?.yaml', 'teams/*.yaml']
  const files = [{ path: 'catalog-info.yaml', change: 'modified' as const, references }]
  assert.equal((await notify(url, { ...push, files }, messageId(push), seconds())).status, 202)
  const { repository, ref, before, after } = push
  await store.acceptLanded('references', { repository, ref, before, after, files: [] })
  for (const path of ['docs/open api.yaml', 'docs/open%20api.yaml', 'swagger.yaml', '100%.yaml', 'teams/a.yaml'])
    assert.deepEqual(await store.filesReferencing(repository, ref, [path]), ['catalog-info.yaml'], path)
  assert.deepEqual(await store.filesReferencing(repository, ref, ['docs/open.yaml']), [])
})

test('half a character in a text is mended at the door; a name that no store can find again is refused there', async () => {
  const push = numberedPush(900, 1000)
  const [file] = push.files
  assert.ok(file)
  const id = messageId(push, 2)
  const long = 'ä'.repeat(600)
  const files = [{ ...file, references: [long, 'openapi.yaml'] }]
  assert.equal((await notify(url, { ...push, bypass: 'half \ud83d', files }, id, seconds())).status, 202)
  assert.equal((await store.push(id))?.bypass, 'half \ufffd')
  for (const bad of [
    { ...push, files: [{ ...file, path: `${long}/catalog-info.yaml` }] },
    { ...push, ref: `refs/heads/${long}` },
  ]) {
    const answer = await notify(url, bad, messageId(push, 3), seconds())
    assert.equal(answer.status, 400)
    assert.match(((await answer.json()) as { error: string }).error, /: expected at most \d+ bytes; found "[^"]{80}…"/)
  }
})
