// The daily look at what GHES holds: finds what neither hook nor webhook could tell. One replica at a time.
import { randomUUID } from 'node:crypto'
import type { RepositoryFacts } from '../../schemas/repository-facts.ts'
import type { GhesInventory } from '../clients/ghes/inventory.ts'
import type { GhesHooks } from '../clients/ghes/webhooks.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import { plainPaths } from './compare.ts'
import { reconcileOrganization } from './organization.ts'
import { emptyReport, finished, type ReconcileReport } from './report.ts'
import type { ReconcileStore } from './store.ts'
import { type SweepCursors, sweepOrganization } from './sweep.ts'

export type { ReconcileReport } from './report.ts'

export type ReconcilerOptions = {
  store: ReconcileStore
  ghes: { inventory: GhesInventory; hooks: GhesHooks }
  clock: Clock
  log: Logger
  organizations: readonly string[]
  everyMs: number
  /** Patterns of catalog files. */
  files: readonly string[]
  /** Our own address as GHES calls it; without it, any webhook whose address ends in /v1/github is taken as ours. */
  webhookUrl?: string
  /** Jobs are there to be done. */
  onJobs: () => void
  /** Told of each repository that has catalog files. */
  learn?: (facts: RepositoryFacts) => void
  tell?: Tell
}

export type ReconcileOutcome =
  | { result: 'done'; report: ReconcileReport }
  /** Here, or at another replica. */
  | { result: 'already running' }
  | { result: 'not configured' }

export type ReconcileBegun =
  | { result: 'started'; done: Promise<ReconcileOutcome> }
  | Exclude<ReconcileOutcome, { result: 'done' }>

const TASK = 'reconcile'
/** Renewed while it runs, however long a rate limit makes it wait: a replica that dies holds the others up no longer than this. */
const LEASE_MS = 120_000
/** After a start: first what is waiting is worked off. Then at least the deliveries that failed while nobody listened are asked for. */
const FIRST_AFTER_MS = 60_000
/** One that could not look at everything is made up for sooner; but a lasting fault must not multiply the questions to GHES. */
const PARTIAL_AGAIN_MS = 6 * 3_600_000

