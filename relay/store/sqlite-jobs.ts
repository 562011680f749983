// The files of landed pushes as jobs, one a key: taken over by later pushes, handed out, finished.
import type { Change, NotifiedFile } from '../../schemas/notification.ts'
import { learnFile } from './sqlite-known.ts'
import type { Row, Statements } from './sqlite-statements.ts'
import { addStep } from './sqlite-steps.ts'
import type { Job, Retry } from './store.ts'

type LandedPush = { repository: string; ref: string; seq: number; turn: number; files: string }
type Key = { repository: string; ref: string; path: string }

const BY_KEY = 'repository = :repository AND ref = :ref AND path = :path'

/** Makes jobs of a landed push's files. Files that an earlier life of the push has settled are left as they are. */
export function enqueue(sql: Statements, push: LandedPush, nowMs: number): void {
  const files = JSON.parse(push.files) as NotifiedFile[] // our own writing, checked at the intake
  for (const file of files) enqueueFile(sql, push, file, nowMs)
  restate(sql, push.seq, nowMs)
}

function enqueueFile(sql: Statements, push: LandedPush, file: NotifiedFile, nowMs: number): void {
  const key = { repository: push.repository, ref: push.ref, path: file.path }
  const before = sql.get('SELECT state FROM file WHERE push = :push AND path = :path', {
    push: push.seq,
    path: file.path,
  })
  const state = before?.['state']
  if (before && state !== 'dead' && state !== 'rejected') return
  if (state === 'dead') sql.run('UPDATE push SET dead_files = dead_files - 1 WHERE seq = :seq', { seq: push.seq })
  sql.run(
    `INSERT INTO file (push, path, repository, ref, turn, change, entities, blob, quotes, state)
     VALUES (:push, :path, :repository, :ref, :turn, :change, :entities, :blob, :quotes, 'queued')
     ON CONFLICT (push, path) DO UPDATE SET state = 'queued', turn = :turn, attempts = 0, last_error = NULL`,
    {
      ...key,
      push: push.seq,
      turn: push.turn,
      change: file.change,
      entities: JSON.stringify(file.entities ?? []),
      blob: file.blob ?? null,
      quotes: JSON.stringify(file.references ?? []),
    },
  )
  sql.run('UPDATE push SET open_files = open_files + 1 WHERE seq = :seq', { seq: push.seq })
  takeKey(sql, key, push, nowMs)
}

/** The later push of a key has its job; the other one is superseded. */
function takeKey(sql: Statements, key: Key, push: LandedPush, nowMs: number): void {
  const job = sql.get(`SELECT push, turn, running_push FROM job WHERE ${BY_KEY}`, key)
  if (!job) {
    sql.run(
      `INSERT INTO job (repository, ref, path, push, turn, state, due_at)
       VALUES (:repository, :ref, :path, :push, :turn, 'waiting', :now)`,
      { ...key, push: push.seq, turn: push.turn, now: nowMs },
    )
    return
  }
  const holder = Number(job['push'])
  if (holder !== push.seq && Number(job['turn']) > push.turn) {
    supersede(sql, push.seq, key, holder, nowMs)
    return
  }
  // One whose refresh is in flight finishes by itself, and this one runs after it.
  if (holder !== push.seq && job['running_push'] !== holder) supersede(sql, holder, key, push.seq, nowMs)
  // The earlier due time stays: a key that is pushed to all the time must not lose its place again and again.
  sql.run(
    `UPDATE job SET push = :push, turn = :turn, state = 'waiting', due_at = min(due_at, :now), attempts = 0, failing_since = NULL
     WHERE ${BY_KEY}`,
    { ...key, push: push.seq, turn: push.turn, now: nowMs },
  )
}

/** The file of a push gives way to a later push of the same key. */
export function supersede(sql: Statements, seq: number, key: Key, by: number, nowMs: number): void {
  const file = sql.get('SELECT state FROM file WHERE push = :seq AND path = :path', { seq, path: key.path })
  if (!file || (file['state'] !== 'queued' && file['state'] !== 'dead')) return
  const later = String(sql.get('SELECT id FROM push WHERE seq = :by', { by })?.['id'])
  const dead = file['state'] === 'dead' ? 1 : 0
  sql.run(`UPDATE file SET state = 'superseded', outcome = :outcome WHERE push = :seq AND path = :path`, {
    seq,
    path: key.path,
    outcome: `superseded by ${later}`,
  })
  sql.run(
    `UPDATE push SET superseded_files = superseded_files + 1, open_files = open_files + :dead, dead_files = dead_files - :dead,
       reason = CASE WHEN superseded_files + 1 >= file_count THEN :reason ELSE reason END
     WHERE seq = :seq`,
    { seq, dead, reason: `superseded by ${later}` },
  )
  addStep(sql, seq, nowMs, 'superseded', `${key.path}: by ${later}, whose refresh shows this content or newer`)
  restate(sql, seq, nowMs)
}

