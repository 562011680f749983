// The store of several replicas: PostgreSQL, in a schema of our own.
import { sqlStore } from '../sql-store.ts'
import { type Store, StoreUnavailable } from '../store.ts'
import { countOpen } from '../work/records.ts'
import { Connections, DatabaseError, type PostgresOptions, refusal, SCHEMA } from './connection.ts'
import { postgresEngine } from './postgres-engine.ts'
import { Presence } from './presence.ts'
import { migratePostgres } from './schema.ts'

/** Connects, and brings the schema up to date. Throws StoreRefused when the set-up is at fault, StoreUnavailable when the database is away. */
export async function openPostgresStore(options: PostgresOptions & { now: () => number }): Promise<Store> {
  const connections = new Connections(options)
  try {
    await connections.transaction(() => migratePostgres(SCHEMA), ['the schema'])
    const open = await connections.transaction(() => countOpen())
    const presence = new Presence(connections)
    await presence.hold()
    return sqlStore(postgresEngine(connections, presence, options.now, open), options.now)
  } catch (error) {
    await connections.close()
    throw refusalOf(error, options.url)
  }
}

/** Faults of the set-up in words that say what to do; whatever else it was as it is. */
export function refusalOf(error: unknown, url: string): unknown {
  const cause = error instanceof StoreUnavailable ? error.cause : error
  return (cause instanceof DatabaseError && refusal(cause, addressOf(url))) || error
}

/** Host and database, without user and password. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host || 'the local socket'}${pathname}`
}
