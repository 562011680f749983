// From the catalog's rounds of processing to verdicts at the relay: what each says, and that none is lost on the way.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { CatalogProcessorResult, Entity } from '@backstage/plugin-catalog-node'
import { markingParser } from '../../../relay/backstage/mark.ts'
import { RelayRefused } from '../../../relay/backstage/relay-client.ts'
import { Rounds } from '../../../relay/backstage/rounds.ts'
import { stitching } from '../../../relay/backstage/stitching.ts'
import { VerdictQueue } from '../../../relay/backstage/verdict-queue.ts'
import type { CatalogVerdict } from '../../../schemas/catalog-verdicts.ts'

const target = 'https://ghe.test/acme/a/tree/main/catalog-info.yaml'
const registered = `url:${target.replace('/tree/', '/blob/')}`
const MANAGED = 'backstage.io/managed-by-location'
const silent = { info() {}, debug() {}, error() {}, warn() {} }
const generated = `location:default/generated-${'0'.repeat(40)}`

const component = (name: string): Entity => ({ apiVersion: 'v1', kind: 'Component', metadata: { name } })
const locationEntity = (): Entity => ({
  ...{ apiVersion: 'v1', kind: 'Location' },
  metadata: { name: generated.split('/')[1] ?? '', annotations: { [MANAGED]: registered } },
})

/** A catalog that reads one file: its entities are processed one after the other, each as the given end has it. */
async function process(entities: Entity[] | 'broken' | 'unchanged', end: 'good' | 'bad' | 'silent' = 'good') {
  const said: CatalogVerdict[] = []
  const warned: string[] = []
  let nowMs = Date.parse('2027-01-31T08:00:00Z')
  const rounds = new Rounds(
    verdict => said.push(verdict),
    { warn: text => void warned.push(text) },
    () => nowMs,
  )
  const [first, last] = [rounds.before(), rounds.after()]
  const spec = { type: 'url', target }
  const results: CatalogProcessorResult[] =
    entities === 'broken'
      ? [{ type: 'error' }]
      : entities === 'unchanged'
        ? []
        : entities.map(entity => ({ type: 'entity', entity, location: spec }))
  const parse = markingParser(() => results, rounds.onRead)
  await first.preProcessEntity(locationEntity())
  assert.equal(await first.readLocation?.(spec), false)
  const read: Entity[] = []
  if (entities !== 'unchanged')
    for await (const one of parse({ data: Buffer.from('text'), location: spec }))
      if (one.type === 'entity') read.push(one.entity)
  await last.postProcessEntity?.(locationEntity(), spec)
  if (entities === 'broken') rounds.failed({ entity: generated, location: registered, errors: [new Error('YAML')] })
  const shown: Entity[] = []
  for (const entity of read) {
    const { metadata } = entity
    const stored = {
      ...entity,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [MANAGED]: `url:${target}` } },
    }
    const own = await first.preProcessEntity(stored)
    if (own) shown.push(own)
    if (end === 'good') await last.postProcessEntity?.(own ?? stored, spec)
    if (end === 'bad')
      rounds.failed({
        entity: `Component:default/${metadata.name}`,
        location: `url:${target}`,
        errors: [new Error('no type')],
      })
  }
  nowMs += 61_000
  await first.preProcessEntity(component('later'))
  return { said, shown, warned, rounds, read }
}

const blob = createHash('sha1').update('blob 4\0text').digest('hex')
const inShort = ({ entity, result, blob: of, errors = [] }: CatalogVerdict) =>
  [
    entity.replace(generated, 'the file'),
    result,
    of === undefined ? 'unnamed' : of === blob ? 'named' : 'wrong',
    ...errors,
  ].join(' ')

test('entities that were taken, refused, and whose end nobody told; the catalog never sees a mark', async () => {
  const two = [component('a'), component('b')]
  const good = await process(two)
  assert.deepEqual(good.said.map(inShort), ['component:default/a accepted named', 'component:default/b accepted named'])
  assert.equal(good.said[0]?.of, 2)
  assert.doesNotMatch(JSON.stringify(good.shown), /catalog-gate/)
  const bad = await process([component('a')], 'bad')
  assert.deepEqual(bad.said.map(inShort), ['component:default/a refused named no type'])
  const none = await process([component('a')], 'silent')
  assert.deepEqual(none.said.map(inShort), ["component:default/a refused named the catalog's log says why"])
  assert.equal(none.warned.length, 1)
})

test('a file without entities, one that is unchanged, and one that is broken', async () => {
  assert.deepEqual((await process([])).said.map(inShort), ['the file accepted named'])
  assert.deepEqual((await process('unchanged')).said.map(inShort), ['the file accepted unnamed'])
  const broken = (await process('broken')).said.map(inShort)
  assert.deepEqual(broken, ['the file unreadable named YAML'])
})

test('a conflict names who has the name, and the content of the one that lost', async () => {
  const { rounds, said, read } = await process([component('a')], 'silent')
  said.length = 0
  rounds.conflicted({
    ...{ entityRef: 'component:default/a', newLocationKey: `url:${target}`, existingLocationKey: 'url:https://x' },
    unprocessedEntity: read[0],
  })
  assert.deepEqual(
    said.map(one => [inShort(one), one.heldBy]),
    [['component:default/a conflict named component:default/a is declared by url:https://x already', 'url:https://x']],
  )
})

