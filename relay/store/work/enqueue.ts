// How what landed pushes ask for becomes jobs, one a key, taken over by later pushes.
import { type JobKind, type Move, TEST_PATH } from '../ports/jobs.ts'
import { type AnnouncedJob, readAnnounced, writeAbout } from './announced.ts'
import { addSuperseded, land, supersede } from './file-states.ts'
import { BY_KEY, type Key } from './key.ts'
import { learnReferences } from './known-files.ts'
import { noteLocation } from './locations.ts'
import { findMoves, inheritMove, joinMove, type Moved, writeMove } from './moves.ts'
import { type Flow, flowOf, nextQueuePosition } from './queue-position.ts'
import { all, get, type Row, run, type Work } from './sql.ts'
import { giveReadings, type Readings } from './verdicts.ts'

/** `arrival`: the later push of a file has the higher one. */
export type LandedRow = {
  repository: string
  ref: string
  seq: number
  arrival: number
  files: string
  pusher?: string
  isBulk: boolean
  isDefaultBranch: boolean
  /** Of how many messages it is, when it is not of one. */
  parts?: number
}

/** The columns of a push that it is made of. */
export const LANDED_COLUMNS = 'seq, turn, files, pusher, bulk, default_branch, parts'

export const landedRow = (row: Row): Omit<LandedRow, 'repository' | 'ref'> => ({
  seq: Number(row['seq']),
  arrival: Number(row['turn']),
  files: String(row['files']),
  ...(typeof row['pusher'] === 'string' ? { pusher: row['pusher'] } : {}),
  isBulk: row['bulk'] === 1,
  ...(typeof row['parts'] === 'number' ? { parts: row['parts'] } : {}),
  isDefaultBranch: row['default_branch'] === 1,
})

/** Of a push that lands with others of its branch: what they have asked for together. */
export type KnownOfPush = {
  /** Its files that a later one of them has, by the id of that one. */
  overtaken: ReadonlyMap<string, string>
  /** The states of its files, as an earlier life of the push has left them. */
  earlier: ReadonlyMap<string, string>
  /** What it moves, where that was looked at before. */
  moved?: Moved
  readings: Readings
}

/** Lands a push: makes jobs of what it asks for. What an earlier life of the push has settled is left as it is. */
export function* enqueue(push: LandedRow, nowMs: number, known?: KnownOfPush): Work<void> {
  // Each has one row, and its push counts rows.
  const asked = [...new Map(readAnnounced(push.files).map(job => [job.path, job])).values()]
  const pushed = asked.filter(job => job.kind === 'refresh')
  const { files, moves, goes, lost } = known?.moved ?? (yield* movedBy(push, pushed, nowMs))
  // What has to wait for others comes behind them.
  const inOrder = [...files.filter(({ path }) => !moves.has(path)), ...files.filter(({ path }) => moves.has(path))]
  const counts = { open: 0, dead: 0, unknown: 0, superseded: 0 }
  let reason: string | undefined
  const earlier = known?.earlier ?? (yield* statesOf(push.seq))
  for (const job of [...asked.filter(({ kind }) => kind !== 'refresh'), ...inOrder]) {
    const move = moves.get(job.path)
    const state = earlier.get(job.path)
    const by = job.kind === 'refresh' && !move && state === undefined ? known?.overtaken.get(job.path) : undefined
    if (state !== undefined && state !== 'dead' && state !== 'rejected' && state !== 'unknown') continue
    counts.open++
    if (state === 'dead' || state === 'unknown') counts[state]--
    if (by !== undefined) {
      counts.superseded++
      reason = `superseded by ${by}`
    }
    yield* enqueueJob(push, job, { move, goes: goes.get(job.path), hasLost: lost.has(job.path), by }, nowMs)
  }
  yield* land([push.seq], { ...counts, ...(reason === undefined ? {} : { reason }) }, nowMs)
  for (const { path } of inOrder)
    yield* giveReadings(push.seq, { repository: push.repository, ref: push.ref, path }, nowMs, known?.readings)
}

/** Entities belong to the default branch. */
export function* movedBy(push: LandedRow, pushed: Moved['files'], nowMs: number): Work<Moved> {
  return push.isDefaultBranch ? yield* findMoves(push, pushed, nowMs) : unmoved(pushed)
}

export const unmoved = (files: Moved['files']): Moved => ({
  files,
  moves: new Map<string, Move>(),
  goes: new Map<string, string[]>(),
  lost: new Set<string>(),
})

function* statesOf(push: number): Work<Map<string, string>> {
  const rows = yield* all('SELECT path, state FROM file WHERE push = :push', { push })
  return new Map(rows.map(({ path, state }) => [String(path), String(state)]))
}

/** What comes into the file from others, and what goes from it into others. */
type Moves = { move: Move | undefined; goes: string[] | undefined; hasLost: boolean }

