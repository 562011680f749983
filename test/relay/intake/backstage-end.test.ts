// What our module in Backstage and the relay say to each other: verdicts in, Locations out, both signed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { BACKSTAGE_KEY, HOOK_KEY, signedHeaders } from '../../support/relay-process.ts'
import { type IntakeFixture, openIntakeFixture } from './intake-fixture.ts'

let fixture: IntakeFixture
let isDraining = false
let isWhole = false
let asked = 0
before(async () => {
  fixture = await openIntakeFixture({
    draining: () => isDraining,
    backstage: {
      secrets: [() => `whsec_${BACKSTAGE_KEY.toString('base64')}`],
      host: 'ghe.test',
      listIsWhole: async () => isWhole,
      onProvider: () => void asked++,
      repositoriesAfter: cursor => ({
        ...{ isNew: cursor !== 'e.1', cursor: 'e.1', version: '3.19.2' },
        repositories: [{ repository: 'acme/shop', visibility: 'internal' }],
      }),
    },
  })
})
after(() => fixture.end())

const url = (path: string) => `http://127.0.0.1:${fixture.port}${path}`
let messages = 0

function say(body: unknown, key = BACKSTAGE_KEY): Promise<Response> {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return fetch(url('/v1/verdicts'), {
    method: 'POST',
    headers: signedHeaders(bytes, `msg_${++messages}`, key),
    body: bytes,
  })
}

const locations = (after?: string, key = BACKSTAGE_KEY) => ask('locations', after, key)

async function ask(what: string, after?: string, key = BACKSTAGE_KEY) {
  const { 'content-type': _, ...headers } = signedHeaders(Buffer.alloc(0), `msg_${++messages}`, key)
  const answer = await fetch(url(`/v1/${what}${after === undefined ? '' : `?after=${after}`}`), { headers })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { cursor: string } }
}

async function land(repository: string, change: 'added' | 'modified' | 'removed' = 'added'): Promise<string> {
  const id = `msg_push_${++messages}`
  const files = [{ path: 'catalog-info.yaml', change, entities: ['component:default/x'] }]
  const commits = { before: 'a'.repeat(40), after: String(messages).padStart(40, '0') }
  await fixture.store.accept({ id, repository, ref: 'refs/heads/main', ...commits, files, firstCheckAtMs: 0 })
  for (const task of await fixture.store.claimLandings({ limit: 10, leaseMs: 1000 }))
    await fixture.store.settleLandings(task, new Map([[id, { result: 'landed', detail: 'seen' }]]))
  return id
}

const at = () => new Date(Date.now() + 1).toISOString()
const location = 'url:https://ghe.test/Acme/Payments/tree/main/catalog-info.yaml'

test('a verdict is on disk with the 202, and stands at the push', async () => {
  const id = await land('acme/payments')
  const errors = ['spec.owner: must be string']
  const verdicts = [{ location, entity: 'component:default/x', result: 'refused', errors, at: at(), unknown: 1 }]
  assert.equal((await say({ version: 1, verdicts })).status, 202)
  const { verdict, state } = (await fixture.store.push(id)) ?? {}
  assert.deepEqual([verdict?.result, verdict?.files[0]?.errors, state], ['refused', errors, 'landed'])
})

test('what is not signed by Backstage, or has another shape, is refused', async () => {
  const verdicts = [{ location, entity: 'component:default/x', result: 'accepted', at: at() }]
  assert.equal((await say({ version: 1, verdicts }, HOOK_KEY)).status, 401)
  assert.equal((await say({ version: 1, verdicts: [{ ...verdicts[0], result: 'good' }] })).status, 400)
  assert.equal((await say('{')).status, 400)
  assert.equal((await locations(undefined, HOOK_KEY)).status, 401)
  assert.equal((await fetch(url('/v1/verdicts'))).status, 405)
  const other = [
    { ...verdicts[0], location: location.replace('ghe.test', 'github.com') },
    { ...verdicts[0], at: '2026-99-99T99:99:99' },
  ]
  assert.equal((await say({ version: 1, verdicts: other })).status, 202)
})

test('the Locations are all there are, then what changes, and complete only when the list is', async () => {
  isWhole = true
  await land('acme/shop', 'added')
  const all = await locations()
  const added = ['acme/payments', 'acme/shop'].map(name => `url:https://ghe.test/${name}/blob/main/catalog-info.yaml`)
  assert.deepEqual({ ...all.body, cursor: '' }, { complete: true, cursor: '', added, removed: [] })
  const later = locations(all.body.cursor)
  await land('acme/shop', 'removed')
  assert.deepEqual((await later).body['removed'], [added[1]])
  isWhole = false
  assert.equal((await locations('of-another-store.7')).body['complete'], false)
  assert.ok(asked >= 3)
})

test('what is known of repositories, signed as the Locations are', async () => {
  assert.deepEqual(await ask('repositories'), {
    status: 200,
    body: {
      ...{ cursor: 'e.1', ghes: { host: 'ghe.test', version: '3.19.2' } },
      repositories: [{ repository: 'acme/shop', visibility: 'internal' }],
    },
  })
  assert.equal((await ask('repositories', undefined, HOOK_KEY)).status, 401)
})

test('an empty list is never complete', async t => {
  const empty = await openIntakeFixture()
  t.after(() => empty.end())
  const answer = await fetch(`http://127.0.0.1:${empty.port}/v1/locations`, {
    headers: signedHeaders(Buffer.alloc(0), 'msg_empty', BACKSTAGE_KEY),
  })
  assert.equal(((await answer.json()) as { complete: boolean }).complete, false)
})

test('a question is not kept open when the relay stops', async () => {
  const { body } = await locations()
  const open = locations(body.cursor)
  isDraining = true
  assert.deepEqual((await open).body['added'] ?? [], [])
})
