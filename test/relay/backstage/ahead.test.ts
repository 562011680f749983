// A refresh that goes ahead, in tables as the catalog has them, in SQLite.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { mock, test } from 'node:test'
import { openAhead } from '../../../relay/backstage/ahead.ts'

type Knex = Parameters<typeof openAhead>[0]
const LONG_AGO = '2001-01-01 00:00:00'
const EARLIER = '2026-01-02 03:04:05'
const LATER = '2126-01-02 03:04:05'

function fixture(client = 'better-sqlite3') {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE refresh_state (entity_ref TEXT, next_update_at TEXT);
    CREATE TABLE stitch_queue (entity_ref TEXT, next_stitch_at TEXT);
    CREATE TABLE refresh_state_references (source_entity_ref TEXT, target_entity_ref TEXT)`)
  const add = db.prepare('INSERT INTO refresh_state VALUES (?, ?)')
  const holds = db.prepare('INSERT INTO refresh_state_references VALUES (?, ?)')
  for (const name of ['a', 'b']) {
    add.run(`location:default/${name}`, EARLIER)
    add.run(`component:default/${name}`, LATER)
    holds.run(`location:default/${name}`, `component:default/${name}`)
  }
  const knex = {
    raw: async (text: string, bindings: readonly (string | number)[] = []) => db.prepare(text).all(...bindings),
    client: { config: { client } },
  } as Knex
  const missing: string[] = []
  const ahead = openAhead(knex, error => void missing.push(String(error)))
  const dueAt = (ref: string) =>
    db.prepare('SELECT next_update_at FROM refresh_state WHERE entity_ref = ?').get(ref)?.['next_update_at']
  const shownAt = (ref: string) =>
    db.prepare('SELECT next_stitch_at FROM stitch_queue WHERE entity_ref = ?').get(ref)?.['next_stitch_at']
  return { db, ahead, missing, dueAt, shownAt }
}

/** The looks are promises behind a timer. */
async function pass(looks: number) {
  for (let i = 0; i < looks; i++) {
    mock.timers.tick(100)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
}

test('a Location is first at once, what its file declares when it falls due, and again when it is to be shown; nothing else moves', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { db, ahead, dueAt, shownAt } = fixture()
  assert.deepEqual(await ahead.put(['location:default/a']), ['location:default/a'])
  assert.deepEqual([dueAt('location:default/a'), dueAt('component:default/a')], [LONG_AGO, LATER])
  db.exec(`UPDATE refresh_state SET next_update_at = '${EARLIER}' WHERE entity_ref LIKE 'component:%'`)
  await pass(1)
  assert.equal(dueAt('component:default/a'), LONG_AGO)
  db.exec(
    `INSERT INTO stitch_queue SELECT entity_ref, '${EARLIER}' FROM refresh_state WHERE entity_ref LIKE 'component:%'`,
  )
  await pass(1)
  assert.deepEqual([shownAt('component:default/a'), shownAt('component:default/b')], [LONG_AGO, EARLIER])
  assert.deepEqual([dueAt('location:default/b'), dueAt('component:default/b')], [EARLIER, EARLIER])
  await pass(60)
  db.exec(`UPDATE refresh_state SET next_update_at = '${EARLIER}'`)
  await pass(5)
  assert.equal(dueAt('location:default/a'), EARLIER, 'once it is through, it is one of all')
  mock.timers.reset()
})

test('where the tables are others, or away for a moment, nobody goes ahead, and the next one tries again', async () => {
  const { db, ahead, missing, dueAt } = fixture()
  db.exec('ALTER TABLE stitch_queue RENAME TO elsewhere')
  for (let n = 0; n < 2; n++) assert.deepEqual(await ahead.put(['location:default/a']), [])
  assert.equal(ahead.works(), false)
  assert.match(String(missing), /no such table: stitch_queue.*no such table: stitch_queue/)
  db.exec('ALTER TABLE elsewhere RENAME TO stitch_queue')
  assert.deepEqual(await ahead.put(['location:default/b']), ['location:default/b'])
  assert.deepEqual([ahead.works(), dueAt('location:default/b')], [true, LONG_AGO])
  ahead.stop()
})

test('more than 200 at a time are a queue of their own', async () => {
  const { ahead } = fixture()
  const many = Array.from({ length: 250 }, (_, i) => `location:default/m${i}`)
  assert.equal((await ahead.put(many)).length, 200)
  assert.deepEqual(await ahead.put(['location:default/a']), [])
  ahead.stop()
})

test('with another database nothing is written, nobody goes ahead, and it is told why', async () => {
  const { ahead, missing, dueAt } = fixture('mysql2')
  assert.deepEqual(await ahead.put(['location:default/a']), [])
  assert.deepEqual([ahead.works(), dueAt('location:default/a'), missing], [false, EARLIER, ['not tried with mysql2']])
  ahead.stop()
})
