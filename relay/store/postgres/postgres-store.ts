// The store for several replicas: PostgreSQL. The same work as SQLite's, under a lock a repository instead of one process.
import { randomUUID } from 'node:crypto'
import type {
  AcceptedPush,
  Job,
  JobKind,
  LandedPush,
  LandingTask,
  LandingVerdict,
  OpenCircuit,
  PushFilter,
  Retry,
  Store,
} from '../store.ts'
import { StoreUnavailable } from '../store.ts'
import {
  buryJob,
  type Claimed,
  claimDueJobs,
  continueCover,
  finishJob,
  giveBack,
  nextCover,
  postponeJob,
} from '../work/claimed-jobs.ts'
import {
  claimProbe,
  closeCircuit,
  drawTokens,
  openCircuit,
  readCircuit,
  readNote,
  resignLead,
  type TokenWish,
  takeLead,
  writeNote,
} from '../work/coordination.ts'
import { readFilesQuoting, readKnownFiles } from '../work/known-files.ts'
import { acceptReported, claimBranches, redrivePushes, settlePushes } from '../work/landings.ts'
import { prunePushes, writeProbe } from '../work/prune.ts'
import { countOpen, listPushes, nextJob, nextLanding, readPush, readStatus } from '../work/records.ts'
import { closeRepository, renameRepository } from '../work/repository.ts'
import { all, type Work } from '../work/sql.ts'
import { Connections, DatabaseError, type PostgresOptions, refusal, SCHEMA } from './connection.ts'
import { nextTurn, PostgresIntake } from './intake.ts'
import { migratePostgres } from './schema.ts'

const BACKLOG_AGE_MS = 1000

/** Connects, and brings the schema up to date. Throws StoreRefused when the set-up is at fault, StoreUnavailable when the database is away. */
export async function openPostgresStore(options: PostgresOptions & { now: () => number }): Promise<Store> {
  const connections = new Connections(options)
  try {
    await connections.transaction(() => migratePostgres(SCHEMA), ['the schema'])
    const store = new PostgresStore(connections, options.now)
    await store.countBacklog()
    return store
  } catch (error) {
    await connections.close()
    const cause = error instanceof StoreUnavailable ? error.cause : error
    throw (cause instanceof DatabaseError && refusal(cause, addressOf(options.url))) || error
  }
}

