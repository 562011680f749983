// The chain: Location as blob, as tree, the entities, a registration; and where it stops.
import assert from 'node:assert/strict'
import { after, afterEach, before, type TestContext, test } from 'node:test'
import { type Backstage, openBackstage } from '../../../relay/clients/backstage.ts'
import type { FileAnswer } from '../../../relay/clients/ghes/branches.ts'
import { type Forwarded, forward } from '../../../relay/deliver/forward.ts'
import type { RefreshJob } from '../../../relay/store/ports/jobs.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
import { type Catalog, serverError, startCatalog } from '../../support/catalog.ts'
import { FOREIGN_ANSWERS } from '../../support/foreign-answers.ts'

let catalog: Catalog
let backstage: Backstage
let token = 'good'
let calls = 0
let atGhes: FileAnswer | undefined

const opened = (timeoutMs: number) =>
  openBackstage({ baseUrl: catalog.url, token: () => token, now: Date.now, timeoutMs })

before(async () => {
  catalog = await startCatalog({ token: 'good', otherPluginToken: 'other' })
  backstage = opened(60_000)
})
after(async () => {
  await backstage.close()
  await catalog.stop()
})
afterEach(() => {
  catalog.forgetRequests()
  catalog.clearFailures()
  token = 'good'
  calls = 0
  atGhes = undefined
})

const job: RefreshJob = {
  kind: 'refresh',
  pushId: 'msg_1',
  repository: 'acme/svc',
  ref: 'refs/heads/main',
  path: 'catalog-info.yaml',
  change: 'modified',
  entities: ['Component:default/One', 'no-ref', 'component:default/two'],
  defaultBranch: true,
  receivedAtMs: 0,
  attempts: 0,
  lease: 'l',
  flow: 'jane',
}
const blob = 'https://ghe.test/acme/svc/blob/main/catalog-info.yaml'
const tree = 'https://ghe.test/acme/svc/tree/main/catalog-info.yaml'
/** What was done for it last, and by which entity. */
let did: string | undefined
let via: string | undefined
async function run(
  fields: Partial<RefreshJob> = {},
  register = false,
  removed: 'refresh' | 'unregister' = 'refresh',
): Promise<{ result: 'done'; outcome: string } | Exclude<Forwarded, { result: 'done' }>> {
  const forwarded = await forward(
    backstage,
    { ...job, ...fields },
    {
      ...{ host: 'ghe.test', register, removed, beforeCall: async () => void calls++ },
      ...{
        locations: [],
        known: { knownFiles: async () => [], filesReferencing: async () => [], moving: async () => [] },
      },
      fileAtGhes: async () => atGhes ?? { result: fields.change === 'removed' ? 'absent' : 'there' },
    },
  )
  if (forwarded.result !== 'done') return forwarded
  ;({ did, via } = forwarded)
  return { result: 'done', outcome: forwarded.outcome }
}
const asked = () => catalog.refreshes().map(({ entityRef }) => entityRef)
/** Known to the catalog during this test only. */
function known(...refs: string[]): void {
  catalog.know(...refs)
}
afterEach(() => catalog.forget(locationRef(blob), locationRef(tree), 'component:default/one', 'component:default/two'))

test('the blob form first, one call', async () => {
  known(locationRef(blob), locationRef(tree))
  assert.deepEqual(await run(), { result: 'done', outcome: `refreshed its Location ${blob}` })
  assert.deepEqual(asked(), [locationRef(blob)])
  assert.equal(calls, 1)
  assert.deepEqual([did, via], ['refreshed', locationRef(blob)])
})

test('the tree form on 404', async () => {
  known(locationRef(tree))
  assert.deepEqual(await run(), { result: 'done', outcome: `refreshed its Location ${tree}` })
  assert.deepEqual(asked(), [locationRef(blob), locationRef(tree)])
})

test('then the entities, the first that is known', async () => {
  catalog.knowFrom('component:default/two', tree)
  assert.deepEqual(await run(), { result: 'done', outcome: 'refreshed component:default/two' })
  // The other one is not there, as far as the catalog shows: it may not show it to us.
  assert.deepEqual(asked(), [locationRef(blob), locationRef(tree), 'component:default/one', 'component:default/two'])
  assert.deepEqual([calls, catalog.count('by-refs')], [5, 1])
})

test('unknown everywhere is an outcome of its own, no failure', async () => {
  assert.deepEqual(await run(), { result: 'done', outcome: 'unknown to the catalog' })
  assert.equal(did, 'unknown')
  assert.equal(catalog.count('register'), 0)
})

test('registered where configured; known meanwhile is as good', async () => {
  const path = 'new folder/catalog-info.yaml'
  const target = 'https://ghe.test/acme/svc/blob/main/new%20folder/catalog-info.yaml'
  assert.deepEqual(await run({ path }, true), { result: 'done', outcome: `registered ${target}` })
  catalog.forget(locationRef(target))
  assert.deepEqual(await run({ path }, true), { result: 'done', outcome: `registered already: ${target}` })
  assert.deepEqual([did, via], ['registered', locationRef(target)])
})

