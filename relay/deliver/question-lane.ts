// A lane of questions to GHES: which files an incomplete report left out, what has become of a repository.
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { AskedJob } from '../store/ports/inbox.ts'
import type { JobOf, Jobs, Leases } from '../store/ports/jobs.ts'
import { aboutJob, type JobEndings, orBroken } from './job-endings.ts'
import { Lane } from './lane.ts'
import type { Target } from './target.ts'

export type QuestionKind = AskedJob['kind']

/** Asks GHES, and has what came out accepted and landed before it resolves. */
export type Question<K extends QuestionKind> = (job: JobOf<K>) => Promise<{ result: 'done'; outcome: string } | Trouble>

export type QuestionLaneOptions<K extends QuestionKind> = {
  store: Pick<Jobs & Leases, 'claimJobs' | 'nextJobAtMs' | 'release'>
  kind: K
  ask: Question<K>
  target: Target
  endings: JobEndings
  clock: Clock
  log: Logger
  /** What came out has landed: there are jobs. */
  onLanded: () => void
}

export function questionLane<K extends QuestionKind>(options: QuestionLaneOptions<K>): Lane<JobOf<K>> {
  const { store, kind, target, clock, log } = options
  const work = {
    name: kind,
    most: PACES.compareConcurrency,
    target: target.circuit,
    claim: async (limit: () => number) => {
      // Nearly always there is none, and a look costs less than a claim.
      const dueAtMs = await store.nextJobAtMs(kind)
      if (dueAtMs === undefined || dueAtMs > clock.now()) return []
      return store.claimJobs(kind, { limit, leaseMs: PACES.leaseMs })
    },
    run: (job: JobOf<K>) => orBroken(options.endings, job, () => answer(options, job)),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextJobAtMs(kind),
  }
  return new Lane(work, clock, log)
}

async function answer<K extends QuestionKind>(options: QuestionLaneOptions<K>, job: JobOf<K>): Promise<void> {
  const { ask, target, endings, onLanded } = options
  const asked = await ask(job)
  if (asked.result === 'trouble') return endings.failed(job, asked, target)
  target.worked(aboutJob(job))
  await endings.done(job, options.kind === 'compare' ? 'compared' : 'asked', asked.outcome)
  onLanded()
}
