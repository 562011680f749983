// What the state of a push's file does to its push: counted in its row, so that no question has to count files.
import { addStep, type Pushes } from './history.ts'
import type { Key } from './key.ts'
import { get, lotsOf, run, type Work } from './sql.ts'

/** Forwarded, or unknown to the catalog: with an outcome of its own, or as covered by another's refresh. */
export function* endFile(
  push: number,
  path: string,
  state: 'forwarded' | 'unknown',
  nowMs: number,
  outcome: string | null = null,
): Work<void> {
  yield* run(
    `UPDATE file SET state = :state, outcome = coalesce(:outcome, outcome) WHERE push = :push AND path = :path`,
    { push, path, state, outcome },
  )
  yield* restate(push, { open: -1, unknown: state === 'unknown' ? 1 : 0 }, nowMs)
}

/** The same of many pushes of one file, as covered by another's refresh. The query gives their numbers as long as they are not ended. */
export function* endFiles(
  { query, values }: Pushes,
  path: string,
  state: 'forwarded' | 'unknown',
  nowMs: number,
): Work<void> {
  const change = { ...NO_CHANGE, open: -1, unknown: state === 'unknown' ? 1 : 0 }
  yield* run(restating(`IN (${query})`), { ...values, ...change, now: nowMs })
  yield* run(`UPDATE file SET state = :state WHERE path = :path AND push IN (${query})`, { ...values, path, state })
}

/** In the outcome of a file that gave way only then: it may have been asked for. */
export const AFTER_IT_WAITED = 'after it had waited for its turn'

/** The file of a push gives way to a later push of the same key. */
export function* supersede(seq: number, key: Key, by: number, nowMs: number): Work<void> {
  const file = yield* get('SELECT state FROM file WHERE push = :seq AND path = :path', { seq, path: key.path })
  if (!file || (file['state'] !== 'queued' && file['state'] !== 'dead')) return
  const later = String((yield* get('SELECT id FROM push WHERE seq = :by', { by }))?.['id'])
  const dead = file['state'] === 'dead' ? 1 : 0
  const reason = `superseded by ${later}`
  yield* run(`UPDATE file SET state = 'superseded', outcome = :outcome WHERE push = :seq AND path = :path`, {
    seq,
    path: key.path,
    outcome: `${reason}, ${AFTER_IT_WAITED}`,
  })
  yield* addSuperseded(seq, key.path, later, nowMs)
  yield* restate(seq, { open: dead, dead: -dead, superseded: 1, reason }, nowMs)
}

export const addSuperseded = (seq: number, path: string, by: string, nowMs: number): Work<void> =>
  addStep(seq, nowMs, 'superseded', supersededBy(path, by))

export const supersededBy = (path: string, by: string): string =>
  `${path}: by ${by}, whose refresh shows this content or newer`

/** By how much more files of a push are in a state, and why: of superseded ones once all are. */
type Change = { open?: number; unknown?: number; dead?: number; superseded?: number; reason?: string }

/** The state of a landed push follows from its files; a dead one shows at once, since somebody has to look. */
export function* restate(seq: number, change: Change, nowMs: number): Work<void> {
  yield* run(RESTATE_ONE, { seq, ...NO_CHANGE, ...change, now: nowMs })
}

const NO_CHANGE = { open: 0, unknown: 0, dead: 0, superseded: 0, reason: null }

/** `which`: of the pushes, after their number. */
const restating = (which: string) =>
  `UPDATE push SET
       open_files = open_files + :open, unknown_files = unknown_files + :unknown, dead_files = dead_files + :dead,
       superseded_files = superseded_files + :superseded, status_due = status_due + 1,
       reason = CASE WHEN :superseded = 0 OR superseded_files + :superseded >= file_count THEN coalesce(:reason, reason) ELSE reason END,
       state = CASE WHEN state NOT IN ('landed', 'unknown', 'dead') THEN state WHEN dead_files + :dead > 0 THEN 'dead'
         WHEN open_files + :open > 0 THEN 'landed' WHEN unknown_files + :unknown > 0 THEN 'unknown' ELSE 'forwarded' END,
       settled_at = CASE WHEN state NOT IN ('landed', 'unknown', 'dead') THEN settled_at
         WHEN dead_files + :dead = 0 AND open_files + :open > 0 THEN NULL ELSE coalesce(settled_at, :now) END
     WHERE seq ${which}`
const RESTATE_ONE = restating('= :seq')

/** Pushes have landed, or more of them: so many more files of each are open, and so many fewer as an earlier life has left them. */
export function* land(
  pushes: readonly number[],
  change: Required<Omit<Change, 'reason'>> & Pick<Change, 'reason'>,
  nowMs: number,
): Work<void> {
  for (const lot of lotsOf(pushes)) {
    const which = Object.fromEntries(lot.map((seq, i) => [`seq${i}`, seq]))
    yield* run(landing(lot.length), { ...which, reason: null, ...change, now: nowMs })
  }
}

const landings = new Map<number, string>()

function landing(count: number): string {
  const known = landings.get(count)
  if (known !== undefined) return known
  const names = Array.from({ length: count }, (_, i) => `:seq${i}`)
  const text = `UPDATE push SET checks = checks + 1, last_error = NULL, lease = NULL, lease_until = NULL,
       open_files = open_files + :open, unknown_files = unknown_files + :unknown, dead_files = dead_files + :dead,
       superseded_files = superseded_files + :superseded, status_due = status_due + 1,
       reason = CASE WHEN :superseded > 0 AND superseded_files + :superseded >= file_count THEN :reason ELSE reason END,
       state = CASE WHEN dead_files + :dead > 0 THEN 'dead' WHEN open_files + :open > 0 THEN 'landed'
         WHEN unknown_files + :unknown > 0 THEN 'unknown' ELSE 'forwarded' END,
       settled_at = CASE WHEN dead_files + :dead = 0 AND open_files + :open > 0 THEN NULL ELSE coalesce(settled_at, :now) END
     WHERE seq IN (${names.join(', ')})`
  landings.set(count, text)
  return text
}

/** A push that never landed keeps no dead letters. */
export function* dropDead(seq: number): Work<void> {
  yield* run(`DELETE FROM job WHERE push = :seq AND state = 'dead'`, { seq })
  yield* run(`UPDATE file SET state = 'rejected' WHERE push = :seq AND state = 'dead'`, { seq })
  yield* run('UPDATE push SET dead_files = 0 WHERE seq = :seq', { seq })
}
