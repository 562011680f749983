// Tells GHES, as commit statuses, what becomes of pushes: by one replica, again and again until it is told.
import type { GhesStatuses } from '../clients/ghes/statuses.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import { type Lead, leadRounds } from '../runtime/rounds.ts'
import type { Leads, Notes } from '../store/ports/coordination.ts'
import type { StatusDue, Statuses } from '../store/ports/statuses.ts'
import { type StatusLinks, statusesOf } from './commit-status.ts'
import { isCatalogRead } from './module-seen.ts'

const EVERY_MS = 300
const AGAIN_MS = 5_000
const LEASE_MS = 20_000
const AT_ONCE = 20
/** A push of longer ago is told of no more: statuses were off then, or GHES was away. */
const YOUNG_MS = 24 * 3_600_000

export type StatusOptions = {
  store: Statuses & Leads & Notes
  ghes: GhesStatuses
  clock: Clock
  log: Logger
  links: Omit<StatusLinks, 'isRead'>
}

/** So many repositories in a row, and it may be GHES that does not take them. */
const FAILURES_TO_REST = 3
/** Longer than the rest: after it, the next ones are tried. */
const HELD_MS = 30_000
const MOST_HELD = 200

/** Repositories where GHES takes none now (the token may not write there, say), until when; and how many pushes wait for that. */
type Held = { untilMs: Map<string, number>; pushes: number }

/** Until the returned function is called. */
export function tellStatuses(options: StatusOptions): () => void {
  const { store, clock, log } = options
  const held: Held = { untilMs: new Map(), pushes: 0 }
  const failed = (error: unknown) => {
    log.error({ err: error }, 'commit statuses could not be told; tried again')
    return AGAIN_MS
  }
  return leadRounds(
    { clock, firstInMs: EVERY_MS, round: lead => tellDue(options, held, lead), failed },
    { store, task: 'statuses', leaseMs: LEASE_MS, othersAskMs: AGAIN_MS },
  )
}

/** Returns when to look again. One repository that is not taken holds up no other. */
async function tellDue(options: StatusOptions, held: Held, lead: Lead): Promise<number> {
  const { store, clock } = options
  let failures = 0
  let waiting = 0
  const due = await store.dueStatuses(AT_ONCE + held.pushes)
  const links = { ...options.links, isRead: due.length > 0 && (await isCatalogRead(store)) }
  for (const push of due) {
    if (!lead.isHeld()) return EVERY_MS
    const isHeld = (held.untilMs.get(push.repository) ?? 0) > clock.now()
    if (!isHeld) held.untilMs.delete(push.repository)
    const trouble = isHeld ? undefined : await tell({ ...options, links }, push)
    if (trouble === undefined) {
      if (isHeld) waiting++
      else failures = 0
      continue
    }
    const { kind, retryAfterMs = 0 } = trouble
    const restMs = Math.max(AGAIN_MS, retryAfterMs)
    if (kind === 'limited') return restMs
    held.untilMs.set(push.repository, clock.now() + Math.max(HELD_MS, retryAfterMs))
    waiting++
    if (++failures < FAILURES_TO_REST) continue
    held.pushes = Math.min(Math.max(waiting, held.pushes), MOST_HELD)
    return restMs
  }
  held.pushes = Math.min(waiting, MOST_HELD)
  return EVERY_MS
}

/** Undefined when it is told, or never will be. */
async function tell(
  { store, ghes, clock, log, links }: Omit<StatusOptions, 'links'> & { links: StatusLinks },
  push: StatusDue,
): Promise<Trouble | undefined> {
  const statuses = clock.now() - push.landedAtMs < YOUNG_MS ? statusesOf(push, links) : []
  const text = JSON.stringify(statuses)
  if (text === (push.told ?? '[]')) {
    await store.statusTold(push, undefined)
    return undefined
  }
  const { repository, after: sha, id } = push
  for (const status of statuses) {
    const answer = await ghes.setStatus({ repository, sha }, status)
    if (answer.result === 'trouble') {
      log.warn({ id, reason: answer.reason }, 'a commit status could not be set; tried again')
      return answer
    }
    if (answer.result === 'refused') log.warn({ id, reason: answer.reason }, 'GHES takes no status of this commit')
    else log.debug({ id, context: status.context, state: status.state }, 'commit status set')
  }
  await store.statusTold(push, text)
  return undefined
}
