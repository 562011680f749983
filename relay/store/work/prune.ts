// What is forgotten, and when: pushes that are settled, and ids that need not be known any more.
import { all, run, type Work } from './sql.ts'

const PRUNED_PER_CALL = 500

/** Returns how many pushes were forgotten. */
export function* prunePushes(settledBeforeMs: number): Work<number> {
  const before = settledBeforeMs
  const old = yield* all(
    // Dead letters stay: nobody has looked at them yet.
    // INDEXED BY: left alone, SQLite takes push_state and sorts all that are settled.
    `SELECT seq FROM push INDEXED BY push_settled WHERE settled_at IS NOT NULL AND settled_at < :before AND state IN ('forwarded', 'unknown', 'rejected')
     ORDER BY settled_at LIMIT ${PRUNED_PER_CALL} FOR UPDATE SKIP LOCKED`,
    { before },
  )
  yield* run('DELETE FROM delivery WHERE at < :before', { before })
  yield* run('DELETE FROM reading WHERE at < :before', { before })
  yield* run('DELETE FROM holder WHERE left_at IS NOT NULL AND left_at < :before', { before })
  for (const { seq = null } of old) {
    yield* run('DELETE FROM step WHERE push = :seq', { seq })
    yield* run('DELETE FROM file WHERE push = :seq', { seq })
    yield* run('DELETE FROM part WHERE push = :seq', { seq })
    yield* run('DELETE FROM push WHERE seq = :seq', { seq })
  }
  return old.length
}

/** Something to write that nobody reads. */
export function* writeProbe(nowMs: number): Work<void> {
  yield* run('INSERT INTO probe (id, at) VALUES (1, :now) ON CONFLICT (id) DO UPDATE SET at = :now', { now: nowMs })
}
