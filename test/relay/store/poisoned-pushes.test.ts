// What a signed sender can say and no store should stumble over: refused at the door with 400, or it goes the whole way, on both stores; and never an exception.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { readNotification } from '../../../relay/intake/hook.ts'
import { takeReportedPush } from '../../../relay/intake/reported-push.ts'
import { takeRepositoryEvent } from '../../../relay/intake/reported-repository.ts'
import { readVerdicts } from '../../../relay/intake/verdict.ts'
import { readWebhook } from '../../../relay/intake/webhook.ts'
import type { JobKind } from '../../../relay/store/ports/jobs.ts'
import { openPostgresStore } from '../../../relay/store/postgres/postgres-store.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../../relay/store/store.ts'
import { startPostgres } from '../../support/postgres.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { LEASE, landAll } from './contract/fixture.ts'

/** What compresses to nothing would fit into any index. */
const text = (length: number) => randomBytes(length).toString('hex').slice(0, length)
const sha = (n: number) => n.toString(16).padStart(40, '0')
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const file = {
  path: 'catalog-info.yaml',
  change: 'modified',
  entities: ['component:default/x'],
  references: ['a.yaml'],
}
const push = { version: 1, repository: 'acme/x', ref: 'refs/heads/main', before: sha(1), after: sha(2), files: [file] }

/** Bodies of POST /v1/pushes: as JSON, or as they are. */
const NOTIFICATIONS: Record<string, unknown> = {
  'NUL in every text': {
    ...push,
    pusher: 'a\0b',
    bypass: 'a\0b',
    files: [{ ...file, entities: ['component:default/\0'], references: ['\0'] }],
  },
  'half characters in every text': {
    ...push,
    ref: 'refs/heads/\ud800',
    pusher: '\udc00',
    bypass: `${'x'.repeat(2047)}\ud83d`,
    files: [
      { ...file, path: '\ud800/catalog-info.yaml', entities: ['component:default/\udfff'], references: ['\ud83d'] },
    ],
  },
  'paths that are no UTF-8, as hooks sent them': {
    ...push,
    files: ['\ufffd', '\ufffd', '\ud800', '\udc00 ', '\ufffd '].map(path => ({ ...file, path })),
  },
  'texts as long as they may be': {
    ...push,
    repository: `${text(100)}/${text(155)}`,
    ref: `refs/heads/${text(490)}`,
    pusher: text(256),
    bypass: text(2048),
    files: [{ ...file, path: text(900), entities: [text(1024)], references: [text(4096), text(900)] }],
  },
  'characters of four bytes, as many as there may be': {
    ...push,
    pusher: '🦉'.repeat(128),
    bypass: '🦉'.repeat(1024),
    files: [{ ...file, path: '🦉'.repeat(225), entities: ['🦉'.repeat(512)] }],
  },
  'a bypass of a megabyte': { ...push, bypass: text(1_000_000) },
  'a path of 3 kB': { ...push, files: [{ ...file, path: text(3000) }] },
  'a path that leads elsewhere': { ...push, files: [{ ...file, path: '../../etc/passwd' }] },
  'paths with quotes, percents, a prototype': {
    ...push,
    files: ["'; DROP TABLE push; --", '%00', '__proto__', 'constructor', ':name', '$1', '\\', '"'].map(path => ({
      ...file,
      path,
    })),
    blobs: { constructor: sha(1), "'; DROP TABLE push; --": sha(2) },
  },
  'a prototype': `{"__proto__":{"version":1},${JSON.stringify({ ...push, toString: 1, hasOwnProperty: null }).slice(1)}`,
  'keys twice': `{"repository":"acme/other",${JSON.stringify(push).slice(1)}`,
  'numbers out of range': JSON.stringify({ ...push, part: { number: 1, of: 2 } }).replace(
    '"number":1',
    '"number":1e999',
  ),
  'a number too large for a store': { ...push, verdict: { errors: 1e300, warnings: 2 ** 53, first: '\0' } },
  'a path twice': { ...push, files: [file, { ...file, change: 'removed' }, file] },
  'a branch of 4 kB': { ...push, ref: `refs/heads/${text(4096)}` },
  'a text of 10 MB': { ...push, pusher: text(10_000_000) },
  'more files than a message holds': {
    ...push,
    files: Array.from({ length: 100_000 }, (_, i) => ({ path: `${i}.yaml`, change: 'added' })),
  },
  'times before all time': { ...push, at: -1, verdict: { errors: -1, warnings: 0 } },
  'less than nothing': { ...push, part: { number: -1, of: 0 } },
  'deep JSON': `{"x":${deep(30_000)},${JSON.stringify(push).slice(1)}`,
  'deep JSON with half a character': `{"x":${deep(30_000)},"y":"\\ud800",${JSON.stringify(push).slice(1)}`,
  'a list': [push],
  null: null,
  'a text': '"push"',
  nothing: '',
  'a byte order mark': `\ufeff${JSON.stringify(push)}`,
}

