// From a landed file to one refresh in the catalog: the Location by its names, then other ways, then a registration.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { FileAnswer } from '../clients/ghes/branches.ts'
import type { Trouble } from '../clients/trouble.ts'
import { type RefreshJob, TEST_PATH } from '../store/ports/jobs.ts'
import type { Forwarded, ForwardOptions } from './forwarded.ts'
import { locationTargets, registrationTarget } from './location.ts'
import { byOtherWays, refresh } from './other-ways.ts'

export type { Forwarded, ForwardOptions } from './forwarded.ts'

export async function forward(backstage: Backstage, job: RefreshJob, options: ForwardOptions): Promise<Forwarded> {
  if (job.path === TEST_PATH) return test(backstage, options)
  const targets = locationTargets({ host: options.host, ...job })
  const removed = job.change === 'removed' && options.removed === 'unregister'
  const kept = removed ? await unregister(backstage, job, targets, options) : { result: 'kept' as const, because: '' }
  if (kept.result !== 'kept') return kept
  const refreshed = await refreshChain(backstage, job, targets, options)
  return refreshed.result === 'done' ? { ...refreshed, outcome: `${kept.because}${refreshed.outcome}` } : refreshed
}

async function test(backstage: Backstage, { beforeCall }: ForwardOptions): Promise<Forwarded> {
  await beforeCall()
  const answer = await backstage.reach()
  if (answer.result === 'trouble') return answer
  return {
    result: 'done',
    did: 'nothing',
    outcome: 'a test: Backstage answers and takes the token; nothing was refreshed',
  }
}

/** `kept`: no Location of the file was taken away, and why, in words that an outcome can begin with. */
async function unregister(
  backstage: Backstage,
  job: RefreshJob,
  targets: readonly string[],
  options: ForwardOptions,
): Promise<Forwarded | { result: 'kept'; because: string }> {
  const now = await atGhes(job, options)
  if (now.result === 'trouble') return now
  if (now.result === 'there') return { result: 'kept', because: THERE_AGAIN }
  for (const target of targets) {
    await options.beforeCall()
    const answer = await backstage.unregister(locationRef(target))
    if (answer.result === 'unregistered')
      return { result: 'done', did: 'unregistered', outcome: `unregistered ${target}` }
    if (answer.result === 'forbidden') return { result: 'kept', because: MAY_NOT_UNREGISTER }
    if (answer.result === 'trouble') return answer
  }
  return { result: 'kept', because: NOT_REGISTERED }
}

async function atGhes(
  { repository, ref, path }: RefreshJob,
  { fileAtGhes }: ForwardOptions,
): Promise<Exclude<FileAnswer, Trouble> | (Trouble & { of: 'ghe' })> {
  const answer = await fileAtGhes({ repository, branch: ref.replace(/^refs\/heads\//, ''), path })
  return answer.result === 'trouble' ? { ...answer, of: 'ghe' } : answer
}

const THERE_AGAIN = 'not unregistered: GHES has the file now; '
const MAY_NOT_UNREGISTER =
  'not unregistered: backstage.token needs catalog.location.read and catalog.location.delete for that; '
/** A provider's Locations come and go with its own scans. */
const NOT_REGISTERED =
  'not unregistered: no Location of this file was registered, or backstage.token is not allowed to see it; '

async function refreshChain(
  backstage: Backstage,
  job: RefreshJob,
  targets: readonly string[],
  options: ForwardOptions,
): Promise<Forwarded> {
  for (const target of targets) {
    const known = await refresh(backstage, locationRef(target), `its Location ${target}`, options)
    if (known) return known
  }
  const other = await byOtherWays(backstage, job, options)
  if (other.result !== 'no way') return other
  if (options.hasProvider && job.defaultBranch) return withProvider(job, options)
  if (job.change === 'removed') return NOTHING_LEFT
  if (!job.defaultBranch) return { ...UNEXPECTED, outcome: `${UNEXPECTED.outcome}${other.because}` }
  if (!options.register) return { ...UNKNOWN, outcome: `${UNKNOWN.outcome}${other.because}` }
  const now = await atGhes(job, options)
  if (now.result === 'trouble') return now
  if (now.result === 'absent')
    return { ...NOTHING_LEFT, outcome: `not registered, GHES has no such file now; ${UNKNOWN.outcome}` }
  await options.beforeCall()
  const target = registrationTarget({ host: options.host, ...job })
  const answer = await backstage.register(target)
  if (answer.result === 'registered')
    return {
      result: 'done',
      did: 'registered',
      via: locationRef(target),
      outcome: `registered ${target}${other.because}`,
    }
  // Somebody was faster; the catalog reads a new Location by itself.
  if (answer.result === 'known')
    return { result: 'done', did: 'registered', via: locationRef(target), outcome: `registered already: ${target}` }
  return answer
}

/** It hears of the file as soon as it has landed, and the catalog reads a new Location by itself. */
function withProvider(job: RefreshJob, { host }: ForwardOptions): Forwarded {
  const target = registrationTarget({ host, ...job })
  if (job.change === 'removed')
    return { result: 'done', did: 'nothing', outcome: `our provider in Backstage takes ${target} away` }
  const outcome = `our provider in Backstage brings ${target}`
  return { result: 'done', did: 'registered', via: locationRef(target), outcome }
}

const UNKNOWN = { result: 'done', did: 'unknown', outcome: 'unknown to the catalog' } as const
const UNEXPECTED = {
  ...UNKNOWN,
  did: 'unexpected',
  outcome: 'unknown to the catalog, as files of other branches than the default one mostly are',
} as const
const NOTHING_LEFT = { ...UNKNOWN, did: 'nothing' } as const
