// A push from its acceptance until GHES has shown it, or has not.
import { messageId } from '../../../schemas/notification.ts'
import type {
  AcceptedPush,
  LandedPush,
  LandingTask,
  LandingVerdict,
  Receipt,
  WaitingPush,
  WebhookReceipt,
} from '../store.ts'
import { LANDINGS_PER_TASK } from '../store.ts'
import { writeAnnounced } from './announced.ts'
import { addStep } from './history.ts'
import { dropDead, enqueue } from './jobs.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** The highest turn there is. */
export function* lastTurn(): Work<number> {
  return Number((yield* get('SELECT max(turn) AS turn FROM push'))?.['turn'] ?? 0)
}

/** Inserts the push; `turn` must be higher than any before. */
export function* acceptPush(push: AcceptedPush, turn: number, nowMs: number): Work<Receipt> {
  for (;;) {
    if (yield* insertPush(push, turn, nowMs)) return { result: 'stored' }
    const again = yield* announceAgain(push, turn, nowMs)
    if (again) return again
  }
}

function* insertPush(push: AcceptedPush, turn: number, nowMs: number): Work<boolean> {
  const inserted = yield* run(
    `INSERT INTO push (id, turn, repository, ref, before_id, after_id, default_branch, pusher, bypass, files, state,
       received_at, due_at, file_count)
     VALUES (:id, :turn, :repository, :ref, :before, :after, :defaultBranch, :pusher, :bypass, :files, 'waiting',
       :now, :due, :fileCount)
     ON CONFLICT (id) DO NOTHING`,
    {
      id: push.id,
      turn,
      repository: push.repository,
      ref: push.ref,
      before: push.before,
      after: push.after,
      // A sender that does not know means the default branch: a refresh too many costs less than one too few.
      defaultBranch: push.defaultBranch === false ? 0 : 1,
      pusher: push.pusher ?? null,
      bypass: push.bypass ?? null,
      files: writeAnnounced(push),
      now: nowMs,
      due: push.firstCheckAtMs,
      fileCount: push.files.length + (push.jobs?.length ?? 0),
    },
  )
  return inserted > 0
}

/**
 * A message that is known. The same update can be made twice: refused by a later hook and pushed again, or made, undone
 * and made again. A later push on the branch tells the second from a mere repetition of the message.
 */
function* announceAgain(push: AcceptedPush, turn: number, nowMs: number): Work<Receipt | undefined> {
  const known = yield* get('SELECT seq, turn, state, repository, ref FROM push WHERE id = :id FOR UPDATE', {
    id: push.id,
  })
  if (!known) return undefined // another replica has forgotten it this moment, after its week
  const seq = Number(known['seq'])
  const state = String(known['state'])
  if (state === 'landed') return { result: 'known' }
  if (state === 'forwarded' && !(yield* movedSince(known))) return { result: 'known' }
  if (state === 'forwarded') yield* run('DELETE FROM file WHERE push = :seq', { seq })
  yield* run(
    `UPDATE push SET state = 'waiting', reason = NULL, settled_at = NULL, turn = :turn, due_at = :due, checks = 0, missing_ms = 0,
       lease = NULL, lease_until = NULL,
       open_files = CASE WHEN :fresh = 1 THEN 0 ELSE open_files END,
       superseded_files = CASE WHEN :fresh = 1 THEN 0 ELSE superseded_files END
     WHERE seq = :seq`,
    { seq, turn, due: push.firstCheckAtMs, fresh: state === 'forwarded' ? 1 : 0 },
  )
  // While it waits anyway, a repetition only starts its clock again: no news.
  if (state === 'waiting') return { result: 'known' }
  yield* addStep(seq, nowMs, 'announced again', `it was ${state}; the same update was pushed once more`)
  return { result: 'again' }
}

function* movedSince(known: Row): Work<boolean> {
  const later = yield* get(
    'SELECT 1 FROM push WHERE repository = :repository AND seq > :seq AND ref = :ref AND turn > :turn LIMIT 1',
    {
      repository: known['repository'] ?? null,
      seq: known['seq'] ?? null,
      ref: known['ref'] ?? null,
      turn: known['turn'] ?? null,
    },
  )
  return later !== undefined
}

/** GHES's word on a push: what waits and is proved by it lands; what nobody announced is taken in. */
export function* acceptReported(
  deliveryId: string,
  push: LandedPush,
  turn: number,
  nowMs: number,
): Work<WebhookReceipt> {
  const isNew = yield* run('INSERT INTO delivery (id, at) VALUES (:id, :now) ON CONFLICT (id) DO NOTHING', {
    id: deliveryId,
    now: nowMs,
  })
  if (isNew === 0) return { result: 'known' }
  const id = messageId(push)
  const known = yield* get('SELECT state FROM push WHERE id = :id', { id })
  // One that we had called rejected has landed after all; what is settled otherwise stays so.
  if (known ? known['state'] === 'rejected' : push.files.length > 0) {
    yield* acceptPush({ ...push, id, firstCheckAtMs: nowMs }, turn, nowMs)
  }
  return { result: 'stored', landed: yield* landProved(push, nowMs) }
}

