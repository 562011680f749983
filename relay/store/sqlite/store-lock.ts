// One process a store: a lock that the operating system takes back when its holder dies, however it dies.
import { closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { DatabaseSync } from 'node:sqlite'
import { StoreRefused } from '../store.ts'
import { resultCode } from './result-code.ts'

type Holder = { pid: number; host: string; since: string }

/**
 * Holds `<store>.lock` until `release`, beside the real file, whatever link leads to it. The lock is SQLite's own write lock on that small file: others can still read in it
 * who holds it. The store itself stays readable for the sqlite3 shell, which an exclusive lock on it would forbid. Gives the file's own `path`.
 */
export function lockStore(Database: typeof DatabaseSync, storePath: string): { path: string; release: () => void } {
  // Through a link to a file that is not there yet, it is made where the link leads.
  if (!existsSync(storePath)) closeSync(openSync(storePath, 'a', 0o600))
  const path = realpathSync(storePath)
  const lock = new Database(`${path}.lock`, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = DELETE')
    lock.exec('BEGIN IMMEDIATE')
    lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT)')
    lock.exec('DELETE FROM holder')
    lock.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(process.pid, hostname(), new Date().toISOString())
    lock.exec('COMMIT')
    lock.exec('BEGIN IMMEDIATE') // held open; whoever slips in between makes this one fail, which is as right
    if (statSync(path).nlink > 1) refuseIfOpen(Database, path)
  } catch (error) {
    const who = isLocked(error) ? holderOf(lock) : undefined
    lock.close()
    if (!isLocked(error)) throw error
    throw new StoreRefused(
      `store: ${path} is in use by ${who ? `process ${who.pid} on ${who.host}, since ${who.since}` : 'another process'}. ` +
        'One relay a SQLite store: stop that one first, or give this one a store of its own.',
    )
  }
  return { path, release: () => lock.close() }
}

/** A hard link is another name of the same file, with a lock of its own. But whoever has a store open holds a shared lock on the file itself. Throws SQLite's "locked". */
function refuseIfOpen(Database: typeof DatabaseSync, path: string): void {
  const db = new Database(path, { timeout: 0 })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
    db.exec('ROLLBACK')
  } finally {
    db.close()
  }
}

function holderOf(lock: DatabaseSync): Holder | undefined {
  try {
    const row = lock.prepare('SELECT pid, host, since FROM holder').get()
    return row && { pid: Number(row['pid']), host: String(row['host']), since: String(row['since']) }
  } catch {
    return undefined // the holder is just writing its row
  }
}

/** BUSY, LOCKED. */
const LOCKED_CODES: readonly (number | undefined)[] = [5, 6]

const isLocked = (error: unknown) => LOCKED_CODES.includes(resultCode(error))
