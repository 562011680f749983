// Entities that moved into this file: the catalog drops what another Location still holds, without a word, so the old file goes first, and the new one is looked at once more.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Move, RefreshJob } from '../store/ports/jobs.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { locationTargets } from './location.ts'

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

/** Whether the catalog has let the entities go yet. */
async function afterOld(
  backstage: Backstage,
  job: RefreshJob,
  move: Extract<Move, { progress: 'leaving' }>,
  options: ForwardOptions,
  nowMs: number,
): Promise<Forwarded | Later> {
  const sinceMs = nowMs - (move.leftAtMs ?? nowMs)
  if (sinceMs < READ_WITHIN_MS) return { result: 'later', inMs: READ_WITHIN_MS - sinceMs, move }
  const held = await firstOf(backstage, move, options, 'refreshed')
  if (held.result === 'trouble' || held.result === 'refused') return held
  if (held.result === 'none') return orphans(backstage, move, options, sinceMs)
  const kept = await keptBy(backstage, job, move, options)
  if (kept.result === 'trouble') return kept
  if (kept.result === 'none' && sinceMs < HELD_FOR_MS) return { result: 'later', inMs: AGAIN_MS, move }
  const asked = await forward(backstage, withoutMoved(job, move), options)
  return asked.result === 'done'
    ? { ...asked, outcome: `${asked.outcome}; ${keeps(held.entity, move, options)}` }
    : asked
}

/** No file holds them any more: the catalog clears them away within 30 s, or at once if we may. Until then it takes them from nobody else. */
async function orphans(
  backstage: Backstage,
  move: Extract<Move, { progress: 'leaving' }>,
  options: ForwardOptions,
  sinceMs: number,
): Promise<Forwarded | Later> {
  const { entities, from, isGuess } = move
  const free: Move = { progress: 'free', entities, from, ...(isGuess ? { isGuess } : {}) }
  for (const entity of lookedAt(move)) {
    await options.beforeCall()
    const there = await backstage.entity(entity)
    if (there.result === 'trouble') return there
    if (there.result === 'none') continue
    if (there.result === 'found') {
      await options.beforeCall()
      const cleared = await backstage.clearAway(there.uid)
      if (cleared.result === 'trouble') return cleared
      if (cleared.result === 'cleared') continue
    }
    if (there.result === 'found' || sinceMs < CLEARED_WITHIN_MS) {
      const note = `waits until the catalog has cleared ${entity} of ${listed(from)} away, which it does within 30 s`
      return { result: 'later', inMs: AGAIN_MS, move, ...(sinceMs < READ_WITHIN_MS + AGAIN_MS ? { note } : {}) }
    }
  }
  return { result: 'later', inMs: 0, move: free, note: `what was in ${listed(from)} is gone` }
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
  const { entities, from, isGuess } = job.move
  const asked = await forward(backstage, withoutMoved(job, job.move), options)
  if (asked.result !== 'done') return asked
  if (asked.did === 'unknown')
    return {
      ...asked,
      outcome: `${asked.outcome}; the catalog has lost what was in ${listed(from)} until somebody registers this file`,
    }
  if (asked.via === undefined) return asked
  const { outcome, via } = asked
  const move: Move = { progress: 'look', entities, from, outcome, via, looks, ...(isGuess ? { isGuess } : {}) }
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
  const done = { result: 'done', did: 'refreshed', via: move.via, outcome } as const
  if (missing.result === 'none') return done
  if (move.looks < (move.isGuess ? 1 : MOST_LOOKS)) return askFor(backstage, job, options, move.looks + 1)
  if (move.isGuess) return done
  const but = `${missing.entity} is not there; the file may be wrong, or another one may hold that name`
  return { ...done, outcome: `${outcome}: ${but}` }
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
