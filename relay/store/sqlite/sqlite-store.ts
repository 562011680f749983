// The embedded store: one SQLite file, one process. WAL, and every commit synced.
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { errorCode } from '../../../schemas/error-code.ts'
import type { Clock } from '../../runtime/clock.ts'
import { sqlStore } from '../sql-store.ts'
import { type Store, StoreRefused } from '../store.ts'
import { resultCode } from './result-code.ts'
import { migrate } from './schema.ts'
import { sqliteEngine } from './sqlite-engine.ts'
import { lockStore } from './store-lock.ts'

/** Without `after` the store never waits for more to share a commit. */
export type SqliteOptions = { path: string } & Pick<Clock, 'now'> & Partial<Clock>

/** Opens or creates the store. Throws StoreRefused when another process has it, or a newer relay wrote it. */
export function openSqliteStore({ path, ...clock }: SqliteOptions): Store {
  // Not imported statically: on an old Node that would fail at load, before anyone could say why.
  const sqlite = process.getBuiltinModule('node:sqlite')
  makeFolder(dirname(path))
  try {
    const lock = lockStore(sqlite.DatabaseSync, path)
    try {
      return sqlStore(sqliteEngine(openDatabase(sqlite.DatabaseSync, lock.path), lock.release, clock), clock.now)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    throw isNoStore(error) ? noStore(path, error) : error
  }
}

/** What trying again does not mend: of the path, and SQLite's READONLY, CANTOPEN, NOTADB. A full disk is none of it. */
const PATH_CODES = ['ENOENT', 'ELOOP', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG']
const FILE_CODES: readonly (number | undefined)[] = [8, 14, 26]

const isNoStore = (error: unknown): error is Error =>
  error instanceof Error && (PATH_CODES.includes(errorCode(error) ?? '') || FILE_CODES.includes(resultCode(error)))

const noStore = (path: string, { message }: Error) =>
  new StoreRefused(
    `store: cannot open ${path}: ${message}. Expected a store of the relay, or no file yet, in a folder where it can write.`,
  )

/** One after the other: Node's own recursive way never ends where no folder can be made and "no such file" is the answer (/proc, an automounter's). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return
    throw new StoreRefused(`store: cannot make the folder ${folder}: ${error instanceof Error ? error.message : error}`)
  }
}

function openDatabase(Database: typeof DatabaseSync, path: string): DatabaseSync {
  const db = new Database(path, { timeout: 2000 }) // nobody else waits yet
  try {
    // Pushes name repositories and people: nobody else's business on this machine.
    chmodSync(path, 0o600)
    db.exec('PRAGMA journal_mode = WAL')
    // NORMAL would lose up to 360 acknowledged pushes at a power cut (measured); FULL lost none.
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA temp_store = MEMORY')
    // A checkpoint syncs the whole file, in the middle of somebody's commit: every 16 MB, and not every 4 (a backlog's commits took 1.9 ms in the place of 6).
    db.exec('PRAGMA wal_autocheckpoint = 4000')
    // After a burst the WAL file shrinks back at the next checkpoint instead of keeping its largest size.
    db.exec('PRAGMA journal_size_limit = 67108864')
    migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
