// Outgrowing one machine: everything of a SQLite store goes to PostgreSQL, and the file is set aside, so that no relay starts on it by mistake.
import { existsSync, renameSync } from 'node:fs'
import { Connections, SCHEMA } from '../postgres/connection.ts'
import { refusalOf } from '../postgres/postgres-store.ts'
import { migratePostgres } from '../postgres/schema.ts'
import { openSqliteStore } from '../sqlite/sqlite-store.ts'
import { lockStore } from '../sqlite/store-lock.ts'
import { StoreRefused } from '../store.ts'
import { type Copied, copyTables } from './copy.ts'

export type Moved = Copied & { setAsideAs: string }

/**
 * Safe to interrupt and to repeat: the copy is one transaction, and a target that holds this very copy already only has the file set aside.
 * Throws StoreRefused when either side is in use or cannot be used, StoreUnavailable when the database went away.
 */
export async function moveStore(
  from: { path: string },
  to: { url: string },
  say: (line: string) => void,
): Promise<Moved> {
  if (!existsSync(from.path)) throw new StoreRefused(`the source ${from.path} does not exist`)
  // Brings its tables up to date, and takes back what a relay had under way when it ended.
  await openSqliteStore({ path: from.path, now: Date.now }).close()
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const lock = lockStore(DatabaseSync, from.path)
  const connections = new Connections({ url: to.url, onTrouble: say, statementTimeoutMs: 600_000 })
  try {
    await connections.transaction(() => migratePostgres(SCHEMA), ['the schema'])
    const source = new DatabaseSync(lock.path)
    let copied: Copied
    try {
      copied = await connections.transaction(() => copyTables(source, (table, rows) => say(`  ${table}: ${rows}`)))
    } finally {
      source.close() // the last one to close it: what is in the log goes into the file
    }
    const setAsideAs = `${lock.path}.moved`
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(`${lock.path}${end}`)) renameSync(`${lock.path}${end}`, `${setAsideAs}${end}`)
    return { ...copied, setAsideAs }
  } catch (error) {
    throw refusalOf(error, to.url)
  } finally {
    await connections.close()
    lock.release()
  }
}
