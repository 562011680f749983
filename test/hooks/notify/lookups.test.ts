// What the live catalog says of a push, by the relay; and that whatever becomes of the question, the notification goes out and nobody is held up.
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach, suite, test } from 'node:test'
import { lookupRequest } from '../../../schemas/compiled/own.mjs'
import type { LookupAnswer, LookupRequest } from '../../../schemas/lookup.ts'
import { isSignedBy, parseSecret } from '../../../schemas/signature.ts'
import { component } from '../built-hook.ts'
import { NotifyFixture, SECRET } from './notify-fixture.ts'

let fixture: NotifyFixture
before(async () => {
  fixture = await NotifyFixture.open()
})
beforeEach(() => fixture.reset())
after(() => fixture.close())

const BILLING = 'https://ghe.test/acme/billing/blob/main/catalog-info.yaml'

const answering =
  (answer: Partial<LookupAnswer>): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ unknown: [], taken: [], asOf: '2027-01-31T08:00:00Z', ...answer }))
  }

const unknownOwner = { unknown: [{ ref: 'group:default/team-a', nearest: ['group:default/team-b', 'group:x/c'] }] }
const takenName = { taken: [{ ref: 'component:default/other', by: BILLING }] }

const asked = () => fixture.asked.map(({ raw }) => JSON.parse(raw.toString('utf8')) as LookupRequest)

const WARNED = `warning: this push was accepted with 2 problems in catalog-info.yaml
catalog-info.yaml:4:9: warning: component:default/other is acme/billing's: ${BILLING}; the catalog keeps that one, and drops this one without a word [name-taken]
  |
4 |   name: other
  |         ^~~~~
hint: give it a name of your own, or remove it there first
catalog-info.yaml:5:54: warning: no group:default/team-a in the catalog [unknown-ref]
  |
5 | spec: { type: service, lifecycle: production, owner: team-a }
  |                                                      ^~~~~~
hint: did you mean "group:default/team-b"?
`

test('what it says stands at its places, in a push that is accepted', async () => {
  fixture.lookUp = answering({ ...unknownOwner, ...takenName })
  const run = await fixture.run('https')
  assert.equal(run.exitCode, 0)
  assert.equal(run.stdout, WARNED)
  assert.deepEqual(asked(), [
    {
      ...{ version: 1, repository: 'acme/direct', ref: 'refs/heads/main' },
      entities: [{ ref: 'component:default/other', path: 'catalog-info.yaml' }],
      references: ['group:default/team-a'],
    },
  ])
  assert.equal(fixture.received.length, 1)
  assert.equal(fixture.connections, 1, 'the question and the notification share a connection')
  const [{ headers, raw } = { headers: {}, raw: Buffer.alloc(0) }] = fixture.asked
  const secret = parseSecret(SECRET)
  assert.ok(secret.result === 'key' && lookupRequest(asked()[0]))
  const [id = '', timestamp = '', signature = ''] = ['id', 'timestamp', 'signature'].map(name =>
    String(headers[`webhook-${name}`]),
  )
  assert.ok(isSignedBy([secret.key], id, timestamp, raw, signature))
})

test('as an error it refuses the push, and the relay is told of nothing', async () => {
  for (const answer of [unknownOwner, takenName]) {
    fixture.lookUp = answering(answer)
    const run = await fixture.run('strict')
    assert.equal(run.exitCode, 1, run.stdout)
    assert.match(run.stdout, /^error: this push was not accepted: 1 problem in catalog-info\.yaml\n/)
  }
  assert.equal(fixture.received.length, 0)
  fixture.lookUp = answering({})
  assert.equal((await fixture.run('strict')).stdout, '')
  assert.equal(fixture.received.length, 1)
})

