// Pushes that wait until GHES has shown them, or has not.
import type { LandedPush } from '../ports/inbox.ts'
import { LANDINGS_PER_TASK, type LandingTask, type LandingVerdict, type WaitingPush } from '../ports/landings.ts'
import { enqueue, type KnownOfPush, LANDED_COLUMNS, landedRow } from './enqueue.ts'
import { dropDead } from './file-states.ts'
import { addStep } from './history.ts'
import { nextBranch, readyDuePushes, type Turns } from './landing-queue.ts'
import { withMissing } from './parts.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** Takes the branches of the pushes that are next. */
export function* claimBranches(options: {
  limit: number
  leaseMs: number
  nowMs: number
  newLease: () => string
  turns: Turns
}): Work<LandingTask[]> {
  yield* readyDuePushes(options.nowMs)
  const tasks: LandingTask[] = []
  while (tasks.length < options.limit) {
    const next = yield* nextBranch(options.turns)
    if (!next) break
    const task = yield* claimBranch(String(next['repository']), String(next['ref']), options)
    tasks.push(task)
  }
  return tasks
}

function* claimBranch(
  repository: string,
  ref: string,
  options: { leaseMs: number; nowMs: number; newLease: () => string },
): Work<LandingTask> {
  const lease = options.newLease()
  const rows = yield* all(
    `UPDATE push SET lease = :lease, lease_until = :until WHERE seq IN (
       SELECT seq FROM push WHERE repository = :repository AND ref = :ref AND state = 'waiting' AND lease IS NULL
       ORDER BY turn LIMIT ${LANDINGS_PER_TASK} FOR UPDATE SKIP LOCKED)
     RETURNING id, before_id, after_id, received_at, checks, missing_ms, turn`,
    { lease, until: options.nowMs + options.leaseMs, repository, ref },
  )
  const pushes = rows
    .toSorted((a, b) => Number(a['turn']) - Number(b['turn']))
    .map(
      (row): WaitingPush => ({
        id: String(row['id']),
        receivedAtMs: Number(row['received_at']),
        before: String(row['before_id']),
        after: String(row['after_id']),
        checks: Number(row['checks']),
        missingMs: Number(row['missing_ms']),
      }),
    )
  return { repository, ref, lease, pushes }
}

/** Waiting pushes that end where the reported one ends, and those that the proved ones started from. */
export function* landProved(push: LandedPush, nowMs: number): Work<number> {
  const { repository, ref } = push
  const waiting = yield* all(
    `SELECT id, after_id, before_id, last_error, ${LANDED_COLUMNS} FROM push INDEXED BY push_waiting
       WHERE repository = :repository AND ref = :ref AND state = 'waiting' ORDER BY turn`,
    { repository, ref },
  )
  let proved = push.after
  const landed: Row[] = []
  for (const row of waiting.toReversed()) {
    if (row['after_id'] !== proved && row['after_id'] !== push.after) continue
    landed.push(row)
    proved = String(row['before_id'])
  }
  const task = { repository, ref, lease: '', pushes: [] }
  for (const row of landed.toReversed()) yield* settle(task, row, REPORTED, nowMs)
  return landed.length
}

const REPORTED: LandingVerdict = { result: 'landed', detail: 'GHES reported it by webhook' }

/** A push that was made of a report. */
export function* landReported(id: string, nowMs: number): Work<void> {
  const row = yield* get(`SELECT repository, ref, ${LANDED_COLUMNS} FROM push WHERE id = :id AND state = 'waiting'`, {
    id,
  })
  if (!row) return
  const task = { repository: String(row['repository']), ref: String(row['ref']), lease: '', pushes: [] }
  yield* settle(task, row, REPORTED, nowMs)
}

/** Pushes that wait for a repository that will never show them. Returns how many. */
export function* rejectWaiting(repository: string, reason: string, nowMs: number): Work<number> {
  const waiting = yield* all(
    `SELECT seq, ref FROM push INDEXED BY push_waiting
     WHERE repository = :repository AND state = 'waiting'`,
    { repository },
  )
  for (const row of waiting) {
    const task = { repository, ref: String(row['ref']), lease: '', pushes: [] }
    yield* settle(task, row, { result: 'gone', reason }, nowMs)
  }
  return waiting.length
}

/** What the verdict makes of the push. */
export function* settle(
  task: LandingTask,
  row: Row,
  verdict: LandingVerdict,
  nowMs: number,
  known?: KnownOfPush,
): Work<void> {
  const seq = Number(row['seq'])
  switch (verdict.result) {
    case 'landed': {
      yield* addStep(seq, nowMs, 'landed', verdict.detail)
      const landed = { repository: task.repository, ref: task.ref, ...landedRow(row) }
      yield* enqueue({ ...landed, files: yield* withMissing(landed, nowMs) }, nowMs, known)
      break
    }
    case 'broken':
      yield* run(
        `UPDATE push SET state = 'dead', reason = :reason, settled_at = :now, last_error = :reason, lease = NULL, lease_until = NULL WHERE seq = :seq`,
        { seq, reason: verdict.reason, now: nowMs },
      )
      yield* addStep(seq, nowMs, 'dead', verdict.reason)
      break
    case 'gone':
      yield* run(
        `UPDATE push SET state = 'rejected', reason = :reason, settled_at = :now, checks = checks + 1, lease = NULL, lease_until = NULL
         WHERE seq = :seq`,
        { seq, reason: verdict.reason, now: nowMs },
      )
      yield* dropDead(seq)
      yield* addStep(seq, nowMs, 'rejected', verdict.reason)
      break
    default: {
      // While GHES is only tried, one push at a time, what it does not answer must not be the one that is tried every time.
      yield* run(
        `UPDATE push SET due_at = :due, ready = 0, checks = checks + :answered, last_error = :reason, lease = NULL, lease_until = NULL,
           place = CASE WHEN :answered = 1 THEN place END, missing_ms = CASE WHEN :answered = 1 THEN :missing ELSE missing_ms END WHERE seq = :seq`,
        {
          seq,
          due: verdict.againAtMs,
          reason: verdict.reason,
          answered: verdict.result === 'pending' ? 1 : 0,
          missing: verdict.result === 'pending' ? verdict.missingMs : 0,
        },
      )
      // The same answer again is no news: only a change of what holds the push up is told.
      if (row['last_error'] !== verdict.reason) {
        const step = verdict.result === 'pending' ? 'not landed yet' : 'GHES unavailable'
        yield* addStep(seq, nowMs, step, verdict.reason)
      }
    }
  }
}
