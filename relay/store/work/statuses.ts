// Which pushes GHES is to be told of as a commit status, and what it was told.
import type { GateVerdict } from '../../../schemas/notification.ts'
import type { PushState } from '../ports/records.ts'
import type { StatusDue } from '../ports/statuses.ts'
import type { NotKnown, PushVerdict } from '../ports/verdicts.ts'
import { readAnnounced } from './announced.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

export function* readDueStatuses(limit: number): Work<StatusDue[]> {
  const rows = yield* all(
    `SELECT seq, id, repository, ref, after_id, default_branch, state, said, verdict, not_known, files, reason, bulk, before_id, status_told, status_due, received_at
     FROM push INDEXED BY push_status WHERE status_due > 0 AND state <> 'waiting' ORDER BY seq LIMIT :limit`,
    { limit },
  )
  const due: StatusDue[] = []
  for (const row of rows) due.push(yield* statusDue(row))
  return due
}

function* statusDue(row: Row): Work<StatusDue> {
  const isDefaultBranch = row['default_branch'] === 1
  const landed = yield* get(`SELECT max(at) AS at FROM step WHERE push = :seq AND step = 'landed'`, {
    seq: row['seq'] ?? null,
  })
  const elsewhere = yield* get(
    `SELECT 1 AS found FROM push WHERE repository = :repository AND after_id = :after AND default_branch <> :default
       AND state NOT IN ('waiting', 'rejected') LIMIT 1`,
    { repository: row['repository'] ?? null, after: row['after_id'] ?? null, default: row['default_branch'] ?? null },
  )
  const files = readAnnounced(String(row['files']))
  const entities = files.flatMap(file => (file.kind === 'refresh' && 'entities' in file ? (file.entities ?? []) : []))
  const isReal = row['bulk'] !== 1 && row['before_id'] !== row['after_id']
  // Our own writing.
  const parsed = <T>(name: string): T | undefined =>
    typeof row[name] === 'string' ? (JSON.parse(row[name]) as T) : undefined
  const [said, verdict] = [parsed<GateVerdict>('said'), parsed<PushVerdict>('verdict')]
  const notKnown = parsed<NotKnown>('not_known')
  return {
    id: String(row['id']),
    repository: String(row['repository']),
    ref: String(row['ref']),
    after: String(row['after_id']),
    isDefaultBranch,
    state: String(row['state']) as PushState,
    landedAtMs: Number(landed?.['at'] ?? row['received_at']),
    ...(said === undefined ? {} : { said }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(notKnown === undefined ? {} : { notKnown }),
    hasContent: isReal && files.some(file => file.kind === 'refresh' && file.change !== 'removed'),
    entities,
    ...(typeof row['status_told'] === 'string' ? { told: row['status_told'] } : {}),
    isSuperseded: String(row['reason']).startsWith('superseded'),
    isElsewhere: elsewhere !== undefined,
    version: Number(row['status_due']),
  }
}

export function* statusTold({ id, version }: Pick<StatusDue, 'id' | 'version'>, told: string | undefined): Work<void> {
  yield* run(
    `UPDATE push SET status_told = coalesce(:told, status_told),
       status_due = CASE WHEN status_due = :version THEN 0 ELSE status_due END WHERE id = :id`,
    { id, version, told: told ?? null },
  )
}
