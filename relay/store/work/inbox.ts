// A push comes in: announced by a hook, or reported by GHES.
import { formerMessageId } from '../../../schemas/notification.ts'
import {
  type AcceptedPush,
  type FurtherWork,
  type LandedPush,
  type Receipt,
  reportId,
  type WebhookReceipt,
} from '../ports/inbox.ts'
import { columnsOf } from './announced.ts'
import { landProved, landReported } from './landings.ts'
import { BY_MESSAGE, beginParts, isPart, joinPart, type PartOfPush, pushLacking } from './parts.ts'
import { idOfOther, isRepetition } from './repetition.ts'
import { hasBeenThere, matchReport, noteReport } from './reports.ts'
import { get, run, type Work } from './sql.ts'

/** The highest number of a push that has arrived. */
export function* lastArrival(): Work<number> {
  return Number((yield* get('SELECT max(turn) AS turn FROM push'))?.['turn'] ?? 0)
}

/** `nextArrival` gives a number that is higher than any before: the later push of a file has the higher one. */
export function* acceptPush(push: AcceptedPush, nextArrival: () => Work<number>, nowMs: number): Work<Receipt> {
  if (isPart(push)) return yield* acceptPart(push, nextArrival, nowMs)
  const arrival = yield* nextArrival()
  if (yield* insertPush(push, arrival, nowMs)) return { result: 'stored' }
  // A refresh too many costs nothing, one too few is a broken promise.
  if (!(yield* isRepetition(push))) return yield* acceptOther(push, nextArrival, nowMs)
  if (push.id !== formerMessageId(push) || (yield* isUnasked(push.id))) return { result: 'known' }
  yield* insertPush({ ...push, id: `${push.id}_${arrival}` }, arrival, nowMs)
  return { result: 'stored' }
}

/** What comes under the id of something else. Its own id follows from what it says, so that a repetition of it is one. */
function* acceptOther(push: AcceptedPush, nextArrival: () => Work<number>, nowMs: number): Work<Receipt> {
  const id = idOfOther(push)
  return { under: id, ...(yield* acceptPush({ ...push, id }, nextArrival, nowMs)) }
}

function* acceptPart(push: PartOfPush, nextArrival: () => Work<number>, nowMs: number): Work<Receipt> {
  if (yield* isTaken(push.id)) {
    if (yield* isRepetition(push)) return { result: 'known' }
    return yield* acceptOther(push, nextArrival, nowMs)
  }
  const into = yield* pushLacking(push, nowMs)
  if (into) yield* joinPart(into, push, nowMs)
  else if (yield* insertPush(push, yield* nextArrival(), nowMs)) yield* beginParts(push)
  // Taken just now, of another repository.
  else return yield* acceptOther(push, nextArrival, nowMs)
  return { result: 'stored' }
}

function* isTaken(id: string): Work<boolean> {
  return (yield* get(`SELECT 1 AS found FROM push WHERE ${BY_MESSAGE}`, { id })) !== undefined
}

function* insertPush(push: AcceptedPush, arrival: number, nowMs: number): Work<boolean> {
  const inserted = yield* run(
    `INSERT INTO push (id, turn, repository, ref, before_id, after_id, default_branch, pusher, bypass, bulk, said, files, state,
       received_at, due_at, file_count)
     VALUES (:id, :arrival, :repository, :ref, :before_id, :after_id, :default_branch, :pusher, :bypass, :bulk, :said, :files, 'waiting',
       :now, :due_at, :file_count)
     ON CONFLICT (id) DO NOTHING`,
    { ...columnsOf(push), arrival, now: nowMs },
  )
  return inserted > 0
}

/** Whether the first question to GHES is still to come: it answers for a repetition too. */
function* isUnasked(id: string): Work<boolean> {
  const found = yield* get(
    `SELECT 1 AS found FROM push WHERE id = :id AND state = 'waiting' AND checks = 0 AND lease IS NULL FOR UPDATE`,
    { id },
  )
  return found !== undefined
}

/** More to do for a change that has landed. */
export function* acceptFurther(
  change: Omit<LandedPush, 'files' | 'further'>,
  further: FurtherWork,
  nextArrival: () => Work<number>,
  nowMs: number,
): Work<Receipt> {
  const receipt = yield* acceptPush({ ...change, ...further, firstCheckAtMs: nowMs }, nextArrival, nowMs)
  if (receipt.result === 'known') return receipt
  const { under = further.id } = receipt
  yield* noteReport(under)
  yield* landReported(under, nowMs)
  return receipt
}

/** GHES's word on a push: what waits and is proved by it lands; what nobody announced is taken in. */
export function* acceptReported(
  deliveryId: string,
  { further, content, ...push }: LandedPush,
  nextArrival: () => Work<number>,
  nowMs: number,
): Work<WebhookReceipt> {
  const isNew = yield* run('INSERT INTO delivery (id, at) VALUES (:id, :now) ON CONFLICT (id) DO NOTHING', {
    id: content === undefined ? deliveryId : `${deliveryId} ${content}`,
    now: nowMs,
  })
  if (isNew === 0) return { result: 'known' }
  const isNews = !(yield* matchReport(push, nowMs)) && push.files.length > 0
  const own = { id: reportId(deliveryId), files: push.files }
  const receipt = isNews ? yield* acceptFurther(push, own, nextArrival, nowMs) : undefined
  const { under = own.id } = receipt ?? {}
  // A report may come late: where the branch was at this commit before, it may be of that time, and proves nothing that waits.
  const proved = (yield* hasBeenThere(push, under)) ? 0 : yield* landProved(push, nowMs)
  if (further) yield* acceptFurther(push, further, nextArrival, nowMs)
  return { result: 'stored', landed: proved + (isNews ? 1 : 0) + (further ? 1 : 0) }
}
