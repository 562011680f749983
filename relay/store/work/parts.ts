// A push whose files did not fit into one message: its messages are put together in one row, and what never came is asked for at GHES.
import type { PushPart } from '../../../schemas/notification.ts'
import type { AcceptedPush } from '../ports/inbox.ts'
import { joinAnnounced, writeAnnounced } from './announced.ts'
import { enqueue, LANDED_COLUMNS, type LandedRow, landedRow } from './enqueue.ts'
import { addStep } from './history.ts'
import { get, type Row, run, type Work } from './sql.ts'

/** A hook sends its messages within a second. Later ones of the same change are of another push. */
const TOGETHER_MS = 60_000

/** How far back in a repository the others are looked for. */
const LATEST_PUSHES = 50

export type PartOfPush = AcceptedPush & { part: PushPart }

export const isPart = (push: AcceptedPush): push is PartOfPush => push.part !== undefined

/** SQL: the push that a message's `:id` leads to. */
export const BY_MESSAGE =
  'seq = coalesce((SELECT push FROM part WHERE id = :id), (SELECT seq FROM push WHERE id = :id))'

/** The push of the same change that still lacks this part. */
export function* pushLacking(
  { repository, ref, before, after, part }: PartOfPush,
  nowMs: number,
): Work<Row | undefined> {
  return yield* get(
    `SELECT state, ${LANDED_COLUMNS} FROM (
       SELECT state, ${LANDED_COLUMNS}, ref, before_id, after_id, received_at FROM push
       WHERE repository = :repository ORDER BY seq DESC LIMIT ${LATEST_PUSHES}) AS latest
     WHERE ref = :ref AND before_id = :before AND after_id = :after AND parts = :of AND received_at >= :since
       AND state <> 'rejected' AND NOT EXISTS (SELECT 1 FROM part WHERE part.push = latest.seq AND part.number = :number)
     ORDER BY seq DESC LIMIT 1`,
    { repository, ref, before, after, ...part, since: nowMs - TOGETHER_MS },
  )
}

/** The first that came: its push has a row already. */
export function* beginParts({ id, part }: PartOfPush): Work<void> {
  yield* run('UPDATE push SET parts = :of WHERE id = :id', { id, of: part.of })
  yield* run('INSERT INTO part (id, push, number) SELECT id, seq, :number FROM push WHERE id = :id', {
    id,
    number: part.number,
  })
}

/** Another one: its files are that push's. When that has landed meanwhile, there is work for them at once. */
export function* joinPart(into: Row, push: PartOfPush, nowMs: number): Work<void> {
  const seq = Number(into['seq'])
  const { id, repository, ref, part } = push
  yield* run('INSERT INTO part (id, push, number) VALUES (:id, :seq, :number)', { id, seq, number: part.number })
  yield* addWork(seq, String(into['files']), push)
  if (into['state'] === 'waiting') return
  yield* enqueue({ repository, ref, ...landedRow(into), files: writeAnnounced(push) }, nowMs)
}

/** What a landed push asks for: also for a comparison at GHES, when not all of its `parts` have come. */
export function* withMissing({ seq, files, parts }: LandedRow, nowMs: number): Work<string> {
  if (parts === undefined) return files
  const { before_id, after_id, here } =
    (yield* get(
      'SELECT before_id, after_id, (SELECT count(*) FROM part WHERE part.push = push.seq) AS here FROM push WHERE seq = :seq',
      { seq },
    )) ?? {}
  if (Number(here) >= parts) return files
  yield* addStep(seq, nowMs, 'incomplete', `${here} of its ${parts} messages came: GHES is asked for the rest`)
  const comparison = { kind: 'compare' as const, base: String(before_id), head: String(after_id) }
  return yield* addWork(seq, files, { files: [], jobs: [comparison] })
}

function* addWork(seq: number, files: string, more: Pick<AcceptedPush, 'files' | 'jobs'>): Work<string> {
  const joined = joinAnnounced(files, more)
  yield* run('UPDATE push SET files = :files, file_count = :count WHERE seq = :seq', { seq, ...joined })
  return joined.files
}
