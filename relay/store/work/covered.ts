// Pushes that gave way to one whose refresh is done: that refresh has covered them. A file may be pushed to a thousand times in an
// outage, so they are settled in slices; what is left stands in the table "cover".
import { endFile } from './file-states.ts'
import { addStep } from './history.ts'
import { BY_KEY, type Key, rowKey } from './key.ts'
import { all, get, run, type Work } from './sql.ts'

/** In a transaction. */
const SETTLED_AT_ONCE = 200

/** The refresh for `pushId` has covered the pushes of its file that arrived before it. */
export type Covered = Key & { arrival: number; pushId: string; state: 'forwarded' | 'unknown' }

/** Settles the first of them at once, and leaves the rest to whoever claims next. */
export function* settleCovered(covered: Covered, nowMs: number): Work<void> {
  if ((yield* settleSlice(covered, nowMs)) < SETTLED_AT_ONCE) return
  yield* run(
    'INSERT INTO cover (repository, ref, path, turn, push_id, state) VALUES (:repository, :ref, :path, :arrival, :pushId, :state)',
    covered,
  )
}

/** What is left of the oldest such refresh. */
export function* nextCovered(): Work<Covered | undefined> {
  const row = yield* get('SELECT repository, ref, path, turn, push_id, state FROM cover ORDER BY id LIMIT 1')
  return (
    row && {
      ...rowKey(row),
      arrival: Number(row['turn']),
      pushId: String(row['push_id']),
      state: row['state'] === 'unknown' ? 'unknown' : 'forwarded',
    }
  )
}

/** Settles the next slice of it. */
export function* settleNextCovered(covered: Covered, nowMs: number): Work<void> {
  if ((yield* settleSlice(covered, nowMs)) === SETTLED_AT_ONCE) return
  const { pushId: _, state: __, ...which } = covered
  yield* run(`DELETE FROM cover WHERE ${BY_KEY} AND turn = :arrival`, which)
}

/** Returns how many. */
function* settleSlice({ arrival, pushId, state, ...key }: Covered, nowMs: number): Work<number> {
  const rows = yield* all(
    `SELECT push FROM file WHERE ${BY_KEY} AND state = 'superseded' AND turn <= :arrival ORDER BY turn LIMIT ${SETTLED_AT_ONCE}`,
    { ...key, arrival },
  )
  for (const row of rows) {
    const push = Number(row['push'])
    yield* endFile(push, key.path, state, nowMs)
    yield* addStep(push, nowMs, state, `${key.path}: by the refresh for ${pushId}`)
  }
  return rows.length
}
