// Files that Backstage could not read: when they are read again, and that it ends.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { mock, test } from 'node:test'
import { readAgain, Unread } from '../../../relay/backstage/unread.ts'

test('it is read again after 5 s, and later each time that it fails again; after five times, or once it was read, no more', () => {
  let nowMs = 1_000_000
  const unread = new Unread(() => nowMs)
  const pass = (ms: number) => {
    nowMs += ms
    return unread.due()
  }
  unread.failed('a')
  for (const ms of [5_000, 30_000, 120_000, 600_000, 3_600_000]) {
    assert.deepEqual(pass(ms - 1), [])
    unread.failed('a')
    assert.deepEqual([pass(1), pass(0)], [['a'], []], `after ${ms} ms`)
    nowMs += 1_000
    unread.failed('a')
  }
  assert.deepEqual(pass(10_000_000), [])
  unread.failed('b')
  assert.deepEqual(pass(5_000), ['b'])
  assert.deepEqual(pass(100_000), [], 'it was read')
  unread.failed('b')
  assert.deepEqual(pass(5_000), ['b'], 'another time')
})

test("the catalog's own row is due then, whatever else waits; what the catalog's tables do not take is told, and tried again", async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const db = new DatabaseSync(':memory:')
  const table = `CREATE TABLE refresh_state (entity_ref TEXT, next_update_at TEXT);
    INSERT INTO refresh_state VALUES ('a', '2126-01-02 03:04:05'), ('b', '2126-01-02 03:04:05')`
  db.exec(table)
  const told: string[] = []
  const knex = {
    raw: async (text: string, bindings: readonly (string | number)[] = []) => db.prepare(text).all(...bindings),
    client: { config: { client: 'better-sqlite3' } },
  } as Parameters<typeof readAgain>[1]
  let due = ['a']
  const end = readAgain({ due: () => due.splice(0) }, knex, error => void told.push(String(error)))
  const look = async () => {
    mock.timers.tick(5_000)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
  await look()
  const dueNow = () =>
    db
      .prepare('SELECT entity_ref FROM refresh_state WHERE next_update_at <= CURRENT_TIMESTAMP')
      .all()
      .map(row => row['entity_ref'])
  assert.deepEqual(dueNow(), ['a'])
  db.exec('DROP TABLE refresh_state')
  due = ['b']
  await look()
  assert.match(told.join(), /no such table/)
  db.exec(table)
  await look()
  end()
  assert.deepEqual(dueNow(), ['b'])
  mock.timers.reset()
})