export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #holder = randomUUID()
  readonly #stopping = new AbortController()
  #running: Promise<ReconcileOutcome> | undefined
  #cancelTimer: () => void = () => {}
  #last: ReconcileReport | undefined

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** Reconciles at its times from now on. Without organizations it does nothing. */
  start(): void {
    if (this.#options.organizations.length === 0) return
    const { clock, everyMs } = this.#options
    const firstMs = Math.min(FIRST_AFTER_MS, everyMs)
    this.#cancelTimer = clock.after(firstMs, () => void this.#onTime(() => this.#sweepOnly()))
  }

  /** Reconciles at once, and resolves when that is done. Never rejects for what GHES does. */
  async now(): Promise<ReconcileOutcome> {
    const begun = await this.begin()
    return begun.result === 'started' ? begun.done : begun
  }

  /** Resolves as soon as it is known whether it runs; `done` when it has ended. Rejects when the store fails. */
  async begin(): Promise<ReconcileBegun> {
    const { organizations, store } = this.#options
    if (organizations.length === 0) return { result: 'not configured' }
    if (this.#running || this.#stopping.signal.aborted) return { result: 'already running' }
    const leads = store.lead(TASK, this.#holder, LEASE_MS)
    const done = leads
      .then((isLeader): Promise<ReconcileOutcome> | ReconcileOutcome =>
        isLeader ? this.#reconcileAsLeader() : { result: 'already running' },
      )
      .finally(() => {
        this.#running = undefined
      })
    this.#running = done
    done.catch(() => undefined) // told to whoever waits for it
    return (await leads) ? { result: 'started', done } : { result: 'already running' }
  }

  /** Whether one is under way here. */
  get running(): boolean {
    return this.#running !== undefined
  }

  /** The latest report, whichever replica made it, and whether the relay was restarted since. */
  async last(): Promise<ReconcileReport | undefined> {
    const text = await this.#options.store.note(TASK)
    return text === undefined ? this.#last : (JSON.parse(text) as ReconcileReport)
  }

  /** Interrupts what runs; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    this.#stopping.abort(new Error('the relay stops'))
    await this.#running?.catch(() => {})
  }

  /** Reconciles when the last one, of any replica, is old enough; else does only what is given. */
  async #onTime(otherwise: () => Promise<void>): Promise<void> {
    const { log, clock, everyMs } = this.#options
    try {
      // Another replica may have been faster.
      if ((await this.dueAtMs()) <= clock.now()) await this.now()
      else await otherwise()
    } catch (error) {
      if (!this.#stopping.signal.aborted) log.error({ err: error }, 'reconcile failed')
    }
    const dueAtMs = await this.dueAtMs().catch(() => 0)
    if (this.#stopping.signal.aborted) return
    const leastMs = Math.min(FIRST_AFTER_MS, everyMs)
    this.#cancelTimer = clock.after(Math.max(dueAtMs - clock.now(), leastMs), () => void this.#onTime(async () => {}))
  }

  /** How many are looked at. */
  get organizations(): number {
    return this.#options.organizations.length
  }

  /** When the next one is due; 0 before the first. */
  async dueAtMs(): Promise<number> {
    const { everyMs } = this.#options
    const last = await this.last()
    if (last === undefined) return 0
    return last.startedAtMs + (last.result === 'partial' ? Math.min(everyMs, PARTIAL_AGAIN_MS) : everyMs)
  }

  async #sweepOnly(): Promise<void> {
    const { store, clock, log } = this.#options
    if (!(await store.lead(TASK, this.#holder, LEASE_MS))) return
    const endLead = this.#keepLead()
    const report = emptyReport(clock.now())
    try {
      for (const organization of this.#options.organizations) await this.#sweep(organization, report)
    } finally {
      endLead()
      await store.resign(TASK, this.#holder)
    }
    const { requests, redelivered, failures, notes } = report
    log.info({ requests, redelivered, failures, notes }, 'failed webhook deliveries swept')
  }

  async #reconcileAsLeader(): Promise<ReconcileOutcome> {
    const { store, log, clock } = this.#options
    const endLead = this.#keepLead()
    const report = emptyReport(clock.now())
    let interrupted = false
    try {
      await this.#reconcileAll(report)
    } catch (error) {
      interrupted = this.#stopping.signal.aborted
      if (!interrupted) {
        report.failures.push('an error of the relay itself; its log says which')
        log.error({ err: error }, 'reconcile failed')
      }
    }
    endLead()
    const done = finished(report, clock.now(), interrupted)
    const { result, drift, firstSeen, redelivered } = done
    this.#options.tell?.({ event: 'reconcile', result, drift, firstSeen, redelivered })
    this.#last = done
    try {
      // An interrupted one counts as none: it is due again after the restart.
      if (!interrupted) await store.setNote(TASK, JSON.stringify(done))
    } finally {
      await store.resign(TASK, this.#holder)
    }
    log[done.result === 'partial' ? 'warn' : 'info']({ ...done }, `reconcile ${done.result}`)
    return { result: 'done', report: done }
  }

  async #reconcileAll(report: ReconcileReport): Promise<void> {
    const { store, clock, log, organizations, files, onJobs, learn = () => {} } = this.#options
    const { inventory } = counted(this.#options.ghes, report)
    const patience = { clock, signal: this.#stopping.signal }
    const heads = new Map(Object.entries(await this.#noted<string>('reconcile:heads')))
    const paths = plainPaths(files)
    for (const organization of organizations) {
      const work = { ...patience, store, inventory, log, organization, paths, heads, onJobs, learn }
      await reconcileOrganization(work, report)
      await store.setNote('reconcile:heads', JSON.stringify(Object.fromEntries(heads)))
      await this.#sweep(organization, report)
    }
  }

  async #sweep(organization: string, report: ReconcileReport): Promise<void> {
    const { store, clock } = this.#options
    const { hooks } = counted(this.#options.ghes, report)
    const cursors: SweepCursors = await this.#noted<number>('reconcile:sweep')
    const patience = { clock, signal: this.#stopping.signal }
    const swept = await sweepOrganization(hooks, { ...patience, organization, cursors, isOurs: this.#isOurs })
    report.redelivered += swept.redelivered
    report.failures.push(...swept.failures)
    report.notes.push(...swept.notes)
    await store.setNote('reconcile:sweep', JSON.stringify(cursors))
  }

  /** Until the returned function is called. */
  #keepLead(): () => void {
    const { clock, store, log } = this.#options
    let cancel = () => {}
    const renewLater = () => {
      cancel = clock.after(LEASE_MS / 4, () => {
        store
          .lead(TASK, this.#holder, LEASE_MS)
          .catch((error: unknown) => log.warn({ err: error }, 'reconcile: the lead is not renewed'))
        renewLater()
      })
    }
    renewLater()
    return () => cancel()
  }

  async #noted<T>(name: string): Promise<Record<string, T>> {
    const text = await this.#options.store.note(name)
    return text === undefined ? {} : (JSON.parse(text) as Record<string, T>)
  }

  #isOurs = (url: string): boolean => {
    const { webhookUrl } = this.#options
    const plain = url.replace(/\/+$/, '')
    return webhookUrl === undefined ? /\/v1\/github$/.test(plain) : plain === webhookUrl
  }
}

/** The same clients, every question of theirs added to the report. */
function counted(
  { inventory, hooks }: ReconcilerOptions['ghes'],
  report: ReconcileReport,
): { inventory: GhesInventory; hooks: GhesHooks } {
  const counting = <A extends unknown[], R>(ask: (...given: A) => R) => {
    return (...given: A): R => {
      report.requests++
      return ask(...given)
    }
  }
  return {
    inventory: { repositories: counting(inventory.repositories), files: counting(inventory.files) },
    hooks: {
      list: counting(hooks.list),
      failedDeliveries: counting(hooks.failedDeliveries),
      redeliver: counting(hooks.redeliver),
    },
  }
}
