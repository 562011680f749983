// Taking pushes in on PostgreSQL: those that come while a transaction is under way share the next one.

import type { AcceptedPush, Receipt } from '../ports/inbox.ts'
import { StoreUnavailable } from '../store.ts'
import { columnsOf } from '../work/announced.ts'
import { acceptPush } from '../work/inbox.ts'
import { all, get, type Work } from '../work/sql.ts'
import type { Connections } from './connection.ts'

/** Bounds one statement: some 300 kB. */
const PUSHES_PER_COMMIT = 500

type Waiting = { push: AcceptedPush; resolve: (receipt: Receipt) => void; reject: (error: unknown) => void }

export class PostgresIntake {
  readonly #connections: Connections
  readonly #now: () => number
  #queue: Waiting[] = []
  #committing = false

  constructor(connections: Connections, now: () => number) {
    this.#connections = connections
    this.#now = now
  }

  /** Resolves once the push is on the database's disk. */
  accept(push: AcceptedPush): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      // Whether another part of its push is there can only be seen by itself.
      if (push.part) return this.#again({ push, resolve, reject })
      this.#queue.push({ push, resolve, reject })
      void this.#commitAll()
    })
  }

  async #commitAll(): Promise<void> {
    if (this.#committing) return
    this.#committing = true
    await undefined // what else comes in this turn belongs to it
    while (this.#queue.length > 0) await this.#commit(this.#queue.splice(0, PUSHES_PER_COMMIT))
    this.#committing = false
  }

  async #commit(batch: Waiting[]): Promise<void> {
    let stored: Set<string>
    try {
      stored = new Set(await this.#connections.transaction(() => insertPushes(batch, this.#now())))
    } catch (error) {
      // The database cannot: none is stored. Else one of them cannot be, and must not take the others down with it.
      if (error instanceof StoreUnavailable) for (const { reject } of batch) reject(error)
      else for (const waiting of batch) this.#again(waiting)
      return
    }
    for (const waiting of batch) {
      // The second of two equal messages in a batch is a known one.
      if (stored.delete(waiting.push.id)) waiting.resolve({ result: 'stored' })
      else this.#again(waiting)
    }
  }

  #again({ push, resolve, reject }: Waiting): void {
    this.#connections
      .transaction(() => acceptPush(push, nextArrival, this.#now()), [push.repository])
      .then(resolve, reject)
  }
}

/** The ids of those that were new, in one statement: PostgreSQL answers some thousands a second, and rows in a statement cost it little. */
function* insertPushes(batch: readonly { push: AcceptedPush }[], nowMs: number): Work<string[]> {
  const rows = batch.map(({ push }) => columnsOf(push))
  const stored = yield* all(
    `INSERT INTO push (id, repository, ref, before_id, after_id, default_branch, pusher, bypass, bulk, said, files, state,
       received_at, due_at, file_count)
     SELECT id, repository, ref, before_id, after_id, default_branch, pusher, bypass, bulk, said, files, 'waiting', :now, due_at, file_count
     FROM json_to_recordset(CAST(:rows AS json)) AS r (id TEXT, repository TEXT, ref TEXT, before_id TEXT, after_id TEXT,
       default_branch INTEGER, pusher TEXT, bypass TEXT, bulk INTEGER, said TEXT, files TEXT, due_at BIGINT, file_count INTEGER)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    { rows: JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd'), now: nowMs },
  )
  return stored.map(row => String(row['id']))
}

/** From a sequence that all replicas share. */
export function* nextArrival(): Work<number> {
  return Number((yield* get(`SELECT nextval('push_turn') AS arrival`))?.['arrival'])
}
