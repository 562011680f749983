// A new embedded store, as most tests want one: its tables are made once for each process, and from then on written from memory, a sixth of the work.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from '../../relay/store/sqlite/schema.ts'
import { openSqliteStore, type SqliteOptions } from '../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../relay/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'

let image: Buffer | undefined

/** What `openSqliteStore` gives where there is no file yet. The folder is there. */
export function openNewStore(options: SqliteOptions): Store {
  image ??= newFile()
  writeFileSync(options.path, image)
  return openSqliteStore(options)
}

function newFile(): Buffer {
  const folder = temporaryFolder('catalog-gate-new-store-')
  const path = join(folder, 'relay.db')
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL')
  migrate(db, path)
  db.close()
  const bytes = readFileSync(path)
  rmSync(folder, { recursive: true })
  return bytes
}
