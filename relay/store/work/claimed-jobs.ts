// What becomes of a job: handed out, finished, put off, given up, taken back.
import type { Change } from '../../../schemas/notification.ts'
import type { Comparison, Job, JobKind, JobOf, Retry } from '../store.ts'
import { formerComparison } from './announced.ts'
import { addStep } from './history.ts'
import { BY_KEY, type Key, restate, supersede } from './jobs.ts'
import { learnFile } from './known-files.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** Retries that fall due at once, after an outage: more than a claim hands out, and few enough for one statement. */
const READIED_PER_CLAIM = 1000

export type ClaimOptions = { limit: number; leaseMs: number; nowMs: number; newLease: () => string }

export function* claimDueJobs<K extends JobKind>(kind: K, options: ClaimOptions): Work<JobOf<K>[]> {
  yield* run(
    `UPDATE job SET ready = 1 WHERE (repository, ref, path) IN (
       SELECT repository, ref, path FROM job INDEXED BY job_later
       WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 0 AND due_at <= :now
       ORDER BY due_at LIMIT ${READIED_PER_CLAIM} FOR UPDATE SKIP LOCKED)`,
    { kind, now: options.nowMs },
  )
  const due = yield* all(
    `SELECT repository, ref, path, push, attempts, failing_since FROM job INDEXED BY job_ready
     WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 1
     ORDER BY place LIMIT :limit FOR UPDATE SKIP LOCKED`,
    { kind, limit: options.limit },
  )
  const jobs: Job[] = []
  for (const row of due) {
    const lease = options.newLease()
    const key = rowKey(row)
    if (kind === 'refresh' && (yield* sayKind(key, row))) continue
    yield* run(`UPDATE job SET lease = :lease, lease_until = :until, running_push = push WHERE ${BY_KEY}`, {
      ...key,
      lease,
      until: options.nowMs + options.leaseMs,
    })
    const file = yield* get(
      `SELECT p.id, p.received_at, p.default_branch, f.change, f.entities, f.data FROM push p JOIN file f ON f.push = p.seq WHERE p.seq = :push AND f.path = :path`,
      { push: row['push'] ?? null, path: key.path },
    )
    if (!file) throw new Error(`job without its file: ${key.repository} ${key.ref} ${key.path}`)
    jobs.push({
      ...key,
      ...contentOf(kind, file),
      pushId: String(file['id']),
      defaultBranch: file['default_branch'] === 1,
      receivedAtMs: Number(file['received_at']),
      attempts: Number(row['attempts']),
      ...(row['failing_since'] === null ? {} : { failingSinceMs: Number(row['failing_since']) }),
      lease,
    })
  }
  return jobs.filter((job): job is JobOf<K> => job.kind === kind)
}

/** What the job is about. */
function contentOf(kind: JobKind, file: Row) {
  if (kind === 'refresh') {
    return {
      kind,
      change: String(file['change']) as Change,
      entities: JSON.parse(String(file['entities'])) as string[],
    }
  }
  return { kind, ...(JSON.parse(String(file['data'])) as Comparison) } // our own writing
}

/** A replica of the former version, beside us in a rolling upgrade, has left a comparison among the refreshes: true, and it waits in its line. */
function* sayKind(key: Key, row: Row): Work<boolean> {
  const former = formerComparison(key.path)
  if (!former) return false
  yield* run(`UPDATE job SET kind = 'compare' WHERE ${BY_KEY}`, key)
  yield* run('UPDATE file SET data = :data WHERE push = :push AND path = :path', {
    push: row['push'] ?? null,
    path: key.path,
    data: JSON.stringify(former),
  })
  return true
}

/** The running push of this claim and the latest of its key; undefined when the lease was lost. */
function* held(job: Job): Work<{ running: number; latest: number; turn: number } | undefined> {
  const row = yield* get(
    `SELECT j.push, j.running_push, f.turn FROM job j JOIN file f ON f.push = j.running_push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.lease = :lease`,
    { ...jobKey(job), lease: job.lease },
  )
  return row && { running: Number(row['running_push']), latest: Number(row['push']), turn: Number(row['turn']) }
}

export function* finishJob(job: Job, outcome: string, nowMs: number): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = jobKey(job)
  if (at.latest === at.running) yield* run(`DELETE FROM job WHERE ${BY_KEY}`, key)
  else yield* letGo(key)
  yield* settleFile(at.running, job.path, 'forwarded', { outcome })
  if (job.kind === 'refresh') yield* learnFile(at.running, key)
  yield* addStep(at.running, nowMs, 'forwarded', `${job.path}: ${outcome}`)
  yield* restate(at.running, nowMs)
  const cover = { ...key, turn: at.turn, pushId: job.pushId }
  if ((yield* settleCovered(cover, nowMs)) === COVERED_AT_ONCE) {
    yield* run(
      'INSERT INTO cover (repository, ref, path, turn, push_id) VALUES (:repository, :ref, :path, :turn, :pushId)',
      cover,
    )
  }
  return true
}

