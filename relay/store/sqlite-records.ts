// What the store tells people: one push, lists of them, how things stand.
import type { Change, NotifiedFile } from '../../schemas/notification.ts'
import type { Row, Statements } from './sqlite-statements.ts'
import type { FileRecord, FileState, PushFilter, PushRecord, PushState, PushSummary, StoreStatus } from './store.ts'
import { PUSH_STATES } from './store.ts'

export function readPush(sql: Statements, id: string): PushRecord | undefined {
  const row = sql.get('SELECT * FROM push WHERE id = :id', { id })
  if (!row) return undefined
  const { fileCount: _, ...summary } = summaryOf(row)
  const steps = sql.all('SELECT at, step, detail FROM step WHERE push = :seq ORDER BY number', {
    seq: Number(row['seq']),
  })
  return {
    ...summary,
    files: filesOf(sql, row),
    history: [
      { atMs: Number(row['received_at']), step: 'accepted', detail: `on disk, ${row['file_count']} file(s)` },
      ...steps.map(step => ({ atMs: Number(step['at']), step: String(step['step']), detail: String(step['detail']) })),
    ],
  }
}

/** The files as announced, with what became of each since the push landed. */
function filesOf(sql: Statements, push: Row): FileRecord[] {
  const announced = JSON.parse(String(push['files'])) as NotifiedFile[] // our own writing
  const known = new Map(
    sql
      .all(
        `SELECT f.path, f.change, f.state, f.attempts, f.outcome, f.last_error, j.due_at FROM file f
         LEFT JOIN job j ON j.repository = f.repository AND j.ref = f.ref AND j.path = f.path
           AND j.push = f.push AND j.state = 'waiting' AND j.lease IS NULL
         WHERE f.push = :seq`,
        { seq: Number(push['seq']) },
      )
      .map(row => [String(row['path']), row]),
  )
  const waiting = push['state'] === 'waiting'
  return announced.map((file): FileRecord => {
    const row = known.get(file.path)
    const dueAt = waiting ? push['due_at'] : row?.['due_at']
    const error = row?.['last_error'] ?? (waiting ? push['last_error'] : undefined)
    const untouched: FileState = push['state'] === 'rejected' ? 'rejected' : 'waiting'
    return {
      path: file.path,
      change: (row ? String(row['change']) : file.change) as Change,
      state: row ? (String(row['state']) as FileState) : untouched,
      attempts: Number(row?.['attempts'] ?? 0),
      ...(typeof dueAt === 'number' ? { nextAttemptAtMs: dueAt } : {}),
      ...(typeof row?.['outcome'] === 'string' ? { outcome: row['outcome'] } : {}),
      ...(typeof error === 'string' ? { lastError: error } : {}),
    }
  })
}

function summaryOf(row: Row): PushSummary {
  const optional = (name: string) => (typeof row[name] === 'string' ? { [name]: row[name] } : {})
  return {
    id: String(row['id']),
    repository: String(row['repository']),
    ref: String(row['ref']),
    before: String(row['before_id']),
    after: String(row['after_id']),
    ...optional('pusher'),
    ...optional('bypass'),
    state: String(row['state']) as PushState,
    ...optional('reason'),
    receivedAtMs: Number(row['received_at']),
    fileCount: Number(row['file_count']),
  }
}

const SUMMARY = 'id, repository, ref, before_id, after_id, pusher, bypass, state, reason, received_at, file_count'

export function listPushes(sql: Statements, { repository, state, bypassed, limit }: PushFilter): PushSummary[] {
  // One text for each combination, so that each has its index: push_repository, push_state, push_bypassed, the primary key.
  const conditions = [
    repository === undefined ? '' : 'repository = :repository',
    state === undefined ? '' : 'state = :state',
    bypassed ? 'bypass IS NOT NULL' : '',
  ]
  const where = conditions.filter(Boolean).join(' AND ')
  const rows = sql.all(`SELECT ${SUMMARY} FROM push ${where && `WHERE ${where}`} ORDER BY seq DESC LIMIT :limit`, {
    limit,
    ...(repository === undefined ? {} : { repository }),
    ...(state === undefined ? {} : { state }),
  })
  return rows.map(summaryOf)
}

export function readStatus(sql: Statements): StoreStatus {
  const pushes = Object.fromEntries(PUSH_STATES.map(state => [state, 0])) as Record<PushState, number>
  for (const row of sql.all('SELECT state, count(*) AS pushes FROM push GROUP BY state')) {
    pushes[String(row['state']) as PushState] = Number(row['pushes'])
  }
  const count = (query: string) => Number(sql.get(query)?.['n'])
  const oldest = sql.get(
    `SELECT min(received_at) AS at FROM (
       SELECT received_at FROM (SELECT received_at FROM push WHERE state = 'waiting' ORDER BY seq LIMIT 1)
       UNION ALL SELECT received_at FROM (SELECT received_at FROM push WHERE state = 'landed' ORDER BY seq LIMIT 1))`,
  )?.['at']
  return {
    pushes,
    jobs: {
      queued: count(`SELECT count(*) AS n FROM job WHERE state = 'waiting' AND lease IS NULL`),
      running: count('SELECT count(*) AS n FROM job WHERE lease IS NOT NULL'),
      dead: count(`SELECT count(*) AS n FROM job WHERE state = 'dead'`),
    },
    ...(typeof oldest === 'number' ? { oldestOpenAtMs: oldest } : {}),
  }
}

/** Pushes that wait, and jobs of landed ones: both partial indexes, some 20 ns a row. */
export function countOpen(sql: Statements): number {
  return Number(
    sql.get(
      `SELECT (SELECT count(*) FROM push WHERE state = 'waiting') + (SELECT count(*) FROM job WHERE state = 'waiting') AS n`,
    )?.['n'],
  )
}

export function nextDue(sql: Statements): { landing?: number; job?: number } {
  const landing = sql.get(
    `SELECT due_at FROM push INDEXED BY push_due WHERE state = 'waiting' AND lease IS NULL ORDER BY due_at LIMIT 1`,
  )
  const job = sql.get(
    `SELECT due_at FROM job INDEXED BY job_due WHERE state = 'waiting' AND lease IS NULL ORDER BY due_at LIMIT 1`,
  )
  return {
    ...(landing ? { landing: Number(landing['due_at']) } : {}),
    ...(job ? { job: Number(job['due_at']) } : {}),
  }
}
