// How what landed pushes ask for becomes jobs, one a key, taken over by later pushes.
import type { JobKind, Move } from '../ports/jobs.ts'
import { type AnnouncedJob, readAnnounced, writeAbout } from './announced.ts'
import { restate, supersede } from './file-states.ts'
import { BY_KEY, type Key } from './key.ts'
import { learnReferences } from './known-files.ts'
import { findMoves, inheritMove, joinMove, writeMove } from './moves.ts'
import { flowOf, nextQueuePosition } from './queue-position.ts'
import { get, type Row, run, type Work } from './sql.ts'

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

/** Makes jobs of what a landed push asks for. What an earlier life of the push has settled is left as it is. */
export function* enqueue(push: LandedRow, nowMs: number): Work<void> {
  const asked = readAnnounced(push.files)
  const pushed = asked.filter(job => job.kind === 'refresh')
  // Entities belong to the default branch.
  const { files, moves } = push.isDefaultBranch
    ? yield* findMoves(push, pushed, nowMs)
    : { files: pushed, moves: new Map<string, Move>() }
  // What has to wait for others comes behind them.
  const inOrder = [...files.filter(({ path }) => !moves.has(path)), ...files.filter(({ path }) => moves.has(path))]
  for (const job of [...asked.filter(({ kind }) => kind !== 'refresh'), ...inOrder])
    yield* enqueueJob(push, job, moves.get(job.path), nowMs)
  yield* restate(push.seq, {}, nowMs)
}

function* enqueueJob(push: LandedRow, job: AnnouncedJob, move: Move | undefined, nowMs: number): Work<void> {
  const key = { repository: push.repository, ref: push.ref, path: job.path }
  const before = yield* get('SELECT state FROM file WHERE push = :push AND path = :path', {
    push: push.seq,
    path: job.path,
  })
  const state = before?.['state']
  if (before && state !== 'dead' && state !== 'rejected' && state !== 'unknown') return
  if (state === 'dead' || state === 'unknown')
    yield* run(`UPDATE push SET ${state}_files = ${state}_files - 1 WHERE seq = :seq`, { seq: push.seq })
  yield* run(
    `INSERT INTO file (push, path, repository, ref, turn, change, entities, blob, quotes, data, state)
     VALUES (:push, :path, :repository, :ref, :arrival, :change, :entities, :blob, :quotes, :data, 'queued')
     ON CONFLICT (push, path) DO UPDATE SET state = 'queued', turn = :arrival, data = :data, attempts = 0, last_error = NULL`,
    { ...key, push: push.seq, arrival: push.arrival, ...contentOf(job, move) },
  )
  yield* run('UPDATE push SET open_files = open_files + 1 WHERE seq = :seq', { seq: push.seq })
  if (job.kind === 'refresh') yield* learnReferences(key, job.references ?? [])
  yield* takeKey(key, job.kind, move, push, nowMs)
}

function contentOf(job: AnnouncedJob, move: Move | undefined) {
  if (job.kind === 'refresh') {
    const { change, entities = [], blob = null, references = [] } = job
    return {
      change,
      entities: JSON.stringify(entities),
      blob,
      quotes: JSON.stringify(references),
      data: writeMove(move),
    }
  }
  return { change: 'removed', entities: '[]', blob: null, quotes: '[]', data: writeAbout(job) }
}

/** The later push of a key has its job; the other one is superseded. */
function* takeKey(key: Key, kind: JobKind, move: Move | undefined, push: LandedRow, nowMs: number): Work<void> {
  const job = yield* get(`SELECT push, turn, running_push, place FROM job WHERE ${BY_KEY} FOR UPDATE`, key)
  const holder = Number(job?.['push'])
  if (job && holder !== push.seq && Number(job['turn']) > push.arrival) {
    // Pushes may land in another order than they came: what is asked for has to be asked for after this one too.
    if (move) yield* joinMove(key, holder, move)
    yield* supersede(push.seq, key, holder, nowMs)
    return
  }
  const flow = flowOf(push)
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
  if (kind === 'refresh' && holder !== push.seq) yield* inheritMove(key, holder, push.seq)
  // One whose refresh is in flight finishes by itself, and this one runs after it.
  if (holder !== push.seq && job['running_push'] !== holder) yield* supersede(holder, key, push.seq, nowMs)
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
