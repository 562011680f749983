// POST /v1/lookups over the network: who is answered, and that a signed question leaves the connection to the notification.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { LookupResult } from '../../../relay/lookups/lookups.ts'
import type { LookupRequest } from '../../../schemas/lookup.ts'
import { signedHeaders } from '../../support/relay-process.ts'
import { type IntakeFixture, openIntakeFixture, RawSender } from './intake-fixture.ts'

const request: LookupRequest = {
  ...{ version: 1, repository: 'acme/payments', ref: 'refs/heads/main' },
  ...{ entities: [{ ref: 'component:default/x', path: 'catalog-info.yaml' }], references: ['group:default/a'] },
}
const body = JSON.stringify(request)
const answer = { unknown: [], taken: [], asOf: '2027-01-31T08:00:00.000Z' }

const state: { result: LookupResult; asked: LookupRequest[]; draining: boolean } = {
  ...{ result: { result: 'answer', answer }, asked: [], draining: false },
}
let on: IntakeFixture
let off: IntakeFixture

before(async () => {
  const draining = () => state.draining
  on = await openIntakeFixture({
    draining,
    lookups: async asked => {
      state.asked.push(asked)
      return state.result
    },
  })
  off = await openIntakeFixture({ draining })
})
after(() => Promise.all([on.end(), off.end()]))

const post = (
  fixture: IntakeFixture,
  text: string,
  headers: Record<string, string> = signedHeaders(Buffer.from(text), 'msg_1'),
) => fetch(`http://127.0.0.1:${fixture.port}/v1/lookups`, { method: 'POST', body: text, headers })

async function assertRefused(answered: Promise<Response>, status: number, error: RegExp): Promise<void> {
  const { status: given, ...response } = await answered.then(async one => ({
    status: one.status,
    text: await one.text(),
  }))
  assert.deepEqual([given, error.test(response.text)], [status, true], response.text)
}

suite('an answer', () => {
  test('what the catalog knows; nothing is stored', async () => {
    const answered = await post(on, body)
    assert.equal(answered.status, 200)
    assert.deepEqual(await answered.json(), answer)
    assert.deepEqual(state.asked, [request])
    assert.deepEqual(await on.store.list({ limit: 10 }), [])
  })

  test('503 when it cannot be said, 503 while it stops', async () => {
    const { result } = state
    state.result = { result: 'unavailable' }
    await assertRefused(post(on, body), 503, /the catalog cannot be asked now/)
    state.result = result
    state.draining = true
    await assertRefused(post(on, body), 503, /shutting down/)
    state.draining = false
  })

  test('401 for a wrong signature, 400 for a wrong shape, 405 for another method', async () => {
    await assertRefused(post(on, body, signedHeaders(Buffer.from('other'), 'msg_1')), 401, /unauthorized/)
    await assertRefused(post(on, JSON.stringify({ ...request, references: [1] })), 400, /references/)
    await assertRefused(post(on, '{'), 400, /not JSON/)
    await assertRefused(fetch(`http://127.0.0.1:${on.port}/v1/lookups`), 405, /expected POST/)
  })

  test('404 to everybody where lookups are not configured', async () => {
    await assertRefused(post(off, body), 404, /lookups\.enabled/)
    await assertRefused(post(off, body, signedHeaders(Buffer.from('other'), 'msg_1')), 404, /lookups\.enabled/)
    await assertRefused(post(off, body, { 'content-type': 'text/plain' }), 404, /lookups\.enabled/)
  })
})

for (const [name, fixture, first] of [
  ['an answered', () => on, 200],
  ['a 404', () => off, 404],
] as const)
  test(`${name} question keeps the connection for the notification`, async () => {
    const sender = new RawSender(fixture().port)
    const push = JSON.stringify({
      ...{ version: 1, repository: 'acme/payments', ref: 'refs/heads/main' },
      ...{ before: 'a'.repeat(40), after: 'b'.repeat(40), files: [{ path: 'catalog-info.yaml', change: 'modified' }] },
    })
    sender.write(raw('/v1/lookups', body)).write(raw('/v1/pushes', push))
    await sender.answered(/HTTP\/1\.1 202 /)
    assert.deepEqual(sender.statuses(), [first, 202])
    sender.socket.destroy()
  })

function raw(path: string, text: string): string {
  const headers = { host: 'relay', ...signedHeaders(Buffer.from(text), `msg${path.replaceAll('/', '_')}`) }
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(text)) })
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`
}
