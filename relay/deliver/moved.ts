// Entities that moved into this file: the catalog drops what another Location still holds, without a word, so the old file goes first, and the new one is looked at once more.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import { type Move, type RefreshJob, whatMoves } from '../store/ports/jobs.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { knownNames, locationTargets } from './location.ts'
import {
  askFor,
  firstOf,
  type Later,
  listed,
  lookAgain,
  MOST_UNKNOWNS,
  onceMore,
  timesAsked,
  withoutMoved,
} from './look-again.ts'
import { isPatternOf, locationBeside, meantBy } from './other-ways.ts'
import { clearAway, type Held, heldForOld, type Seen, whereabouts } from './whereabouts.ts'

export type { Later } from './look-again.ts'

/**
 * The catalog reads a file within about a second of being asked. Asked before that, an entity by name would have its old file read twice, and a Location of many files that is read
 * while one of its entities has no parent is not read anew when that entity has gone (its result hash is the same).
 */
const READ_WITHIN_MS = 1200
/** Entities that no file holds any more are cleared away every 30 s. */
const CLEARED_WITHIN_MS = 33_000
/** What still has a file then is held by another one. */
const HELD_FOR_MS = 10_000
const AGAIN_MS = 1000
const TAKEN_WITHIN_MS = 300

/** `taking`: branches in which something is being taken from old files, by this replica. */
export type MovedOptions = ForwardOptions & { taking: Set<string> }

type Leaving = Extract<Move, { progress: 'leaving' }>

export async function forwardMoved(
  backstage: Backstage,
  job: RefreshJob & { move: Move },
  options: MovedOptions,
  nowMs: number,
): Promise<Forwarded | Later> {
  const { move } = job
  if (move.progress === 'leaving') return afterOld(backstage, job, move, options, nowMs)
  if (move.progress === 'look') return lookAgain(backstage, job, move, options)
  return move.unknowns === undefined
    ? askFor(backstage, job, move, options, 0)
    : wasUnknown(backstage, job, move, options)
}

/** The catalog may have been reading it, or only then have taken in what had just come to the old file. */
async function wasUnknown(
  backstage: Backstage,
  job: RefreshJob,
  move: Extract<Move, { progress: 'free' }>,
  options: MovedOptions,
): Promise<Forwarded | Later> {
  const seen = await whereabouts(backstage, job, move, options)
  if (seen.result === 'trouble') return seen
  if (seen.result === 'hidden') return askFor(backstage, job, move, options, timesAsked(move))
  if (seen.here.length === move.entities.length) return forward(backstage, job, options)
  if (seen.old.length === 0 || timesAsked(move) >= MOST_UNKNOWNS)
    return askFor(backstage, job, move, options, timesAsked(move))
  const cleared = await clearAway(backstage, seen.old, options)
  if (cleared.result === 'trouble') return cleared
  return cleared.result === 'cleared'
    ? onceMore(move, `taken from ${listed(move)}`, move.via)
    : askFor(backstage, job, move, options, timesAsked(move))
}

/** The old file was told of. Where we may, its entities are taken from it; else the catalog has to let them go by itself. */
async function afterOld(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: MovedOptions,
  nowMs: number,
): Promise<Forwarded | Later> {
  const branch = `${job.repository} ${job.ref}`
  // Another file of a moved folder takes all of it just now: what is left to do is seen afterwards.
  if (options.taking.has(branch)) return { result: 'later', inMs: TAKEN_WITHIN_MS, move }
  options.taking.add(branch)
  const taken = await takeFromOld(backstage, job, move, options).finally(() => options.taking.delete(branch))
  if (taken.result === 'trouble') return taken
  if (taken.result === 'here') return forward(backstage, job, options)
  if (taken.result === 'elsewhere')
    return andSay(
      await forward(backstage, withoutMoved(job, move), options),
      `${taken.entity} comes from ${taken.from}`,
    )
  if (taken.result === 'taken')
    return { result: 'later', inMs: 0, move: { ...freed(move), ...taken.via }, note: `taken from ${listed(move)}` }
  const sinceMs = nowMs - (move.leftAtMs ?? nowMs)
  if (sinceMs < READ_WITHIN_MS) return { result: 'later', inMs: READ_WITHIN_MS - sinceMs, move }
  // By name the catalog would read a Location of many files too early where the entity has only just come to the old one.
  const mayBeHeld = taken.seen ? taken.seen.old.map(({ entity }) => entity) : move.entities
  const held = await firstOf(backstage, mayBeHeld, options, 'refreshed')
  if (held.result === 'trouble' || held.result === 'refused') return held
  if (held.result === 'none') return untilCleared(backstage, job, move, options, sinceMs)
  const kept = await keptBy(backstage, job, move, options)
  if (kept.result === 'trouble') return kept
  if (kept.result === 'none' && sinceMs < HELD_FOR_MS) return { result: 'later', inMs: AGAIN_MS, move }
  return andSay(await forward(backstage, withoutMoved(job, move), options), keeps(held.entity, move, options))
}

const andSay = (asked: Forwarded, words: string): Forwarded =>
  asked.result === 'done' ? { ...asked, outcome: `${asked.outcome}; ${words}` } : asked

