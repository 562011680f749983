// Where the catalog has the entities that move to a file: in the old one still, in the new one, elsewhere, nowhere; and how they are taken from the old one.
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Move, RefreshJob } from '../store/ports/jobs.ts'
import type { Moving } from '../store/ports/known-files.ts'
import type { ForwardOptions } from './forwarded.ts'
import { placeIn } from './location.ts'

/** `from`: the URL of its file; `origin`: of the Location by which the catalog came to it, maybe a pattern. */
export type Held = { entity: string; uid: string; from: string; origin?: string }

export type Seen = { result: 'seen'; old: Held[]; here: Held[]; elsewhere: Held[]; missing: string[] }

/** So many at once: two questions. */
const MOST_ENTITIES = 400

/** `hidden`: the token is not allowed to read. */
export async function whereabouts(
  backstage: Backstage,
  job: RefreshJob,
  move: Pick<Move, 'entities' | 'from' | 'repository' | 'ref'>,
  options: Pick<ForwardOptions, 'host' | 'beforeCall'>,
): Promise<Seen | { result: 'hidden' } | Trouble> {
  const refs = move.entities.filter(isEntityRef).slice(0, MOST_ENTITIES)
  if (refs.length === 0) return sorted([], new Map(), { host: options.host, ...job }, move)
  await options.beforeCall()
  const origins = await backstage.origins(refs)
  if (origins.result === 'trouble') return origins
  if (origins.of.size === 0) {
    await options.beforeCall()
    const shown = await backstage.shows()
    if (shown.result !== 'something') return shown.result === 'nothing' ? { result: 'hidden' } : shown
  }
  return sorted(refs, origins.of, { host: options.host, ...job }, move)
}

type Origins = Extract<Awaited<ReturnType<Backstage['origins']>>, { result: 'origins' }>['of']

function sorted(
  refs: readonly string[],
  origins: Origins,
  place: { host: string } & Pick<RefreshJob, 'repository' | 'ref' | 'path'>,
  move: Pick<Move, 'from' | 'repository' | 'ref'>,
): Seen {
  const oldPlace = { ...place, repository: move.repository ?? place.repository, ref: move.ref ?? place.ref }
  const seen: Seen = { result: 'seen', old: [], here: [], elsewhere: [], missing: [] }
  for (const entity of refs) {
    const origin = origins.get(entity.toLowerCase())
    if (!origin) {
      seen.missing.push(entity)
      continue
    }
    const old = placeIn(origin.from, oldPlace)
    if (placeIn(origin.from, place) === place.path) seen.here.push({ entity, ...origin })
    else if (old !== undefined && move.from.includes(old)) seen.old.push({ entity, ...origin })
    else seen.elsewhere.push({ entity, ...origin })
  }
  return seen
}

/** What moves in a branch and is still held for old files: one question for all of it. */
export async function heldForOld(
  backstage: Backstage,
  job: RefreshJob,
  moving: readonly Moving[],
  options: Pick<ForwardOptions, 'host' | 'beforeCall'>,
): Promise<{ result: 'held'; held: Held[] } | Trouble> {
  const refs = [...new Set(moving.flatMap(({ entities }) => entities).filter(isEntityRef))].slice(0, MOST_ENTITIES)
  if (refs.length === 0) return { result: 'held', held: [] }
  await options.beforeCall()
  const origins = await backstage.origins(refs)
  if (origins.result === 'trouble') return origins
  const held = moving.flatMap(({ path, entities, ...move }) => {
    const asked = entities.filter(entity => refs.includes(entity))
    return sorted(asked, origins.of, { host: options.host, ...job, path }, move).old
  })
  return { result: 'held', held }
}

/**
 * Takes entities away: their Locations are read anew then, and bring back whatever they still hold, in the place where it is now. `forbidden`: the token may not.
 */
export async function clearAway(
  backstage: Backstage,
  held: readonly Held[],
  options: Pick<ForwardOptions, 'beforeCall'>,
): Promise<{ result: 'cleared' } | { result: 'forbidden' } | Trouble> {
  for (const { uid } of held) {
    await options.beforeCall()
    const cleared = await backstage.clearAway(uid)
    if (cleared.result !== 'cleared') return cleared.result === 'trouble' ? cleared : { result: 'forbidden' }
  }
  return { result: 'cleared' }
}

const TRIED = 5

/**
 * A Location of many files that was read while something of it was still held for another file reads nothing anew until what it finds has changed. One of its entities that is taken
 * away makes it, and comes back with the others.
 */
export async function readAnew(
  backstage: Backstage,
  job: RefreshJob,
  location: string,
  seen: Seen,
  options: ForwardOptions,
): Promise<{ result: 'read anew'; entity: string } | { result: 'none' } | Trouble> {
  const beside = await heldBeside(backstage, job, seen, options)
  if (beside.result === 'trouble') return beside
  for (const held of [...seen.here, ...beside.held].slice(0, TRIED)) {
    await options.beforeCall()
    const above = await backstage.locationsOf(held.entity)
    if (above.result === 'trouble') return above
    if (above.result === 'hidden' || !above.locations.some(({ ref }) => ref === location)) continue
    const cleared = await clearAway(backstage, [held], options)
    if (cleared.result === 'trouble') return cleared
    return cleared.result === 'forbidden' ? { result: 'none' } : { result: 'read anew', entity: held.entity }
  }
  return { result: 'none' }
}

/** What other files of the branch hold, as they were last told of. */
async function heldBeside(
  backstage: Backstage,
  job: RefreshJob,
  { here }: Seen,
  options: ForwardOptions,
): Promise<{ result: 'found'; held: Held[] } | Trouble> {
  if (here.length > 0) return { result: 'found', held: [] }
  const known = (await options.known.knownFiles(job.repository)).filter(({ ref }) => ref === job.ref)
  const paths = new Map(
    known.flatMap(({ path, entities }) => entities.filter(isEntityRef).map(ref => [ref.toLowerCase(), path])),
  )
  const refs = [...paths.keys()].slice(0, MOST_ENTITIES)
  if (refs.length === 0) return { result: 'found', held: [] }
  await options.beforeCall()
  const origins = await backstage.origins(refs)
  if (origins.result === 'trouble') return origins
  const held = refs.flatMap(entity => {
    const origin = origins.of.get(entity)
    const isThere = origin && placeIn(origin.from, { host: options.host, ...job }) === paths.get(entity)
    return origin && isThere ? [{ entity, ...origin }] : []
  })
  return { result: 'found', held }
}

/** The catalog does no defaulting: only a whole `kind:namespace/name` can be known to it. */
export const isEntityRef = (text: string): boolean =>
  text.length <= REF_CHARACTERS && /^[^:/\s\p{Cc}]+:[^:/\s\p{Cc}]+\/[^:/\s\p{Cc}]+$/u.test(text)

/** Backstage's own limits make 191. What is much longer, or holds a NUL, makes a request fail for all that are asked for with it. */
const REF_CHARACTERS = 300
