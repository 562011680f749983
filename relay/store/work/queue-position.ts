// Where work stands in its queue, a job in that of its kind: live before bulk, and fair between people.
import { cutText } from '../../../schemas/text.ts'
import type { JobKind } from '../ports/jobs.ts'
import { get, type Work } from './sql.ts'

/** Whose work it is, and how far its jobs stand apart. */
export type Flow = { name: string; spacing: number }

/**
 * A person's second job stands behind up to so many of others; what nobody waits for has one turn in a hundred as long as people have work, and everything when they have
 * none. Steps in the queue and not times: while a target is down nobody moves on.
 */
const SPACING = { person: 20, bulk: 100 }

/** It is in an index, and one that no index can hold would hold up all the others. */
const MOST_OF_A_NAME = 256

export function flowOf(push: { repository: string; pusher?: string; isBulk: boolean }): Flow {
  if (push.isBulk) return { name: '', spacing: SPACING.bulk }
  return { name: cutText(push.pusher ?? push.repository, MOST_OF_A_NAME), spacing: SPACING.person }
}

/** `isFirst`: of a flow that had nothing in the queue. */
export type QueuePosition = { place: number; isFirst: boolean }

/** The position of the first in the queue, and of the last that was first of its flow. */
export type QueueEnds = { head: number | undefined; lastFirst: number | undefined }

/**
 * The first job of a flow stands behind the last such one, right behind the head of the queue at least; any other stands behind the last one of its own flow. Nobody starves: each
 * first job moves the next one a step back.
 */
export function positionIn(
  { head, lastFirst }: QueueEnds,
  last: number | undefined,
  flow: Flow,
  nowMs: number,
): QueuePosition {
  // An empty queue begins at the time, so that it never begins before what was put off.
  const first = head === undefined ? nowMs : Math.max(head, lastFirst ?? head) + 1
  const own = last === undefined ? first : last + flow.spacing
  return { place: Math.max(first, own), isFirst: own <= first }
}

/** Three look-ups in an index, however long the queue is. */
export function* nextQueuePosition(kind: JobKind, flow: Flow, nowMs: number): Work<QueuePosition> {
  const last = yield* placeOf(
    `SELECT place FROM job INDEXED BY job_flow WHERE kind = :kind AND flow = :flow AND state = 'waiting' ORDER BY place DESC LIMIT 1`,
    { kind, flow: flow.name },
  )
  const head = yield* placeOf(`SELECT place FROM job INDEXED BY job_ready WHERE ${READY} ORDER BY place LIMIT 1`, {
    kind,
  })
  const lastFirst = yield* placeOf(
    `SELECT place FROM job INDEXED BY job_first WHERE ${READY} AND is_first = 1 ORDER BY place DESC LIMIT 1`,
    { kind },
  )
  return positionIn({ head, lastFirst }, last, flow, nowMs)
}

const READY = `kind = :kind AND state = 'waiting' AND lease IS NULL AND ready = 1`

function* placeOf(query: string, values: Record<string, string | number>): Work<number | undefined> {
  const place = (yield* get(query, values))?.['place']
  return typeof place === 'number' ? place : undefined
}