/** `by`: the push that has overtaken it already. */
function* enqueueJob(
  push: LandedRow,
  job: AnnouncedJob,
  { move, goes, hasLost, by }: Moves & { by: string | undefined },
  nowMs: number,
): Work<void> {
  const key = { repository: push.repository, ref: push.ref, path: job.path }
  yield* run(
    `INSERT INTO file (push, path, repository, ref, turn, change, entities, blob, quotes, data, state, outcome, landed_at)
     VALUES (:push, :path, :repository, :ref, :arrival, :change, :entities, :blob, :quotes, :data, :state, :outcome, :now)
     ON CONFLICT (push, path) DO UPDATE SET state = 'queued', turn = :arrival, data = :data, attempts = 0, last_error = NULL`,
    {
      ...key,
      push: push.seq,
      arrival: push.arrival,
      now: nowMs,
      ...contentOf(job, { move, goes, hasLost }),
      ...{
        state: by === undefined ? 'queued' : 'superseded',
        outcome: by === undefined ? null : `superseded by ${by}`,
      },
    },
  )
  if (job.kind === 'refresh' && job.path !== TEST_PATH) {
    yield* learnReferences(key, job.references ?? [])
    // Of one that is overtaken the later push says it.
    if (by === undefined) yield* noteLocation(key, push.isDefaultBranch && job.change !== 'removed', push.arrival)
  }
  if (by === undefined) yield* takeKey(key, job.kind, move, push, nowMs)
  else yield* addSuperseded(push.seq, job.path, by, nowMs)
}

/** The columns of its row that say what it is about. */
export function contentOf(job: AnnouncedJob, { move, goes, hasLost }: Moves) {
  if (job.kind === 'refresh') {
    const { change, entities = [], blob = null, references = [] } = job
    return {
      change,
      entities: JSON.stringify(entities),
      blob,
      quotes: JSON.stringify(references),
      data: writeMove(move, goes, hasLost),
    }
  }
  return { change: 'removed', entities: '[]', blob: null, quotes: '[]', data: writeAbout(job) }
}

/** The later push of a key has its job; the other one is superseded. */
function* takeKey(key: Key, kind: JobKind, move: Move | undefined, push: LandedRow, nowMs: number): Work<void> {
  const job = yield* get(
    `SELECT push, turn, running_push, place, kind, state, ready, attempts, failing_since, flow FROM job WHERE ${BY_KEY} FOR UPDATE`,
    key,
  )
  const holder = Number(job?.['push'])
  if (job && holder !== push.seq && Number(job['turn']) > push.arrival) {
    // Pushes may land in another order than they came: what is asked for has to be asked for after this one too.
    if (move) yield* joinMove(key, holder, move)
    yield* supersede(push.seq, key, holder, nowMs)
    return
  }
  const flow = flowOf(push)
  if (job && kind === 'refresh' && holder !== push.seq) yield* inheritMove(key, holder, push.seq)
  // One whose refresh is in flight finishes by itself, and this one runs after it.
  if (job && holder !== push.seq && job['running_push'] !== holder) yield* supersede(holder, key, push.seq, nowMs)
  if (job && isInItsPosition(job, kind, flow)) {
    // Most of a backlog: of five indexes only one is written.
    const latest = { ...key, push: push.seq, arrival: push.arrival }
    yield* run(`UPDATE job SET push = :push, turn = :arrival WHERE ${BY_KEY}`, latest)
    return
  }
  const values = { ...key, kind, push: push.seq, arrival: push.arrival, now: nowMs, flow: flow.name }
  const { place, isFirst } = yield* nextQueuePosition(kind, flow, nowMs)
  const position = { place, first: isFirst ? 1 : 0 }
  if (!job) {
    yield* run(
      `INSERT INTO job (repository, ref, path, kind, push, turn, state, due_at, flow, place, is_first)
       VALUES (:repository, :ref, :path, :kind, :push, :arrival, 'waiting', :now, :flow, :place, :first)`,
      { ...values, ...position },
    )
    return
  }
  // Never further back: a key that is pushed to all the time must not lose its position again and again.
  yield* run(
    `UPDATE job SET kind = :kind, push = :push, turn = :arrival, state = 'waiting', ready = 1, attempts = 0, failing_since = NULL,
       due_at = CASE WHEN due_at < :now THEN due_at ELSE :now END,
       flow = CASE WHEN place <= :place THEN flow ELSE :flow END, is_first = CASE WHEN place <= :place THEN is_first ELSE :first END,
       place = CASE WHEN place <= :place THEN place ELSE :place END
     WHERE ${BY_KEY}`,
    { ...values, ...position },
  )
}

/** It waits as a new one would, and stands before every new one of its flow. */
const isInItsPosition = (job: Row, kind: JobKind, flow: Flow): boolean =>
  job['kind'] === kind &&
  job['flow'] === flow.name &&
  job['state'] === 'waiting' &&
  job['ready'] === 1 &&
  job['attempts'] === 0 &&
  job['failing_since'] === null
