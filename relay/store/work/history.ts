// The history of a push, bounded.
import { cutText } from '../../../schemas/text.ts'
import { get, run, type Work } from './sql.ts'

/** A push that is retried for a day must not grow without end: its beginning and its latest steps are what people ask for. */
const KEPT = { first: 10, latest: 40 }

export function* addStep(push: number, atMs: number, step: string, detail: string): Work<void> {
  const row = yield* get(
    `INSERT INTO step (push, number, at, step, detail)
     VALUES (:push, (SELECT coalesce(max(number), 0) + 1 FROM step WHERE push = :push), :at, :step, :detail) RETURNING number`,
    { push, at: atMs, step, detail: cutText(detail, 500) },
  )
  const number = Number(row?.['number'])
  if (number > KEPT.first + KEPT.latest) {
    yield* run('DELETE FROM step WHERE push = :push AND number > :first AND number <= :latest', {
      push,
      first: KEPT.first,
      latest: number - KEPT.latest,
    })
  }
}
