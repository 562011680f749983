// Statements of SQLite: prepared once each, by their text; work is run through without a pause.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Answer, Row, Statement, Values, Work } from '../work/sql.ts'

type Prepared = { statement: StatementSync; names: readonly string[] }

export class Statements {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Does the work to its end, here and now. */
  do<T>(work: Work<T>): T {
    let next = work.next()
    while (!next.done) next = work.next(this.#answer(next.value))
    return next.value
  }

  #answer({ text, values, wants }: Statement): Answer {
    const { statement, names } = this.#prepared.get(text) ?? this.#prepare(text, values)
    const inOrder = names.map(name => boundValue(values, name))
    if (wants === 'changes') return { rows: [], changes: Number(statement.run(...inOrder).changes) }
    if (wants === 'rows') return { rows: statement.all(...inOrder) as Row[], changes: 0 } // columns of the schema: texts and integers, never blobs
    const row = statement.get(...inOrder) as Row | undefined
    return { rows: row ? [row] : [], changes: 0 }
  }

  /**
   * `:name` becomes `?`, as often as it is there: to bind values by their names costs as much as a small statement itself (the store's part of a backlog, 180 statements a key: 2.2 ms of
   * the processor's time in the place of 2.6).
   */
  #prepare(text: string, values: Values): Prepared {
    const names: string[] = []
    // One process writes here: there are no rows to lock.
    const ours = text.replaceAll(/ FOR UPDATE( SKIP LOCKED)?/g, '')
    const ordered = ours.replaceAll(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
      names.push(name)
      return '?'
    })
    const needless = Object.keys(values).find(name => !names.includes(name))
    if (needless !== undefined) throw new Error(`a statement with a value "${needless}" that it does not use`)
    const prepared = { statement: this.#db.prepare(ordered), names }
    this.#prepared.set(text, prepared)
    return prepared
  }
}

function boundValue(values: Values, name: string): SQLInputValue {
  const value = values[name]
  if (value === undefined) throw new Error(`a statement without its value "${name}"`)
  return value
}
