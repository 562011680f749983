// Drives accepted pushes to their end: asks GHES whether they have landed, then has Backstage refresh their files.
import type { Backstage } from '../clients/backstage.ts'
import type { Ghes } from '../clients/ghes/ghes.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Clock } from '../runtime/clock.ts'
import type { RelayEvent, TargetName, Tell } from '../runtime/events.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import { readComparePath } from '../store/compare-path.ts'
import type { Job, LandingTask, LandingVerdict, Store } from '../store/store.ts'
import { backoffMs } from './backoff.ts'
import type { Breaker, BreakerState } from './breaker.ts'
import { Circuit } from './circuit.ts'
import { forward } from './forward.ts'
import { askLandings, type Landing, verdictOn } from './landing.ts'
import { Lane } from './lane.ts'
import { Pace } from './pace.ts'

export type WorkerOptions = {
  store: Store
  ghes: Ghes
  backstage: Backstage
  clock: Clock
  log: Logger
  host: string
  register: boolean
  removed: 'refresh' | 'unregister'
  refreshesPerSecond: number
  landing: { giveUpAfterMs: number }
  retry: { firstMs: number; maxMs: number; giveUpAfterMs: number }
  random?: () => number
  tell?: Tell
  /** Answers jobs that are questions to GHES. */
  compare?: (job: Job) => Promise<{ result: 'done'; outcome: string } | Trouble>
}

/** `untilMs`: when it is tried again, while it rests. */
export type TargetHealth = { state: BreakerState; reason?: string; untilMs?: number }

/** A target that fails is tried again at least this often, however long it has failed. */
const LONGEST_PAUSE_MS = 30_000

export class Worker {
  readonly #options: WorkerOptions
  readonly #landings: Lane<LandingTask>
  readonly #jobs: Lane<Job>
  readonly #ghesBreaker: Circuit
  readonly #backstageBreaker: Circuit
  readonly #pace: Pace
  readonly #stopping = new AbortController()
  readonly #random: () => number
  #cancelHousekeeping: () => void = () => {}