const freed = (move: Leaving): Extract<Move, { progress: 'free' }> => ({ ...whatMoves(move), progress: 'free' })

/** Takes the entities that the catalog still has from an old file out of it. Not before the new file can be had, or the catalog would lose them. */
async function takeFromOld(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: ForwardOptions,
): Promise<
  | { result: 'here' }
  | { result: 'taken'; via: { via?: string } }
  | { result: 'not ours to take'; seen?: Seen }
  | ({ result: 'elsewhere' } & Held)
  | Trouble
> {
  const seen = await whereabouts(backstage, job, move, options)
  if (seen.result !== 'seen') return seen.result === 'hidden' ? NOT_OURS : seen
  const [other] = seen.elsewhere
  if (other) return { ...other, result: 'elsewhere' }
  if (seen.here.length > 0 && seen.old.length + seen.missing.length === 0) return { result: 'here' }
  // GHES shows a renamed repository under its former name, too: what is taken from there comes back.
  if (move.isRenamed) return seen.old.length > 0 ? { ...NOT_OURS, seen } : { result: 'taken', via: {} }
  const common = await commonLocation(backstage, job, seen, options)
  if (common.result === 'trouble') return common
  if (common.result === 'none' && !options.register && options.hasProvider !== true) {
    await options.beforeCall()
    const known = await backstage.origins(knownNames({ host: options.host, ...job }, options).map(locationRef))
    if (known.result === 'trouble') return known
    if (known.of.size === 0) return { ...NOT_OURS, seen }
  }
  // No Location must be read between one and another of all that moves in this branch.
  const moving = seen.old.length > 0 ? await options.known.moving(job.repository, job.ref) : []
  const beside = await heldForOld(backstage, job, moving, options)
  if (beside.result === 'trouble') return beside
  const taken = new Map([...seen.old, ...beside.held].map(held => [held.uid, held]))
  const cleared = await clearAway(backstage, [...taken.values()], options)
  if (cleared.result === 'trouble') return cleared
  if (cleared.result === 'forbidden') return { ...NOT_OURS, seen }
  return { result: 'taken', via: common.result === 'found' ? { via: common.ref } : {} }
}

const NOT_OURS = { result: 'not ours to take' } as const

/** A Location with a pattern, by which the catalog has the old file and the new one, or has had the new one before, or has others beside it. */
async function commonLocation(
  backstage: Backstage,
  job: RefreshJob,
  { old, missing }: Seen,
  options: ForwardOptions,
): Promise<{ result: 'found'; ref: string } | { result: 'none' } | Trouble> {
  const origin = old.map(held => held.origin ?? '').find(target => isPatternOf(target, job, options.host))
  if (origin !== undefined) return { result: 'found', ref: locationRef(origin) }
  const entity = old[0]?.entity ?? missing[0]
  if (entity === undefined) return locationBeside(backstage, job, options)
  const answer = await meantBy(backstage, entity, job, options)
  if (answer.result === 'trouble') return answer
  const [found] = answer.result === 'locations' ? answer.locations : []
  return found ? { result: 'found', ref: found.ref } : locationBeside(backstage, job, options)
}

/** No file holds them any more: the catalog clears them away within 30 s. Until then it takes them from nobody else. */
async function untilCleared(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: ForwardOptions,
  sinceMs: number,
): Promise<Forwarded | Later> {
  const seen = await whereabouts(backstage, job, move, options)
  if (seen.result === 'trouble') return seen
  // Our provider takes a file's Location away with all that was in it; what is not cleared yet shows when the new file is looked at.
  if (seen.result === 'hidden' && options.hasProvider)
    return { result: 'later', inMs: 0, move: freed(move), note: `what was in ${listed(move)} is gone` }
  const [entity] = seen.result === 'hidden' ? move.entities : seen.old.map(held => held.entity)
  if (entity === undefined || sinceMs >= CLEARED_WITHIN_MS)
    return { result: 'later', inMs: 0, move: freed(move), note: `what was in ${listed(move)} is gone` }
  const note = `waits until the catalog has cleared ${entity} of ${listed(move)} away, which it does within 30 s`
  const isFirst = sinceMs < READ_WITHIN_MS + AGAIN_MS
  return { result: 'later', inMs: AGAIN_MS, move, ...(isFirst ? { note } : {}) }
}

const keeps = (entity: string, move: Move, { removed }: ForwardOptions) =>
  `the catalog keeps ${entity} of ${listed(move)} until that file's Location is unregistered${removed === 'refresh' ? ' (backstage.removed: unregister)' : ''}`

/** `kept`: a Location of an old file is registered, and stays although its file is gone. */
async function keptBy(
  backstage: Backstage,
  job: RefreshJob,
  { from, repository = job.repository, ref = job.ref }: Move,
  options: ForwardOptions,
): Promise<{ result: 'kept' } | { result: 'none' } | Trouble> {
  for (const path of from)
    for (const target of locationTargets({ host: options.host, repository, ref, path })) {
      await options.beforeCall()
      const answer = await backstage.registered(locationRef(target))
      if (answer.result === 'registered') return { result: 'kept' }
      if (answer.result === 'trouble') return answer
      if (answer.result === 'forbidden') return { result: 'none' }
    }
  return { result: 'none' }
}