export function claimDueJobs(
  sql: Statements,
  options: { limit: number; leaseMs: number; nowMs: number; newLease: () => string },
): Job[] {
  const due = sql.all(
    `SELECT repository, ref, path, push, attempts, failing_since FROM job INDEXED BY job_due
     WHERE state = 'waiting' AND lease IS NULL AND due_at <= :now ORDER BY due_at LIMIT :limit`,
    { now: options.nowMs, limit: options.limit },
  )
  return due.map(row => {
    const lease = options.newLease()
    const key = rowKey(row)
    sql.run(`UPDATE job SET lease = :lease, lease_until = :until, running_push = push WHERE ${BY_KEY}`, {
      ...key,
      lease,
      until: options.nowMs + options.leaseMs,
    })
    const file = sql.get(
      `SELECT p.id, p.default_branch, f.change, f.entities FROM push p JOIN file f ON f.push = p.seq WHERE p.seq = :push AND f.path = :path`,
      { push: row['push'] ?? null, path: key.path },
    )
    if (!file) throw new Error(`job without its file: ${key.repository} ${key.ref} ${key.path}`)
    return {
      ...key,
      pushId: String(file['id']),
      change: String(file['change']) as Change,
      entities: JSON.parse(String(file['entities'])) as string[],
      defaultBranch: file['default_branch'] === 1,
      attempts: Number(row['attempts']),
      ...(row['failing_since'] === null ? {} : { failingSinceMs: Number(row['failing_since']) }),
      lease,
    }
  })
}

/** The running push of this claim and the latest of its key; undefined when the lease was lost. */
function held(sql: Statements, job: Job): { running: number; latest: number; turn: number } | undefined {
  const row = sql.get(
    `SELECT j.push, j.running_push, f.turn FROM job j JOIN file f ON f.push = j.running_push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.lease = :lease`,
    { ...jobKey(job), lease: job.lease },
  )
  return row && { running: Number(row['running_push']), latest: Number(row['push']), turn: Number(row['turn']) }
}

export function finishJob(sql: Statements, job: Job, outcome: string, nowMs: number): boolean {
  const at = held(sql, job)
  if (!at) return false
  const key = jobKey(job)
  if (at.latest === at.running) sql.run(`DELETE FROM job WHERE ${BY_KEY}`, key)
  else letGo(sql, key)
  settleFile(sql, at.running, job.path, 'forwarded', { outcome })
  learnFile(sql, at.running, key)
  addStep(sql, at.running, nowMs, 'forwarded', `${job.path}: ${outcome}`)
  restate(sql, at.running, nowMs)
  for (const row of sql.all(`SELECT push FROM file WHERE ${BY_KEY} AND state = 'superseded' AND turn <= :turn`, {
    ...key,
    turn: at.turn,
  })) {
    const covered = Number(row['push'])
    settleFile(sql, covered, job.path, 'forwarded', {})
    addStep(sql, covered, nowMs, 'forwarded', `${job.path}: by the refresh for ${job.pushId}`)
    restate(sql, covered, nowMs)
  }
  return true
}

export function postponeJob(sql: Statements, job: Job, retry: Retry, nowMs: number): boolean {
  const at = held(sql, job)
  if (!at) return false
  const key = jobKey(job)
  const counts = retry.counts ? 1 : 0
  const file = sql.get('SELECT attempts, last_error FROM file WHERE push = :push AND path = :path', {
    push: at.running,
    path: job.path,
  })
  sql.run('UPDATE file SET attempts = attempts + :counts, last_error = :error WHERE push = :push AND path = :path', {
    push: at.running,
    path: job.path,
    counts,
    error: retry.error,
  })
  if (retry.counts)
    addStep(sql, at.running, nowMs, 'retry', `${job.path}: attempt ${Number(file?.['attempts']) + 1}: ${retry.error}`)
  else if (file?.['last_error'] !== retry.error)
    addStep(sql, at.running, nowMs, 'held up', `${job.path}: ${retry.error}`)
  if (at.latest !== at.running) {
    letGo(sql, key)
    supersede(sql, at.running, key, at.latest, nowMs)
    sql.run(`UPDATE job SET due_at = :due WHERE ${BY_KEY}`, { ...key, due: retry.dueAtMs })
  } else {
    sql.run(
      `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, due_at = :due, attempts = attempts + :counts,
         failing_since = CASE WHEN :counts THEN coalesce(failing_since, :now) ELSE failing_since END
       WHERE ${BY_KEY}`,
      { ...key, due: retry.dueAtMs, counts, now: nowMs },
    )
  }
  return true
}

