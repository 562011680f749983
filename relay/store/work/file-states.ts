// What the state of a push's file does to its push: counted in its row, so that no question has to count files.
import { addStep } from './history.ts'
import type { Key } from './key.ts'
import { get, run, type Work } from './sql.ts'

/** Forwarded, or unknown to the catalog: with an outcome of its own, or as covered by another's refresh. */
export function* endFile(
  push: number,
  path: string,
  state: 'forwarded' | 'unknown',
  outcome: string | null = null,
): Work<void> {
  yield* run(
    `UPDATE file SET state = :state, outcome = coalesce(:outcome, outcome) WHERE push = :push AND path = :path`,
    { push, path, state, outcome },
  )
  yield* run(
    'UPDATE push SET open_files = open_files - 1, unknown_files = unknown_files + :unknown WHERE seq = :push',
    { push, unknown: state === 'unknown' ? 1 : 0 },
  )
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
       state = CASE WHEN dead_files > 0 THEN 'dead' WHEN open_files > 0 THEN 'landed' WHEN unknown_files > 0 THEN 'unknown' ELSE 'forwarded' END,
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
