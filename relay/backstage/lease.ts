// One replica of Backstage at a time is the provider: a row in the catalog's own database says which.
import { randomUUID } from 'node:crypto'
import type { Knex } from '@backstage/backend-plugin-api'

const TABLE = 'catalog_gate_provider'
/** A replica that dies holds the others up for so long. */
const LEASE_MS = 10_000

export type Lease = {
  /** True while it is ours; asked again, it is longer. */
  take(): Promise<boolean>
  release(): Promise<void>
}

export async function openLease(knex: Knex, now: () => number = Date.now): Promise<Lease> {
  const holder = randomUUID()
  await knex.raw(
    `CREATE TABLE IF NOT EXISTS ${TABLE} (id INTEGER PRIMARY KEY, holder VARCHAR(40) NOT NULL, held_until BIGINT NOT NULL)`,
  )
  const [there] = rowsOf(await knex.raw(`SELECT id FROM ${TABLE} WHERE id = 1`))
  // In words that SQLite, PostgreSQL and MySQL have in common: another replica may be the first.
  if (!there)
    await knex.raw(`INSERT INTO ${TABLE} (id, holder, held_until) VALUES (1, '', 0)`).catch(async (error: unknown) => {
      const [made] = rowsOf(await knex.raw(`SELECT id FROM ${TABLE} WHERE id = 1`))
      if (!made) throw error
    })
  return {
    async take() {
      const nowMs = now()
      await knex.raw(`UPDATE ${TABLE} SET holder = ?, held_until = ? WHERE id = 1 AND (holder = ? OR held_until < ?)`, [
        ...[holder, nowMs + LEASE_MS, holder, nowMs],
      ])
      const [row] = rowsOf(await knex.raw(`SELECT holder FROM ${TABLE} WHERE id = 1`))
      return row?.['holder'] === holder
    },
    async release() {
      await knex.raw(`UPDATE ${TABLE} SET held_until = 0 WHERE id = 1 AND holder = ?`, [holder])
    },
  }
}

/** The entities that the catalog has from us directly, as the catalog's own tables have it; undefined where they are others, and `onTrouble` hears why. */
export async function heldByProvider(
  knex: Knex,
  provider: string,
  onTrouble: (error: unknown) => void,
): Promise<Set<string> | undefined> {
  try {
    const rows = rowsOf(
      await knex.raw('SELECT target_entity_ref FROM refresh_state_references WHERE source_key = ?', [provider]),
    )
    return new Set(rows.map(row => String(row['target_entity_ref'])))
  } catch (error) {
    onTrouble(error)
    return undefined
  }
}

/** PostgreSQL's driver gives a result with rows, MySQL's the rows and their columns, SQLite's the rows. */
export function rowsOf(result: unknown): Record<string, unknown>[] {
  if (Array.isArray(result)) return (Array.isArray(result[0]) ? result[0] : result) as Record<string, unknown>[]
  return (result as { rows?: Record<string, unknown>[] }).rows ?? []
}
