// Entities that moved into this file: the catalog drops what another Location still holds, without a word, so the old file goes first, and the new one is looked at once more.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import { globTest } from '../runtime/globs.ts'
import { type Move, type RefreshJob, whatMoves } from '../store/ports/jobs.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { knownNames, locationTargets, placeIn, registrationTarget } from './location.ts'
import { refresh } from './other-ways.ts'

/** The next step is due after so long. */
export type Later = { result: 'later'; inMs: number; move: Move; note?: string }

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
/** From the request to the entity: 1.0 to 2.4 s measured. */
const SHOWN_WITHIN_MS = 2500
const MOST_LOOKS = 4
/** So many entities of a file are looked at: they come and go together. */
const ENTITIES_LOOKED_AT = 5

export async function forwardMoved(
  backstage: Backstage,
  job: RefreshJob & { move: Move },
  options: ForwardOptions,
  nowMs: number,
): Promise<Forwarded | Later> {
  const { move } = job
  if (move.progress === 'leaving') return afterOld(backstage, job, move, options, nowMs)
  if (move.progress === 'free') return askFor(backstage, job, options, 0)
  return lookAgain(backstage, job, move, options)
}

/** The old file was told of. Where we may, its entities are taken from it; else the catalog has to let them go by itself. */
async function afterOld(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: ForwardOptions,
  nowMs: number,
): Promise<Forwarded | Later> {
  const taken = await takeFromOld(backstage, job, move, options)
  if (taken.result === 'trouble') return taken
  if (taken.result === 'taken')
    return { result: 'later', inMs: 0, move: { ...freed(move), ...taken.via }, note: `taken from ${listed(move.from)}` }
  const sinceMs = nowMs - (move.leftAtMs ?? nowMs)
  if (sinceMs < READ_WITHIN_MS) return { result: 'later', inMs: READ_WITHIN_MS - sinceMs, move }
  const held = await firstOf(backstage, move, options, 'refreshed')
  if (held.result === 'trouble' || held.result === 'refused') return held
  if (held.result === 'none') return untilCleared(backstage, move, options, sinceMs)
  const kept = await keptBy(backstage, job, move, options)
  if (kept.result === 'trouble') return kept
  if (kept.result === 'none' && sinceMs < HELD_FOR_MS) return { result: 'later', inMs: AGAIN_MS, move }
  const asked = await forward(backstage, withoutMoved(job, move), options)
  return asked.result === 'done'
    ? { ...asked, outcome: `${asked.outcome}; ${keeps(held.entity, move, options)}` }
    : asked
}

type Leaving = Extract<Move, { progress: 'leaving' }>

const freed = (move: Leaving): Extract<Move, { progress: 'free' }> => ({ ...whatMoves(move), progress: 'free' })

/**
 * Takes the entities that the catalog still has from an old file out of it: their Locations are read anew then, and bring back whatever they still hold. Not before the new file
 * can be had, or the catalog would lose them.
 */
async function takeFromOld(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: ForwardOptions,
): Promise<{ result: 'taken'; via: { via?: string } } | { result: 'not ours to take' } | Trouble> {
  const place = { host: options.host, ...job }
  const common = await commonLocation(backstage, job, move, options)
  if (common.result === 'trouble') return common
  if (common.result === 'none' && !options.register) {
    await options.beforeCall()
    const known = await backstage.origins(knownNames(place, options).map(locationRef))
    if (known.result === 'trouble') return known
    if (known.of.size === 0) return NOT_OURS
  }
  for (const entity of lookedAt(move)) {
    await options.beforeCall()
    const there = await backstage.entity(entity)
    if (there.result === 'trouble') return there
    if (there.result === 'hidden') return NOT_OURS
    if (there.result === 'none') continue
    const path = placeIn(there.from, place)
    if (path === job.path) continue
    if (path === undefined || !move.from.includes(path)) return NOT_OURS
    await options.beforeCall()
    const cleared = await backstage.clearAway(there.uid)
    if (cleared.result === 'trouble') return cleared
    if (cleared.result === 'forbidden') return NOT_OURS
  }
  return { result: 'taken', via: common.result === 'found' ? { via: common.ref } : {} }
}

