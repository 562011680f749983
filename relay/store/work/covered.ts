// Pushes that gave way to one whose refresh is done: that refresh has covered them. A file may be pushed to a thousand times in an
// outage, so they are settled in slices; what is left stands in the table "cover".
import { endFiles, restate } from './file-states.ts'
import { addStep, addStepToEach } from './history.ts'
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

/** The catalog knows the file by now: earlier pushes of it that it did not know are shown by this refresh, too. */
export function* settleUnknown({ arrival, pushId, ...key }: Omit<Covered, 'state'>, nowMs: number): Work<void> {
  const rows = yield* all(
    `SELECT push FROM file WHERE ${BY_KEY} AND state = 'unknown' AND turn < :arrival ORDER BY turn DESC LIMIT ${SETTLED_AT_ONCE}`,
    { ...key, arrival },
  )
  for (const row of rows) {
    const push = Number(row['push'])
    const outcome = `by the refresh for ${pushId}, when the catalog knew it`
    yield* run(`UPDATE file SET state = 'forwarded', outcome = :outcome WHERE push = :push AND path = :path`, {
      push,
      path: key.path,
      outcome,
    })
    yield* addStep(push, nowMs, 'forwarded', `${key.path}: ${outcome}`)
    yield* restate(push, { unknown: -1 }, nowMs)
  }
}

/** Returns how many. */
function* settleSlice({ arrival, pushId, state, ...key }: Covered, nowMs: number): Work<number> {
  const which = { query: FIRST_COVERED, values: { ...key, arrival } }
  const settled = yield* addStepToEach(which, nowMs, state, `${key.path}: by the refresh for ${pushId}`)
  // Mostly there are none.
  if (settled > 0) yield* endFiles(which, key.path, state, nowMs)
  return settled
}

const FIRST_COVERED = `SELECT push FROM file WHERE ${BY_KEY} AND state = 'superseded' AND turn <= :arrival ORDER BY turn LIMIT ${SETTLED_AT_ONCE}`
