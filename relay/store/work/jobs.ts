// How what landed pushes ask for becomes jobs, one a key, taken over by later pushes. What becomes of a job is in claimed-jobs.ts.

import type { JobKind } from '../store.ts'
import { type AnnouncedJob, readAnnounced } from './announced.ts'
import { addStep } from './history.ts'
import { get, run, type Work } from './sql.ts'

export type LandedPush = { repository: string; ref: string; seq: number; turn: number; files: string }
export type Key = { repository: string; ref: string; path: string }

export const BY_KEY = 'repository = :repository AND ref = :ref AND path = :path'

/**
 * A job's place in the line is the time it came, but at least so much after the one before it of its repository: others wait for
 * ten refreshes a second of a repository that has a thousand files to refresh, not for all of them.
 */
const PLACE_SPACING_MS = 100

/** Makes jobs of what a landed push asks for. What an earlier life of the push has settled is left as it is. */
export function* enqueue(push: LandedPush, nowMs: number): Work<void> {
  for (const job of readAnnounced(push.files)) yield* enqueueJob(push, job, nowMs)
  yield* restate(push.seq, nowMs)
}

function* enqueueJob(push: LandedPush, job: AnnouncedJob, nowMs: number): Work<void> {
  const key = { repository: push.repository, ref: push.ref, path: job.path }
  const before = yield* get('SELECT state FROM file WHERE push = :push AND path = :path', {
    push: push.seq,
    path: job.path,
  })
  const state = before?.['state']
  if (before && state !== 'dead' && state !== 'rejected') return
  if (state === 'dead') yield* run('UPDATE push SET dead_files = dead_files - 1 WHERE seq = :seq', { seq: push.seq })
  yield* run(
    `INSERT INTO file (push, path, repository, ref, turn, change, entities, blob, quotes, data, state)
     VALUES (:push, :path, :repository, :ref, :turn, :change, :entities, :blob, :quotes, :data, 'queued')
     ON CONFLICT (push, path) DO UPDATE SET state = 'queued', turn = :turn, data = :data, attempts = 0, last_error = NULL`,
    { ...key, push: push.seq, turn: push.turn, ...contentOf(job) },
  )
  yield* run('UPDATE push SET open_files = open_files + 1 WHERE seq = :seq', { seq: push.seq })
  yield* takeKey(key, job.kind, push, nowMs)
}

function contentOf(job: AnnouncedJob) {
  if (job.kind === 'refresh') {
    const { change, entities = [], blob = null, references = [] } = job
    return { change, entities: JSON.stringify(entities), blob, quotes: JSON.stringify(references), data: null }
  }
  const { base, head } = job
  return { change: 'removed', entities: '[]', blob: null, quotes: '[]', data: JSON.stringify({ base, head }) }
}

/** The later push of a key has its job; the other one is superseded. */
function* takeKey(key: Key, kind: JobKind, push: LandedPush, nowMs: number): Work<void> {
  const job = yield* get(`SELECT push, turn, running_push FROM job WHERE ${BY_KEY} FOR UPDATE`, key)
  if (!job) {
    yield* run(
      `INSERT INTO job (repository, ref, path, kind, push, turn, state, due_at, place)
       VALUES (:repository, :ref, :path, :kind, :push, :turn, 'waiting', :now, :place)`,
      { ...key, kind, push: push.seq, turn: push.turn, now: nowMs, place: yield* nextPlace(key.repository, nowMs) },
    )
    return
  }
  const holder = Number(job['push'])
  if (holder !== push.seq && Number(job['turn']) > push.turn) {
    yield* supersede(push.seq, key, holder, nowMs)
    return
  }
  // One whose refresh is in flight finishes by itself, and this one runs after it.
  if (holder !== push.seq && job['running_push'] !== holder) yield* supersede(holder, key, push.seq, nowMs)
  // Its place stays: a key that is pushed to all the time must not lose it again and again.
  yield* run(
    `UPDATE job SET kind = :kind, push = :push, turn = :turn, state = 'waiting', ready = 1, attempts = 0, failing_since = NULL,
       due_at = CASE WHEN due_at < :now THEN due_at ELSE :now END
     WHERE ${BY_KEY}`,
    { ...key, kind, push: push.seq, turn: push.turn, now: nowMs },
  )
}

function* nextPlace(repository: string, nowMs: number): Work<number> {
  const last = (yield* get('SELECT max(place) AS place FROM job WHERE repository = :repository', { repository }))?.[
    'place'
  ]
  return Math.max(nowMs, typeof last === 'number' ? last + PLACE_SPACING_MS : nowMs)
}

/** The file of a push gives way to a later push of the same key. */
export function* supersede(seq: number, key: Key, by: number, nowMs: number): Work<void> {
  const file = yield* get('SELECT state FROM file WHERE push = :seq AND path = :path', { seq, path: key.path })
  if (!file || (file['state'] !== 'queued' && file['state'] !== 'dead')) return
  const later = String((yield* get('SELECT id FROM push WHERE seq = :by', { by }))?.['id'])
  const dead = file['state'] === 'dead' ? 1 : 0
  yield* run(`UPDATE file SET state = 'superseded', outcome = :outcome WHERE push = :seq AND path = :path`, {
    seq,
    path: key.path,
    outcome: `superseded by ${later}`,
  })
  yield* run(
    `UPDATE push SET superseded_files = superseded_files + 1, open_files = open_files + :dead, dead_files = dead_files - :dead,
       reason = CASE WHEN superseded_files + 1 >= file_count THEN :reason ELSE reason END
     WHERE seq = :seq`,
    { seq, dead, reason: `superseded by ${later}` },
  )
  yield* addStep(seq, nowMs, 'superseded', `${key.path}: by ${later}, whose refresh shows this content or newer`)
  yield* restate(seq, nowMs)
}

/** The state of a landed push follows from its files; a dead one shows at once, since somebody has to look. */
export function* restate(seq: number, nowMs: number): Work<void> {
  yield* run(
    `UPDATE push SET
       state = CASE WHEN dead_files > 0 THEN 'dead' WHEN open_files > 0 THEN 'landed' ELSE 'forwarded' END,
       settled_at = CASE WHEN dead_files = 0 AND open_files > 0 THEN NULL ELSE coalesce(settled_at, :now) END
     WHERE seq = :seq AND state IN ('landed', 'dead')`,
    { seq, now: nowMs },
  )
}

/** A push that never landed keeps no dead letters. */
export function* dropDead(seq: number): Work<void> {
  yield* run(`DELETE FROM job WHERE push = :seq AND state = 'dead'`, { seq })
  yield* run(`UPDATE file SET state = 'rejected' WHERE push = :seq AND state = 'dead'`, { seq })
  yield* run('UPDATE push SET dead_files = 0 WHERE seq = :seq', { seq })
}
