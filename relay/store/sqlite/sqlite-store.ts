// The embedded store: one SQLite file, one process. WAL, every commit synced, commits shared by a turn of the event loop.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
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
import { StoreRefused } from '../store.ts'
import {
  bringForward,
  buryJob,
  claimDueJobs,
  continueCover,
  finishJob,
  giveBack,
  nextCover,
  postponeJob,
} from '../work/claimed-jobs.ts'
import { claimProbe, closeCircuit, openCircuit, readCircuit, readNote, writeNote } from '../work/coordination.ts'
import { readFilesQuoting, readKnownFiles } from '../work/known-files.ts'
import { acceptPush, acceptReported, claimBranches, lastTurn, redrivePushes, settlePushes } from '../work/landings.ts'
import { prunePushes, writeProbe } from '../work/prune.ts'
import { countOpen, listPushes, nextJob, nextLanding, readPush, readStatus } from '../work/records.ts'
import { closeRepository, renameRepository } from '../work/repository.ts'
import type { Work } from '../work/sql.ts'
import { GroupCommit } from './group-commit.ts'
import { memoryTokens } from './memory-tokens.ts'
import { migrate } from './schema.ts'
import { Statements } from './statements.ts'
import { lockStore } from './store-lock.ts'

const BACKLOG_AGE_MS = 1000

export type SqliteOptions = { path: string; now: () => number }

/** Opens or creates the store. Throws StoreRefused when another process has it, or a newer relay wrote it. */
export function openSqliteStore({ path, now }: SqliteOptions): Store {
  // Not imported statically: on an old Node that would fail at load, before anyone could say why.
  const sqlite = process.getBuiltinModule('node:sqlite')
  makeFolder(dirname(path))
  const lock = lockStore(sqlite.DatabaseSync, path)
  try {
    const db = openDatabase(sqlite.DatabaseSync, path)
    return new SqliteStore(db, lock.release, now)
  } catch (error) {
    lock.release()
    throw error
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StoreRefused(`store: cannot make the folder ${folder}: ${error instanceof Error ? error.message : error}`)
  }
}

