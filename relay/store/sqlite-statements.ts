// Prepared statements by their text, each compiled once.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

export class Statements {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Returns how many rows changed. */
  run(sql: string, values: Record<string, SQLInputValue> = {}): number {
    return Number(this.#statement(sql).run(values).changes)
  }

  get(sql: string, values: Record<string, SQLInputValue> = {}): Row | undefined {
    return this.#statement(sql).get(values)
  }

  all(sql: string, values: Record<string, SQLInputValue> = {}): Row[] {
    return this.#statement(sql).all(values)
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known) return known
    const statement = this.#db.prepare(sql)
    this.#prepared.set(sql, statement)
    return statement
  }
}
