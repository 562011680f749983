// Names that files have lost to others: when they are free, and when a file only moves.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { mock, test } from 'node:test'
import { Conflicts, watchNames } from '../../../relay/backstage/conflicts.ts'

const location = (name: string) => `url:https://ghe.test/acme/${name}/blob/main/catalog-info.yaml`
const key = (name: string) => location(name).replace('/blob/', '/tree/')

test('who lost a name is read anew when it was missing twice in a row, once more later, and then no longer', async () => {
  const conflicts = new Conflicts()
  const has = new Set(['component:default/x'])
  const looks = async (count: number) => {
    const found: string[][] = []
    for (let n = 0; n < count; n++) found.push(await conflicts.look(async () => has))
    return found.flatMap((keys, n) => (keys.length === 0 ? [] : [[n + 1, ...keys]]))
  }
  assert.deepEqual(await looks(3), [])
  conflicts.note('component:default/x', location('wants'), location('has'))
  conflicts.note('component:default/y', location('swaps'), undefined)
  has.add('component:default/y')
  assert.deepEqual(await looks(3), [])
  has.clear()
  assert.deepEqual(await looks(1), [], 'a file that moves is about to take it')
  has.add('component:default/x')
  assert.deepEqual(await looks(1), [[1, key('swaps')]])
  has.clear()
  assert.deepEqual(await looks(100), [
    [2, key('wants')],
    [13, key('swaps')],
    [15, key('wants')],
  ])
})

test('in the tables of the catalog: its result is forgotten and the file is read; where they are others, it is told', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE refresh_state (entity_id TEXT, entity_ref TEXT, result_hash TEXT);
    CREATE TABLE refresh_keys (entity_id TEXT, key TEXT);
    INSERT INTO refresh_state VALUES ('1', 'location:default/wants', 'w'), ('2', 'location:default/else', 'e');
    INSERT INTO refresh_keys VALUES ('1', '${key('wants')}'), ('2', '${key('else')}')`)
  const conflicts = new Conflicts()
  conflicts.note('component:default/x', location('wants'), location('has'))
  const refreshed: string[] = []
  const told: string[] = []
  const end = watchNames({
    conflicts,
    knex: {
      raw: async (text, bindings = []) => db.prepare(text).all(...bindings),
      client: { config: { client: 'better-sqlite3' } },
    },
    refresh: async keys => void refreshed.push(...keys),
    onTrouble: error => void told.push(String(error)),
  })
  const looks = async (count: number) => {
    for (let n = 0; n < count; n++) {
      mock.timers.tick(2_000)
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    }
  }
  await looks(3)
  const hashes = db.prepare('SELECT result_hash FROM refresh_state ORDER BY entity_id').all()
  assert.deepEqual(
    hashes.map(row => row['result_hash']),
    ['', 'e'],
  )
  assert.deepEqual([refreshed, told], [[key('wants')], []])
  db.exec('DROP TABLE refresh_state')
  await looks(1)
  end()
  assert.match(told.join(), /no such table/)
  mock.timers.reset()
})
