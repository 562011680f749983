// What the catalog has made of files: kept as it comes, and given to the pushes that it is about.
import { cutText } from '../../../schemas/text.ts'
import { notKnownWords, verdictWords } from '../../runtime/verdict-words.ts'
import type { JudgedPush, PushVerdict, Reading, ReadOutcome, UnjudgedFile } from '../ports/verdicts.ts'
import { AFTER_IT_WAITED } from './file-states.ts'
import { addReading, isAbout, notKnownOf, pushVerdict, type ReadFile, type Said } from './file-verdict.ts'
import { addStep } from './history.ts'
import type { Key } from './key.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** The latest pushes of a file: what is earlier has its verdict, or will get none. */
const LATEST_PUSHES = 20
/** As the index file_place has it. */
const PLACE = `(lower(f.repository) || '/' || substr(f.ref, 12) || '/' || f.path)`
const placeOf = (repository: string, tail: string) => `${repository.toLowerCase()}/${tail}`
/** What an index of PostgreSQL holds, of a place and an entity: a path and a branch that we take are shorter. */
const MOST_BYTES = 2600

/** All of one repository. */
export function* recordReadings(readings: readonly Reading[], nowMs: number): Work<JudgedPush[]> {
  const judged = new Map<string, JudgedPush>()
  const latest = yield* get('SELECT max(seq) AS seq FROM push')
  const heardAfter = Number(latest?.['seq'] ?? 0)
  for (const reading of readings) {
    const place = placeOf(reading.repository, reading.tail)
    if (Buffer.byteLength(place) + Buffer.byteLength(reading.entity.toLowerCase()) > MOST_BYTES) continue
    yield* keepReading(place, reading, heardAfter)
    for (const seq of yield* giveToPushes(place, reading)) {
      const push = yield* judge(seq, nowMs)
      if (push) judged.set(push.id, { ...push, isFirst: push.isFirst || judged.get(push.id)?.isFirst === true })
    }
  }
  return [...judged.values()]
}

/** The latest of each entity: a push that lands later may be about the same content. `heardAfter`: the latest push of all. */
function* keepReading(place: string, { entity, atMs, ...reading }: Reading, heardAfter: number): Work<void> {
  const text = JSON.stringify({
    ...reading,
    heardAfter,
    errors: reading.errors.slice(0, 5).map(error => cutText(error, 500)),
  })
  yield* run(
    `INSERT INTO reading (place, entity, at, text) VALUES (:place, :entity, :at, :text)
     ON CONFLICT (place, entity) DO UPDATE SET at = :at, text = :text WHERE reading.at <= :at`,
    { place, entity: entity.toLowerCase(), at: atMs, text },
  )
}

/** Returns the pushes to which it says something new. */
function* giveToPushes(place: string, reading: Reading): Work<number[]> {
  const rows = yield* all(
    `SELECT f.push, f.path, f.entities, f.blob, f.verdict, f.landed_at, p.received_at FROM file f JOIN push p ON p.seq = f.push
     WHERE ${PLACE} = :place AND f.change <> 'removed' ORDER BY f.turn DESC LIMIT ${LATEST_PUSHES} FOR UPDATE`,
    { place },
  )
  const changed: number[] = []
  for (const [i, row] of rows.entries()) {
    // A later push of the file has its own verdict, and what is said since is of that one, unless it names this one's content.
    const later = rows[i - 1]
    const file = { ...readFileOf(row), ...(later ? { nextLandedAtMs: Number(later['landed_at']) } : {}) }
    if (!isAbout(reading, file)) continue
    if (yield* addTo(row, reading)) changed.push(Number(row['push']))
  }
  return changed
}

const readFileOf = (row: Row): ReadFile => ({
  ...(typeof row['blob'] === 'string' ? { blob: row['blob'] } : {}),
  receivedAtMs: Number(row['received_at']),
  landedAtMs: Number(row['landed_at'] ?? row['received_at']),
})

const saidIn = (row: Row): Said =>
  typeof row['verdict'] === 'string' ? (JSON.parse(row['verdict']) as Said) : { by: {} }

function* addTo(row: Row, reading: Reading): Work<boolean> {
  const announced = JSON.parse(String(row['entities'])) as string[]
  const told = { announced, ...(typeof row['blob'] === 'string' ? { blob: row['blob'] } : {}) }
  const said = addReading(saidIn(row), told, reading)
  if (!said) return false
  const verdict = JSON.stringify(said)
  const { push = null, path = null } = row
  yield* run('UPDATE file SET verdict = :verdict WHERE push = :push AND path = :path', { verdict, push, path })
  row['verdict'] = verdict
  return true
}

/** What was read of the files that land in one transaction, by their places. */
export type Readings = Map<string, readonly Row[]>

/** A file of a push has landed: the catalog may have read it before we knew. `known`: so that pushes of one file that land together ask once. */
export function* giveReadings(push: number, key: Key, nowMs: number, known: Readings = new Map()): Work<void> {
  const place = placeOf(key.repository, `${key.ref.replace(/^refs\/heads\//, '')}/${key.path}`)
  const readings =
    known.get(place) ?? (yield* all('SELECT entity, at, text FROM reading WHERE place = :place', { place }))
  known.set(place, readings)
  if (readings.length === 0) return
  const row = yield* get(
    `SELECT f.push, f.path, f.entities, f.blob, f.verdict, f.landed_at, p.received_at FROM file f JOIN push p ON p.seq = f.push
     WHERE f.push = :push AND f.path = :path AND f.change <> 'removed'`,
    { push, path: key.path },
  )
  if (!row) return
  let isNew = false
  for (const one of readings) {
    const reading = { entity: String(one['entity']), atMs: Number(one['at']), ...readingIn(String(one['text'])) }
    if (!isAbout(reading, readFileOf(row)) || (yield* isOfEarlier(reading, place, push))) continue
    if (yield* addTo(row, reading)) isNew = true
  }
  if (isNew) yield* judge(push, nowMs)
}

