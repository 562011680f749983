// The lane of questions to GHES: which files an incomplete report left out.
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { JobOf, Jobs, Leases } from '../store/ports/jobs.ts'
import { type JobEndings, orBroken } from './job-endings.ts'
import { Lane } from './lane.ts'
import type { Target } from './target.ts'

export type CompareLaneOptions = {
  store: Pick<Jobs & Leases, 'claimJobs' | 'nextJobAtMs' | 'release'>
  /** Asks GHES, and has what came out accepted and landed before it resolves. */
  compare: (job: JobOf<'compare'>) => Promise<{ result: 'done'; outcome: string } | Trouble>
  target: Target
  endings: JobEndings
  clock: Clock
  log: Logger
  /** What came out has landed: there are jobs. */
  onLanded: () => void
}

export function compareLane(options: CompareLaneOptions): Lane<JobOf<'compare'>> {
  const { store, target, clock, log } = options
  const work = {
    name: 'comparing',
    most: PACES.compareConcurrency,
    target: target.circuit,
    claim: async (limit: number) => {
      // Nearly always there is none, and a look costs less than a claim.
      const dueAtMs = await store.nextJobAtMs('compare')
      if (dueAtMs === undefined || dueAtMs > clock.now()) return []
      return store.claimJobs('compare', { limit, leaseMs: PACES.leaseMs })
    },
    run: (job: JobOf<'compare'>) => orBroken(options.endings, job, () => runCompare(options, job)),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextJobAtMs('compare'),
  }
  return new Lane(work, clock, log)
}

async function runCompare(options: CompareLaneOptions, job: JobOf<'compare'>): Promise<void> {
  const { compare, target, endings, onLanded } = options
  const compared = await compare(job)
  if (compared.result === 'trouble') return endings.failed(job, compared, target)
  target.worked()
  await endings.done(job, 'compared', compared.outcome)
  onLanded()
}
