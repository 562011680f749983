// What the store tells people: one push, lists of them, how things stand.
import type { Change, GateVerdict, NotifiedFile } from '../../../schemas/notification.ts'
import {
  type FileRecord,
  type FileState,
  PUSH_STATES,
  type PushRecord,
  type PushState,
  type PushSummary,
  type StoreStatus,
} from '../ports/records.ts'
import type { NotKnown, PushVerdict } from '../ports/verdicts.ts'
import { readAnnounced } from './announced.ts'
import { BY_MESSAGE } from './parts.ts'
import { all, get, type Row, type Values, type Work } from './sql.ts'

export function* readPush(id: string): Work<PushRecord | undefined> {
  const row = yield* get(`SELECT * FROM push WHERE ${BY_MESSAGE}`, { id })
  if (!row) return undefined
  const { fileCount: _, landedAtMs: __, settledAtMs: ___, ...summary } = summaryOf(row)
  const steps = yield* all('SELECT at, step, detail FROM step WHERE push = :seq ORDER BY number', {
    seq: Number(row['seq']),
  })
  return {
    ...summary,
    ...(yield* partsOf(row)),
    files: yield* filesOf(row),
    history: [
      { atMs: Number(row['received_at']), step: 'accepted', detail: `on disk, ${row['file_count']} file(s)` },
      ...steps.map(step => ({ atMs: Number(step['at']), step: String(step['step']), detail: String(step['detail']) })),
    ],
  }
}

function* partsOf({ seq = null, parts }: Row): Work<Pick<PushRecord, 'parts'>> {
  if (typeof parts !== 'number') return {}
  return { parts: { here: yield* countRows('SELECT count(*) AS n FROM part WHERE push = :seq', { seq }), of: parts } }
}

/** The files as announced, with what became of each since the push landed. */
function* filesOf(push: Row): Work<FileRecord[]> {
  const announced = readAnnounced(String(push['files']))
  const known = new Map(
    (yield* all(
      `SELECT f.path, f.change, f.state, f.attempts, f.outcome, f.last_error, j.due_at FROM file f
         LEFT JOIN job j ON j.repository = f.repository AND j.ref = f.ref AND j.path = f.path
           AND j.push = f.push AND j.state = 'waiting' AND j.lease IS NULL
         WHERE f.push = :seq`,
      { seq: Number(push['seq']) },
    )).map(row => [String(row['path']), row]),
  )
  const waiting = push['state'] === 'waiting'
  const named = new Set(announced.map(({ path }) => path))
  // Files that an entity has come to, or that it was in already, are asked for as well.
  const further = [...known.values()]
    .filter(row => !named.has(String(row['path'])))
    .map(row => ({ kind: 'refresh' as const, path: String(row['path']), change: String(row['change']) as Change }))
  return [...announced, ...further].map((file): FileRecord => {
    const row = known.get(file.path)
    const { entities = [] } = file.kind === 'refresh' ? (file as NotifiedFile) : {}
    const dueAt = waiting ? push['due_at'] : row?.['due_at']
    const error = row?.['last_error'] ?? (waiting ? push['last_error'] : undefined)
    const { state } = push
    const untouched: FileState = state === 'rejected' || state === 'dead' ? state : 'waiting'
    return {
      ...(file.kind === 'refresh' ? { change: file.change } : { kind: file.kind }),
      path: file.path,
      ...(entities.length === 0 ? {} : { entities }),
      state: row ? (String(row['state']) as FileState) : untouched,
      attempts: Number(row?.['attempts'] ?? 0),
      ...(typeof dueAt === 'number' ? { nextAttemptAtMs: dueAt } : {}),
      ...(typeof row?.['outcome'] === 'string' ? { outcome: row['outcome'] } : {}),
      ...(typeof error === 'string' ? { lastError: error } : {}),
    }
  })
}

export function summaryOf(row: Row): PushSummary {
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
    // Our own writing.
    ...(typeof row['said'] === 'string' ? { gate: JSON.parse(row['said']) as GateVerdict } : {}),
    ...(typeof row['verdict'] === 'string' ? { verdict: JSON.parse(row['verdict']) as PushVerdict } : {}),
    ...(typeof row['not_known'] === 'string' ? { notKnown: JSON.parse(row['not_known']) as NotKnown } : {}),
    fileCount: Number(row['file_count']),
    ...(typeof row['landed_at'] === 'number' ? { landedAtMs: row['landed_at'] } : {}),
    ...(typeof row['settled_at'] === 'number' ? { settledAtMs: row['settled_at'] } : {}),
  }
}

/** The columns of a summary. */
export const SUMMARY = `id, repository, ref, before_id, after_id, pusher, bypass, state, reason, received_at, settled_at, file_count, said, verdict, not_known,
  (SELECT max(at) FROM step WHERE step.push = push.seq AND step.step = 'landed') AS landed_at`

export function* readStatus(): Work<StoreStatus> {
  const pushes = Object.fromEntries(PUSH_STATES.map(state => [state, 0])) as Record<PushState, number>
  for (const row of yield* all('SELECT state, count(*) AS pushes FROM push GROUP BY state')) {
    pushes[String(row['state']) as PushState] = Number(row['pushes'])
  }
  const oldest = (yield* get(
    `SELECT min(received_at) AS at FROM (
       SELECT received_at FROM (SELECT received_at FROM push WHERE state = 'waiting' ORDER BY seq LIMIT 1) AS w
       UNION ALL SELECT received_at FROM (SELECT received_at FROM push WHERE state = 'landed' ORDER BY seq LIMIT 1) AS l
     ) AS oldest`,
  ))?.['at']
  return {
    pushes,
    jobs: {
      // Out of indexes that hold nothing else: together they are all that wait, and no row is looked at.
      queued: yield* countRows(
        `SELECT (SELECT count(*) FROM job INDEXED BY job_ready WHERE state = 'waiting' AND lease IS NULL AND ready = 1)
           + (SELECT count(*) FROM job INDEXED BY job_later WHERE state = 'waiting' AND lease IS NULL AND ready = 0) AS n`,
      ),
      running: yield* countRows('SELECT count(*) AS n FROM job INDEXED BY job_lease WHERE lease IS NOT NULL'),
      dead: yield* countRows(`SELECT coalesce(sum(dead_files), 0) AS n FROM push WHERE state = 'dead'`),
    },
    ...(typeof oldest === 'number' ? { oldestOpenAtMs: oldest } : {}),
  }
}

function* countRows(query: string, values: Values = {}): Work<number> {
  return Number((yield* get(query, values))?.['n'])
}

/** Pushes that wait, and jobs of landed ones: both partial indexes, some 20 ns a row. */
export function* countOpen(): Work<number> {
  return yield* countRows(
    `SELECT (SELECT count(*) FROM push WHERE state = 'waiting') + (SELECT count(*) FROM job WHERE state = 'waiting') AS n`,
  )
}
