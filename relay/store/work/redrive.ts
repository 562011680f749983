// Settled pushes that wait again, from a new look at GHES on: since then the branch may have gone.
import { addStep } from './history.ts'
import { landReported } from './landings.ts'
import { BY_MESSAGE } from './parts.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** Undefined when there is no such push. */
export function* repositoryOf(id: string): Work<string | undefined> {
  const row = yield* get(`SELECT repository FROM push WHERE ${BY_MESSAGE}`, { id })
  return row && String(row['repository'])
}

/** Of pushes that are dead, and were received at this time or later. */
export function* repositoriesOfDead(sinceMs: number): Work<string[]> {
  const rows = yield* all(
    `SELECT DISTINCT repository FROM push WHERE state = 'dead' AND received_at >= :sinceMs ORDER BY repository`,
    { sinceMs },
  )
  return rows.map(row => String(row['repository']))
}

/** False when the push is neither dead nor rejected nor unknown. */
export function* redrivePush(id: string, nowMs: number): Work<boolean> {
  const row = yield* get(
    `SELECT seq, id, state, before_id, after_id FROM push WHERE ${BY_MESSAGE} AND state IN ('dead', 'rejected', 'unknown')`,
    { id },
  )
  if (row) yield* redriveRow(row, nowMs, 0)
  return row !== undefined
}

/** All dead ones of a repository; whoever has asked for one push waits for it, and nobody for all. Returns how many. */
export function* redriveDead(repository: string, sinceMs: number, nowMs: number): Work<number> {
  const rows = yield* all(
    `SELECT seq, id, state, before_id, after_id FROM push
     WHERE repository = :repository AND state = 'dead' AND received_at >= :sinceMs ORDER BY seq`,
    { repository, sinceMs },
  )
  for (const row of rows) yield* redriveRow(row, nowMs, 1)
  return rows.length
}

/** Of what became of a repository no commit tells: there is nothing to wait for. */
function* redriveRow(row: Row, nowMs: number, bulk: 0 | 1): Work<void> {
  yield* waitAgain(row, nowMs)
  if (bulk) yield* run('UPDATE push SET bulk = 1 WHERE seq = :seq', { seq: Number(row['seq']) })
  if (row['before_id'] === row['after_id']) yield* landReported(String(row['id']), nowMs)
}

/** `row`: its seq and state. */
export function* waitAgain(row: Row, nowMs: number, why?: string): Work<void> {
  const seq = Number(row['seq'])
  yield* run(
    `UPDATE push SET state = 'waiting', bulk = 0, ready = 0, place = NULL, reason = NULL, settled_at = NULL, due_at = :now, checks = 0, missing_ms = 0, last_error = NULL
     WHERE seq = :seq`,
    { seq, now: nowMs },
  )
  const was = `it was ${row['state']}`
  if (why === undefined) yield* addStep(seq, nowMs, 'redriven', was)
  else yield* addStep(seq, nowMs, 'waits again', `${was}; ${why}`)
}
