// Many writes, one disk sync: all writes of one turn of the event loop share a transaction.
// Measured on the intake (32 connections, FULL): 1,781 requests/s with a transaction each, 13,389/s so.
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../runtime/clock.ts'
import type { Haste } from '../engine.ts'
import { StoreUnavailable } from '../store.ts'
import { resultCode } from './result-code.ts'

type Write = {
  work: () => unknown
  sinceMs: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Bounds how long one transaction holds the event loop: a push that comes in takes 30 µs, a branch that lands some milliseconds; what is left has the next turn. */
const COMMIT = { writes: 1000, workMs: 20 }

/** Somebody else's lock on the file, a sqlite3 shell's or a backup's, is tried again so often and for so long; meanwhile the event loop goes on. */
const LOCKED = { againMs: 20, forMs: 2000 }
const BUSY = 5

/**
 * Our own steps wait after a commit for as long as it took: what comes meanwhile shares the next one, its sync and its pages. Who is alone never waits. On a backlog, with commits of 2 ms (by
 * a model of what all costs): 388 refreshes a second of 400 in the place of 340, and half the commits.
 */
const LONGEST_REST_MS = 5

/** SQLite's primary result codes that speak of the disk, not of our statement: BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN. */
const DISK_CODES: readonly (number | undefined)[] = [5, 8, 10, 11, 13, 14]

export class GroupCommit {
  readonly #db: DatabaseSync
  #queue: Write[] = []
  /** Long ones. Each commit has one of them at least, after all others. */
  #long: Write[] = []
  /** For what the next commit waits. */
  #waitsFor: 'nothing' | 'rest' | 'turn' | 'lock' = 'nothing'
  #restUntilMs = 0
  readonly #clock: Clock | undefined

  /** Without a clock nothing waits for more to come. */
  constructor(db: DatabaseSync, clock?: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Runs `work` inside the next transaction; resolves after its commit, so on disk. `work` must not wait for anything. */
  write<T>(work: () => T, haste: Haste = 'now'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const line = haste === 'long' ? this.#long : this.#queue
      line.push({ work, sinceMs: performance.now(), resolve: resolve as (value: unknown) => void, reject })
      if (haste === 'now' || !this.#rests()) this.#takeTurn()
    })
  }

  /** Commits what is queued now, and waits for others' locks itself. */
  flush(): void {
    this.#db.exec(`PRAGMA busy_timeout = ${LOCKED.forMs}`)
    for (const write of [...this.#queue, ...this.#long]) write.sinceMs = Number.NEGATIVE_INFINITY
    while (this.#queue.length + this.#long.length > 0) this.#flush()
  }

  /** Whether the next commit waits for the end of the rest. */
  #rests(): boolean {
    if (!this.#clock) return false
    const restMs = this.#restUntilMs - this.#clock.now()
    if (restMs <= 0 || this.#waitsFor !== 'nothing') return this.#waitsFor === 'rest'
    this.#waitsFor = 'rest'
    this.#clock.after(restMs, () => {
      if (this.#waitsFor === 'rest') this.#flush()
    })
    return true
  }

  #takeTurn(): void {
    if (this.#waitsFor === 'turn' || this.#waitsFor === 'lock') return
    this.#waitsFor = 'turn'
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#waitsFor = 'nothing'
    if (this.#queue.length + this.#long.length === 0) return
    const fromMs = this.#clock?.now() ?? 0
    const together = this.#commit([this.#queue.slice(0, COMMIT.writes), this.#long])
    const [some, long] = together.tried
    const writes = [...this.#queue.slice(0, some), ...this.#long.slice(0, long)]
    this.#queue = this.#queue.slice(some)
    this.#long = this.#long.slice(long)
    const isLocked = together.result === 'failed' && together.isLocked
    if (together.result === 'committed') resolveAll(writes, together.values)
    else if (isLocked) this.#wait(writes, together.error)
    else if (writes.length === 1 || together.disk) rejectAll(writes, together.error)
    else for (const write of writes) this.#alone(write) // one has a bug, and must not take the others down with it
    const nowMs = this.#clock?.now() ?? 0
    this.#restUntilMs = nowMs + Math.min(nowMs - fromMs, LONGEST_REST_MS)
    if (this.#queue.length + this.#long.length === 0) return
    if (isLocked) this.#waitForLock()
    else this.#takeTurn()
  }

  #waitForLock(): void {
    this.#waitsFor = 'lock'
    setTimeout(() => this.#flush(), LOCKED.againMs)
  }

  /** Those that have not waited for too long are first again. */
  #wait(writes: Write[], error: unknown): void {
    const isPatient = ({ sinceMs }: Write) => performance.now() - sinceMs < LOCKED.forMs
    const { patient = [], late = [] } = Object.groupBy(writes, write => (isPatient(write) ? 'patient' : 'late'))
    rejectAll(late, error)
    this.#queue = [...patient, ...this.#queue]
  }

  #alone(write: Write): void {
    const result = this.#commit([[write], []])
    if (result.result === 'committed') resolveAll([write], result.values)
    else rejectAll([write], result.error)
  }

  /** `tried`: so many of each line, from the first on. */
  #commit(
    lines: [Write[], Write[]],
  ): { tried: [number, number] } & (
    | { result: 'committed'; values: unknown[] }
    | { result: 'failed'; error: unknown; disk: boolean; isLocked: boolean }
  ) {
    const values: unknown[] = []
    const tried: [number, number] = [0, 0]
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const untilMs = performance.now() + COMMIT.workMs
      for (const line of [0, 1] as const)
        for (const write of lines[line]) {
          if (tried[line] > 0 && performance.now() > untilMs) break
          tried[line]++
          values.push(write.work())
        }
      this.#db.exec('COMMIT')
      return { result: 'committed', tried, values }
    } catch (error) {
      // After some errors (disk full among them) SQLite has rolled back by itself.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK')
      const disk = isDiskTrouble(error)
      const isLocked = resultCode(error) === BUSY
      // Where nothing could begin, all wait for the same.
      const begun = tried[0] + tried[1] > 0
      return {
        result: 'failed',
        tried: begun ? tried : [lines[0].length, lines[1].length],
        disk,
        isLocked,
        error: disk ? unavailable(error) : error,
      }
    }
  }
}

function resolveAll(writes: Write[], values: unknown[]): void {
  writes.forEach((write, i) => {
    write.resolve(values[i])
  })
}

function rejectAll(writes: Write[], error: unknown): void {
  for (const write of writes) write.reject(error)
}

const isDiskTrouble = (error: unknown) => DISK_CODES.includes(resultCode(error))

/** A read that the disk, or another's lock, does not allow. */
export function orUnavailable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw isDiskTrouble(error) ? unavailable(error) : error
  }
}

function unavailable(error: unknown): StoreUnavailable {
  return new StoreUnavailable(`the store cannot write: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}
