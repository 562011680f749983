// PostgreSQL as the engine: several replicas, so work on a repository is locked, and the pace and the lead are in tables.
import type { Engine } from '../engine.ts'
import { drawTokens, exchangeWords, resignLead, takeLead } from '../work/coordination.ts'
import { countOpen } from '../work/records.ts'
import type { Connections } from './connection.ts'
import { nextArrival, PostgresIntake } from './intake.ts'
import type { Presence } from './presence.ts'

const BACKLOG_AGE_MS = 1000

/** `open`: pushes and jobs that are open now. */
export function postgresEngine(connections: Connections, presence: Presence, now: () => number, open: number): Engine {
  const intake = new PostgresIntake(connections, now)
  const write: Engine['write'] = (work, repositories) => connections.transaction(work, repositories)
  let leases = 0
  let isClosed = false
  let backlog = { atMs: now(), open, isCounting: false }
  const countAgain = async () => {
    const atMs = now()
    backlog = { ...backlog, isCounting: true }
    try {
      backlog = { atMs, open: await write(() => countOpen()), isCounting: false }
    } catch {
      backlog = { ...backlog, isCounting: false } // the next one asks again
    }
  }
  return {
    read: work => connections.transaction(work),
    write,
    nextArrival,
    newLease: () => `${presence.leasePrefix}-${++leases}`,
    isShared: true,
    async orphans() {
      await presence.hold()
      return await connections.transaction(() => presence.orphans())
    },
    accept: push => intake.accept(push),
    /** What was counted last: whoever asks does not wait, the count is renewed behind them. */
    backlog() {
      if (now() - backlog.atMs >= BACKLOG_AGE_MS && !backlog.isCounting && !isClosed) void countAgain()
      return backlog.open
    },
    takeTokens: (bucket, wish) => write(() => drawTokens(bucket, now(), wish)),
    lead: (task, holder, leaseMs) => write(() => takeLead(task, holder, now() + leaseMs, now())),
    resign: (task, holder) => write(() => resignLead(task, holder)),
    exchange: (topic, mine, keptMs) => write(() => exchangeWords(topic, mine, keptMs)),
    async close() {
      if (isClosed) return
      isClosed = true
      await presence.close()
      await connections.close()
    },
  }
}