test('another branch: its own Location, no entities of another file, no registration; unknown, and counted as nothing', async () => {
  known('component:default/one')
  assert.deepEqual(await run({ defaultBranch: false, ref: 'refs/heads/x' }, true), {
    result: 'done',
    outcome: 'unknown to the catalog, as files of other branches than the default one mostly are',
  })
  assert.equal(did, 'unexpected')
  assert.equal(asked().length, 2)
  assert.equal(catalog.count('register'), 0)
})

test('a removed file: refreshed, so that its status shows it; never registered', async () => {
  known(locationRef(blob))
  assert.equal((await run({ change: 'removed' }, true)).result, 'done')
  catalog.forget(locationRef(blob))
  assert.deepEqual(await run({ change: 'removed' }, true), { result: 'done', outcome: 'unknown to the catalog' })
  assert.equal(did, 'nothing', 'what the catalog never knew needs not go')
  assert.equal(catalog.count('register'), 0)
})

test('a removed file, to be unregistered: its registered Location goes, whichever form it was registered in', async () => {
  await backstage.register(tree)
  assert.deepEqual(await run({ change: 'removed' }, false, 'unregister'), {
    result: 'done',
    outcome: `unregistered ${tree}`,
  })
  assert.equal(catalog.count('unregister'), 1)
  assert.equal(did, 'unregistered')
  assert.deepEqual(asked(), [], 'refreshed what is gone')
  await backstage.register(blob)
  assert.equal((await run({ change: 'modified' }, false, 'unregister')).result, 'done')
  assert.equal(catalog.count('unregister'), 1, 'a file that is there was unregistered')
  assert.equal((await run({ change: 'removed' }, false, 'unregister')).result, 'done')
})

test('GHES has the file, whatever a late report says: nothing is taken away; or has it not: nothing is registered', async () => {
  await backstage.register(blob)
  atGhes = { result: 'there' }
  assert.deepEqual(await run({ change: 'removed' }, false, 'unregister'), {
    result: 'done',
    outcome: `not unregistered: GHES has the file now; refreshed its Location ${blob}`,
  })
  assert.equal(catalog.count('by-entity'), 0)
  catalog.forget(locationRef(blob))
  atGhes = { result: 'absent' }
  assert.deepEqual(await run({ change: 'added' }, true), {
    result: 'done',
    outcome: 'not registered, GHES has no such file now; unknown to the catalog',
  })
  assert.equal(catalog.count('register'), 1)
  atGhes = { result: 'trouble', kind: 'down', reason: 'GHES answered 502' }
  for (const given of [await run({ change: 'added' }, true), await run({ change: 'removed' }, false, 'unregister')])
    assert.deepEqual(given, { ...atGhes, of: 'ghe' })
  atGhes = undefined
  assert.equal((await run({ change: 'removed' }, false, 'unregister')).result, 'done')
})

test('a removed file whose Location is a provider’s: refreshed, and said why', async () => {
  known(locationRef(blob))
  const given = await run({ change: 'removed' }, false, 'unregister')
  assert.deepEqual(given, {
    result: 'done',
    outcome: `not unregistered: no Location of this file was registered, or backstage.token is not allowed to see it; refreshed its Location ${blob}`,
  })
})

test('a removed file and a token that may not delete: refreshed, and the permission is named', async () => {
  known(locationRef(blob))
  catalog.failNext('by-entity', { status: 403, body: { error: { name: 'NotAllowedError', message: 'no' } } })
  const given = await run({ change: 'removed' }, false, 'unregister')
  assert.ok(given.result === 'done')
  assert.match(given.outcome, /needs catalog\.location\.read and catalog\.location\.delete.*; refreshed its Location/)
  catalog.failNext('by-entity', { status: 503 })
  assert.equal((await run({ change: 'removed' }, false, 'unregister')).result, 'trouble')
})

test('names with blanks, "#" and non-ASCII: verbatim first, then as a browser shows them', async () => {
  const path = 'süß #1/catalog-info.yaml'
  const shown = 'https://ghe.test/acme/svc/blob/main/s%C3%BC%C3%9F%20%231/catalog-info.yaml'
  known(locationRef(shown))
  assert.deepEqual(await run({ path }), { result: 'done', outcome: `refreshed its Location ${shown}` })
  assert.equal(asked()[0], locationRef(`https://ghe.test/acme/svc/blob/main/${path}`))
})

