// The history of a push, bounded.
import { cutText } from '../../../schemas/text.ts'
import { all, get, insertRows, run, type Values, type Work } from './sql.ts'

/** A push that is retried for a day must not grow without end: its beginning and its latest steps are what people ask for. */
const KEPT = { first: 10, latest: 40 }

/** A query, and what its text names. */
export type Pushes = { query: string; values: Values }

export function* addStep(push: number, atMs: number, step: string, detail: string): Work<void> {
  const row = yield* get(
    `INSERT INTO step (push, number, at, step, detail)
     VALUES (:push, (SELECT coalesce(max(number), 0) + 1 FROM step WHERE push = :push), :at, :step, :detail) RETURNING number`,
    { push, at: atMs, step, detail: cutText(detail, 500) },
  )
  yield* bound(push, Number(row?.['number']))
}

/** To the history of each push of which the query gives the number as "push". Returns to how many. */
export function* addStepToEach(pushes: Pushes, atMs: number, step: string, detail: string): Work<number> {
  const rows = yield* all(
    `INSERT INTO step (push, number, at, step, detail)
     SELECT push, (SELECT coalesce(max(number), 0) + 1 FROM step WHERE step.push = which.push), :at, :step, :detail
     FROM (${pushes.query}) AS which RETURNING push, number`,
    { ...pushes.values, at: atMs, step, detail: cutText(detail, 500) },
  )
  for (const row of rows) yield* bound(Number(row['push']), Number(row['number']))
  return rows.length
}

/** The next ones of a push that has so many. */
export type NextSteps = { push: number; after: number; steps: readonly { step: string; detail: string }[] }

/** Of many pushes at once, whose histories have room for them: see `hasRoom`. */
export function* addNextSteps(pushes: readonly NextSteps[], atMs: number): Work<void> {
  const rowsOf = ({ push, after, steps }: NextSteps) =>
    steps.map(({ step, detail }, i) => ({ push, number: after + 1 + i, at: atMs, step, detail: cutText(detail, 500) }))
  yield* insertRows('step', pushes.flatMap(rowsOf))
}

export const hasRoom = (after: number, more: number): boolean => after + more <= KEPT.first + KEPT.latest

function* bound(push: number, number: number): Work<void> {
  if (number <= KEPT.first + KEPT.latest) return
  yield* run('DELETE FROM step WHERE push = :push AND number > :first AND number <= :latest', {
    push,
    first: KEPT.first,
    latest: number - KEPT.latest,
  })
}