test('what is no entity goes to the catalog as it is', async () => {
  const odd = [null, 'text', { kind: 7 }, { metadata: [] }, { metadata: { annotations: 'x' } }, { metadata: null }]
  const parse = markingParser(
    () =>
      odd.map(entity => ({ type: 'entity', entity: entity as unknown as Entity, location: { type: 'url', target } })),
    () => {},
  )
  const passed: unknown[] = []
  for await (const one of parse({ data: Buffer.from(''), location: { type: 'url', target } }))
    if (one.type === 'entity') passed.push(one.entity)
  assert.deepEqual(passed, odd)
})

const verdict = (entity: string, result: CatalogVerdict['result'] = 'accepted'): CatalogVerdict => ({
  ...{ location: registered, entity, result, at: '2027-01-31T08:00:00Z' },
})

test('verdicts go together, the last word of an entity counts, and what was not taken goes again', async () => {
  const batches: string[][] = []
  let failures = 1
  let done = () => {}
  const sent = new Promise<void>(resolve => {
    done = resolve
  })
  const queue = new VerdictQueue(
    {
      sendVerdicts: async verdicts => {
        batches.push(verdicts.map(({ entity, result }) => `${entity} ${result}`))
        if (failures-- > 0) throw new Error('the relay answered 503')
        done()
      },
    },
    silent,
  )
  for (const one of [verdict('a'), verdict('b'), verdict('a', 'refused')]) queue.add(one)
  await sent
  await queue.stop()
  assert.deepEqual(batches, [
    ['b accepted', 'a refused'],
    ['b accepted', 'a refused'],
  ])
})

test('what was taken is told once the catalog shows it, or when it has not for too long; what was not, at once', async () => {
  const sent: string[] = []
  let onSent = () => {}
  const unshown = new Set(['late', 'never'])
  let nowMs = Date.parse('2027-01-31T08:00:00Z')
  const queue = new VerdictQueue(
    {
      sendVerdicts: async verdicts => {
        sent.push(...verdicts.map(({ entity, at }) => `${entity} ${at.slice(17, 19)}`))
        onSent()
      },
    },
    silent,
    async entities => new Set(entities.filter(entity => unshown.has(entity))),
    () => nowMs,
  )
  const next = () =>
    new Promise<void>(resolve => {
      onSent = resolve
    })
  const blob = 'a'.repeat(40)
  let told = next()
  for (const one of [verdict('late'), verdict('never'), verdict('soon')]) queue.add({ ...one, blob })
  queue.add(verdict('bad', 'refused'))
  await told
  assert.deepEqual(sent, ['soon 00', 'bad 00'])
  told = next()
  nowMs += 4_000
  unshown.delete('late')
  await told
  assert.deepEqual(sent.slice(2), ['late 04'])
  told = next()
  nowMs += 8_000
  await told
  assert.deepEqual(sent.slice(3), ['never 12'])
  await queue.stop()
})

test("which entities are not yet shown, in both drivers' forms; where the table is another, none, and the reason", async () => {
  const heard: unknown[] = []
  const knex = (answer: () => unknown) => ({ raw: async () => answer(), client: { config: { client: 'pg' } } })
  const rows = [{ entity_ref: 'a' }]
  for (const answer of [rows, { rows }])
    assert.deepEqual(
      await stitching(
        knex(() => answer),
        error => heard.push(error),
      )(['a', 'b']),
      new Set(['a']),
    )
  const broken = stitching(
    knex(() => {
      throw new Error('no such table: stitch_queue')
    }),
    error => heard.push(error),
  )
  for (let n = 0; n < 2; n++) assert.deepEqual(await broken(['a']), new Set())
  assert.equal(heard.length, 2)
})

test('what waits to be shown, and what is new and not even noted as waiting; nothing that is shown, or gone', async () => {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE stitch_queue (entity_ref TEXT);
    CREATE TABLE refresh_state (entity_id TEXT, entity_ref TEXT);
    CREATE TABLE final_entities (entity_id TEXT, final_entity TEXT);
    INSERT INTO stitch_queue VALUES ('waits');
    INSERT INTO refresh_state VALUES ('1', 'waits'), ('2', 'new'), ('3', 'begun'), ('4', 'shown'), ('5', 'other');
    INSERT INTO final_entities VALUES ('1', '{}'), ('3', NULL), ('4', '{}')`)
  const raw = async (text: string, bindings: readonly (string | number)[] = []) => db.prepare(text).all(...bindings)
  const unshown = stitching({ raw, client: { config: { client: 'better-sqlite3' } } }, error =>
    assert.fail(String(error)),
  )
  assert.deepEqual(await unshown(['waits', 'new', 'begun', 'shown', 'gone']), new Set(['waits', 'new', 'begun']))
})

test('a batch that the relay will never take holds up no other', async () => {
  let done = () => {}
  const sent = new Promise<void>(resolve => {
    done = resolve
  })
  const queue = new VerdictQueue(
    {
      sendVerdicts: async verdicts => {
        if (verdicts.some(({ entity }) => entity === 'bad')) throw new RelayRefused('400')
        done()
      },
    },
    silent,
  )
  queue.add(verdict('bad'))
  const later = setTimeout(() => queue.add(verdict('good')), 400)
  await sent
  clearTimeout(later)
  await queue.stop()
})
