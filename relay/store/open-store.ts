// Where the store is, and how it is opened: a path is SQLite's, a URL PostgreSQL's.
import { resolve } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import { addressOf, openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import { type Store, StoreUnavailable } from './store.ts'

export type StorePlace = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string }

/** `text` as a configuration or a person writes it; a relative path counts from `folder`. Never quotes a URL: it has a password in it. */
export function storePlace(text: string, folder: string): StorePlace | { problem: string } {
  if (/^postgres(ql)?:/i.test(text)) {
    if (!URL.canParse(text))
      return {
        problem:
          'the URL cannot be read; expected postgres://USER:PASSWORD@HOST:5432/DATABASE (special characters percent-encoded)',
      }
    if (new URL(text).pathname.length < 2)
      return { problem: 'the URL names no database; expected postgres://USER:PASSWORD@HOST:5432/DATABASE' }
    return { kind: 'postgres', url: text }
  }
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]
  if (scheme !== undefined && scheme !== 'sqlite')
    return {
      problem: `"${scheme}:" is not known; expected the path of a SQLite file, or postgres://USER:PASSWORD@HOST:5432/DATABASE`,
    }
  return { kind: 'sqlite', path: resolve(folder, text.replace(/^sqlite:\/\//, '')) }
}

/** For people: without user and password. */
export const placeName = (place: StorePlace): string =>
  place.kind === 'sqlite' ? place.path : `PostgreSQL at ${addressOf(place.url)}`

/** A database that is just starting, as after a power cut in the whole rack, is waited for; a missing one is soon known. */
const PATIENCE = { forMs: 30_000, everyMs: 1_000 }

export type OpenOptions = { clock: Clock; onTrouble: (message: string) => void }

/** Throws StoreRefused when the set-up is at fault, StoreUnavailable when a database did not answer for half a minute. */
export async function openStore(place: StorePlace, { clock, onTrouble }: OpenOptions): Promise<Store> {
  const { now } = clock
  if (place.kind === 'sqlite') return openSqliteStore({ path: place.path, now })
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
