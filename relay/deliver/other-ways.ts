// How a file is reached that the catalog knows by none of its own names: by what is in it, what names it, or what lies beside it.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import { globTest } from '../runtime/globs.ts'
import type { RefreshJob } from '../store/ports/jobs.ts'
import type { KnownFile } from '../store/ports/known-files.ts'
import type { Forwarded, ForwardOptions } from './forwarded.ts'
import { locationTargets, patternTargets, placeIn } from './location.ts'
import { isEntityRef } from './whereabouts.ts'

/** `because`: what was found instead, in words that an outcome can end with; empty when nothing was. */
type NoWay = { result: 'no way'; because: string }

type Way = { refs: readonly string[]; what: string }

export async function byOtherWays(
  backstage: Backstage,
  job: RefreshJob,
  options: ForwardOptions,
): Promise<Forwarded | NoWay> {
  const { repository, ref, path } = job
  const known = (await options.known.knownFiles(repository)).filter(file => file.ref === ref)
  const named = await byEntity(backstage, job, known.find(file => file.path === path)?.entities ?? [], options)
  if (named.result !== 'no way') return named
  // Entities are the default branch's: on another one, what may be another file's is not refreshed.
  if (!job.defaultBranch) return (await firstKnown(backstage, wildcards(job, options), options)) ?? named
  const naming = await options.known.filesReferencing(repository, ref, [path])
  const parents = naming.filter(parent => parent !== path)
  const own = known.find(file => file.path === path)?.via
  const ways = [
    // As it was known before.
    ...(own?.startsWith('location:') ? [{ refs: [own], what: 'the Location by which it is known' }] : []),
    ...parents.map(parent => byParent(parent, known, job, options)),
    ...wildcards(job, options),
  ]
  const found = await firstKnown(backstage, ways, options)
  if (found) return found
  const beside = await bySibling(backstage, job, known, options)
  if (beside) return beside
  // Registered as well, it would be in the catalog twice.
  const [parent] = options.register && job.change !== 'removed' ? parents : []
  return parent === undefined
    ? named
    : { result: 'done', did: 'nothing', outcome: `comes with ${parent}, which names it` }
}

async function firstKnown(
  backstage: Backstage,
  ways: readonly Way[],
  options: ForwardOptions,
): Promise<Forwarded | undefined> {
  for (const { refs, what } of ways)
    for (const entity of refs) {
      const done = await refresh(backstage, entity, what, options)
      if (done) return done
    }
  return undefined
}

/** What the catalog takes from this file, under its names of now and of before. All are tried: one may be known, and the others new. */
async function byEntity(
  backstage: Backstage,
  job: RefreshJob,
  former: readonly string[],
  options: ForwardOptions,
): Promise<Forwarded | NoWay> {
  const refs = [...new Set([...job.entities, ...former].filter(isEntityRef).map(entity => entity.toLowerCase()))]
  if (refs.length === 0) return { result: 'no way', because: '' }
  await options.beforeCall()
  const origins = await backstage.origins(refs)
  if (origins.result === 'trouble') return origins
  const goes = (job.goes ?? []).filter(entity => isFrom(origins.of.get(entity)?.from ?? '', job, options.host))
  // Read now, a Location of many files would keep them for this file: the one that they go to has it read anew.
  if (goes.length > 0) return { result: 'done', did: 'nothing', outcome: `read anew when ${goes[0]} has gone from it` }
  const elsewhere: string[] = []
  let gone = 0
  for (const entity of refs) {
    const origin = origins.of.get(entity)?.from
    if (origin !== undefined && !isFrom(origin, job, options.host)) {
      elsewhere.push(`${entity} comes from ${origin}`)
      continue
    }
    // Not shown: unknown, or not for our token. A new file may bring a name that is another's.
    if (origin === undefined && (job.change === 'added' || !job.defaultBranch)) continue
    const done = await refresh(backstage, entity, origin === undefined ? `${entity}${NOT_LOOKED_UP}` : entity, options)
    if (done) return done
    gone++
  }
  // A Location of many files that is read twice while what has left it is still shown is not read anew once that has gone.
  if (job.change === 'removed' && gone === refs.length)
    return { result: 'done', did: 'nothing', outcome: 'unknown to the catalog' }
  return { result: 'no way', because: elsewhere.length === 0 ? '' : `; ${elsewhere.slice(0, 3).join(', ')}` }
}

const NOT_LOOKED_UP = ' (backstage.token is not allowed to look up whether it comes from this file)'

