// A refresh that goes ahead of others: the catalog's queues are first come, first served, so that who pushes alone waits for everything that a thousand others have asked for before.
import type { Knex } from '@backstage/backend-plugin-api'
import { rowsOf } from './lease.ts'

/** Earlier than anything that the catalog writes, and due at once. */
const FIRST = '2001-01-01 00:00:00'
/** The file is read, then what it declares is processed, then shown: each falls due by itself, within 2 s all together while the catalog is busy. */
const LOOK_MS = 100
const LOOKS = 50
/** More people than this at once are a queue of their own. */
const MOST = 200

const SQLITE: readonly unknown[] = ['better-sqlite3', 'sqlite3']

export type Ahead = {
  /** These Locations, and what their files declare, go first. Returns those that do. */
  put(locations: readonly string[]): Promise<string[]>
  /** Whether the catalog's tables could be written the last time. */
  works(): boolean
  stop(): void
}

/**
 * On SQLite and PostgreSQL. Only the order changes, of rows that are due already: `refresh_state.next_update_at` and `stitch_queue.next_stitch_at`, which the catalog takes the earliest of (read in plugin-catalog-backend 4.0.0 and 4.0.5). Where
 * that fails (the tables are others, or the database is away for a moment) `onTrouble` hears why, and nobody goes ahead until the next one tries.
 */
export function openAhead(knex: Knex, onTrouble: (error: unknown) => void): Ahead {
  const { client } = knex.client.config
  const isPostgres = client === 'pg'
  if (!isPostgres && !SQLITE.includes(client)) return nobody(() => onTrouble(`not tried with ${String(client)}`))
  const left = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let works = true
  let isStopped = false
  const look = async () => {
    const locations = [...left.keys()]
    if (locations.length === 0) return
    const marks = locations.map(() => '?').join(', ')
    const declared = rowsOf(
      await knex.raw(
        `SELECT target_entity_ref FROM refresh_state_references WHERE source_entity_ref IN (${marks})`,
        locations,
      ),
    ).map(row => String(row['target_entity_ref']))
    await dueFirst('refresh_state', 'next_update_at', [...locations, ...declared])
    await dueFirst('stitch_queue', 'next_stitch_at', declared)
    for (const location of locations) {
      const looks = (left.get(location) ?? 0) - 1
      if (looks > 0) left.set(location, looks)
      else left.delete(location)
    }
  }
  const dueFirst = async (table: string, column: string, refs: readonly string[]) => {
    if (refs.length === 0) return
    const due = `${column} <= CURRENT_TIMESTAMP AND ${column} > ? AND entity_ref IN (${refs.map(() => '?').join(', ')})`
    // What the catalog has in its hands is not waited for: two that wait for each other would cost one of them, and that might be the catalog.
    const which = isPostgres
      ? `entity_ref IN (SELECT entity_ref FROM ${table} WHERE ${due} FOR UPDATE SKIP LOCKED)`
      : due
    await knex.raw(`UPDATE ${table} SET ${column} = ? WHERE ${which}`, [FIRST, FIRST, ...refs])
  }
  const tried = async () => {
    try {
      await look()
      works = true
    } catch (error) {
      works = false
      left.clear()
      onTrouble(error)
    }
  }
  const again = () => {
    if (isStopped || left.size === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      tried().finally(again)
    }, LOOK_MS)
  }
  return {
    async put(locations) {
      const those = locations.slice(0, Math.max(0, MOST - left.size))
      for (const location of those) left.set(location, LOOKS)
      await tried()
      again()
      return works ? those : []
    },
    works: () => works,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** Of MySQL we do not know what the catalog would have to wait for. */
const nobody = (tell: () => void): Ahead => ({
  async put() {
    tell()
    return []
  },
  works: () => false,
  stop() {},
})
