// Whose branch GHES is asked about next. What is due stands in a queue as jobs do: live before bulk, and fair between people.
import { flowOf, positionIn, type QueueEnds } from './queue-position.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** More than any claim hands out, and few enough for one transaction: some 15 ms. */
const READIED_PER_CLAIM = 1000

const READY = `state = 'waiting' AND lease IS NULL AND ready = 1`
const LATER = `state = 'waiting' AND lease IS NULL AND ready = 0`

/** What has fallen due gets its position; what is asked about once more has its old one. */
export function* readyDuePushes(nowMs: number): Work<void> {
  const due = yield* all(
    `SELECT seq, repository, pusher, bulk, place FROM push INDEXED BY push_later
     WHERE ${LATER} AND due_at <= :now ORDER BY due_at LIMIT ${READIED_PER_CLAIM} FOR UPDATE SKIP LOCKED`,
    { now: nowMs },
  )
  if (due.length === 0) return
  const ends = { live: yield* endsOf(0), bulk: yield* endsOf(1) }
  const lastOf = new Map<string, number | undefined>()
  for (const row of due) {
    const queue = row['bulk'] === 1 ? ends.bulk : ends.live
    const seq = Number(row['seq'])
    if (typeof row['place'] === 'number') {
      queue.head = Math.min(queue.head ?? row['place'], row['place'])
      yield* run('UPDATE push SET ready = 1 WHERE seq = :seq', { seq })
      continue
    }
    const flow = flowOf(whose(row))
    const last = lastOf.has(flow.name) ? lastOf.get(flow.name) : yield* lastOfFlow(flow.name)
    const { place, isFirst } = positionIn(queue, last, flow, nowMs)
    lastOf.set(flow.name, place)
    queue.head ??= place
    if (isFirst) queue.lastFirst = place
    yield* run('UPDATE push SET ready = 1, flow = :flow, place = :place, is_first = :first WHERE seq = :seq', {
      seq,
      flow: flow.name,
      place,
      first: isFirst ? 1 : 0,
    })
  }
}

const whose = ({ repository, pusher, bulk }: Row) => ({
  repository: String(repository),
  ...(typeof pusher === 'string' ? { pusher } : {}),
  isBulk: bulk === 1,
})

function* endsOf(bulk: 0 | 1): Work<QueueEnds> {
  const head = yield* get(
    `SELECT place FROM push INDEXED BY push_ready WHERE ${READY} AND bulk = :bulk ORDER BY place LIMIT 1`,
    { bulk },
  )
  const lastFirst = yield* get(
    `SELECT place FROM push INDEXED BY push_first WHERE ${READY} AND is_first = 1 AND bulk = :bulk ORDER BY place DESC LIMIT 1`,
    { bulk },
  )
  return { head: head && Number(head['place']), lastFirst: lastFirst && Number(lastFirst['place']) }
}

function* lastOfFlow(flow: string): Work<number | undefined> {
  const row = yield* get(
    `SELECT place FROM push INDEXED BY push_flow WHERE state = 'waiting' AND ready = 1 AND flow = :flow ORDER BY place DESC LIMIT 1`,
    { flow },
  )
  return row && Number(row['place'])
}

/** While people have work all the time, one turn in so many is of what nobody waits for: it ends, too. */
const BULK_TURN = 20

/** How many branches of people were claimed since bulk had its turn. */
export type Turns = { live: number }

/** The branch that is next: what nobody waits for last, but for its turn. */
export function* nextBranch(turns: Turns): Work<Row | undefined> {
  const isBulkTurn = turns.live >= BULK_TURN
  for (const bulk of isBulkTurn ? [1, 0] : [0, 1]) {
    const row = yield* get(
      `SELECT repository, ref FROM push INDEXED BY push_ready WHERE ${READY} AND bulk = :bulk ORDER BY place, due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      { bulk },
    )
    if (!row) continue
    turns.live = bulk === 1 || isBulkTurn ? 0 : turns.live + 1
    return row
  }
  return undefined
}

/** When the next landing check falls due. */
export function* nextLanding(): Work<number | undefined> {
  const row =
    (yield* get(`SELECT due_at FROM push INDEXED BY push_ready WHERE ${READY} LIMIT 1`)) ??
    (yield* get(`SELECT due_at FROM push INDEXED BY push_later WHERE ${LATER} ORDER BY due_at LIMIT 1`))
  return row && Number(row['due_at'])
}
