// Statements of SQLite: prepared once each, by their text; work is run through without a pause.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row, Statement, Work } from '../work/sql.ts'

export class Statements {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Does the work to its end, here and now. */
  do<T>(work: Work<T>): T {
    let next = work.next()
    while (!next.done) next = work.next(this.#answer(next.value))
    return next.value
  }

  #answer({ text, values, wants }: Statement) {
    const statement = this.#prepared.get(text) ?? this.#prepare(text)
    if (wants === 'changes') return { rows: [], changes: Number(statement.run(values).changes) }
    return { rows: statement.all(values) as Row[], changes: 0 } // columns of the schema: texts and integers, never blobs
  }

  #prepare(text: string): StatementSync {
    // One process writes here: there are no rows to lock.
    const statement = this.#db.prepare(text.replaceAll(/ FOR UPDATE( SKIP LOCKED)?/g, ''))
    this.#prepared.set(text, statement)
    return statement
  }
}