type Kept = Omit<Reading, 'entity' | 'atMs'> & { heardAfter?: number }
const readingIn = (text: string) => JSON.parse(text) as Kept

/** The same content was there before, and another one, or none, in between: clocks that differ by seconds do not show it. */
function* isOfEarlier({ blob, heardAfter }: Kept, place: string, push: number): Work<boolean> {
  if (blob === undefined || heardAfter === undefined) return false
  const other = yield* get(
    `SELECT f.push FROM file f WHERE ${PLACE} = :place AND f.push > :heardAfter AND f.push < :push
       AND (f.change = 'removed' OR f.blob <> :blob) LIMIT 1`,
    { place, heardAfter, push, blob },
  )
  return other !== undefined
}

const MOST_UNJUDGED = 500

export function* readUnjudged(sinceMs: number): Work<UnjudgedFile[]> {
  const rows = yield* all(
    `SELECT p.id, p.repository, p.ref, p.after_id, p.settled_at, f.path, f.entities FROM push p INDEXED BY push_settled JOIN file f ON f.push = p.seq
     WHERE p.settled_at >= :since AND p.state = 'forwarded' AND p.default_branch = 1 AND p.bulk = 0 AND p.before_id <> p.after_id
       AND p.verdict IS NULL AND p.not_known IS NULL AND f.state = 'forwarded' AND f.verdict IS NULL AND f.change <> 'removed'
       AND f.path NOT LIKE '/%' AND (p.reason IS NULL OR p.reason NOT LIKE 'superseded by %' OR f.outcome LIKE '%, ${AFTER_IT_WAITED}')
     ORDER BY p.settled_at LIMIT ${MOST_UNJUDGED}`,
    { since: sinceMs },
  )
  return rows.map(row => ({
    pushId: String(row['id']),
    repository: String(row['repository']),
    ref: String(row['ref']),
    path: String(row['path']),
    after: String(row['after_id']),
    settledAtMs: Number(row['settled_at']),
    entities: JSON.parse(String(row['entities'])) as string[],
  }))
}

export function* recordRead(
  { pushId, repository: _, path, ...read }: ReadOutcome,
  nowMs: number,
): Work<JudgedPush | undefined> {
  const row = yield* get(
    `SELECT f.push, f.verdict FROM file f JOIN push p ON p.seq = f.push WHERE p.id = :id AND f.path = :path FOR UPDATE`,
    { id: pushId, path },
  )
  if (!row || Object.keys(saidIn(row).by).length > 0) return undefined
  const verdict = JSON.stringify({ by: {}, read } satisfies Said)
  yield* run('UPDATE file SET verdict = :verdict WHERE push = :push AND path = :path', {
    verdict,
    push: row['push'] ?? null,
    path,
  })
  return yield* judge(Number(row['push']), nowMs)
}

/** The push's verdict as its files have it now; undefined when it is as it was. */
function* judge(seq: number, nowMs: number): Work<JudgedPush | undefined> {
  const push = yield* get('SELECT id, received_at, verdict FROM push WHERE seq = :seq', { seq })
  if (!push) return undefined
  const files = yield* all(
    `SELECT path, entities, verdict FROM file WHERE push = :seq AND change <> 'removed' AND path NOT LIKE '/%'
       AND state NOT IN ('unknown', 'rejected', 'dead') ORDER BY path`,
    { seq },
  )
  const judged = files.map(row => ({
    path: String(row['path']),
    said: saidIn(row),
    announced: JSON.parse(String(row['entities'])) as string[],
  }))
  const verdict = pushVerdict(judged, Number(push['received_at']))
  if (!verdict) {
    yield* noteNotKnown(seq, notKnownOf(judged), nowMs)
    return undefined
  }
  const before = typeof push['verdict'] === 'string' ? (JSON.parse(push['verdict']) as PushVerdict) : undefined
  const sameAs = ({ result, files: of, by }: PushVerdict) => JSON.stringify([result, of, by])
  if (before && sameAs(before) === sameAs(verdict)) return undefined
  yield* run(
    'UPDATE push SET verdict = :verdict, verdict_result = :result, not_known = NULL, status_due = status_due + 1 WHERE seq = :seq',
    { seq, verdict: JSON.stringify(verdict), result: verdict.result },
  )
  yield* addStep(seq, nowMs, 'catalog', verdictWords(verdict))
  return { id: String(push['id']), verdict, isFirst: before === undefined }
}

function* noteNotKnown(seq: number, notKnown: ReturnType<typeof notKnownOf>, nowMs: number): Work<void> {
  if (notKnown === undefined) return
  const changed = yield* run(
    `UPDATE push SET not_known = :text, status_due = status_due + 1 WHERE seq = :seq AND not_known IS NULL AND verdict IS NULL`,
    { seq, text: JSON.stringify(notKnown) },
  )
  if (changed > 0) yield* addStep(seq, nowMs, 'catalog', notKnownWords(notKnown))
}