suite('whatever the answer, nothing is said, and the notification goes out', () => {
  const silent: Record<string, RequestListener> = {
    '404': (_request, response) => response.writeHead(404).end('{}'),
    '503': (_request, response) => response.writeHead(503, { 'retry-after': '5' }).end('{}'),
    '500, and the connection closed': (_request, response) => response.writeHead(500, { connection: 'close' }).end(),
    'no JSON': (_request, response) => response.writeHead(200).end('<html>'),
    'another shape': (_request, response) => response.writeHead(200).end('{"unknown":[{"ref":1}],"taken":[]}'),
    'a list': (_request, response) => response.writeHead(200).end('[]'),
    null: (_request, response) => response.writeHead(200).end('null'),
    'the connection cut': request => request.socket.destroy(),
    'an answer, and the connection cut behind it': (request, response) =>
      response.writeHead(200).end('{"unknown":[],"taken":[],"asOf":""}', () => request.socket.destroy()),
    'half an answer, and the connection cut': (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"unknown":[')
      response.on('close', () => undefined)
      setImmediate(() => request.socket.destroy())
    },
  }
  for (const [name, lookUp] of Object.entries(silent))
    for (const hook of ['http', 'strict'])
      test(`${name}: ${hook}`, async () => {
        fixture.lookUp = lookUp
        const run = await fixture.run(hook)
        assert.deepEqual([run.stdout, run.exitCode], ['', 0])
        assert.equal(fixture.asked.length, 1)
        assert.equal(fixture.received.length, 1)
      })

  test('none at all: it is not waited for longer than relay.lookupMs', async () => {
    for (const [hook, connections] of [
      ['hasty', 1],
      ['hastyStrict', 2], // the answer may still come on the first one
    ] as const) {
      fixture.reset()
      fixture.lookUp = () => undefined
      const run = await fixture.run(hook)
      assert.deepEqual([run.stdout, run.exitCode], ['', 0])
      assert.deepEqual([fixture.received.length, fixture.asked.length, fixture.connections], [1, 1, connections], hook)
    }
  })

  test('relay.lookupMs: 0 asks nothing, and the hook that only notifies neither', async () => {
    await fixture.run('unasking')
    await fixture.run('notify')
    assert.equal(fixture.received.length, 2)
    assert.equal(fixture.asked.length, 0)
  })
})

suite('real pushes', () => {
  test('what the same push adds is not asked for; each branch is asked for', async () => {
    const { copy } = await fixture.fresh('adds', 'http')
    const team = component('team-a')
      .replace('Component', 'Group')
      .replace(/^spec.*$/m, 'spec: { type: team, children: [b] }')
    await copy.write('a/catalog-info.yaml', component('a', '').replace('team-a }', 'team-a, system: pay/s }'))
    await copy.write('b/catalog-info.yaml', team)
    await copy.commit()
    await copy.push({ refs: ['HEAD:main', 'HEAD:topic'] })
    assert.deepEqual(
      asked().map(({ ref, references }) => [ref, ...references]),
      ['main', 'topic'].map(branch => [`refs/heads/${branch}`, 'system:pay/s', 'group:default/b']),
    )
    assert.equal(fixture.connections, 1)
  })

  test('a name of this repository is taken as long as its file holds it', async () => {
    const files = { 'catalog-info.yaml': component('a'), 'b/catalog-info.yaml': component('b') }
    const { copy } = await fixture.fresh('moves', 'http', files)
    const by = 'https://ghe.test/Acme/Moves/tree/feature/x/catalog-info.yaml'
    fixture.lookUp = answering({ taken: [{ ref: 'component:default/a', by }] })
    const doubled = await copy.change({ 'c/catalog-info.yaml': component('a') })
    assert.match(doubled.remote, /component:default\/a is Acme\/Moves's: .*\[name-taken\]/)
    await copy.remove('c/catalog-info.yaml')
    await copy.commit()
    await copy.push()
    await copy.remove('catalog-info.yaml')
    await copy.write('d/catalog-info.yaml', component('a'))
    await copy.commit()
    const moved = await copy.push()
    assert.equal(moved.exitCode, 0, moved.terminal)
    assert.doesNotMatch(moved.remote, /name-taken/)
    // On another branch: what stands there counts.
    await copy.git('checkout', '-b', 'topic')
    assert.doesNotMatch((await copy.change({ 'e/catalog-info.yaml': component('a') })).remote, /name-taken/)
  })
})
