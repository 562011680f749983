// The last step of a move: the new file was asked for; have its entities come? If not, it is asked for again, and at last the push says what is wrong.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import { type Move, type RefreshJob, whatMoves } from '../store/ports/jobs.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { locationTargets, registrationTarget } from './location.ts'
import { refresh } from './other-ways.ts'
import { clearAway, type Held, isEntityRef, readAnew, type Seen, whereabouts } from './whereabouts.ts'

/** The next step is due after so long. */
export type Later = { result: 'later'; inMs: number; move: Move; note?: string }

type Free = Extract<Move, { progress: 'free' }>
type Look = Extract<Move, { progress: 'look' }>

/** From the request to the entity: 1.0 to 2.4 s measured. */
const SHOWN_WITHIN_MS = 2500
const MOST_LOOKS = 4
/** Where the token reads nothing, and nobody has waited until the old entity was cleared away, which takes up to 30 s. */
const MOST_BLIND_LOOKS = 14
/** 2.5, 5 and 10 s apart: a catalog with much to do takes that long for a moved folder. */
export const MOST_UNKNOWNS = 3
/** So many entities of a file are asked for one by one: they come and go together. */
const LOOKED_AT = 5

/** Asks for the new file. Whether that has brought the entities is seen later. */
export async function askFor(
  backstage: Backstage,
  job: RefreshJob,
  move: Move,
  options: ForwardOptions,
  looks: number,
): Promise<Forwarded | Later> {
  const via = locationOfMany(job, move, options)
  const known =
    via === undefined ? undefined : await refresh(backstage, via, 'the Location by which it is known', options)
  const asked = known ?? (await forward(backstage, withoutMoved(job, move), options))
  if (asked.result !== 'done') return asked
  const from = listed(move)
  if (asked.did === 'unknown' && move.progress !== 'leaving' && timesAsked(move) < MOST_UNKNOWNS)
    return onceMore(move, `${asked.outcome}; looked for once more, since the catalog may be reading it`, via)
  if (asked.did === 'unknown') {
    const lost = `the catalog has lost what was in ${from} until somebody registers this file`
    return { ...asked, outcome: `${asked.outcome}; ${lost}` }
  }
  if (asked.via === undefined) return asked
  const { outcome } = asked
  return toLook({ ...whatMoves(move), progress: 'look', outcome, via: asked.via, looks }, `${outcome}, after ${from}`)
}

/** What is none of the file's own names: the catalog knows the file by no other. */
function locationOfMany(job: RefreshJob, move: Move, { host }: ForwardOptions): string | undefined {
  if (move.progress !== 'look') return move.progress === 'free' ? move.via : undefined
  return move.via.startsWith('location:') && !ownNames(job, host).includes(move.via) ? move.via : undefined
}

const ownNames = (job: RefreshJob, host: string) => locationTargets({ host, ...job }).map(locationRef)

/** Not shown, and not known yet. */
export function onceMore(move: Free | Look, note: string, via: string | undefined): Later {
  const unknowns = timesAsked(move) + 1
  return {
    result: 'later',
    inMs: SHOWN_WITHIN_MS * 2 ** (unknowns - 1),
    move: { ...whatMoves(move), progress: 'free', unknowns, ...(via === undefined ? {} : { via }) },
    ...(unknowns === 1 ? { note } : {}),
  }
}

export const timesAsked = (move: Free | Look): number => (move.progress === 'free' ? (move.unknowns ?? 0) : move.looks)

const toLook = (move: Look, note?: string): Later => ({
  result: 'later',
  inMs: SHOWN_WITHIN_MS,
  move,
  ...(note === undefined ? {} : { note }),
})

