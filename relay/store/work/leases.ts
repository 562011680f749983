// Claims of landings and jobs that come back: handed back, run out, or of a process that is dead.
import { supersede } from './file-states.ts'
import { BY_KEY, rowKey } from './key.ts'
import { all, run, type Work } from './sql.ts'

export type Claimed = { repository?: string; lease?: string; leaseEndedBy?: number }

const conditionsOf = (where: Claimed) =>
  [
    where.repository === undefined ? '' : ' AND repository = :repository',
    where.lease === undefined ? '' : ' AND lease = :lease',
    where.leaseEndedBy === undefined ? '' : ' AND lease_until < :leaseEndedBy',
  ].join('')

/** Takes back claims of both kinds, pushes and jobs. Returns how many. */
export function* giveBack(where: Claimed, nowMs: number): Work<number> {
  const pushes = yield* run(
    `UPDATE push INDEXED BY push_lease SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL${conditionsOf(where)}`,
    { ...where },
  )
  return pushes + (yield* takeBack(where, nowMs))
}

/** Takes jobs back from whoever had them. What was running for a push that was overtaken meanwhile is superseded now. */
export function* takeBack(where: Claimed, nowMs: number): Work<number> {
  const rows = yield* all(
    `SELECT repository, ref, path, push, running_push FROM job INDEXED BY job_lease WHERE lease IS NOT NULL${conditionsOf(where)}`,
    { ...where },
  )
  for (const row of rows) {
    const key = rowKey(row)
    yield* run(`UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL WHERE ${BY_KEY}`, key)
    const running = Number(row['running_push'])
    if (running !== Number(row['push'])) yield* supersede(running, key, Number(row['push']), nowMs)
  }
  return rows.length
}

/** Whose pushes or jobs are claimed so. */
export function* repositoriesWith(claimed: Claimed): Work<string[]> {
  const conditions = conditionsOf(claimed)
  const rows = yield* all(
    // INDEXED BY: left alone, SQLite looks through all pushes and all jobs, every 15 seconds.
    `SELECT repository FROM push INDEXED BY push_lease WHERE lease IS NOT NULL${conditions}
     UNION SELECT repository FROM job INDEXED BY job_lease WHERE lease IS NOT NULL${conditions}`,
    { ...claimed },
  )
  return rows.map(row => String(row['repository']))
}

/** GHES is asked again after 30 s at most; the longest that a target may ask us to wait is an hour. */
const LONGEST_WAIT_MS = { push: 60_000, job: 3_600_000 }

/** For the start: a clock that was set back since the last run must not make everything wait for as long as the step was. */
export function* bringForward(nowMs: number): Work<void> {
  yield* run(`UPDATE push SET due_at = :now WHERE state = 'waiting' AND due_at > :latest`, {
    now: nowMs,
    latest: nowMs + LONGEST_WAIT_MS.push,
  })
  yield* run(`UPDATE job SET due_at = :now WHERE state = 'waiting' AND due_at > :latest`, {
    now: nowMs,
    latest: nowMs + LONGEST_WAIT_MS.job,
  })
}