/** A Location with a pattern, by which the catalog has the old file and the new one, or the one by which it has had the new one before. */
async function commonLocation(
  backstage: Backstage,
  job: RefreshJob,
  move: Leaving,
  options: ForwardOptions,
): Promise<{ result: 'found'; ref: string } | { result: 'none' } | Trouble> {
  const [entity] = lookedAt(move)
  if (entity === undefined) return { result: 'none' }
  await options.beforeCall()
  const answer = await backstage.locationsOf(entity)
  if (answer.result === 'trouble') return answer
  const found = (answer.result === 'locations' ? answer.locations : []).find(({ target }) => {
    const pattern = placeIn(target, { host: options.host, ...job })
    return pattern !== undefined && globTest(pattern, { dot: false })(job.path)
  })
  if (found) return { result: 'found', ref: found.ref }
  const known = await options.known.knownFiles(job.repository)
  const via = known.find(({ ref, path }) => ref === job.ref && path === job.path)?.via
  return via?.startsWith('location:') ? { result: 'found', ref: via } : { result: 'none' }
}

const NOT_OURS = { result: 'not ours to take' } as const

/** No file holds them any more: the catalog clears them away within 30 s. Until then it takes them from nobody else. */
async function untilCleared(
  backstage: Backstage,
  move: Leaving,
  options: ForwardOptions,
  sinceMs: number,
): Promise<Forwarded | Later> {
  for (const entity of lookedAt(move)) {
    await options.beforeCall()
    const there = await backstage.entity(entity)
    if (there.result === 'trouble') return there
    if (there.result === 'none' || sinceMs >= CLEARED_WITHIN_MS) continue
    const note = `waits until the catalog has cleared ${entity} of ${listed(move.from)} away, which it does within 30 s`
    const isFirst = sinceMs < READ_WITHIN_MS + AGAIN_MS
    return { result: 'later', inMs: AGAIN_MS, move, ...(isFirst ? { note } : {}) }
  }
  return { result: 'later', inMs: 0, move: freed(move), note: `what was in ${listed(move.from)} is gone` }
}

const keeps = (entity: string, { from }: Move, { removed }: ForwardOptions) =>
  `the catalog keeps ${entity} of ${listed(from)} until that file's Location is unregistered${removed === 'refresh' ? ' (backstage.removed: unregister)' : ''}`

/** `kept`: a Location of an old file is registered, and stays although its file is gone. */
async function keptBy(
  backstage: Backstage,
  job: RefreshJob,
  { from }: Move,
  options: ForwardOptions,
): Promise<{ result: 'kept' } | { result: 'none' } | Trouble> {
  for (const path of from)
    for (const target of locationTargets({ host: options.host, ...job, path })) {
      await options.beforeCall()
      const answer = await backstage.registered(locationRef(target))
      if (answer.result === 'registered') return { result: 'kept' }
      if (answer.result === 'trouble') return answer
      if (answer.result === 'forbidden') return { result: 'none' }
    }
  return { result: 'none' }
}

/** Asks for the new file. Whether that has brought the entities is seen later. */
async function askFor(
  backstage: Backstage,
  job: RefreshJob & { move: Move },
  options: ForwardOptions,
  looks: number,
): Promise<Forwarded | Later> {
  const { from } = job.move
  const via = job.move.progress === 'free' ? job.move.via : undefined
  const asked =
    (via === undefined ? undefined : await refresh(backstage, via, 'the Location by which it is known', options)) ??
    (await forward(backstage, withoutMoved(job, job.move), options))
  if (asked.result !== 'done') return asked
  if (asked.did === 'unknown')
    return {
      ...asked,
      outcome: `${asked.outcome}; the catalog has lost what was in ${listed(from)} until somebody registers this file`,
    }
  if (asked.via === undefined) return asked
  const { outcome } = asked
  const move: Move = { ...whatMoves(job.move), progress: 'look', outcome, via: asked.via, looks }
  return { result: 'later', inMs: SHOWN_WITHIN_MS, move, note: `${outcome}, after ${listed(from)}` }
}

