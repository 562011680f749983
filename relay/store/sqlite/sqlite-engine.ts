// SQLite as the engine: reads are answered at once, writes of a turn of the event loop share a commit. One process has the file,
// so that its memory knows the pace and who leads, and no repository needs a lock.
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../runtime/clock.ts'
import type { Engine } from '../engine.ts'
import { StoreUnavailable } from '../store.ts'
import { acceptPush, lastArrival } from '../work/inbox.ts'
import { bringForward, giveBack } from '../work/leases.ts'
import { countOpen } from '../work/records.ts'
import type { Work } from '../work/sql.ts'
import { GroupCommit, orUnavailable } from './group-commit.ts'
import { memoryLeads } from './memory-leads.ts'
import { memoryTokens } from './memory-tokens.ts'
import { Statements } from './statements.ts'

const BACKLOG_AGE_MS = 1000

/** `unlock` is called once the database is closed. */
export function sqliteEngine(
  db: DatabaseSync,
  unlock: () => void,
  { now, after }: Pick<Clock, 'now'> & Partial<Clock>,
): Engine {
  const statements = new Statements(db)
  const commit = new GroupCommit(db, after && { now, after })
  let arrivals = statements.do(lastArrival())
  let leases = 0
  let backlog = { atMs: Number.NEGATIVE_INFINITY, open: 0 }
  let isClosed = false
  // We hold the lock, so whoever had leases is dead.
  statements.do(giveBack({}, now()))
  statements.do(bringForward(now()))
  // From now on the event loop would wait, too: who meets another's lock tries again later (group-commit.ts).
  db.exec('PRAGMA busy_timeout = 0')
  // biome-ignore lint/correctness/useYield: whoever has the file counts by itself, and needs no statement for it
  function* nextArrival(): Work<number> {
    return ++arrivals
  }
  /** What was counted last, while the file cannot be read: who asks writes next, and is told then. */
  const countOrKnown = () => {
    try {
      return orUnavailable(() => statements.do(countOpen()))
    } catch (error) {
      if (error instanceof StoreUnavailable) return backlog.open
      throw error
    }
  }
  const write: Engine['write'] = (work, _repositories, haste) => commit.write(() => statements.do(work()), haste)
  return {
    read: async work => orUnavailable(() => statements.do(work())),
    write,
    nextArrival,
    newLease: () => `${process.pid}-${++leases}`,
    isShared: false,
    orphans: async () => [],
    accept: push => write(() => acceptPush(push, nextArrival, now())),
    backlog() {
      if (now() - backlog.atMs >= BACKLOG_AGE_MS) backlog = { atMs: now(), open: countOrKnown() }
      return backlog.open
    },
    ...memoryTokens({ now }),
    ...memoryLeads({ now }),
    // There are no others.
    exchange: async () => [],
    async close() {
      if (isClosed) return
      isClosed = true
      commit.flush()
      db.close()
      unlock()
    },
  }
}
