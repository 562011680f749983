// Opens the store where the configuration says that it is.
import type { StorePlace } from '../config/store-place.ts'
import type { Clock } from '../runtime/clock.ts'
import { addressOf, openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import { type Store, StoreUnavailable } from './store.ts'

/** For people: without user and password. */
export const placeName = (place: StorePlace): string =>
  place.kind === 'sqlite' ? place.path : `PostgreSQL at ${addressOf(place.url)}`

/** A database that is just starting, as after a power cut in the whole rack, is waited for; a missing one is soon known. */
const PATIENCE = { forMs: 30_000, everyMs: 1_000 }

export type OpenOptions = { clock: Clock; onTrouble: (message: string) => void }

/** Throws StoreRefused when the set-up is at fault, StoreUnavailable when a database did not answer for half a minute. */
export async function openStore(place: StorePlace, { clock, onTrouble }: OpenOptions): Promise<Store> {
  const { now } = clock
  if (place.kind === 'sqlite') return openSqliteStore({ path: place.path, ...clock })
  const untilMs = now() + PATIENCE.forMs
  for (;;) {
    try {
      return await openPostgresStore({ url: place.url, now, onTrouble })
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || now() >= untilMs) throw error
      onTrouble(`store: ${placeName(place)} is waited for: ${error.message}`)
      await new Promise<void>(resume => clock.after(PATIENCE.everyMs, resume))
    }
  }
}