export async function lookAgain(
  backstage: Backstage,
  job: RefreshJob,
  move: Look,
  options: ForwardOptions,
): Promise<Forwarded | Later> {
  const seen = await whereabouts(backstage, job, move, options)
  if (seen.result === 'trouble') return seen
  const wrong = await whatIsWrong(backstage, move, seen, options)
  if (wrong.result === 'trouble' || wrong.result === 'refused') return wrong
  const outcome = `${move.outcome}, after ${listed(move)}, and looked at once more${seen.result === 'hidden' ? NOT_LOOKED_UP : ''}`
  // A Location stays; the entity of another file does not.
  const [first = move.via] = move.entities.filter(isEntityRef)
  const via = move.via.startsWith('location:') ? move.via : first
  const done = { result: 'done', did: 'refreshed', via, outcome } as const
  if (wrong.result === 'none') return done
  const most = seen.result === 'hidden' && options.hasProvider ? MOST_BLIND_LOOKS : MOST_LOOKS
  if (wrong.canMend && move.looks < (move.isGuess ? 1 : most))
    return askAgain(backstage, job, move, seen.result === 'seen' ? seen : undefined, options)
  return move.isGuess ? done : { ...done, outcome: `${outcome}: ${wrong.words}` }
}

const NOT_LOOKED_UP = ' (backstage.token is not allowed to look up whether its entities come from this file)'

type Wrong = { result: 'wrong'; words: string; canMend: boolean }

async function whatIsWrong(
  backstage: Backstage,
  move: Look,
  seen: Seen | { result: 'hidden' },
  options: ForwardOptions,
): Promise<Wrong | { result: 'none' } | Exclude<Forwarded, { result: 'done' }>> {
  if (seen.result === 'hidden') return orAbsent(await firstOf(backstage, move.entities, options, 'unknown'))
  const { elsewhere, old, missing, here } = seen
  const [other] = elsewhere
  if (other) return { result: 'wrong', words: `${other.entity} comes from ${other.from}`, canMend: false }
  const [held] = old
  if (held) return { result: 'wrong', words: `${held.entity} comes from ${held.from} still`, canMend: true }
  const [absent] = missing
  return orAbsent(absent === undefined ? await orphanOf(backstage, here, options) : { result: 'found', entity: absent })
}

const orAbsent = <T>(found: T | { result: 'found'; entity: string }): T | Wrong =>
  isFound(found) ? { result: 'wrong', words: isNotThere(found.entity), canMend: true } : found

const isFound = (found: unknown): found is { result: 'found'; entity: string } =>
  typeof found === 'object' && found !== null && 'result' in found && found.result === 'found'

/** One that is shown, and belongs to no Location any more: it is about to go. To ask for it by name would have its file read once more. */
async function orphanOf(
  backstage: Backstage,
  here: readonly Held[],
  options: Pick<ForwardOptions, 'beforeCall'>,
): Promise<{ result: 'found'; entity: string } | { result: 'none' } | Trouble> {
  for (const { entity } of here.slice(0, LOOKED_AT)) {
    await options.beforeCall()
    const above = await backstage.locationsOf(entity)
    if (above.result === 'trouble') return above
    if (above.result === 'hidden' || above.locations.length === 0) return { result: 'found', entity }
  }
  return { result: 'none' }
}

const isNotThere = (entity: string) =>
  `${entity} is not there; the file may be wrong, another one may hold that name, or its Location waits for the next change of its files`

const NOTHING = { result: 'cleared' } as const

