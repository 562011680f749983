// What becomes of a job after an attempt, whatever its kind: done, tried again, held up, given up.
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import type { RelayEvent, Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Ended, Job, Jobs, Move, RefreshJob } from '../store/ports/jobs.ts'
import { StoreUnavailable } from '../store/store.ts'
import { backoffMs } from './backoff.ts'
import { faultOf } from './fault.ts'
import type { About, Target } from './target.ts'

export type JobEndingsOptions = {
  store: Pick<Jobs, 'done' | 'goOnLater' | 'retryLater' | 'giveUp'>
  clock: Clock
  log: Logger
  retry: { firstMs: number; maxMs: number; giveUpAfterMs: number }
  random: () => number
  tell?: Tell
}

const MOST_FAULTS = 5

/** After a foreign answer it waits as after so many failures: some seconds. */
const FOREIGN_ATTEMPT = 3

const RENAMED_WITHIN_MS = 5000

type DoneResult = 'forwarded' | 'unregistered' | 'nothing' | 'unknown' | 'compared' | 'asked'
type Result = Extract<RelayEvent, { event: 'job' }>['result']

export class JobEndings {
  readonly #options: JobEndingsOptions

  constructor(options: JobEndingsOptions) {
    this.#options = options
  }

  /** `result` is what is counted. */
  async done(job: Job, result: DoneResult, outcome: string, ended: Ended = {}): Promise<void> {
    if (!(await this.#options.store.done(job, outcome, ended))) return this.#lost(job)
    this.#tell(job, result)
    const step = result === 'unregistered' || result === 'nothing' ? 'forwarded' : result
    this.#options.log.info({ ...named(job), step, detail: outcome }, `push ${step}`)
  }

  /** A step of several is done, and the next one due later. */
  async goOnLater(job: RefreshJob, { inMs, ...next }: { inMs: number; move: Move; note?: string }): Promise<void> {
    const { store, clock } = this.#options
    if (!(await store.goOnLater(job, { ...next, dueAtMs: clock.now() + inMs }))) this.#lost(job)
  }

  /** It goes on under the name that its repository has now, as soon as all has that: then the lease does not count any more. */
  async moved(job: RefreshJob): Promise<void> {
    const { store, clock } = this.#options
    const error = 'its repository has another name now, under which it goes on'
    await store.retryLater(job, { dueAtMs: clock.now() + RENAMED_WITHIN_MS, error, counts: false })
  }

  /** The target will never take it: a dead letter at once. */
  async refused(job: Job, reason: string): Promise<void> {
    await this.#giveUp(job, reason, 'push dead: Backstage refuses it')
  }

  /** Tried again later; a dead letter when it has failed for too long. Faults of our set-up, limits and foreign answers only hold it up. */
  async failed(job: Job, trouble: Trouble, target: Target): Promise<void> {
    const { clock, retry } = this.#options
    const isPaused = target.failed(trouble, aboutJob(job))
    const counts = trouble.kind === 'down'
    const failingForMs = job.failingSinceMs === undefined ? 0 : clock.now() - job.failingSinceMs
    if (!counts || failingForMs < retry.giveUpAfterMs) return this.#retry(job, trouble, { counts, isPaused }, target)
    const attempts = job.attempts === 0 ? '1 attempt' : `${job.attempts + 1} attempts`
    await this.#giveUp(job, `given up after ${attempts}: ${trouble.reason}`, 'push dead: to be redriven by hand')
  }

  /** The attempt itself broke, by a fault of ours: tried again some times, then a dead letter. */
  async broke(job: Job, error: unknown): Promise<void> {
    const { store, clock, log, retry, random } = this.#options
    const reason = faultOf(error)
    log.error({ err: error, ...named(job) }, 'a job met a fault of ours')
    const attempts = job.attempts + 1
    if (attempts >= MOST_FAULTS)
      return this.#giveUp(job, `given up after ${attempts} attempts: ${reason}`, 'push dead: a fault of ours')
    const dueAtMs = clock.now() + backoffMs(job.attempts, retry, random)
    if (!(await store.retryLater(job, { dueAtMs, error: reason, counts: true }))) return this.#lost(job)
    this.#tell(job, 'broken')
  }

  async #giveUp(job: Job, reason: string, message: string): Promise<void> {
    await this.#options.store.giveUp(job, reason)
    this.#tell(job, 'dead')
    this.#options.log.error({ ...named(job), step: 'dead', detail: reason }, message)
  }

  async #retry(
    job: Job,
    trouble: Trouble,
    { counts, isPaused }: { counts: boolean; isPaused: boolean },
    target: Target,
  ): Promise<void> {
    const { store, clock, log, retry, random } = this.#options
    const waitMs = Math.max(backoffMs(job.attempts, retry, random), trouble.retryAfterMs ?? 0)
    // A job held up by the set-up is due as soon as the target works again. What is answered to this one alone (a firewall's page, a policy's refusal) must not stop the others all the time.
    const isLong = trouble.kind === 'foreign' || !isPaused
    const leastMs = isLong ? backoffMs(FOREIGN_ATTEMPT, retry, random) : 1
    const dueAtMs = counts ? clock.now() + waitMs : Math.max(target.againAtMs, clock.now() + leastMs)
    if (!(await store.retryLater(job, { dueAtMs, error: trouble.reason, counts }))) return this.#lost(job)
    const step = counts ? 'retry' : 'held up'
    this.#tell(job, step)
    const againAt = new Date(dueAtMs).toISOString()
    log.info({ ...named(job), step, detail: trouble.reason, againAt }, `push ${step}`)
  }

  #lost(job: Job): void {
    this.#tell(job, 'lost')
    this.#options.log.warn(
      { id: job.pushId, path: job.path },
      'the lease ended before the work: its result does not count',
    )
  }

  #tell(job: Job, result: Result): void {
    const { tell, clock } = this.#options
    tell?.({ event: 'job', result, sinceReceivedMs: clock.now() - job.receivedAtMs })
  }
}

export const aboutJob = ({ repository, ref, path, pushId: push }: Job): About => ({
  place: `${repository} ${ref} ${path}`,
  push,
})

const named = ({ pushId: id, repository, ref, path }: Job) => ({ id, repository, ref, path })

/** Runs an attempt; what it throws is an ending too, except that the store cannot write. */
export async function orBroken(endings: JobEndings, job: Job, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    await endings.broke(job, error)
  }
}
