// Who is next: due jobs of a kind are handed out in the order of their positions.
import type { Change } from '../../../schemas/notification.ts'
import type { AskedJob, Comparison, RepositoryHint } from '../ports/inbox.ts'
import type { Job, JobKind, JobOf } from '../ports/jobs.ts'
import { formerComparison } from './announced.ts'
import { BY_KEY, type Key, rowKey } from './key.ts'
import { moveNow, readData } from './moves.ts'
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
    `SELECT repository, ref, path, push, attempts, failing_since, flow FROM job INDEXED BY job_ready
     WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 1
     ORDER BY place, due_at LIMIT :limit + 0 FOR UPDATE SKIP LOCKED`, // + 0: SQLite plans a statement anew for each value of a bare limit
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
    if (!file) {
      // A fault of ours: set aside, or nobody else would be handed out any more.
      yield* run(
        `UPDATE job SET state = 'dead', lease = NULL, lease_until = NULL, running_push = NULL WHERE ${BY_KEY}`,
        key,
      )
      continue
    }
    const { move, goes, hasLost } = kind === 'refresh' ? readData(file['data']) : {}
    const now = move && (yield* moveNow(key, move, options.nowMs))
    if (now && 'notBeforeMs' in now) {
      yield* run(
        `UPDATE job SET lease = NULL, lease_until = NULL, running_push = NULL, ready = 0, due_at = :due WHERE ${BY_KEY}`,
        { ...key, due: now.notBeforeMs },
      )
      continue
    }
    jobs.push({
      ...key,
      ...contentOf(kind, file),
      ...(now ? { move: now.move } : {}),
      ...(goes ? { goes } : {}),
      ...(hasLost ? { hasLost } : {}),
      pushId: String(file['id']),
      defaultBranch: file['default_branch'] === 1,
      receivedAtMs: Number(file['received_at']),
      attempts: Number(row['attempts']),
      ...(row['failing_since'] === null ? {} : { failingSinceMs: Number(row['failing_since']) }),
      lease,
      flow: String(row['flow']),
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
  return { kind, ...(JSON.parse(String(file['data'])) as Comparison | RepositoryHint) } as AskedJob // our own writing
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

/** Reads no more of the index than that. */
export function* haveDue(kind: JobKind, many: number): Work<boolean> {
  const row = yield* get(
    `SELECT 1 AS found FROM job INDEXED BY job_ready
     WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 1 ORDER BY place, due_at LIMIT 1 OFFSET :many + 0`,
    { kind, many: many - 1 },
  )
  return row !== undefined
}

/** What is left of a covering refresh is every kind's: whoever claims next goes on with it. */
export function* nextJob(kind: JobKind): Work<number | undefined> {
  const row =
    (yield* get(
      `SELECT due_at FROM job INDEXED BY job_ready
       WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 1 ORDER BY place, due_at LIMIT 1`,
      { kind },
    )) ??
    (yield* get('SELECT 0 AS due_at FROM cover LIMIT 1')) ??
    (yield* get(
      `SELECT due_at FROM job INDEXED BY job_later
       WHERE kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 0 ORDER BY due_at LIMIT 1`,
      { kind },
    ))
  return row && Number(row['due_at'])
}
