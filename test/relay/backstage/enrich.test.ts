// What is known of repositories becomes annotations: an author's survive, and a relay that is down, late or answers garbage changes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CatalogProcessorResult, Entity } from '@backstage/plugin-catalog-node'
import { enrichment, isPrefix } from '../../../relay/backstage/enrich.ts'
import { FactBook } from '../../../relay/backstage/facts.ts'
import { readFacts } from '../../../relay/backstage/facts-answer.ts'
import { instanceEntity } from '../../../relay/backstage/instance.ts'
import type { FactsAnswer, RepositoryFacts } from '../../../schemas/repository-facts.ts'

const LOCATION = 'backstage.io/managed-by-location'
const silent = { info() {}, debug() {}, error() {}, warn() {} }
const facts: RepositoryFacts = {
  ...{ repository: 'Acme/Payments', visibility: 'internal', archived: false, fork: true, defaultBranch: 'trunk' },
  ...{ topics: ['java', 'money'], lastPushAt: '2027-01-31T08:00:00.000Z' },
  hookEnforcement: 'testing',
}
const all = {
  'catalog-gate/visibility': 'internal',
  'catalog-gate/archived': 'false',
  'catalog-gate/fork': 'true',
  'catalog-gate/default-branch': 'trunk',
  'catalog-gate/topics': 'java,money',
  'catalog-gate/hook-enforcement': 'testing',
  'catalog-gate/last-push': '2027-01-31T08:00:00.000Z',
}
const answer = (repositories: RepositoryFacts[], version?: string): FactsAnswer => ({
  ...{ cursor: 'c', repositories },
  ghes: { host: 'ghe.test', ...(version === undefined ? {} : { version }) },
})

