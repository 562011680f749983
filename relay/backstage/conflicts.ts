// Files that lost a name to another one: once it is free, they are read anew. The catalog does not do so by itself, and nobody else knows when it has let the name go.
import type { Knex } from '@backstage/backend-plugin-api'
import { keepLatest } from './keep-latest.ts'
import { rowsOf } from './lease.ts'
import { repeated } from './repeated.ts'
import { asRead } from './rounds.ts'

const MOST = 1_000
const LOOK_MS = 2_000
/** A name that was missing for so many looks in a row is free: a file that has moved had the time to take it. The second time is for a file that could not be read just then. */
const FREE_LOOKS = [2, 15]
const FORGOTTEN_LOOKS = 30

type Wanted = { by: Set<string>; missing: number }
/** Of these entities, those that the catalog has. */
export type There = (entities: readonly string[]) => Promise<ReadonlySet<string>>

export class Conflicts {
  /** By the Location that has a name: those that want it. */
  readonly #losers = new Map<string, Set<string>>()
  /** By the name. */
  readonly #wanted = new Map<string, Wanted>()

  /** `url:https://…`, as the catalog's topic has them. */
  note(entity: string, location: string, heldBy: string | undefined): void {
    const key = asRead(location)
    const { by } = this.#wanted.get(entity) ?? { by: new Set() }
    keepLatest(this.#wanted, entity, { by: by.add(key), missing: 0 }, MOST)
    if (heldBy === undefined) return
    const holder = asRead(heldBy)
    keepLatest(this.#losers, holder, (this.#losers.get(holder) ?? new Set()).add(key), MOST)
  }

  /** These Locations are gone: the keys of the files that may have what they held. */
  freed(removed: readonly string[]): string[] {
    return removed.flatMap(location => {
      const holder = asRead(location)
      const losers = this.#losers.get(holder) ?? []
      this.#losers.delete(holder)
      return [...losers]
    })
  }

  /** The keys of the files that want what nobody has any more: it went with its Location, or its file declares it no longer. */
  async look(there: There): Promise<string[]> {
    if (this.#wanted.size === 0) return []
    const has = await there([...this.#wanted.keys()])
    return [...this.#wanted].flatMap(([entity, wanted]) => {
      wanted.missing = has.has(entity) ? 0 : wanted.missing + 1
      if (wanted.missing >= FORGOTTEN_LOOKS) this.#wanted.delete(entity)
      return FREE_LOOKS.includes(wanted.missing) ? [...wanted.by] : []
    })
  }
}

export type NameWatchOptions = {
  conflicts: Pick<Conflicts, 'look'>
  knex: Knex
  /** What the catalog has read under these keys is read anew. */
  refresh: (keys: string[]) => Promise<unknown>
  /** Hears why the catalog could not be asked. */
  onTrouble: (error: unknown) => void
}

/** Returns how to end it. */
export function watchNames({ conflicts, knex, refresh, onTrouble }: NameWatchOptions): () => void {
  const there: There = async entities => {
    const marks = entities.map(() => '?').join(', ')
    const rows = rowsOf(
      await knex.raw(`SELECT entity_ref FROM refresh_state WHERE entity_ref IN (${marks})`, [...entities]),
    )
    return new Set(rows.map(row => String(row['entity_ref'])))
  }
  /** The catalog does nothing with a file that it reads as it read it before, when the name was another's: so it is made to forget what that came to. */
  const forgetResult = (keys: readonly string[]) =>
    knex.raw(
      `UPDATE refresh_state SET result_hash = '' WHERE entity_id IN (SELECT entity_id FROM refresh_keys k WHERE k.key IN (${keys.map(() => '?').join(', ')}))`,
      keys,
    )
  const look = async () => {
    const keys = await conflicts.look(there)
    if (keys.length === 0) return
    await forgetResult(keys)
    await refresh(keys)
  }
  return repeated(LOOK_MS, look, onTrouble)
}
