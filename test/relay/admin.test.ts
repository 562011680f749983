// The inside: what can be read, and redrive with the admin token only. And senders that are slow on purpose.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { locationRef } from '../../schemas/entity-ref.ts'
import { serverError } from '../support/catalog.ts'
import { messageId } from '../support/message-id.ts'
import { ADMIN_TOKEN, HOOK_SECRET, notify, signedHeaders } from '../support/relay-process.ts'
import { locationOf, numberedPush } from './movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from './relay-fixture.ts'

let fixture: RelayFixture
let ghes: RelayFixture['ghes']
let catalog: RelayFixture['catalog']
let relay: RelayFixture['relay']

before(async () => {
  fixture = await openRelayFixture({
    landing: { firstCheckMs: 10, giveUpAfter: '60s' },
    retry: { firstMs: 1, maxMs: 2, giveUpAfter: '0ms' },
    adminHosts: ['relay.example.com'],
  })
  ;({ ghes, catalog, relay } = fixture)
})
after(() => fixture?.end())

async function pushed(n: number, step: string) {
  const push = numberedPush(n, 100)
  ghes.land(push)
  catalog.knowLocation(locationOf(push))
  assert.equal((await notify(relay.listen, push)).status, 202)
  const id = messageId(push)
  await relay.logged(line => line['id'] === id && line['step'] === step)
  return { push, id }
}

