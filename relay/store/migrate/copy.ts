// All tables of a SQLite store into an empty PostgreSQL, in one transaction: until it has ended the target is as empty as before.
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { StoreRefused } from '../store.ts'
import { get, type Row, run, type Work } from '../work/sql.ts'

/** In the order of copying; their columns have the same names on both sides. What is in the memory of replicas (buckets, leaders) begins anew. */
const TABLES = [
  'push',
  'part',
  'file',
  'job',
  'cover',
  'step',
  'known_file',
  'quote',
  'holder',
  'reading',
  'location',
  'delivery',
  'circuit',
  'note',
] as const
type Counts = Record<(typeof TABLES)[number], number>

/** Some 500 kB a statement. */
const ROWS_PER_STATEMENT = 500

/** Under this name the target remembers what was moved into it. */
const NOTE = 'moved from'

export type Copied = { result: 'copied' | 'copied before'; counts: Counts }

/** Throws StoreRefused when the target holds anything but an earlier copy of the same source. `onTable` is told after each. */
export function* copyTables(source: DatabaseSync, onTable: (table: string, rows: number) => void): Work<Copied> {
  // Whoever would take pushes in meanwhile waits for the end.
  yield* run('LOCK TABLE push IN EXCLUSIVE MODE')
  const counts = countTables(source)
  const mark = markOf(source, counts)
  const before = (yield* get('SELECT text FROM note WHERE name = :name', { name: NOTE }))?.['text']
  if (before === mark) return { result: 'copied before', counts }
  yield* refuseUnlessEmpty()
  for (const table of TABLES) {
    yield* copyTable(source, table)
    const { rows } = (yield* get(`SELECT count(*) AS rows FROM ${table}`)) ?? {}
    if (rows !== counts[table]) throw new Error(`${table}: ${counts[table]} rows were read, and ${rows} are there`)
    onTable(table, counts[table])
  }
  yield* run(`SELECT setval('push_turn', greatest(1, (SELECT max(turn) FROM push)))`)
  for (const [table, column] of [
    ['push', 'seq'],
    ['cover', 'id'],
  ])
    yield* run(
      `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), greatest(1, (SELECT max(${column}) FROM ${table})))`,
    )
  yield* run('INSERT INTO note (name, text) VALUES (:name, :mark)', { name: NOTE, mark })
  return { result: 'copied', counts }
}

function* refuseUnlessEmpty(): Work<void> {
  for (const table of TABLES) {
    const { rows } = (yield* get(`SELECT count(*) AS rows FROM ${table}`)) ?? {}
    if (rows !== 0)
      throw new StoreRefused(
        `the target is in use: its table "${table}" holds ${rows} rows. Stop the relays on it and name an empty database, or drop its schema catalog_gate.`,
      )
  }
}

function* copyTable(source: DatabaseSync, table: (typeof TABLES)[number]): Work<void> {
  let batch: Row[] = []
  for (const row of source.prepare(`SELECT * FROM ${table}`).iterate() as Iterable<Row>) {
    batch.push(row)
    if (batch.length === ROWS_PER_STATEMENT) {
      yield* insert(table, batch)
      batch = []
    }
  }
  if (batch.length > 0) yield* insert(table, batch)
}

function* insert(table: string, rows: Row[]): Work<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ')
  yield* run(
    `INSERT INTO ${table} (${columns}) OVERRIDING SYSTEM VALUE
     SELECT ${columns} FROM json_populate_recordset(CAST(NULL AS ${table}), CAST(:rows AS json))`,
    // PostgreSQL keeps no NUL in a text.
    { rows: JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd') },
  )
}

function countTables(source: DatabaseSync): Counts {
  const count = (table: string) => Number(source.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'])
  return Object.fromEntries(TABLES.map(table => [table, count(table)])) as Counts
}

/** Tells this state of this store from all others. */
function markOf(source: DatabaseSync, counts: Counts): string {
  const last = source.prepare('SELECT id, turn FROM push ORDER BY turn DESC LIMIT 1').get() ?? {}
  return createHash('sha256')
    .update(JSON.stringify([counts, last['id'], last['turn']]))
    .digest('hex')
}
