// The embedded store: one SQLite file, one process. WAL, every commit synced, commits shared by a turn of the event loop.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { GroupCommit } from './group-commit.ts'
import { memoryTokens } from './memory-tokens.ts'
import { buryJob, claimDueJobs, finishJob, postponeJob, takeBack } from './sqlite-jobs.ts'
import { readFilesQuoting, readKnownFiles } from './sqlite-known.ts'
import { acceptPush, acceptReported, claimBranches, rejectWaiting, settlePushes } from './sqlite-landings.ts'
import { lockStore } from './sqlite-lock.ts'
import { countOpen, listPushes, nextDue, readPush, readStatus } from './sqlite-records.ts'
import { forgetFiles, renameRepository } from './sqlite-repository.ts'
import { migrate } from './sqlite-schema.ts'
import { claimProbe, closeCircuit, openCircuit, readCircuit, readNote, writeNote } from './sqlite-shared.ts'
import { Statements } from './sqlite-statements.ts'
import { addStep } from './sqlite-steps.ts'
import type {
  AcceptedPush,
  Job,
  LandedPush,
  LandingTask,
  LandingVerdict,
  OpenCircuit,
  PushFilter,
  Retry,
  Store,
} from './store.ts'
import { StoreRefused } from './store.ts'

const BACKLOG_AGE_MS = 1000
const PRUNED_PER_CALL = 500

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
    this.#turn = Number(this.#sql.get('SELECT max(turn) AS turn FROM push')?.['turn'] ?? 0)
    // We hold the lock, so whoever had leases is dead.
    this.#sql.run('UPDATE push SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL')
    takeBack(this.#sql, 'any', now())
  }

  accept(push: AcceptedPush) {
    return this.#commit.write(() => acceptPush(this.#sql, push, ++this.#turn, this.#now()))
  }

  acceptLanded(deliveryId: string, push: LandedPush) {
    return this.#commit.write(() => acceptReported(this.#sql, deliveryId, push, ++this.#turn, this.#now()))
  }

  claimLandings(options: { limit: number; leaseMs: number }) {
    return this.#commit.write(() => claimBranches(this.#sql, { ...options, ...this.#claim() }))
  }

  settleLandings(task: LandingTask, verdicts: ReadonlyMap<string, LandingVerdict>) {
    return this.#commit.write(() => settlePushes(this.#sql, task, verdicts, this.#now()))
  }

  claimJobs(options: { limit: number; leaseMs: number }) {
    return this.#commit.write(() => claimDueJobs(this.#sql, { ...options, ...this.#claim() }))
  }

  done(job: Job, outcome: string) {
    return this.#commit.write(() => finishJob(this.#sql, job, outcome, this.#now()))
  }

  retryLater(job: Job, retry: Retry) {
    return this.#commit.write(() => postponeJob(this.#sql, job, retry, this.#now()))
  }

  giveUp(job: Job, error: string) {
    return this.#commit.write(() => buryJob(this.#sql, job, error, this.#now()))
  }

  release(leases: readonly string[]) {
    return this.#commit.write(() => {
      for (const lease of leases) {
        this.#sql.run('UPDATE push SET lease = NULL, lease_until = NULL WHERE lease = :lease', { lease })
        takeBack(this.#sql, { lease }, this.#now())
      }
    })
  }

  reap() {
    return this.#commit.write(() => {
      const now = this.#now()
      const pushes = this.#sql.run(
        'UPDATE push SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL AND lease_until < :now',
        { now },
      )
      return pushes + takeBack(this.#sql, { leaseEndedBy: now }, now)
    })
  }

  async nextDueAtMs() {
    return nextDue(this.#sql)
  }

  redrive(id: string) {
    return this.#commit.write(() => this.#redrive(`id = :value AND state IN ('dead', 'rejected')`, id) > 0)
  }

  redriveSince(atMs: number) {
    return this.#commit.write(() => this.#redrive(`state = 'dead' AND received_at >= :value`, atMs))
  }

  async push(id: string) {
    return readPush(this.#sql, id)
  }

  async list(filter: PushFilter) {
    return listPushes(this.#sql, filter)
  }

  async status() {
    return readStatus(this.#sql)
  }

  backlog() {
    const now = this.#now()
    if (now - this.#backlog.atMs >= BACKLOG_AGE_MS) this.#backlog = { atMs: now, open: countOpen(this.#sql) }
    return this.#backlog.open
  }

  async knownFiles(repository: string) {
    return readKnownFiles(this.#sql, repository)
  }

  async filesReferencing(repository: string, ref: string, paths: readonly string[]) {
    return readFilesQuoting(this.#sql, { repository, ref, paths })
  }

  renameRepository(from: string, to: string) {
    return this.#commit.write(() => renameRepository(this.#sql, { from, to }, this.#now()))
  }

  closeRepository(repository: string, reason: string) {
    return this.#commit.write(() => {
      forgetFiles(this.#sql, repository)
      return rejectWaiting(this.#sql, repository, reason, this.#now())
    })
  }

  /** One process has the file, and so the only bucket. */
  async takeTokens(bucket: string, options: { wanted: number; perSecond: number; burst: number }) {
    return this.#tokens.takeTokens(bucket, options)
  }

  async circuit(target: string) {
    return readCircuit(this.#sql, target)
  }

  openCircuit(target: string, open: OpenCircuit) {
    return this.#commit.write(() => openCircuit(this.#sql, target, open))
  }

  closeCircuit(target: string) {
    return this.#commit.write(() => closeCircuit(this.#sql, target))
  }

  claimProbe(target: string, leaseMs: number) {
    return this.#commit.write(() => claimProbe(this.#sql, target, this.#now() + leaseMs, this.#now()))
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
    return readNote(this.#sql, name)
  }

  setNote(name: string, text: string) {
    return this.#commit.write(() => writeNote(this.#sql, name, text))
  }

  prune(settledBeforeMs: number) {
    return this.#commit.write(() => {
      const old = this.#sql.all(
        // Dead letters stay: nobody has looked at them yet.
        `SELECT seq FROM push WHERE settled_at IS NOT NULL AND settled_at < :before AND state IN ('forwarded', 'rejected')
         ORDER BY settled_at LIMIT ${PRUNED_PER_CALL}`,
        { before: settledBeforeMs },
      )
      this.#sql.run('DELETE FROM delivery WHERE at < :before', { before: settledBeforeMs })
      for (const { seq = null } of old) {
        this.#sql.run('DELETE FROM step WHERE push = :seq', { seq })
        this.#sql.run('DELETE FROM file WHERE push = :seq', { seq })
        this.#sql.run('DELETE FROM push WHERE seq = :seq', { seq })
      }
      return old.length
    })
  }

  async probe() {
    await this.#commit.write(() =>
      this.#sql.run('INSERT INTO probe (id, at) VALUES (1, :now) ON CONFLICT (id) DO UPDATE SET at = :now', {
        now: this.#now(),
      }),
    )
  }

  async close() {
    if (this.#closed) return
    this.#closed = true
    this.#commit.flush()
    this.#db.close()
    this.#unlock()
  }

  #claim() {
    return { nowMs: this.#now(), newLease: () => `${process.pid}-${++this.#leases}` }
  }

  #redrive(where: string, value: string | number): number {
    const now = this.#now()
    const rows = this.#sql.all(`SELECT seq, state FROM push WHERE ${where}`, { value })
    for (const row of rows) {
      const seq = Number(row['seq'])
      // It starts with a new look at GHES: since then the branch may have gone.
      this.#sql.run(
        `UPDATE push SET state = 'waiting', reason = NULL, settled_at = NULL, due_at = :now, checks = 0, missing_ms = 0, last_error = NULL
         WHERE seq = :seq`,
        { seq, now },
      )
      addStep(this.#sql, seq, now, 'redriven', `it was ${row['state']}`)
    }
    return rows.length
  }
}