const report = {
  ref: 'refs/heads/main',
  before: sha(3),
  after: sha(4),
  repository: { full_name: 'acme/y', default_branch: 'main' },
  sender: { login: 'octocat' },
  commits: [{ added: [], modified: ['catalog-info.yaml'], removed: [] }],
}

/** Payloads of webhooks. */
const REPORTS: Record<string, [event: 'push' | 'repository', payload: unknown]> = {
  'a login of 100 kB': ['push', { ...report, sender: { login: text(100_000) } }],
  'a branch of 100 kB': ['push', { ...report, ref: `refs/heads/${text(100_000)}` }],
  'a default branch of 100 kB': [
    'push',
    { ...report, repository: { full_name: 'acme/y', default_branch: text(100_000) } },
  ],
  'a new branch, asked for from a default branch of 100 kB': [
    'push',
    {
      ...{ ...report, ref: 'refs/heads/new', before: '0'.repeat(40), commits: undefined },
      repository: { full_name: 'acme/y', default_branch: text(100_000) },
    },
  ],
  'paths of every kind': [
    'push',
    {
      ...report,
      commits: [
        {
          added: [text(3000), '\ud800', '', '/', 'a//b', 'x\0/catalog-info.yaml', 7, null],
          modified: {},
          removed: 'x',
        },
      ],
    },
  ],
  'a hundred thousand files, and each thrice': [
    'push',
    {
      ...report,
      commits: ['added', 'modified', 'removed'].map(change => ({
        ...{ added: [], modified: [], removed: [] },
        [change]: Array.from({ length: 100_000 }, (_, i) => `${i % 2 === 0 ? 'x' : 'y'}/${i}.txt`),
      })),
    },
  ],
  'one path, over and over': [
    'push',
    {
      ...report,
      commits: Array.from({ length: 1000 }, () => ({ added: ['a.yaml'], modified: ['a.yaml'], removed: ['a.yaml'] })),
    },
  ],
  'numbers beyond what a number holds': [
    'push',
    JSON.stringify({ ...report, size: 1 }).replace(
      '"size":1',
      '"size":90071992547409930000000001,"installation":{"id":-1}',
    ),
  ],
  'lists that are none': ['push', { ...report, commits: { length: 3 } }],
  'sizes out of range': ['push', JSON.stringify({ ...report, size: 1 }).replace('"size":1', '"size":1e999')],
  'a number in the place of a commit': ['push', { ...report, after: 42 }],
  'deep JSON': ['push', `{"x":${deep(100_000)},${JSON.stringify(report).slice(1)}`],
  'a name that leads elsewhere': ['push', { ...report, repository: { full_name: 'acme/..' } }],
  'renamed from nothing': ['repository', { action: 'renamed', repository: report.repository, changes: null }],
  'renamed from 100 kB': [
    'repository',
    { action: 'renamed', repository: report.repository, changes: { repository: { name: { from: text(100_000) } } } },
  ],
  'renamed from itself': [
    'repository',
    { action: 'renamed', repository: report.repository, changes: { repository: { name: { from: 'y' } } } },
  ],
  'archived, on a branch with half a character': [
    'repository',
    { action: 'archived', repository: { full_name: 'acme/y', default_branch: '\ud800' } },
  ],
  'a prototype as an action': ['repository', { action: '__proto__', repository: report.repository }],
}

/** Of our module: what a Location's URL holds comes decoded. */
const judged = {
  location: 'url:https://ghe.test/acme/x/blob/main/a.yaml',
  entity: 'component:default/x',
  at: '2027-01-31T08:00:00Z',
}
const odd = (length: number) =>
  Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('')