async function lookAgain(
  backstage: Backstage,
  job: RefreshJob & { move: Move },
  move: Extract<Move, { progress: 'look' }>,
  options: ForwardOptions,
): Promise<Forwarded | Later> {
  const missing = await firstOf(backstage, move, options, 'unknown')
  if (missing.result === 'trouble' || missing.result === 'refused') return missing
  const outcome = `${move.outcome}, after ${listed(move.from)}, and looked at once more`
  // A Location stays; the entity of another file does not.
  const via = move.via.startsWith('location:') ? move.via : (lookedAt(move)[0] ?? move.via)
  const done = { result: 'done', did: 'refreshed', via, outcome } as const
  if (missing.result === 'none') return done
  if (move.looks < (move.isGuess ? 1 : MOST_LOOKS)) return askAgain(backstage, job, move, options)
  if (move.isGuess) return done
  const but = `${missing.entity} is not there; the file may be wrong, another one may hold that name, or its Location waits for the next change of its files`
  return { ...done, outcome: `${outcome}: ${but}` }
}

/** A Location of many files may have read the new one too early, and then reads nothing anew until one of them changes: one of its own brings it. */
async function askAgain(
  backstage: Backstage,
  job: RefreshJob & { move: Move },
  move: Extract<Move, { progress: 'look' }>,
  options: ForwardOptions,
): Promise<Forwarded | Later> {
  const target = registrationTarget({ host: options.host, ...job })
  const isItsOwn = locationTargets({ host: options.host, ...job })
    .map(locationRef)
    .includes(move.via)
  const looks = move.looks + 1
  if (looks < 2 || move.isGuess || isItsOwn || !options.register) return askFor(backstage, job, options, looks)
  await options.beforeCall()
  const answer = await backstage.register(target)
  if (answer.result === 'trouble' || answer.result === 'refused') return answer
  const next: Move = { ...move, via: locationRef(target), outcome: `${move.outcome}, then registered ${target}`, looks }
  return { result: 'later', inMs: SHOWN_WITHIN_MS, move: next, note: `registered ${target}` }
}

/** An entity that moved is no proof that the catalog knows this file. */
const withoutMoved = (job: RefreshJob, { entities }: Move): RefreshJob => ({
  ...job,
  entities: job.entities.filter(ref => !entities.includes(ref.toLowerCase())),
})

/** The first of the entities that is so: a refresh by name says whether the catalog has it, with any token. */
async function firstOf(
  backstage: Backstage,
  move: Move,
  options: ForwardOptions,
  wanted: 'refreshed' | 'unknown',
): Promise<{ result: 'found'; entity: string } | { result: 'none' } | Exclude<Forwarded, { result: 'done' }>> {
  for (const entity of lookedAt(move)) {
    await options.beforeCall()
    const answer = await backstage.refresh(entity)
    if (answer.result === 'trouble' || answer.result === 'refused') return answer
    if (answer.result === wanted) return { result: 'found', entity }
  }
  return { result: 'none' }
}

const lookedAt = ({ entities }: Move) => entities.filter(isEntityRef).slice(0, ENTITIES_LOOKED_AT)

const isEntityRef = (text: string) => /^[^:/\s]+:[^:/\s]+\/[^:/\s]+$/.test(text)

const listed = (paths: readonly string[]) =>
  paths.length <= 2 ? paths.join(' and ') : `${paths[0]} and ${paths.length - 1} more files`
