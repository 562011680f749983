// The edge to PostgreSQL: transactions in our own schema, and which of its failures mean "not now".
import { createHash } from 'node:crypto'
import pg from 'pg'
import { errorCode } from '../../../schemas/error-code.ts'
import { StoreRefused, StoreUnavailable } from '../store.ts'
import type { Answer, Row, Statement, Values, Work } from '../work/sql.ts'

/** All our tables are in this schema: the database may be shared with others, Backstage's own among them. */
export const SCHEMA = 'catalog_gate'

/** The first half of our advisory locks' keys ("catg"): those of other programs in the same database have another. */
const LOCK_CLASS = 0x63617467

const LIMITS = {
  /** One takes pushes in, the others settle, forward and answer people. Ten replicas stay below PostgreSQL's default of 100. */
  connections: 8,
  /** Longer than a failover of a local address takes to be refused, shorter than a sender waits. */
  connectTimeoutMs: 5_000,
  /** The largest transaction takes a fraction of a second; what takes longer holds locks that others wait for. */
  statementTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
  /** Two replicas can wait for each other; PostgreSQL ends one of them, and its work is simply done again. */
  attempts: 5,
} as const

/** Beyond the server's own time-out, for a connection that is dead and does not know it. */
const ANSWER_MARGIN_MS = 5_000

/** Serialization failure, deadlock. */
const AGAIN_CODES = new Set(['40001', '40P01'])

/**
 * Classes of SQLSTATE that speak of the server and not of our statement: connection, transaction state, invalid authorization (a rotated password), resources,
 * operator intervention, system error; and read-only, which a standby is during a failover.
 */
const UNAVAILABLE_CLASSES = new Set(['08', '28', '53', '57', '58'])
const READ_ONLY = '25006'

export type PostgresOptions = {
  url: string
  /** A connection in the pool broke; the next statement takes another one. */
  onTrouble: (message: string) => void
  /** For work that is larger than a relay's own. */
  statementTimeoutMs?: number
}

export class Connections {
  readonly #pool: pg.Pool
  readonly #url: string

  constructor({ url, onTrouble, statementTimeoutMs = LIMITS.statementTimeoutMs }: PostgresOptions) {
    this.#url = url
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: 'catalog-gate',
      max: LIMITS.connections,
      connectionTimeoutMillis: LIMITS.connectTimeoutMs,
      idleTimeoutMillis: LIMITS.idleTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
      keepAlive: true,
      types: { getTypeParser },
    })
    this.#pool.on('error', error => onTrouble(`store: a connection to PostgreSQL has ended: ${error.message}`))
    // The pool listens to idle connections only; one that breaks while it is in use, between two statements, would end the process.
    this.#pool.on('connect', client => client.on('error', () => undefined))
  }

  /**
   * Does the work in one transaction, after taking a lock on each of these names: work on the same repository goes one after the other,
   * on all replicas. Rejects with StoreUnavailable when the database cannot.
   */
  async transaction<T>(work: () => Work<T>, names: readonly string[] = []): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work, names)
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error
        if (AGAIN_CODES.has(error.code) && attempt < LIMITS.attempts) continue
        throw isUnavailable(error) ? unavailable(error) : error
      }
    }
  }

  /** A connection beside the pool; the caller's to end. */
  async alone(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'catalog-gate is present',
      connectionTimeoutMillis: LIMITS.connectTimeoutMs,
      query_timeout: ANSWER_MARGIN_MS,
      keepAlive: true,
    })
    client.on('error', () => undefined) // told by 'end' too
    await client.connect()
    return client
  }

  async #once<T>(work: () => Work<T>, names: readonly string[]): Promise<T> {
    const client = await told(this.#pool.connect())
    let broken: Error | undefined
    try {
      // One message to the server. Without a search path in the connection's own set-up this also works behind a pooler.
      await told(client.query(`BEGIN; SET LOCAL search_path TO ${SCHEMA}; ${names.map(lock).sort().join('; ')}`))
      const value = await this.#run(client, work())
      await told(client.query('COMMIT'))
      return value
    } catch (error) {
      await client.query('ROLLBACK').catch((failed: Error) => {
        broken = failed
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  async #run<T>(client: pg.PoolClient, work: Work<T>): Promise<T> {
    let next = work.next()
    while (!next.done) {
      let answer: Answer
      try {
        answer = await ask(client, next.value)
      } catch (error) {
        work.return(undefined as never) // nobody goes on with it
        throw error
      }
      next = work.next(answer)
    }
    return next.value
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}

async function ask(client: pg.PoolClient, { text, values }: Statement): Promise<Answer> {
  const { numbered, names, id } = translate(text)
  const { rows, rowCount } = await told(
    client.query<Row>({ name: id, text: numbered, values: names.map(name => storable(values, name)) }),
  )
  return { rows, changes: rowCount ?? 0 }
}

type Translated = { numbered: string; names: string[]; id: string }
const translations = new Map<string, Translated>()

/** `:name` becomes `$1`; hints for SQLite go. Each text is translated once, and prepared once a connection. */
function translate(text: string): Translated {
  const known = translations.get(text)
  if (known) return known
  const names: string[] = []
  const numbered = text.replaceAll(/ INDEXED BY \w+/g, '').replaceAll(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  })
  const made = { numbered, names, id: createHash('sha256').update(numbered).digest('hex').slice(0, 32) }
  translations.set(text, made)
  return made
}

/** PostgreSQL keeps no NUL in a text; senders may put one into theirs. */
function storable(values: Values, name: string): string | number | null {
  const value = values[name]
  if (value === undefined) throw new Error(`a statement without its value "${name}"`)
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}

/** All our integers, times in milliseconds among them, are exact as numbers; pg would hand them out as texts. */
const INT8 = 20
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format)
}

const lock = (name: string) => `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${lockKey(name)})`

/** The second half of an advisory lock's key. */
export const lockKey = (name: string): number => createHash('sha256').update(name).digest().readInt32BE(0)

/** What the database or the way to it says; whatever else is thrown is a bug of ours. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
  /** SQLSTATE, or Node's code of a connection that did not come about, or ''. */
  readonly code: string

  constructor(error: unknown) {
    super(wordsOf(error))
    this.code = errorCode(error) ?? ''
  }
}

async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new DatabaseError(error)
  }
}

/** Several addresses, all refused, have no words of their own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

/** Without an SQLSTATE it is pg's own word on the connection: refused, ended, timed out. */
function isUnavailable({ code }: DatabaseError): boolean {
  if (!/^[0-9A-Z]{5}$/.test(code)) return true
  return UNAVAILABLE_CLASSES.has(code.slice(0, 2)) || code === READ_ONLY || AGAIN_CODES.has(code)
}

const unavailable = (error: DatabaseError) =>
  new StoreUnavailable(`PostgreSQL does not answer as it should: ${error.message}`, { cause: error })

/** Faults of the set-up: trying again will not help. */
export function refusal({ code, message }: DatabaseError, where: string): StoreRefused | undefined {
  if (code.startsWith('28'))
    return new StoreRefused(`store: ${where} does not let us in: ${message}. Check user and password in "store".`)
  if (code === '3D000')
    return new StoreRefused(`store: ${message} at ${where}. Create it, or name another one in "store".`)
  if (code === '42501')
    return new StoreRefused(
      `store: ${message} at ${where}. The user needs CREATE on the database once, or an own schema "${SCHEMA}".`,
    )
  return undefined
}