const named = (name: string) => ({ body: { error: { name, message: '' } } })
const html = { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>' }
const troubles: { what: string; failure: Parameters<Catalog['failNext']>[1]; kind: string; retryAfterMs?: number }[] = [
  { what: '401', failure: { status: 401 }, kind: 'set-up' },
  { what: '403', failure: { status: 403 }, kind: 'set-up' },
  { what: 'a 404 that is a page', failure: html, kind: 'foreign' },
  { what: 'a redirect', failure: { status: 302, headers: { location: 'http://169.254.169.254/' } }, kind: 'set-up' },
  { what: '500', failure: serverError(500), kind: 'down' },
  { what: '502 of a load balancer', failure: { status: 502, body: '<html>Bad Gateway</html>' }, kind: 'foreign' },
  // The catalog's own errors have their own status: another pair is somebody else's.
  { what: 'NotFoundError with 400', failure: { ...named('NotFoundError'), status: 400 }, kind: 'foreign' },
  { what: 'InputError with 404', failure: { ...named('InputError'), status: 404 }, kind: 'foreign' },
  { what: 'NotFoundError with 500', failure: { ...named('NotFoundError'), status: 500 }, kind: 'down' },
  {
    what: '503 with Retry-After',
    failure: { ...serverError(503), headers: { 'retry-after': '7' } },
    kind: 'down',
    retryAfterMs: 7000,
  },
  {
    what: '429 with Retry-After',
    failure: { status: 429, headers: { 'retry-after': '3' } },
    kind: 'limited',
    retryAfterMs: 3000,
  },
  { what: 'a dropped connection', failure: 'drop', kind: 'down' },
  { what: 'no answer', failure: 'hang', kind: 'down' },
  { what: 'an endless answer', failure: { status: 500, body: Buffer.alloc(2 * 1024 * 1024) }, kind: 'down' },
]

/** Until the end of the test Backstage is not waited for longer than this. */
function waitOnly(timeoutMs: number, t: TestContext): void {
  const patient = backstage
  backstage = opened(timeoutMs)
  t.after(async () => {
    await backstage.close()
    backstage = patient
  })
}

for (const { what, failure, kind, retryAfterMs } of troubles) {
  test(`${what}: ${kind}, and the chain stops there`, async t => {
    if (failure === 'hang') waitOnly(2000, t)
    known(locationRef(tree))
    catalog.failNext('refresh', failure)
    const given = await run()
    assert.equal(given.result, 'trouble')
    assert.ok(given.result === 'trouble')
    assert.equal(given.kind, kind, given.reason)
    assert.equal(given.retryAfterMs, retryAfterMs)
    if (what === 'an endless answer') assert.match(given.reason, /larger than 1048576 bytes/)
    assert.equal(catalog.count(), 1, 'it was followed or went on')
  })
}

test('reached: the catalog itself has answered a question for nothing', async () => {
  assert.deepEqual(await backstage.reach(), { result: 'answered' })
  assert.equal(catalog.requests('query')[0]?.path, '/api/catalog/entities/by-query?limit=0')
  for (const wrong of ['secret-nonsense', 'other']) {
    token = wrong
    const given = await backstage.reach()
    assert.ok(given.result === 'trouble' && given.kind === 'set-up')
  }
})

test('a wrong token and a token for another plugin say what to mend, and never the token', async () => {
  for (const [wrong, words] of [
    ['secret-nonsense', /backstage\.token is not valid/],
    ['other', /permission catalog\.entity\.refresh/],
  ] as const) {
    token = wrong
    const given = await run()
    assert.ok(given.result === 'trouble')
    assert.match(given.reason, words)
    assert.ok(!given.reason.includes(wrong === 'other' ? 'Bearer' : wrong))
  }
})

test('a refusal on the way says who may be meant, and nothing of our token', async () => {
  for (const [answer, words] of [
    [{ status: 401, headers: { 'www-authenticate': 'Negotiate' } }, /asks for Negotiate.*a proxy/],
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' }, /\(text\/html\).*a proxy/],
    [
      { status: 429, headers: { 'content-type': 'text/html' }, body: '<html>' },
      /^something on the way to Backstage limits/,
    ],
  ] as const) {
    catalog.failNext('refresh', answer)
    const given = await run()
    assert.ok(given.result === 'trouble')
    assert.match(given.reason, words)
    assert.doesNotMatch(given.reason, /token/)
  }
})

for (const [who, answer] of Object.entries(FOREIGN_ANSWERS)) {
  test(`${who}: no refresh, no unknown entity, no registration, no Location taken away`, async () => {
    for (const [kind, given] of [
      ['refresh', () => run()],
      ['query', () => backstage.reach()],
      ['register', () => run({}, true)],
      ['by-entity', () => run({ change: 'removed' }, false, 'unregister')],
    ] as const) {
      catalog.failNext(kind, answer)
      assert.equal((await given()).result, 'trouble', kind)
    }
    const location = catalog.knowLocation(blob)
    assert.equal((await run({}, true)).result, 'done')
    catalog.forget(location)
  })
}