/** A Location in another file names this one, by its path or by a pattern: its targets are read with it. */
function byParent(parent: string, known: readonly KnownFile[], job: RefreshJob, { host }: ForwardOptions): Way {
  const via = known.find(({ path }) => path === parent)?.via
  const refs = via === undefined ? locationTargets({ host, ...job, path: parent }).map(locationRef) : [via]
  return { refs, what: `${parent}, which names it` }
}

const wildcards = (job: RefreshJob, { host, locations }: ForwardOptions): Way[] =>
  patternTargets({ host, ...job }, locations).map(target => ({
    refs: [locationRef(target)],
    what: `its Location ${target}`,
  }))

const SIBLINGS_TRIED = 3

/**
 * Another file of the repository that the catalog knows by an entity only may come from a Location with a pattern, which is read anew with it. Where the catalog shows
 * that Location, it tells whether this file is meant; where it does not, a registration of its own would be surer.
 */
async function bySibling(
  backstage: Backstage,
  job: RefreshJob,
  known: readonly KnownFile[],
  options: ForwardOptions,
): Promise<Forwarded | undefined> {
  for (const [via, path] of siblings(job, known, options)) {
    const answer = await meantBy(backstage, via, job, options)
    if (answer.result === 'trouble') return answer
    const named = `${via} of ${path}, with all that its Locations name${NOT_LOOKED_UP_FILE}`
    const guess = options.register && job.change !== 'removed' ? [] : [{ refs: [via], what: named }]
    const ways =
      answer.result === 'hidden'
        ? guess
        : answer.locations.map(({ ref, target }) => ({ refs: [ref], what: `its Location ${target}` }))
    const done = await firstKnown(backstage, ways, options)
    if (done) return done
  }
  return undefined
}

/** Each entity by which another file is known that has no Location of its own, and that file. */
function siblings(job: RefreshJob, known: readonly KnownFile[], { host }: ForwardOptions): [string, string][] {
  const found = new Map<string, string>()
  const isItsOwn = (path: string, via: string) =>
    via.startsWith('location:') &&
    locationTargets({ host, ...job, path })
      .map(locationRef)
      .includes(via)
  for (const { path, via } of known)
    if (via !== undefined && path !== job.path && !isItsOwn(path, via)) found.set(via, path)
  return [...found].slice(0, SIBLINGS_TRIED)
}

/** Of the Locations from which an entity comes, those that name this file by a pattern. */
export async function meantBy(
  backstage: Backstage,
  entity: string,
  job: RefreshJob,
  options: ForwardOptions,
): ReturnType<Backstage['locationsOf']> {
  await options.beforeCall()
  const answer = await backstage.locationsOf(entity)
  if (answer.result !== 'locations') return answer
  const isMeant = ({ target }: { target: string }) => isPatternOf(target, job, options.host)
  return { result: 'locations', locations: answer.locations.filter(isMeant) }
}

export function isPatternOf(target: string, job: RefreshJob, host: string): boolean {
  const pattern = placeIn(target, { host, ...job })
  return pattern !== undefined && globTest(pattern, { dot: false })(job.path)
}

/** The Location of many files that names this one, and that another file of the branch comes from. */
export async function locationBeside(
  backstage: Backstage,
  job: RefreshJob,
  options: ForwardOptions,
): Promise<{ result: 'found'; ref: string } | { result: 'none' } | Trouble> {
  const known = (await options.known.knownFiles(job.repository)).filter(({ ref }) => ref === job.ref)
  const own = known.find(({ path }) => path === job.path)?.via
  if (own?.startsWith('location:')) return { result: 'found', ref: own }
  for (const [via] of siblings(job, known, options)) {
    const answer = await meantBy(backstage, via, job, options)
    if (answer.result === 'trouble') return answer
    const [meant] = answer.result === 'locations' ? answer.locations : []
    if (meant) return { result: 'found', ref: meant.ref }
  }
  return { result: 'none' }
}

const NOT_LOOKED_UP_FILE = ' (backstage.token is not allowed to look up whether this file is among it)'

/** Undefined when the catalog does not know the entity. */
export async function refresh(
  backstage: Backstage,
  entityRef: string,
  what: string,
  { beforeCall }: Pick<ForwardOptions, 'beforeCall'>,
): Promise<Forwarded | undefined> {
  await beforeCall()
  const answer = await backstage.refresh(entityRef)
  if (answer.result === 'refreshed')
    return { result: 'done', did: 'refreshed', via: entityRef, outcome: `refreshed ${what}` }
  return answer.result === 'unknown' ? undefined : answer
}

/** Whether the catalog took it from this file of this branch, in whichever form it writes the URL. */
const isFrom = (origin: string, job: RefreshJob, host: string) => placeIn(origin, { host, ...job }) === job.path