export function buryJob(sql: Statements, job: Job, error: string, nowMs: number): boolean {
  const at = held(sql, job)
  if (!at) return false
  const key = jobKey(job)
  letGo(sql, key)
  if (at.latest !== at.running) {
    supersede(sql, at.running, key, at.latest, nowMs)
    return true
  }
  sql.run(`UPDATE job SET state = 'dead' WHERE ${BY_KEY}`, key)
  sql.run(
    `UPDATE file SET state = 'dead', attempts = attempts + 1, last_error = :error WHERE push = :push AND path = :path`,
    { push: at.running, path: job.path, error },
  )
  sql.run(
    'UPDATE push SET open_files = open_files - 1, dead_files = dead_files + 1, reason = :reason WHERE seq = :seq',
    { seq: at.running, reason: `${job.path}: ${error}` },
  )
  addStep(sql, at.running, nowMs, 'dead', `${job.path}: ${error}`)
  restate(sql, at.running, nowMs)
  return true
}

function letGo(sql: Statements, key: Key): void {
  sql.run(
    `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, attempts = 0, failing_since = NULL WHERE ${BY_KEY}`,
    key,
  )
}

function settleFile(sql: Statements, push: number, path: string, state: string, values: { outcome?: string }): void {
  sql.run(`UPDATE file SET state = :state, outcome = coalesce(:outcome, outcome) WHERE push = :push AND path = :path`, {
    push,
    path,
    state,
    outcome: values.outcome ?? null,
  })
  sql.run('UPDATE push SET open_files = open_files - 1 WHERE seq = :push', { push })
}

/** The state of a landed push follows from its files; a dead one shows at once, since somebody has to look. */
function restate(sql: Statements, seq: number, nowMs: number): void {
  sql.run(
    `UPDATE push SET
       state = CASE WHEN dead_files > 0 THEN 'dead' WHEN open_files > 0 THEN 'landed' ELSE 'forwarded' END,
       settled_at = CASE WHEN dead_files = 0 AND open_files > 0 THEN NULL ELSE coalesce(settled_at, :now) END
     WHERE seq = :seq AND state IN ('landed', 'dead')`,
    { seq, now: nowMs },
  )
}

/** Takes jobs back from whoever had them. What was running for a push that was overtaken meanwhile is superseded now. */
export function takeBack(
  sql: Statements,
  where: 'any' | { lease: string } | { leaseEndedBy: number } | { repository: string },
  nowMs: number,
): number {
  const { condition, values } = claimedBy(where)
  const rows = sql.all(
    `SELECT repository, ref, path, push, running_push FROM job WHERE lease IS NOT NULL ${condition}`,
    values,
  )
  for (const row of rows) {
    const key = rowKey(row)
    sql.run(`UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL WHERE ${BY_KEY}`, key)
    const running = Number(row['running_push'])
    if (running !== Number(row['push'])) supersede(sql, running, key, Number(row['push']), nowMs)
  }
  return rows.length
}

function claimedBy(where: Parameters<typeof takeBack>[1]): {
  condition: string
  values: Record<string, string | number>
} {
  if (where === 'any') return { condition: '', values: {} }
  if ('lease' in where) return { condition: 'AND lease = :lease', values: where }
  if ('repository' in where) return { condition: 'AND repository = :repository', values: where }
  return { condition: 'AND lease_until < :leaseEndedBy', values: where }
}

/** A push that never landed keeps no dead letters. */
export function dropDead(sql: Statements, seq: number): void {
  sql.run(`DELETE FROM job WHERE push = :seq AND state = 'dead'`, { seq })
  sql.run(`UPDATE file SET state = 'rejected' WHERE push = :seq AND state = 'dead'`, { seq })
  sql.run('UPDATE push SET dead_files = 0 WHERE seq = :seq', { seq })
}

const rowKey = (row: Row): Key => ({
  repository: String(row['repository']),
  ref: String(row['ref']),
  path: String(row['path']),
})

const jobKey = ({ repository, ref, path }: Job): Key => ({ repository, ref, path })
