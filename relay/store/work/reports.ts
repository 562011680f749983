// Which announced push a report of GHES is about: the same change can happen again and again, and each time it is announced and reported.
import type { AnnouncedPush, PushedChange } from '../ports/inbox.ts'
import { readAnnounced } from './announced.ts'
import { waitAgain } from './redrive.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** How far back in a repository it is looked for. One that is not found is taken for news: a refresh too many. */
const LATEST_PUSHES = 200

/**
 * GHES reports within seconds. A report that comes later than this after a push was forwarded may be of the same change made once more, whose
 * announcement was lost.
 */
const REPORTED_WITHIN_MS = 600_000

/** Latest first. */
function* unreported(change: PushedChange, nowMs: number): Work<Row[]> {
  const latest = yield* all(
    `SELECT * FROM (SELECT seq, turn, id, ref, before_id, after_id, state, reported, received_at, files FROM push
       WHERE repository = :repository ORDER BY seq DESC LIMIT ${LATEST_PUSHES}) AS latest
     WHERE ref = :ref AND before_id = :before AND after_id = :after AND reported = 0`,
    { repository: change.repository, ref: change.ref, before: change.before, after: change.after },
  )
  const found: Row[] = []
  for (const row of latest) if (yield* canBeMeant(row, change, nowMs)) found.push(row)
  return found
}

function* canBeMeant(row: Row, { repository, ref }: PushedChange, nowMs: number): Work<boolean> {
  if (row['state'] === 'waiting' || row['state'] === 'rejected') return true
  if (nowMs - Number(row['received_at']) > REPORTED_WITHIN_MS) return false
  // Since then the branch was elsewhere, and this may tell of its coming back.
  const later = yield* get(
    `SELECT 1 AS found FROM push WHERE repository = :repository AND ref = :ref AND seq > :seq AND after_id <> :after LIMIT 1`,
    { repository, ref, seq: Number(row['seq']), after: String(row['after_id']) },
  )
  return later === undefined
}

export function* readUnreported(change: PushedChange, nowMs: number): Work<AnnouncedPush[]> {
  const rows = yield* unreported(change, nowMs)
  return rows.map(row => ({
    id: String(row['id']),
    paths: readAnnounced(String(row['files'])).map(({ path }) => path),
  }))
}

/** Whether it was announced. One that we had called rejected waits again: it has landed after all. */
export function* matchReport(change: PushedChange, nowMs: number): Work<boolean> {
  const rows = yield* unreported(change, nowMs)
  for (const { id } of rows) yield* noteReport(String(id))
  const [latest] = rows
  if (latest && rows.every(({ state }) => state === 'rejected')) {
    yield* waitAgain(latest, nowMs, 'GHES has reported it after all')
  }
  return latest !== undefined
}

/** GHES has reported this push: another report of the same change is about another. */
export function* noteReport(id: string): Work<void> {
  yield* run('UPDATE push SET reported = 1 WHERE id = :id', { id })
}

/** Whether the branch was at the reported commit by another push than those that wait with this very change. `id`: of the report's own push. */
export function* hasBeenThere({ repository, ref, before, after }: PushedChange, id: string): Work<boolean> {
  const other = yield* get(
    `SELECT 1 AS found FROM (SELECT id, ref, before_id, after_id, state FROM push
       WHERE repository = :repository ORDER BY seq DESC LIMIT ${LATEST_PUSHES}) AS latest
     WHERE ref = :ref AND after_id = :after AND id <> :id AND NOT (state = 'waiting' AND before_id = :before) LIMIT 1`,
    { repository, ref, before, after, id },
  )
  return other !== undefined
}