/** Waiting pushes that end where the reported one ends, and those that the proved ones started from. */
function* landProved(push: LandedPush, nowMs: number): Work<number> {
  const { repository, ref } = push
  const waiting = yield* all(
    `SELECT seq, id, turn, files, after_id, before_id, last_error FROM push INDEXED BY push_waiting
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
  for (const row of landed.toReversed())
    yield* settle(task, row, { result: 'landed', detail: 'GHES reported it by webhook' }, nowMs)
  return landed.length
}

/** Pushes that wait for a repository that will never show them. Returns how many. */
export function* rejectWaiting(repository: string, reason: string, nowMs: number): Work<number> {
  const waiting = yield* all(
    `SELECT seq, ref, turn, files, last_error FROM push INDEXED BY push_waiting
     WHERE repository = :repository AND state = 'waiting'`,
    { repository },
  )
  for (const row of waiting) {
    const task = { repository, ref: String(row['ref']), lease: '', pushes: [] }
    yield* settle(task, row, { result: 'gone', reason }, nowMs)
  }
  return waiting.length
}

/** Settled pushes that wait again, from a new look at GHES on: since then the branch may have gone. Returns how many. */
export function* redrivePushes(which: { id: string } | { deadSinceMs: number }, nowMs: number): Work<number> {
  const rows =
    'id' in which
      ? yield* all(`SELECT seq, state FROM push WHERE id = :id AND state IN ('dead', 'rejected')`, which)
      : yield* all(`SELECT seq, state FROM push WHERE state = 'dead' AND received_at >= :deadSinceMs`, which)
  for (const row of rows) {
    const seq = Number(row['seq'])
    yield* run(
      `UPDATE push SET state = 'waiting', reason = NULL, settled_at = NULL, due_at = :now, checks = 0, missing_ms = 0, last_error = NULL
       WHERE seq = :seq`,
      { seq, now: nowMs },
    )
    yield* addStep(seq, nowMs, 'redriven', `it was ${row['state']}`)
  }
  return rows.length
}

/** Takes the branches of the pushes that are longest due. */
export function* claimBranches(options: {
  limit: number
  leaseMs: number
  nowMs: number
  newLease: () => string
}): Work<LandingTask[]> {
  const tasks: LandingTask[] = []
  while (tasks.length < options.limit) {
    // INDEXED BY: left alone, SQLite takes push_state and sorts all that wait (8 ms a claim at 100,000).
    const due = yield* get(
      `SELECT repository, ref FROM push INDEXED BY push_due
       WHERE state = 'waiting' AND lease IS NULL AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      { now: options.nowMs },
    )
    if (!due) break
    const task = yield* claimBranch(String(due['repository']), String(due['ref']), options)
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
       ORDER BY turn LIMIT :most FOR UPDATE SKIP LOCKED)
     RETURNING id, before_id, after_id, received_at, checks, missing_ms, turn`,
    { lease, until: options.nowMs + options.leaseMs, repository, ref, most: LANDINGS_PER_TASK },
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

/** Applies the verdicts to the pushes that are still ours. Returns to how many. */
export function* settlePushes(
  task: LandingTask,
  verdicts: ReadonlyMap<string, LandingVerdict>,
  nowMs: number,
): Work<number> {
  const leased = yield* all(
    `SELECT seq, id, turn, default_branch, files, checks, last_error FROM push WHERE lease = :lease`,
    {
      lease: task.lease,
    },
  )
  const ours = leased.toSorted((a, b) => Number(a['turn']) - Number(b['turn']))
  for (const row of ours) {
    const verdict = verdicts.get(String(row['id']))
    if (verdict) yield* settle(task, row, verdict, nowMs)
  }
  return ours.length
}

function* settle(task: LandingTask, row: Row, verdict: LandingVerdict, nowMs: number): Work<void> {
  const seq = Number(row['seq'])
  switch (verdict.result) {
    case 'landed':
      yield* run(
        `UPDATE push SET state = 'landed', checks = checks + 1, last_error = NULL, lease = NULL, lease_until = NULL WHERE seq = :seq`,
        { seq },
      )
      yield* addStep(seq, nowMs, 'landed', verdict.detail)
      yield* enqueue({ ...task, seq, turn: Number(row['turn']), files: String(row['files']) }, nowMs)
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
      yield* run(
        `UPDATE push SET due_at = :due, checks = checks + :answered, last_error = :reason, lease = NULL, lease_until = NULL,
           missing_ms = CASE WHEN :answered = 1 THEN :missing ELSE missing_ms END WHERE seq = :seq`,
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
