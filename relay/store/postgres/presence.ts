// Which replicas are alive: each holds a lock of its session, which ends with its connection, however the process ended. So what it had claimed need not wait for the leases to run out.
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { all, get, type Work } from '../work/sql.ts'
import { type Connections, lockKey } from './connection.ts'

/** The first half of these locks' keys ("catp"). */
const PRESENCE_CLASS = 0x63617470

/** Names that a lock stands for begin so; those of a replica of the former version do not, and neither do ours while we hold none. */
const MARK = 'r-'
const NAME_CHARACTERS = 15

export class Presence {
  readonly #connections: Connections
  readonly #id = randomUUID().slice(0, NAME_CHARACTERS - MARK.length)
  #client: pg.Client | undefined
  #isHeld = false

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** What leases begin with now. */
  get leasePrefix(): string {
    return this.#isHeld ? `${MARK}${this.#id}` : this.#id
  }

  /** Holds the lock, also after the connection broke. Behind a pooler that hands sessions out it is taken again wherever we are: at worst work is done twice. */
  async hold(): Promise<void> {
    try {
      this.#client ??= await this.#connect()
      const key = lockKey(`${MARK}${this.#id}`)
      const { rows } = await this.#client.query<{ held: boolean }>(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
           AND classid = ${PRESENCE_CLASS} AND objid = ${key >>> 0})
         THEN true ELSE pg_try_advisory_lock(${PRESENCE_CLASS}, ${key}) END AS held`,
      )
      this.#isHeld = rows[0]?.held === true
    } catch {
      await this.close() // until then leases run out by themselves
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await this.#connections.alone()
    client.on('end', () => {
      if (this.#client === client) {
        this.#client = undefined
        this.#isHeld = false
      }
    })
    return client
  }

  /** Leases of replicas that are gone. */
  *orphans(): Work<string[]> {
    const rows = yield* all(
      `SELECT lease FROM push WHERE lease IS NOT NULL UNION SELECT lease FROM job WHERE lease IS NOT NULL`,
    )
    const leases = rows.map(row => String(row['lease'])).filter(lease => lease.startsWith(MARK))
    const orphaned: string[] = []
    for (const [holder, theirs] of Map.groupBy(leases, lease => lease.slice(0, NAME_CHARACTERS))) {
      if (holder === `${MARK}${this.#id}`) continue
      const free = yield* get(
        `SELECT CASE WHEN pg_try_advisory_xact_lock(${PRESENCE_CLASS}, ${lockKey(holder)}) THEN 1 ELSE 0 END AS is_free`,
      )
      if (free?.['is_free'] === 1) orphaned.push(...theirs)
    }
    return orphaned
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#isHeld = false
    await client?.end().catch(() => undefined)
  }
}
