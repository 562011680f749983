// The lane of files to refresh: each call to Backstage in its turn of the pace.
import type { Backstage } from '../clients/backstage.ts'
import type { Clock } from '../runtime/clock.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import type { Jobs, Leases, RefreshJob } from '../store/ports/jobs.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import { type ClosedLoop, placeOf } from './closed-loop.ts'
import { tellFollowers } from './followers.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { aboutJob, type JobEndings, orBroken } from './job-endings.ts'
import { Lane } from './lane.ts'
import { forwardMoved, type Later, type MovedOptions } from './moved.ts'
import type { Target } from './target.ts'

/** As what it is counted. */
const COUNTED = {
  refreshed: 'forwarded',
  registered: 'forwarded',
  unregistered: 'unregistered',
  unknown: 'unknown',
  unexpected: 'nothing',
  nothing: 'nothing',
} as const

export type RefreshLaneOptions = Omit<ForwardOptions, 'beforeCall' | 'hasProvider'> & {
  /** Whether our module in Backstage is the provider now. */
  hasProvider?: (() => Promise<boolean>) | undefined
  store: Pick<
    Jobs & Leases & Inbox & KnownFiles,
    'claimJobs' | 'nextJobAtMs' | 'release' | 'acceptLanded' | 'followers'
  >
  backstage: Backstage
  target: Target
  ghes: Target
  pace: ClosedLoop
  endings: JobEndings
  clock: Clock
  log: Logger
  stopping: AbortSignal
}

export function refreshLane(given: RefreshLaneOptions): Lane<RefreshJob> {
  const options = { ...given, taking: new Set<string>() }
  const { store, target, clock, log, pace } = options
  const work = {
    name: 'forwarding',
    most: Math.max(PACES.forwardConcurrency, Math.ceil((pace.perSecond * PACES.forwardFileMs) / 1000)),
    target: target.circuit,
    claim: (limit: number) => store.claimJobs('refresh', { limit, leaseMs: PACES.leaseMs }),
    run: (job: RefreshJob) => orBroken(options.endings, job, () => refresh(options, job)),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextJobAtMs('refresh'),
  }
  return new Lane(work, clock, log)
}

async function refresh(options: RefreshLaneOptions & Pick<MovedOptions, 'taking'>, job: RefreshJob): Promise<void> {
  const {
    store,
    backstage,
    host,
    register,
    removed,
    locations,
    known,
    fileAtGhes,
    pace,
    target,
    ghes,
    endings,
    stopping,
  } = options
  let calls = 0
  const beforeCall = async () => {
    await pace.take(stopping)
    calls++
  }
  const hasProvider = (await options.hasProvider?.()) === true
  const how = {
    ...{ host, locations, known, beforeCall, fileAtGhes, hasProvider, taking: options.taking },
    register: register && !hasProvider,
    removed: hasProvider ? ('refresh' as const) : removed,
  }
  let forwarded: Forwarded | Later
  try {
    const { move } = job
    forwarded = move
      ? await forwardMoved(backstage, { ...job, move }, how, options.clock.now())
      : await forward(backstage, job, how)
  } catch (error) {
    pace.settled(calls)
    if (!stopping.aborted) throw error
    return store.release([job.lease])
  }
  pace.settled(calls, judgedPlace(job, forwarded))
  if (forwarded.result === 'refused') return endings.refused(job, forwarded.reason)
  if (forwarded.result === 'trouble') return endings.failed(job, forwarded, forwarded.of === 'ghe' ? ghes : target)
  target.worked(aboutJob(job))
  if (forwarded.result === 'later') return endings.goOnLater(job, forwarded)
  const { did, outcome, via } = forwarded
  const as = did === 'unknown' || did === 'unexpected' ? 'unknown' : 'forwarded'
  const isFree = did === 'unregistered'
  await tellFollowers(store, job)
  await endings.done(job, COUNTED[did], outcome, { as, isFree, ...(via === undefined ? {} : { via }) })
}

/** Of which the catalog will say what it has made. A file that was asked for by another Location is said of when that one is read, or not at all. */
function judgedPlace({ repository, ref, path }: RefreshJob, forwarded: Forwarded | Later): string | undefined {
  if (forwarded.result !== 'done' || forwarded.did !== 'refreshed' || !/^location:/.test(forwarded.via))
    return undefined
  return placeOf(repository, `${ref.replace(/^refs\/heads\//, '')}/${path}`)
}