/** A book that has been given these answers one after the other; what it has told. */
async function bookOf(answers: (FactsAnswer | Error)[]) {
  const told: string[] = []
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const repositories = async (_: string | undefined, signal: AbortSignal): Promise<FactsAnswer> => {
    const next = answers.shift()
    if (next instanceof Error) throw next
    if (next) return next
    end()
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const book = new FactBook({ repositories }, { ...silent, warn: text => void told.push(text) })
  book.start({
    version: async (host, version) => void told.push(`${host} ${version}`),
    changed: async names => void told.push(names.join(' ')),
  })
  await ended
  await book.stop()
  return { book, told }
}

const entityOf = (annotations: Record<string, string> = {}, more: Partial<Entity> = {}): Entity => ({
  ...{ apiVersion: 'v1', kind: 'Component' },
  metadata: {
    name: 'x',
    annotations: { [LOCATION]: 'url:https://ghe.test/acme/payments/tree/trunk/catalog-info.yaml', ...annotations },
  },
  ...more,
})

/** One entity, round after round, as the catalog does it: what a run has set is there in the next. */
async function runs(books: (FactBook | undefined)[], entity = entityOf()) {
  let cached: unknown
  const emitted: CatalogProcessorResult[] = []
  const shown: Record<string, string>[] = []
  for (const book of books) {
    const processor = enrichment({ prefix: 'catalog-gate', of: location => book?.of(location), log: silent })
    const cache = {
      get: async <T>() => cached as T | undefined,
      set: async (_key: string, value: unknown) => {
        cached = JSON.parse(JSON.stringify(value))
      },
    }
    const spec = { type: 'url', target: '' }
    const given = await processor.preProcessEntity?.(entity, spec, result => emitted.push(result), spec, cache)
    const { [LOCATION]: _, ...annotations } = given?.metadata.annotations ?? {}
    shown.push(annotations)
  }
  return { shown, emitted }
}

test('an entity says what is known of its repository, in whatever letter case, and by which key it is processed anew', async () => {
  const { book } = await bookOf([answer([facts])])
  const { shown, emitted } = await runs([book])
  assert.deepEqual(shown, [all])
  assert.deepEqual(emitted, [{ type: 'refresh', key: 'catalog-gate:acme/payments' }])
})

test("an author's annotation survives; other hosts, other repositories and the file's own Location are left alone", async () => {
  const { book } = await bookOf([answer([facts])])
  assert.deepEqual((await runs([book], entityOf({ 'catalog-gate/visibility': 'mine' }))).shown, [
    { ...all, 'catalog-gate/visibility': 'mine' },
  ])
  const at = (place: string) => entityOf({ [LOCATION]: `url:https://${place}/tree/main/catalog-info.yaml` })
  for (const place of ['ghe.example.com/acme/payments', 'ghe.test/acme/other'])
    assert.deepEqual((await runs([book], at(place))).shown, [{}])
  const generated = entityOf({}, { kind: 'Location' })
  generated.metadata.name = `generated-${'0'.repeat(40)}`
  assert.deepEqual(await runs([book], generated), { shown: [{}], emitted: [] })
})

test('what would ask GHES when it is processed anew has no key: Locations of authors, and what quotes files', async () => {
  const { book } = await bookOf([answer([facts])])
  for (const more of [{ kind: 'Location' }, { kind: 'API', spec: { definition: { $text: './openapi.yaml' } } }])
    assert.deepEqual(await runs([book], entityOf({}, more)), { shown: [all], emitted: [] })
})

test('a relay that is away, has a new store, or knows less changes nothing that was said', async () => {
  const { book } = await bookOf([answer([facts])])
  const { book: empty } = await bookOf([answer([])])
  const older = { repository: 'acme/payments', lastPushAt: '2026-01-01T00:00:00.000Z' }
  const { book: poor } = await bookOf([answer([older])])
  const { shown } = await runs([book, undefined, empty, poor])
  assert.deepEqual(shown, [all, all, all, all])
})

test('garbage is left out field by field, and an answer of another kind is none', async () => {
  const bad = [
    null,
    7,
    { repository: 'x' },
    {
      ...facts,
      visibility: 7,
      topics: [{}, 'java'],
      fork: 'yes',
      archived: null,
      lastPushAt: 'soon',
      hookEnforcement: 'x',
    },
  ]
  const read = readFacts(JSON.stringify({ cursor: 'c', ghes: { host: 'ghe.test', version: {} }, repositories: bad }))
  assert.deepEqual(read, answer([{ repository: 'Acme/Payments', defaultBranch: 'trunk', topics: ['java'] }]))
  for (const text of ['[]', '{}', '7', 'null', '<html>', '{"cursor":"c","ghes":{"host":"h"},"repositories":{}}'])
    assert.throws(() => readFacts(text))
  const processor = enrichment({
    ...{ prefix: 'catalog-gate', log: silent },
    of: () => {
      throw new Error('a bug')
    },
  })
  const [spec, cache] = [
    { type: 'url', target: '' },
    { get: async () => undefined, set: async () => {} },
  ]
  const entity = entityOf()
  assert.equal(await processor.preProcessEntity?.(entity, spec, () => {}, spec, cache), entity)
})

test('the first answer is no change, a push is none, and a version is told once', async () => {
  const pushed = { ...facts, lastPushAt: '2027-02-01T08:00:00.000Z' }
  const { told } = await bookOf([
    answer([facts], '3.19.2'),
    new Error('the relay answered 503'),
    answer([pushed], '3.19.2'),
    answer([{ ...pushed, archived: true }], '3.20.0'),
  ])
  assert.deepEqual(told, [
    'ghe.test 3.19.2',
    'catalog-gate: no annotations of repositories: Error: the relay answered 503; entities keep those that they have',
    'ghe.test 3.20.0',
    'acme/payments',
  ])
})

test('a prefix is one that the catalog takes, and the entity of GHES has a name that it takes', () => {
  for (const good of ['catalog-gate', 'gate.example.com', 'x1']) assert.ok(isPrefix(good), good)
  for (const bad of ['', 'a/b', 'A', 'a_b', '-a', 'a..b', 'backstage.io', 'a'.repeat(254)])
    assert.ok(!isPrefix(bad), bad)
  const { metadata } = instanceEntity('gate', `${'long-'.repeat(20)}.example.com:8443`, '3.19.2')
  assert.match(metadata.name, /^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$/)
  assert.ok(metadata.name.length <= 63)
  assert.equal(metadata.annotations?.['gate/ghes-version'], '3.19.2')
})
