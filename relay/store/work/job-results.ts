// What becomes of a claimed job: finished, put off, given up.
import type { Ended, Job, Move, RefreshJob, Retry } from '../ports/jobs.ts'
import { settleCovered, settleUnknown } from './covered.ts'
import { endFile, restate, supersede } from './file-states.ts'
import { addStep } from './history.ts'
import { toldOfOld } from './holders.ts'
import { BY_KEY, type Key, keyOf } from './key.ts'
import { learnFile } from './known-files.ts'
import { endMove, inheritMove, movedSince, saveMove } from './moves.ts'
import { get, run, type Work } from './sql.ts'

/** The running push of this claim and the latest of its key; undefined when the lease was lost. */
function* held(job: Job): Work<{ running: number; latest: number; arrival: number } | undefined> {
  const row = yield* get(
    `SELECT j.push, j.running_push, f.turn FROM job j JOIN file f ON f.push = j.running_push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.lease = :lease`,
    { ...keyOf(job), lease: job.lease },
  )
  return row && { running: Number(row['running_push']), latest: Number(row['push']), arrival: Number(row['turn']) }
}

export function* finishJob(
  job: Job,
  outcome: string,
  nowMs: number,
  { as = 'forwarded', via, isFree = false }: Ended = {},
): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = keyOf(job)
  if (job.kind === 'refresh' && at.latest === at.running && (yield* movedSince(key, at.running, job.move))) {
    yield* addStep(at.running, nowMs, 'moving', `${job.path}: ${outcome}; once more, since an entity has come to it`)
    yield* letGo(key)
    return true
  }
  if (at.latest === at.running) yield* run(`DELETE FROM job WHERE ${BY_KEY}`, key)
  else yield* letGo(key)
  yield* endFile(at.running, job.path, as, nowMs, outcome)
  if (job.kind === 'refresh') {
    yield* learnFile(at.running, key, via)
    yield* toldOfOld(key, isFree, nowMs)
    if (job.move && !(yield* movedSince(key, at.latest, job.move))) {
      yield* endMove(key, job.move)
      if (at.latest !== at.running) yield* saveMove(at.latest, job.path, undefined)
    }
  }
  yield* addStep(at.running, nowMs, as, `${job.path}: ${outcome}`)
  const by = { ...key, arrival: at.arrival, pushId: job.pushId }
  yield* settleCovered({ ...by, state: as }, nowMs)
  if (as === 'forwarded') yield* settleUnknown(by, nowMs)
  return true
}

export function* postponeJob(job: Job, retry: Retry, nowMs: number): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = keyOf(job)
  const counts = retry.counts ? 1 : 0
  const file = yield* get('SELECT attempts, last_error FROM file WHERE push = :push AND path = :path', {
    push: at.running,
    path: job.path,
  })
  yield* run('UPDATE file SET attempts = attempts + :counts, last_error = :error WHERE push = :push AND path = :path', {
    push: at.running,
    path: job.path,
    counts,
    error: retry.error,
  })
  if (retry.counts)
    yield* addStep(at.running, nowMs, 'retry', `${job.path}: attempt ${Number(file?.['attempts']) + 1}: ${retry.error}`)
  else if (file?.['last_error'] !== retry.error)
    yield* addStep(at.running, nowMs, 'held up', `${job.path}: ${retry.error}`)
  if (at.latest !== at.running) {
    yield* letGo(key)
    yield* supersede(at.running, key, at.latest, nowMs)
    yield* run(`UPDATE job SET due_at = :due, ready = 0 WHERE ${BY_KEY}`, { ...key, due: retry.dueAtMs })
  } else {
    yield* run(
      `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, due_at = :due, ready = 0, attempts = attempts + :counts,
         failing_since = CASE WHEN :counts = 1 THEN coalesce(failing_since, :now) ELSE failing_since END
       WHERE ${BY_KEY}`,
      { ...key, due: retry.dueAtMs, counts, now: nowMs },
    )
  }
  return true
}

export function* goOn(
  job: RefreshJob,
  { dueAtMs, move, note }: { dueAtMs: number; move: Move; note?: string },
  nowMs: number,
): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = keyOf(job)
  if (note !== undefined) yield* addStep(at.running, nowMs, 'moving', `${job.path}: ${note}`)
  yield* saveMove(at.running, job.path, move)
  yield* letGo(key)
  if (at.latest !== at.running) {
    yield* inheritMove(key, at.running, at.latest)
    yield* supersede(at.running, key, at.latest, nowMs)
  }
  yield* run(`UPDATE job SET due_at = :due, ready = 0 WHERE ${BY_KEY}`, { ...key, due: dueAtMs })
  return true
}

export function* buryJob(job: Job, error: string, nowMs: number): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = keyOf(job)
  yield* letGo(key)
  if (at.latest !== at.running) {
    yield* supersede(at.running, key, at.latest, nowMs)
    return true
  }
  yield* run(`UPDATE job SET state = 'dead' WHERE ${BY_KEY}`, key)
  yield* run(
    `UPDATE file SET state = 'dead', attempts = attempts + 1, last_error = :error WHERE push = :push AND path = :path`,
    { push: at.running, path: job.path, error },
  )
  yield* addStep(at.running, nowMs, 'dead', `${job.path}: ${error}`)
  yield* restate(at.running, { open: -1, dead: 1, reason: `${job.path}: ${error}` }, nowMs)
  return true
}

function* letGo(key: Key): Work<void> {
  yield* run(
    `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, attempts = 0, failing_since = NULL WHERE ${BY_KEY}`,
    key,
  )
}