function openDatabase(Database: typeof DatabaseSync, path: string): DatabaseSync {
  const db = new Database(path, { timeout: 2000 })
  try {
    // Pushes name repositories and people: nobody else's business on this machine.
    chmodSync(path, 0o600)
    db.exec('PRAGMA journal_mode = WAL')
    // NORMAL would lose up to 360 acknowledged pushes at a power cut (measured); FULL lost none.
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA temp_store = MEMORY')
    // After a burst the WAL file shrinks back at the next checkpoint instead of keeping its largest size.
    db.exec('PRAGMA journal_size_limit = 67108864')
    migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

class SqliteStore implements Store {
  readonly #db: DatabaseSync
  readonly #sql: Statements
  readonly #commit: GroupCommit
  readonly #unlock: () => void
  readonly #now: () => number
  readonly #tokens: Pick<Store, 'takeTokens'>
  readonly #leaders = new Map<string, { holder: string; untilMs: number }>()
  #turn: number
  #leases = 0
  #backlog = { atMs: Number.NEGATIVE_INFINITY, open: 0 }
  #closed = false

  constructor(db: DatabaseSync, unlock: () => void, now: () => number) {
    this.#db = db
    this.#sql = new Statements(db)
    this.#commit = new GroupCommit(db)
    this.#unlock = unlock
    this.#now = now
    this.#tokens = memoryTokens({ now })
    this.#turn = this.#sql.do(lastTurn())
    // We hold the lock, so whoever had leases is dead.
    this.#sql.do(giveBack({}, now()))
    this.#sql.do(bringForward(now()))
  }

  accept(push: AcceptedPush) {
    return this.#write(() => acceptPush(push, ++this.#turn, this.#now()))
  }

  acceptLanded(deliveryId: string, push: LandedPush) {
    return this.#write(() => acceptReported(deliveryId, push, ++this.#turn, this.#now()))
  }

  claimLandings(options: { limit: number; leaseMs: number }) {
    return this.#write(() => claimBranches({ ...options, ...this.#claim() }))
  }

  settleLandings(task: LandingTask, verdicts: ReadonlyMap<string, LandingVerdict>) {
    return this.#write(() => settlePushes(task, verdicts, this.#now()))
  }

  async claimJobs<K extends JobKind>(kind: K, options: { limit: number; leaseMs: number }) {
    const cover = this.#sql.do(nextCover())
    if (cover) await this.#write(() => continueCover(cover, this.#now()))
    return this.#write(() => claimDueJobs(kind, { ...options, ...this.#claim() }))
  }

  done(job: Job, outcome: string) {
    return this.#write(() => finishJob(job, outcome, this.#now()))
  }

  retryLater(job: Job, retry: Retry) {
    return this.#write(() => postponeJob(job, retry, this.#now()))
  }

  giveUp(job: Job, error: string) {
    return this.#write(() => buryJob(job, error, this.#now()))
  }

  async release(leases: readonly string[]) {
    for (const lease of leases) await this.#write(() => giveBack({ lease }, this.#now()))
  }

  reap() {
    return this.#write(() => giveBack({ leaseEndedBy: this.#now() }, this.#now()))
  }

  async nextLandingAtMs() {
    return this.#sql.do(nextLanding())
  }

  async nextJobAtMs(kind: JobKind) {
    return this.#sql.do(nextJob(kind))
  }

  async redrive(id: string) {
    return (await this.#write(() => redrivePushes({ id }, this.#now()))) > 0
  }

  redriveSince(atMs: number) {
    return this.#write(() => redrivePushes({ deadSinceMs: atMs }, this.#now()))
  }

  async push(id: string) {
    return this.#sql.do(readPush(id))
  }

  async list(filter: PushFilter) {
    return this.#sql.do(listPushes(filter))
  }

  async status() {
    return this.#sql.do(readStatus())
  }

  backlog() {
    const now = this.#now()
    if (now - this.#backlog.atMs >= BACKLOG_AGE_MS) this.#backlog = { atMs: now, open: this.#sql.do(countOpen()) }
    return this.#backlog.open
  }

  async knownFiles(repository: string) {
    return this.#sql.do(readKnownFiles(repository))
  }

  async filesReferencing(repository: string, ref: string, paths: readonly string[]) {
    return this.#sql.do(readFilesQuoting({ repository, ref, paths }))
  }

  renameRepository(from: string, to: string) {
    return this.#write(() => renameRepository({ from, to }, this.#now()))
  }

  closeRepository(repository: string, reason: string) {
    return this.#write(() => closeRepository(repository, reason, this.#now()))
  }

  /** One process has the file, and so the only bucket. */
  async takeTokens(bucket: string, options: { wanted: number; perSecond: number; burst: number }) {
    return this.#tokens.takeTokens(bucket, options)
  }

  async circuit(target: string) {
    return this.#sql.do(readCircuit(target))
  }

  openCircuit(target: string, open: OpenCircuit) {
    return this.#write(() => openCircuit(target, open))
  }

  closeCircuit(target: string) {
    return this.#write(() => closeCircuit(target))
  }

  claimProbe(target: string, leaseMs: number) {
    return this.#write(() => claimProbe(target, this.#now() + leaseMs, this.#now()))
  }

  /** One process has the file: its memory knows who leads. */
  async lead(task: string, holder: string, leaseMs: number) {
    const leader = this.#leaders.get(task)
    if (leader && leader.holder !== holder && leader.untilMs > this.#now()) return false
    this.#leaders.set(task, { holder, untilMs: this.#now() + leaseMs })
    return true
  }

  async resign(task: string, holder: string) {
    if (this.#leaders.get(task)?.holder === holder) this.#leaders.delete(task)
  }

  async note(name: string) {
    return this.#sql.do(readNote(name))
  }

  setNote(name: string, text: string) {
    return this.#write(() => writeNote(name, text))
  }

  prune(settledBeforeMs: number) {
    return this.#write(() => prunePushes(settledBeforeMs))
  }

  async probe() {
    await this.#write(() => writeProbe(this.#now()))
  }

  async close() {
    if (this.#closed) return
    this.#closed = true
    this.#commit.flush()
    this.#db.close()
    this.#unlock()
  }

  #write<T>(work: () => Work<T>): Promise<T> {
    return this.#commit.write(() => this.#sql.do(work()))
  }

  #claim() {
    return { nowMs: this.#now(), newLease: () => `${process.pid}-${++this.#leases}` }
  }
}
