// A push comes in: announced by a hook, or reported by GHES.
import { messageId } from '../../../schemas/notification.ts'
import type { AcceptedPush, LandedPush, Receipt, WebhookReceipt } from '../ports/inbox.ts'
import { columnsOf } from './announced.ts'
import { addStep } from './history.ts'
import { landProved } from './landings.ts'
import { get, type Row, run, type Work } from './sql.ts'

/** The highest number of a push that has arrived. */
export function* lastArrival(): Work<number> {
  return Number((yield* get('SELECT max(turn) AS turn FROM push'))?.['turn'] ?? 0)
}

/** `nextArrival` gives a number that is higher than any before: the later push of a file has the higher one. */
export function* acceptPush(push: AcceptedPush, nextArrival: () => Work<number>, nowMs: number): Work<Receipt> {
  const arrival = yield* nextArrival()
  for (;;) {
    if (yield* insertPush(push, arrival, nowMs)) return { result: 'stored' }
    const again = yield* announceAgain(push, arrival, nowMs)
    if (again) return again
  }
}

function* insertPush(push: AcceptedPush, arrival: number, nowMs: number): Work<boolean> {
  const inserted = yield* run(
    `INSERT INTO push (id, turn, repository, ref, before_id, after_id, default_branch, pusher, bypass, files, state,
       received_at, due_at, file_count)
     VALUES (:id, :arrival, :repository, :ref, :before_id, :after_id, :default_branch, :pusher, :bypass, :files, 'waiting',
       :now, :due_at, :file_count)
     ON CONFLICT (id) DO NOTHING`,
    { ...columnsOf(push), arrival, now: nowMs },
  )
  return inserted > 0
}

/**
 * A message that is known. The same update can be made twice: refused by a later hook and pushed again, or made, undone
 * and made again. A later push on the branch tells the second from a mere repetition of the message.
 */
function* announceAgain(push: AcceptedPush, arrival: number, nowMs: number): Work<Receipt | undefined> {
  const known = yield* get('SELECT seq, turn, state, repository, ref FROM push WHERE id = :id FOR UPDATE', {
    id: push.id,
  })
  if (!known) return undefined // another replica has forgotten it this moment, after its week
  const seq = Number(known['seq'])
  const state = String(known['state'])
  if (state === 'landed') return { result: 'known' }
  if (state === 'forwarded' && !(yield* movedSince(known))) return { result: 'known' }
  if (state === 'forwarded') yield* run('DELETE FROM file WHERE push = :seq', { seq })
  yield* run(
    `UPDATE push SET state = 'waiting', reason = NULL, settled_at = NULL, turn = :arrival, due_at = :due, checks = 0, missing_ms = 0,
       lease = NULL, lease_until = NULL,
       open_files = CASE WHEN :fresh = 1 THEN 0 ELSE open_files END,
       superseded_files = CASE WHEN :fresh = 1 THEN 0 ELSE superseded_files END
     WHERE seq = :seq`,
    { seq, arrival, due: push.firstCheckAtMs, fresh: state === 'forwarded' ? 1 : 0 },
  )
  // While it waits anyway, a repetition only starts its clock again: no news.
  if (state === 'waiting') return { result: 'known' }
  yield* addStep(seq, nowMs, 'announced again', `it was ${state}; the same update was pushed once more`)
  return { result: 'again' }
}

function* movedSince(known: Row): Work<boolean> {
  const later = yield* get(
    'SELECT 1 FROM push WHERE repository = :repository AND seq > :seq AND ref = :ref AND turn > :arrival LIMIT 1',
    {
      repository: known['repository'] ?? null,
      seq: known['seq'] ?? null,
      ref: known['ref'] ?? null,
      arrival: known['turn'] ?? null,
    },
  )
  return later !== undefined
}

/** GHES's word on a push: what waits and is proved by it lands; what nobody announced is taken in. */
export function* acceptReported(
  deliveryId: string,
  push: LandedPush,
  nextArrival: () => Work<number>,
  nowMs: number,
): Work<WebhookReceipt> {
  const isNew = yield* run('INSERT INTO delivery (id, at) VALUES (:id, :now) ON CONFLICT (id) DO NOTHING', {
    id: deliveryId,
    now: nowMs,
  })
  if (isNew === 0) return { result: 'known' }
  const id = messageId(push)
  const known = yield* get('SELECT state FROM push WHERE id = :id', { id })
  // One that we had called rejected has landed after all; what is settled otherwise stays so.
  if (known ? known['state'] === 'rejected' : push.files.length > 0) {
    yield* acceptPush({ ...push, id, firstCheckAtMs: nowMs }, nextArrival, nowMs)
  }
  return { result: 'stored', landed: yield* landProved(push, nowMs) }
}