const VERDICTS: Record<string, unknown> = {
  'NUL and half a character in a URL': [
    { ...judged, location: 'url:https://ghe.test/acme/x/blob/main/%00%ED%A0%80/a%00.yaml' },
    { ...judged, location: 'url:https://ghe.test/acme/x/blob/main/%00/a%00.yaml' },
    { ...judged, location: 'url:https://ghe.test/acme%00/x/blob/main/\ud800', errors: ['\0', '\udfff'], heldBy: '\0' },
  ],
  'a path that no index holds': [{ ...judged, location: `${judged.location}/${odd(1500)}` }],
  'an entity that no index holds': [{ ...judged, entity: `component:default/${odd(2000)}` }],
  'both as long as they may be': [{ ...judged, location: `${judged.location}/${odd(800)}`, entity: odd(800) }],
  'times out of range': [
    '+275760-09-13T00:00:00Z',
    '0000-01-01',
    '-271821-04-20T00:00:00.000Z',
    'x',
    '9'.repeat(99),
  ].map(at => ({ ...judged, at })),
  'a prototype': JSON.parse('[{"__proto__":{"entity":"x"},"constructor":1}]'),
}

const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

async function wholeWay(store: Store, clock: TestClock): Promise<void> {
  let n = 0
  for (const [what, body] of Object.entries(NOTIFICATIONS)) {
    const read = readNotification(bytes(body))
    if (read.result === 'refused') {
      assert.equal(read.status, 400, what)
      assert.ok(!/^paths that/.test(what), read.message)
      continue
    }
    const { version: _, ...kept } = read.push
    const receipt = await store.accept({ ...kept, id: `msg_${++n}`, firstCheckAtMs: clock.now() })
    assert.equal(receipt.result, 'stored', what)
  }
  for (const [what, [event, payload]] of Object.entries(REPORTS)) {
    const webhook = readWebhook({ result: 'envelope', deliveryId: 'd', event, signature: '' }, bytes(payload))
    if (webhook.result === 'refused') assert.equal(webhook.status, 400, what)
    if (webhook.result === 'push')
      await takeReportedPush(
        { store, isCatalogFile: path => !path.endsWith('.txt') },
        { delivery: `d-${what}`, content: '' },
        webhook.push,
      )
    if (webhook.result === 'repository')
      await takeRepositoryEvent(store, { delivery: `d-${what}`, content: '' }, webhook.event)
  }
  for (const [what, verdicts] of Object.entries(VERDICTS))
    for (const result of ['accepted', 'refused', 'conflict', 'unreadable']) {
      const each = (verdicts as object[]).map(verdict => ({ result, ...verdict }))
      const read = readVerdicts(bytes({ version: 1, verdicts: each }), 'ghe.test')
      if (read.result === 'refused') assert.equal(read.status, 400, what)
      else await store.recordReadings(read.readings).catch(error => assert.fail(`${what}: ${error}`))
    }
  await landAll(store)
  for (const kind of ['refresh', 'compare', 'repository'] as JobKind[])
    for (let jobs = await store.claimJobs(kind, LEASE); jobs.length > 0; jobs = await store.claimJobs(kind, LEASE)) {
      for (const job of jobs) await store.done(job, 'ok \0 \ud800')
      clock.pass(10_000)
    }
  const { pushes } = await store.status()
  assert.deepEqual([pushes.waiting, pushes.landed, pushes.dead], [0, 0, 0])
  assert.ok(pushes.forwarded >= 15, `${pushes.forwarded} went the whole way`)
  for (const { id } of await store.list({ limit: 100 })) assert.ok(await store.push(id))
}

test('poison on SQLite', async t => {
  const clock = new TestClock()
  const store = openSqliteStore({ path: join(temporaryFolder('catalog-gate-poison-'), 'relay.db'), now: clock.now })
  t.after(() => store.close())
  await wholeWay(store, clock)
})

test('poison on PostgreSQL', async t => {
  const postgres = await startPostgres()
  t.after(() => postgres.remove())
  const clock = new TestClock()
  const store = await openPostgresStore({ url: await postgres.database(), now: clock.now, onTrouble: () => {} })
  t.after(() => store.close())
  await wholeWay(store, clock)
})