  constructor(options: WorkerOptions) {
    const { store, clock, log, retry } = options
    this.#options = options
    this.#random = options.random ?? Math.random
    const longestPauseMs = Math.min(retry.maxMs, LONGEST_PAUSE_MS)
    const circuit = (target: TargetName) =>
      new Circuit({ store, target, clock, log, firstPauseMs: retry.firstMs, longestPauseMs })
    this.#ghesBreaker = circuit('ghe')
    this.#backstageBreaker = circuit('backstage')
    this.#pace = new Pace(store, clock, options.refreshesPerSecond)
    this.#landings = new Lane<LandingTask>(
      {
        name: 'landing',
        most: PACES.landingConcurrency,
        allowed: () => this.#ghesBreaker.allowed(PACES.landingConcurrency),
        restsUntilMs: () => this.#ghesBreaker.openUntilMs,
        claim: async most => {
          if (!(await this.#ghesBreaker.admits())) return []
          return store.claimLandings({ limit: this.#ghesBreaker.allowed(most), leaseMs: PACES.leaseMs })
        },
        run: task => this.#land(task),
        leaseOf: task => task.lease,
        release: leases => store.release(leases),
        nextDueAtMs: async () => (await store.nextDueAtMs()).landing,
      },
      clock,
      log,
    )
    this.#jobs = new Lane<Job>(
      {
        name: 'forwarding',
        most: PACES.forwardConcurrency,
        allowed: () => this.#backstageBreaker.allowed(PACES.forwardConcurrency),
        restsUntilMs: () => this.#backstageBreaker.openUntilMs,
        claim: async most => {
          if (!(await this.#backstageBreaker.admits())) return []
          return store.claimJobs({ limit: this.#backstageBreaker.allowed(most), leaseMs: PACES.leaseMs })
        },
        run: job => this.#forward(job),
        leaseOf: job => job.lease,
        release: leases => store.release(leases),
        nextDueAtMs: async () => (await store.nextDueAtMs()).job,
      },
      clock,
      log,
    )
  }

  start(): void {
    this.#landings.look()
    this.#jobs.look()
    this.#keepHouse()
  }

  /** A push was accepted, and falls due at this time. */
  landingDueAt(atMs: number): void {
    this.#landings.wakeAt(atMs)
  }

  /** Pushes have landed without our asking. */
  jobsArrived(): void {
    this.#jobs.look()
  }

  targetHealth(): Record<TargetName, TargetHealth> {
    const health = (breaker: Breaker): TargetHealth => ({
      state: breaker.state,
      ...(breaker.reason === undefined ? {} : { reason: breaker.reason }),
      ...(breaker.state === 'open' ? { untilMs: breaker.openUntilMs } : {}),
    })
    return { ghe: health(this.#ghesBreaker), backstage: health(this.#backstageBreaker) }
  }

  /** Finishes what is in flight, hands back what did not finish in time. */
  async stop(withinMs: number): Promise<void> {
    this.#cancelHousekeeping()
    const finished = Promise.all([this.#landings.stop(), this.#jobs.stop()]).then(() =>
      Promise.all([this.#ghesBreaker.flushed(), this.#backstageBreaker.flushed()]),
    )
    // Those that only wait for their turn in the pace have called nobody yet.
    this.#stopping.abort(new Error('the relay stops'))
    let cancel = () => {}
    const late = new Promise<'late'>(resolve => {
      cancel = this.#options.clock.after(withinMs, () => resolve('late'))
    })
    const first = await Promise.race([finished, late])
    cancel()
    if (first !== 'late') return
    const leases = [...this.#landings.leases(), ...this.#jobs.leases()]
    this.#options.log.warn({ leases: leases.length }, 'not finished in time: handed back, to be done once more')
    await this.#options.store.release(leases)
  }

  async #land(task: LandingTask): Promise<void> {
    const { store, ghes, log } = this.#options
    const landings = await askLandings(ghes, task)
    const trouble = [...landings.values()].find(landing => landing.result === 'trouble')
    if (trouble) this.#note('GHES', this.#ghesBreaker, trouble)
    else this.#works('GHES', this.#ghesBreaker)
    const verdicts = this.#verdicts(task, landings)
    const counted = await store.settleLandings(task, verdicts)
    if (counted > 0) this.#logVerdicts(task, verdicts, log)
    if (counted > 0) this.#tellVerdicts(task, verdicts)
    if ([...verdicts.values()].some(verdict => verdict.result === 'landed')) this.#jobs.look()
    for (const verdict of verdicts.values()) if ('againAtMs' in verdict) this.#landings.wakeAt(verdict.againAtMs)
  }

  #verdicts(task: LandingTask, landings: Map<string, Landing>): Map<string, LandingVerdict> {
    const { clock, landing, retry } = this.#options
    const rules = {
      giveUpAfterMs: landing.giveUpAfterMs,
      nowMs: clock.now(),
      troubleAgainMs: Math.max(retry.firstMs, this.#ghesBreaker.openUntilMs - clock.now()),
    }
    const verdicts = new Map<string, LandingVerdict>()
    for (const push of task.pushes) {
      const found = landings.get(push.id)
      if (found) verdicts.set(push.id, verdictOn(push, found, rules))
    }
    return verdicts
  }

  #logVerdicts(task: LandingTask, verdicts: Map<string, LandingVerdict>, log: Logger): void {
    const { repository, ref } = task
    for (const [id, verdict] of verdicts) {
      const detail = verdict.result === 'landed' ? verdict.detail : verdict.reason
      const level = verdict.result === 'pending' ? 'debug' : 'info'
      log[level]({ id, repository, ref, step: verdict.result, detail }, `push ${verdict.result}`)
    }
  }

  #tellVerdicts(task: LandingTask, verdicts: Map<string, LandingVerdict>): void {
    const { tell, clock } = this.#options
    for (const { id, receivedAtMs } of task.pushes) {
      const result = verdicts.get(id)?.result
      if (result) tell?.({ event: 'landing', result, sinceReceivedMs: clock.now() - receivedAtMs })
    }
  }

  #tellJob(job: Job, result: Extract<RelayEvent, { event: 'job' }>['result']): void {
    const { tell, clock } = this.#options
    tell?.({ event: 'job', result, sinceReceivedMs: clock.now() - job.receivedAtMs })
  }

  async #forward(job: Job): Promise<void> {
    if (readComparePath(job.path)) return this.#compare(job)
    const { store, backstage, host, register, removed, log } = this.#options
    const { pushId: id, repository, ref, path } = job
    const turn = () => this.#pace.take(this.#stopping.signal)
    let forwarded: Awaited<ReturnType<typeof forward>>
    try {
      forwarded = await forward(backstage, job, { host, register, removed, turn })
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error
      await store.release([job.lease])
      return
    }
    if (forwarded.result === 'done') {
      this.#works('Backstage', this.#backstageBreaker)
      if (!(await store.done(job, forwarded.outcome))) return this.#logLost(job)
      this.#tellJob(job, 'forwarded')
      log.info({ id, repository, ref, path, step: 'forwarded', detail: forwarded.outcome }, 'push forwarded')
      return
    }
    if (forwarded.result === 'refused') {
      await store.giveUp(job, forwarded.reason)
      this.#tellJob(job, 'dead')
      log.error(
        { id, repository, ref, path, step: 'dead', detail: forwarded.reason },
        'push dead: Backstage refuses it',
      )
      return
    }
    this.#note('Backstage', this.#backstageBreaker, forwarded)
    await this.#failed(job, forwarded, this.#backstageBreaker)
  }

  /** A question to GHES that stands among the jobs: which files an incomplete report left out. */
  async #compare(job: Job): Promise<void> {
    const { store, compare, log } = this.#options
    if (!compare) throw new Error('a comparison is due, and nobody can make it')
    const compared = await compare(job)
    if (compared.result === 'trouble') {
      this.#note('GHES', this.#ghesBreaker, compared)
      return this.#failed(job, compared, this.#ghesBreaker)
    }
    this.#works('GHES', this.#ghesBreaker)
    if (!(await store.done(job, compared.outcome))) return this.#logLost(job)
    const { pushId: id, repository, ref, path } = job
    this.#tellJob(job, 'compared')
    log.info({ id, repository, ref, path, step: 'compared', detail: compared.outcome }, 'push compared')
    this.#jobs.look()
  }

  async #failed(job: Job, trouble: Trouble, breaker: Breaker): Promise<void> {
    const { store, clock, log, retry } = this.#options
    const { pushId: id, repository, ref, path } = job
    const counts = trouble.kind !== 'set-up' && trouble.kind !== 'limited'
    const failingForMs = job.failingSinceMs === undefined ? 0 : clock.now() - job.failingSinceMs
    if (counts && failingForMs >= retry.giveUpAfterMs) {
      const reason = `given up after ${job.attempts + 1} ${job.attempts === 0 ? 'attempt' : 'attempts'}: ${trouble.reason}`
      await store.giveUp(job, reason)
      this.#tellJob(job, 'dead')
      log.error({ id, repository, ref, path, step: 'dead', detail: reason }, 'push dead: to be redriven by hand')
      return
    }
    await this.#retry(job, trouble, counts, breaker)
  }

  async #retry(job: Job, trouble: Trouble, counts: boolean, breaker: Breaker): Promise<void> {
    const { store, clock, log, retry } = this.#options
    const { pushId: id, repository, ref, path } = job
    const waitMs = Math.max(backoffMs(job.attempts, retry, this.#random), trouble.retryAfterMs ?? 0)
    // A job held up by the set-up is due as soon as the target works again.
    const dueAtMs = counts ? clock.now() + waitMs : Math.max(breaker.openUntilMs, clock.now() + 1)
    if (!(await store.retryLater(job, { dueAtMs, error: trouble.reason, counts }))) return this.#logLost(job)
    const step = counts ? 'retry' : 'held up'
    this.#tellJob(job, step)
    log.info(
      { id, repository, ref, path, step, detail: trouble.reason, againAt: new Date(dueAtMs).toISOString() },
      `push ${step}`,
    )
    this.#jobs.wakeAt(dueAtMs)
  }

  #logLost(job: Job): void {
    const { pushId: id, path } = job
    this.#tellJob(job, 'lost')
    this.#options.log.warn({ id, path }, 'the lease ended before the work: its result does not count')
  }

  #works(who: string, breaker: Breaker): void {
    if (breaker.reason !== undefined) this.#options.log.info(`${who} works again`)
    breaker.succeeded()
  }

  #note(who: string, breaker: Breaker, trouble: Trouble): void {
    const opened =
      trouble.kind === 'down' ? breaker.failed(trouble.reason) : breaker.pause(trouble.reason, trouble.retryAfterMs)
    if (!opened) return
    const message =
      trouble.kind === 'set-up' ? `${who}: somebody has to mend our set-up; pushes wait` : `${who} rests; pushes wait`
    this.#options.log[trouble.kind === 'set-up' ? 'error' : 'warn']({ reason: trouble.reason }, message)
  }

  /** Leases that have run out come back, settled pushes are forgotten after a week. */
  #keepHouse(): void {
    const { store, clock, log } = this.#options
    this.#cancelHousekeeping = clock.after(PACES.housekeepingMs, () => {
      store
        .reap()
        .then(async reaped => {
          if (reaped > 0) this.#options.tell?.({ event: 'leases ended', count: reaped })
          if (reaped > 0) log.warn({ reaped }, 'leases had run out: their work is done once more')
          await store.prune(clock.now() - PACES.keepSettledMs)
          this.#landings.look()
          this.#jobs.look()
        })
        .catch((error: unknown) => log.error({ err: error }, 'housekeeping failed; tried again'))
        .finally(() => {
          if (!this.#stopping.signal.aborted) this.#keepHouse()
        })
    })
  }
}