/** Pushes of a file that one refresh has covered, so many in a transaction: a file may be pushed to a thousand times in an outage. */
const COVERED_AT_ONCE = 200

export type Cover = Key & { turn: number; pushId: string }

/** Pushes that gave way to one whose refresh is done are forwarded with it. Returns how many were. */
function* settleCovered({ turn, pushId, ...key }: Cover, nowMs: number): Work<number> {
  const covered = yield* all(
    `SELECT push FROM file WHERE ${BY_KEY} AND state = 'superseded' AND turn <= :turn ORDER BY turn LIMIT ${COVERED_AT_ONCE}`,
    { ...key, turn },
  )
  for (const row of covered) {
    const push = Number(row['push'])
    yield* settleFile(push, key.path, 'forwarded', {})
    yield* addStep(push, nowMs, 'forwarded', `${key.path}: by the refresh for ${pushId}`)
    yield* restate(push, nowMs)
  }
  return covered.length
}

/** A refresh that has covered more pushes than its own transaction could settle. */
export function* nextCover(): Work<Cover | undefined> {
  const row = yield* get('SELECT repository, ref, path, turn, push_id FROM cover ORDER BY id LIMIT 1')
  return row && { ...rowKey(row), turn: Number(row['turn']), pushId: String(row['push_id']) }
}

/** Settles the next so many of them. */
export function* continueCover(cover: Cover, nowMs: number): Work<void> {
  if ((yield* settleCovered(cover, nowMs)) === COVERED_AT_ONCE) return
  const { repository, ref, path, turn } = cover
  yield* run(`DELETE FROM cover WHERE ${BY_KEY} AND turn = :turn`, { repository, ref, path, turn })
}

export function* postponeJob(job: Job, retry: Retry, nowMs: number): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = jobKey(job)
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

export function* buryJob(job: Job, error: string, nowMs: number): Work<boolean> {
  const at = yield* held(job)
  if (!at) return false
  const key = jobKey(job)
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
  yield* run(
    'UPDATE push SET open_files = open_files - 1, dead_files = dead_files + 1, reason = :reason WHERE seq = :seq',
    { seq: at.running, reason: `${job.path}: ${error}` },
  )
  yield* addStep(at.running, nowMs, 'dead', `${job.path}: ${error}`)
  yield* restate(at.running, nowMs)
  return true
}

function* letGo(key: Key): Work<void> {
  yield* run(
    `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, attempts = 0, failing_since = NULL WHERE ${BY_KEY}`,
    key,
  )
}

function* settleFile(push: number, path: string, state: string, values: { outcome?: string }): Work<void> {
  yield* run(
    `UPDATE file SET state = :state, outcome = coalesce(:outcome, outcome) WHERE push = :push AND path = :path`,
    {
      push,
      path,
      state,
      outcome: values.outcome ?? null,
    },
  )
  yield* run('UPDATE push SET open_files = open_files - 1 WHERE seq = :push', { push })
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

/** Takes back claims of both kinds, pushes and jobs. Returns how many. */
export function* giveBack(where: Claimed, nowMs: number): Work<number> {
  const pushes = yield* run(
    `UPDATE push SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL${conditionsOf(where)}`,
    { ...where },
  )
  return pushes + (yield* takeBack(where, nowMs))
}

export type Claimed = { repository?: string; lease?: string; leaseEndedBy?: number }

const conditionsOf = (where: Claimed) =>
  [
    where.repository === undefined ? '' : ' AND repository = :repository',
    where.lease === undefined ? '' : ' AND lease = :lease',
    where.leaseEndedBy === undefined ? '' : ' AND lease_until < :leaseEndedBy',
  ].join('')

/** Takes jobs back from whoever had them. What was running for a push that was overtaken meanwhile is superseded now. */
export function* takeBack(where: Claimed, nowMs: number): Work<number> {
  const rows = yield* all(
    `SELECT repository, ref, path, push, running_push FROM job WHERE lease IS NOT NULL${conditionsOf(where)}`,
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

const rowKey = (row: Row): Key => ({
  repository: String(row['repository']),
  ref: String(row['ref']),
  path: String(row['path']),
})

const jobKey = ({ repository, ref, path }: Job): Key => ({ repository, ref, path })