/** A Location of many files may have read the new one too early: then it is made to read all anew, or the file gets one of its own. */
async function askAgain(
  backstage: Backstage,
  job: RefreshJob,
  move: Look,
  seen: Seen | undefined,
  options: ForwardOptions,
): Promise<Forwarded | Later> {
  const looks = move.looks + 1
  const gone = seen && seen.old.length > 0 ? await unregisterOld(backstage, job, move, options) : undefined
  if (gone) return gone
  if (move.isGuess || move.isRenamed) return askFor(backstage, job, move, options, looks)
  // The catalog has it, and does not show it yet. A Location that is read twice before it has gone from another file reads nothing anew when it has.
  const hidden = await firstOf(backstage, seen?.missing ?? [], options, 'refreshed')
  if (hidden.result === 'trouble' || hidden.result === 'refused') return hidden
  if (hidden.result === 'found') return toLook({ ...move, looks })
  if (ownNames(job, options.host).includes(move.via)) {
    // The old file was just being read when they were taken from it. More than once: it holds them still.
    const cleared = looks === 1 && seen ? await clearAway(backstage, seen.old, options) : NOTHING
    return cleared.result === 'trouble' ? cleared : askFor(backstage, job, move, options, looks)
  }
  const anew = seen && (await again(backstage, job, move, seen, options))
  if (anew?.result === 'trouble') return anew
  if (anew?.result === 'read anew')
    return toLook({ ...move, looks }, `${move.via} is made to read its files anew, by way of ${anew.entity}`)
  if (looks < 2 || !options.register) return askFor(backstage, job, move, options, looks)
  await options.beforeCall()
  const target = registrationTarget({ host: options.host, ...job })
  const answer = await backstage.register(target)
  if (answer.result === 'trouble' || answer.result === 'refused') return answer
  const registered = { via: locationRef(target), outcome: `${move.outcome}, then registered ${target}`, looks }
  return toLook({ ...move, ...registered }, `registered ${target}`)
}

/** A Location that was registered only just before the file went was not to be found then. */
async function unregisterOld(
  backstage: Backstage,
  job: RefreshJob,
  { from, repository = job.repository, ref = job.ref }: Look,
  options: ForwardOptions,
): Promise<(Trouble & { of?: 'ghe' }) | undefined> {
  if (options.removed !== 'unregister') return undefined
  for (const path of from) {
    const old = { ...job, repository, ref, path }
    const now = await options.fileAtGhes({ repository, path, branch: ref.replace(/^refs\/heads\//, '') })
    if (now.result === 'trouble') return { ...now, of: 'ghe' }
    for (const target of now.result === 'absent' ? locationTargets({ host: options.host, ...old }) : []) {
      await options.beforeCall()
      const answer = await backstage.unregister(locationRef(target))
      if (answer.result === 'trouble') return answer
    }
  }
  return undefined
}

async function again(
  backstage: Backstage,
  job: RefreshJob,
  move: Look,
  seen: Seen,
  options: ForwardOptions,
): Promise<{ result: 'read anew'; entity: string } | { result: 'none' } | Trouble> {
  const cleared = await clearAway(backstage, seen.old, options)
  if (cleared.result === 'trouble') return cleared
  return cleared.result === 'forbidden' ? { result: 'none' } : readAnew(backstage, job, move.via, seen, options)
}

/** An entity that moved is no proof that the catalog knows this file. */
export const withoutMoved = (job: RefreshJob, { entities }: Move): RefreshJob => ({
  ...job,
  entities: job.entities.filter(ref => !entities.includes(ref.toLowerCase())),
})

/** The first of some entities that is so: a refresh by name says whether the catalog has it, with any token. */
export async function firstOf(
  backstage: Backstage,
  entities: readonly string[],
  options: Pick<ForwardOptions, 'beforeCall'>,
  wanted: 'refreshed' | 'unknown',
): Promise<{ result: 'found'; entity: string } | { result: 'none' } | Exclude<Forwarded, { result: 'done' }>> {
  for (const entity of entities.filter(isEntityRef).slice(0, LOOKED_AT)) {
    await options.beforeCall()
    const answer = await backstage.refresh(entity)
    if (answer.result === 'trouble' || answer.result === 'refused') return answer
    if (answer.result === wanted) return { result: 'found', entity }
  }
  return { result: 'none' }
}

/** The old files, in words. */
export function listed({ from, repository }: Pick<Move, 'from' | 'repository'>): string {
  const [first, ...others] = from.map(path => (repository === undefined ? path : `${path} of ${repository}`))
  return others.length <= 1 ? [first, ...others].join(' and ') : `${first} and ${others.length} more files`
}