/** Host and database, without user and password. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host || 'the local socket'}${pathname}`
}

class PostgresStore implements Store {
  readonly #db: Connections
  readonly #intake: PostgresIntake
  readonly #now: () => number
  readonly #leasePrefix = randomUUID().slice(0, 13)
  #leases = 0
  #backlog = { atMs: Number.NEGATIVE_INFINITY, open: 0 }
  #counting = false
  #closed = false

  constructor(connections: Connections, now: () => number) {
    this.#db = connections
    this.#intake = new PostgresIntake(connections, now)
    this.#now = now
  }

  accept(push: AcceptedPush) {
    return this.#intake.accept(push)
  }

  acceptLanded(deliveryId: string, push: LandedPush) {
    const now = this.#now()
    return this.#of(push.repository, function* () {
      return yield* acceptReported(deliveryId, push, yield* nextTurn(), now)
    })
  }

  claimLandings(options: { limit: number; leaseMs: number }) {
    return this.#db.transaction(() => claimBranches({ ...options, ...this.#claim() }))
  }

  settleLandings(task: LandingTask, verdicts: ReadonlyMap<string, LandingVerdict>) {
    return this.#of(task.repository, () => settlePushes(task, verdicts, this.#now()))
  }

  async claimJobs<K extends JobKind>(kind: K, options: { limit: number; leaseMs: number }) {
    const cover = await this.#db.transaction(() => nextCover())
    if (cover) await this.#of(cover.repository, () => continueCover(cover, this.#now()))
    return this.#db.transaction(() => claimDueJobs(kind, { ...options, ...this.#claim() }))
  }

  done(job: Job, outcome: string) {
    return this.#of(job.repository, () => finishJob(job, outcome, this.#now()))
  }

  retryLater(job: Job, retry: Retry) {
    return this.#of(job.repository, () => postponeJob(job, retry, this.#now()))
  }

  giveUp(job: Job, error: string) {
    return this.#of(job.repository, () => buryJob(job, error, this.#now()))
  }

  async release(leases: readonly string[]) {
    for (const lease of leases) await this.#takeBack({ lease })
  }

  reap() {
    return this.#takeBack({ leaseEndedBy: this.#now() })
  }

  nextLandingAtMs() {
    return this.#db.transaction(() => nextLanding())
  }

  nextJobAtMs(kind: JobKind) {
    return this.#db.transaction(() => nextJob(kind))
  }

  async redrive(id: string) {
    const push = await this.push(id)
    if (!push) return false
    return (await this.#of(push.repository, () => redrivePushes({ id }, this.#now()))) > 0
  }

  async redriveSince(atMs: number) {
    const dead = await this.#db.transaction(() =>
      all(`SELECT id, repository FROM push WHERE state = 'dead' AND received_at >= :atMs ORDER BY seq`, { atMs }),
    )
    let redriven = 0
    for (const { id, repository } of dead)
      redriven += await this.#of(String(repository), () => redrivePushes({ id: String(id) }, this.#now()))
    return redriven
  }

  push(id: string) {
    return this.#db.transaction(() => readPush(id))
  }

  list(filter: PushFilter) {
    return this.#db.transaction(() => listPushes(filter))
  }

  status() {
    return this.#db.transaction(() => readStatus())
  }

  /** What was counted last: whoever asks does not wait, the count is renewed behind them. */
  backlog() {
    if (this.#now() - this.#backlog.atMs >= BACKLOG_AGE_MS && !this.#counting && !this.#closed)
      void this.countBacklog().catch(() => undefined) // the next one asks again
    return this.#backlog.open
  }

  async countBacklog(): Promise<void> {
    this.#counting = true
    try {
      this.#backlog = { atMs: this.#now(), open: await this.#db.transaction(() => countOpen()) }
    } finally {
      this.#counting = false
    }
  }

  knownFiles(repository: string) {
    return this.#db.transaction(() => readKnownFiles(repository))
  }

  filesReferencing(repository: string, ref: string, paths: readonly string[]) {
    return this.#db.transaction(() => readFilesQuoting({ repository, ref, paths }))
  }

  renameRepository(from: string, to: string) {
    return this.#db.transaction(() => renameRepository({ from, to }, this.#now()), [from, to])
  }

  closeRepository(repository: string, reason: string) {
    return this.#of(repository, () => closeRepository(repository, reason, this.#now()))
  }

  takeTokens(bucket: string, wish: TokenWish) {
    return this.#db.transaction(() => drawTokens(bucket, this.#now(), wish))
  }

  circuit(target: string) {
    return this.#db.transaction(() => readCircuit(target))
  }

  openCircuit(target: string, open: OpenCircuit) {
    return this.#db.transaction(() => openCircuit(target, open))
  }

  closeCircuit(target: string) {
    return this.#db.transaction(() => closeCircuit(target))
  }

  claimProbe(target: string, leaseMs: number) {
    return this.#db.transaction(() => claimProbe(target, this.#now() + leaseMs, this.#now()))
  }

  lead(task: string, holder: string, leaseMs: number) {
    return this.#db.transaction(() => takeLead(task, holder, this.#now() + leaseMs, this.#now()))
  }

  resign(task: string, holder: string) {
    return this.#db.transaction(() => resignLead(task, holder))
  }

  note(name: string) {
    return this.#db.transaction(() => readNote(name))
  }

  setNote(name: string, text: string) {
    return this.#db.transaction(() => writeNote(name, text))
  }

  prune(settledBeforeMs: number) {
    return this.#db.transaction(() => prunePushes(settledBeforeMs))
  }

  probe() {
    return this.#db.transaction(() => writeProbe(this.#now()))
  }

  async close() {
    if (this.#closed) return
    this.#closed = true
    await this.#db.close()
  }

  /** Work on what belongs to a repository: one after the other, on all replicas. */
  #of<T>(repository: string, work: () => Work<T>): Promise<T> {
    return this.#db.transaction(work, [repository])
  }

  /** Repository by repository: locks on several at once could meet those of another replica. */
  async #takeBack(claimed: Claimed): Promise<number> {
    let taken = 0
    for (const repository of await this.#db.transaction(() => repositoriesOf(claimed)))
      taken += await this.#of(repository, () => giveBack({ ...claimed, repository }, this.#now()))
    return taken
  }

  #claim() {
    return { nowMs: this.#now(), newLease: () => `${this.#leasePrefix}-${++this.#leases}` }
  }
}

function* repositoriesOf({ lease, leaseEndedBy }: Claimed): Work<string[]> {
  const [condition, values] =
    lease === undefined
      ? ['lease_until < :leaseEndedBy', { leaseEndedBy: leaseEndedBy ?? 0 }]
      : ['lease = :lease', { lease }]
  const rows = yield* all(
    `SELECT repository FROM push WHERE lease IS NOT NULL AND ${condition}
     UNION SELECT repository FROM job WHERE lease IS NOT NULL AND ${condition}`,
    values,
  )
  return rows.map(row => String(row['repository']))
}
