// The lane of files to refresh: each call to Backstage in its turn of the pace.
import type { Backstage } from '../clients/backstage.ts'
import type { Clock } from '../runtime/clock.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import { type Jobs, type Leases, type RefreshJob, TEST_PATH } from '../store/ports/jobs.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import { type ClosedLoop, placeOf } from './closed-loop.ts'
import { tellFollowers } from './followers.ts'
import { type Forwarded, type ForwardOptions, forward } from './forward.ts'
import { aboutJob, type JobEndings, orBroken } from './job-endings.ts'
import { Lane } from './lane.ts'
import { forwardMoved, type Later, type MovedOptions } from './moved.ts'
import type { Overtaking } from './overtaking.ts'
import type { PresentName } from './renamed.ts'
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
  presentName: PresentName
  pace: ClosedLoop
  overtaking: Overtaking
  endings: JobEndings
  clock: Clock
  log: Logger
  stopping: AbortSignal
}

type Running = RefreshLaneOptions & Pick<MovedOptions, 'taking'> & { letThrough: () => void }

export function refreshLane(given: RefreshLaneOptions): Lane<RefreshJob> {
  const options = { ...given, taking: new Set<string>(), letThrough: () => lane.look() }
  const { store, target, clock, log, pace } = options
  const wait = Math.max(PACES.forwardConcurrency, Math.ceil((pace.perSecond * PACES.forwardFileMs) / 1000))
  const work = {
    name: 'forwarding',
    // So many wait for their turn, which is in the order of claiming: somebody's single push is behind no more than these. What a busy Backstage has not answered yet takes no place of theirs.
    get most() {
      return wait + pace.underWay
    },
    target: target.circuit,
    claim: (limit: () => number) => store.claimJobs('refresh', { limit, leaseMs: PACES.leaseMs }),
    run: (job: RefreshJob) => orBroken(options.endings, job, () => refresh(options, job)),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextJobAtMs('refresh'),
  }
  const lane: Lane<RefreshJob> = new Lane(work, clock, log)
  return lane
}

async function refresh(options: Running, job: RefreshJob): Promise<void> {
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
    overtaking,
    target,
    ghes,
    endings,
    stopping,
  } = options
  const place = placeOf(job.repository, tailOf(job))
  const isAhead = overtaking.asks(place, job.flow)
  let calls = 0
  const beforeCall = async () => {
    await pace.take(stopping, isAhead)
    calls++
    options.letThrough()
  }
  const hasProvider = (await options.hasProvider?.()) === true
  const how = {
    host,
    locations,
    known,
    beforeCall,
    fileAtGhes,
    hasProvider,
    taking: options.taking,
    register: register && !hasProvider,
    removed: hasProvider ? ('refresh' as const) : removed,
  }
  const catalog = isAhead ? { ...backstage, refresh: (ref: string) => backstage.refresh(ref, true) } : backstage
  let forwarded: Forwarded | Later
  try {
    const { move } = job
    forwarded = move
      ? await forwardMoved(catalog, { ...job, move }, how, options.clock.now())
      : await forward(catalog, job, how)
  } catch (error) {
    pace.settled(calls)
    overtaking.judged(place)
    if (!stopping.aborted) throw error
    return store.release([job.lease])
  }
  const isToCome = isJudged(forwarded)
  pace.settled(calls, isToCome ? place : undefined)
  if (!isToCome) overtaking.judged(place)
  if (forwarded.result === 'refused') return endings.refused(job, forwarded.reason)
  if (forwarded.result === 'trouble') return endings.failed(job, forwarded, forwarded.of === 'ghe' ? ghes : target)
  target.worked(aboutJob(job))
  if (forwarded.result === 'later') return endings.goOnLater(job, forwarded)
  if (mayBeMoved(job, forwarded, hasProvider)) {
    const name = await options.presentName(job.repository)
    if (name.result === 'trouble') return endings.failed(job, name, ghes)
    if (name.result === 'moved') return endings.moved(job)
  }
  const { did, outcome, via } = forwarded
  const as = did === 'unknown' || did === 'unexpected' ? 'unknown' : 'forwarded'
  const isFree = did === 'unregistered'
  await tellFollowers(store, job)
  await endings.done(job, COUNTED[did], outcome, { as, isFree, ...(via === undefined ? {} : { via }) })
}

/** Whether the catalog will say what it has made of the file. One that was asked for by another Location is said of when that one is read, or not at all. */
const isJudged = (forwarded: Forwarded | Later): boolean =>
  forwarded.result === 'done' && forwarded.did === 'refreshed' && /^location:/.test(forwarded.via)

const tailOf = ({ ref, path }: RefreshJob): string => `${ref.replace(/^refs\/heads\//, '')}/${path}`

/** The catalog does not know it, or our provider brings it by the name that was reported: which may be a former one, reported late. */
const mayBeMoved = ({ defaultBranch, path }: RefreshJob, { did }: Done, hasProvider: boolean): boolean =>
  defaultBranch &&
  path !== TEST_PATH &&
  (did === 'unknown' || did === 'nothing' || (did === 'registered' && hasProvider))

type Done = Extract<Forwarded, { result: 'done' }>