const redrive = (path: string, token = ADMIN_TOKEN) =>
  fetch(`${relay.admin}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })

test('the inside answers to localhost, to any address and to adminHosts; no name of somebody else leads to it', async () => {
  const port = Number(new URL(relay.admin).port)
  const asked = async (path: string, host: string) => {
    const request = get({ host: '127.0.0.1', port, path, headers: { host } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  for (const host of [
    'localhost',
    `LOCALHOST:${port}`,
    '127.0.0.1',
    '10.1.2.3:9090',
    `[::1]:${port}`,
    'Relay.Example.com',
  ])
    assert.equal(await asked('/v1/status', host), 200, host)
  for (const host of ['evil.example', 'evil.example:9090', 'localhost.evil.example', '127.0.0.1.evil.example', 'x'])
    for (const path of ['/', '/metrics', '/v1/status', '/v1/pushes', '/healthz'])
      assert.equal(await asked(path, host), 421, `${host} ${path}`)
})

test('who signs wrongly, or by another clock, is turned away, and the page and /v1/status say so and why', async () => {
  const push = numberedPush(90, 100)
  const seconds = Math.floor(Date.now() / 1000)
  assert.equal((await notify(relay.listen, push, 'msg_late', seconds - 600)).status, 401)
  const isSeen = async (words: RegExp) => {
    const [{ json }, page] = [await relay.get('/v1/status'), await (await fetch(relay.admin)).text()]
    assert.match((json as { turnedAway: { why: string }[] }).turnedAway.map(({ why }) => why).join(), words)
    assert.match(page, words)
    return { json: json as { turnedAway: object[] }, page }
  }
  await isSeen(/webhook-timestamp is out of tolerance/)
  const body = Buffer.from(JSON.stringify(push))
  const headers = signedHeaders(body, 'msg_other', Buffer.alloc(32, 7))
  assert.equal((await fetch(`${relay.listen}/v1/pushes`, { method: 'POST', headers, body })).status, 401)
  const { json, page } = await isSeen(/no signature of an active secret/)
  const [seen] = json.turnedAway
  assert.deepEqual({ ...seen, since: '', last: '' }, { ...seen, route: 'pushes', count: 2, since: '', last: '' })
  assert.match(
    page,
    /2 messages to <code>\/v1\/pushes<\/code> since .*Is the secret there one of <code>secrets\.hook</s,
  )
})

test('a push as JSON, in the shape of the documentation', async () => {
  const { push, id } = await pushed(1, 'forwarded')
  const { json } = await relay.get(`/v1/pushes/${id}`)
  const shown = json as Record<string, unknown> & { history: { at: string }[]; receivedAt: string }
  assert.deepEqual(Object.keys(shown).sort(), [
    'after',
    'before',
    'files',
    'history',
    'id',
    'pusher',
    'receivedAt',
    'ref',
    'repository',
    'state',
  ])
  assert.deepEqual(shown['files'], [
    {
      path: 'catalog-info.yaml',
      change: 'modified',
      state: 'forwarded',
      attempts: 0,
      outcome: `refreshed its Location ${locationOf(push)}`,
    },
  ])
  for (const at of [shown.receivedAt, ...shown.history.map(step => step.at)])
    assert.equal(new Date(at).toISOString(), at)
})

test('404 for a push that nobody knows, 400 for a filter that means nothing', async () => {
  assert.equal((await relay.get('/v1/pushes/msg_none')).status, 404)
  assert.equal((await relay.get('/v1/pushes?state=lost')).status, 400)
  assert.equal((await relay.get('/v1/pushes?repository=a&repository=b')).status, 400)
  assert.equal((await relay.get('/healthz')).status, 200)
  assert.equal((await relay.get('/readyz')).status, 200)
})

test('lists by repository and state; a status', async () => {
  const { id, push } = await pushed(2, 'forwarded')
  const { json } = await relay.get(`/v1/pushes?repository=${push.repository}&state=forwarded`)
  assert.deepEqual(
    (json as { pushes: { id: string }[] }).pushes.map(one => one.id),
    [id],
  )
  const status = (await relay.get('/v1/status')).json as { pushes: Record<string, number>; ghe: { state: string } }
  assert.ok((status.pushes['forwarded'] ?? 0) > 0)
  assert.equal(status.ghe.state, 'closed')
})

test('a dead push is redriven with the admin token only, one or all since a time', async () => {
  catalog.failNext('refresh', serverError(500)) // giveUpAfter is 0: no second try
  const { push, id } = await pushed(3, 'dead')
  assert.equal(((await relay.get(`/v1/pushes/${id}`)).json as { state: string }).state, 'dead')
  for (const token of ['', 'wrong', `${ADMIN_TOKEN}x`]) {
    assert.equal((await redrive(`/v1/pushes/${id}/redrive`, token)).status, 401)
    assert.equal((await redrive('/v1/redrive?since=1h', token)).status, 401)
  }
  assert.equal((await redrive('/v1/redrive?since=yesterday')).status, 400)
  assert.equal((await redrive('/v1/pushes/msg_none/redrive')).status, 404)
  const refresh = catalog.nextRefresh(locationRef(locationOf(push)))
  const answer = await redrive('/v1/redrive?since=1h')
  assert.deepEqual(await answer.json(), { redriven: 1 })
  await refresh
  await relay.logged(line => line['id'] === id && line['step'] === 'forwarded')
  assert.equal((await redrive(`/v1/pushes/${id}/redrive`)).status, 409)
})

test('what is inside is not on the way in', async () => {
  for (const path of ['/v1/status', '/v1/redrive', '/v1/pushes/msg_1/redrive']) {
    assert.equal((await fetch(`${relay.listen}${path}`, { method: 'POST' })).status, 404)
  }
})

test('senders that never finish are cut off; others are served meanwhile', async () => {
  const { port } = new URL(relay.listen)
  const slow = (text: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(text)
    socket.on('error', () => {})
    socket.resume()
    return once(socket, 'close')
  }
  const headers = Object.entries(signedHeaders(Buffer.from(''), 'msg_slow'))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const closed = [
    slow('POST /v1/pushes HTTP/1.1\r\nhost: x\r\n'),
    slow(`POST /v1/pushes HTTP/1.1\r\nhost: x\r\n${headers}content-length: 100\r\n\r\n{`),
  ]
  const startedMs = performance.now()
  await pushed(4, 'forwarded')
  await Promise.all(closed)
  assert.ok(performance.now() - startedMs < 140_000)
})

test('no secret and no token in the log', () => {
  const text = JSON.stringify(relay.log) + relay.stderr
  for (const secret of [HOOK_SECRET, ADMIN_TOKEN, 'ghe-token', 'backstage-token'])
    assert.ok(!text.includes(secret), secret)
})

test('a test push goes the whole way, and refreshes nothing', async () => {
  const asked = async (query = '', token = ADMIN_TOKEN) => {
    const answer = await redrive(`/v1/test${query}`, token)
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  assert.equal((await asked('', 'wrong')).status, 401)
  for (const repository of ['x', 'acme/nowhere']) assert.equal((await asked(`?repository=${repository}`)).status, 409)
  await pushed(900, 'forwarded')
  const refreshes = catalog.refreshes().length
  const { status, body } = await asked()
  assert.deepEqual([status, body['repository']], [202, numberedPush(900, 100).repository])
  await relay.logged(line => line['id'] === body['id'] && line['step'] === 'forwarded')
  const { json } = await relay.get(`/v1/pushes/${body['id']}`)
  const { state, files, history } = json as { state: string; files: { outcome: string }[]; history: { step: string }[] }
  assert.equal(state, 'forwarded')
  assert.match(files[0]?.outcome ?? '', /^a test: Backstage answers/)
  assert.deepEqual(
    history.map(({ step }) => step),
    ['accepted', 'landed', 'forwarded'],
  )
  assert.equal(catalog.refreshes().length, refreshes)
})
