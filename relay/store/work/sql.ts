// Work on the tables as a generator of statements: one text for both stores. SQLite answers at once, PostgreSQL when it can;
// the work itself cannot tell. A statement may say `INDEXED BY x` (SQLite's alone) and `FOR UPDATE` (PostgreSQL's alone); the other's is taken out.

type Value = string | number | null
export type Row = Record<string, Value>
/** Named as in the text: `:name`. */
export type Values = Readonly<Record<string, Value>>

export type Statement = { text: string; values: Values; wants: 'changes' | 'row' | 'rows' }
export type Answer = { rows: Row[]; changes: number }

/** What is done within one transaction. */
export type Work<T> = Generator<Statement, T, Answer>

/** How many rows changed. */
export function* run(text: string, values: Values = {}): Work<number> {
  return (yield { text, values, wants: 'changes' }).changes
}

export function* get(text: string, values: Values = {}): Work<Row | undefined> {
  return (yield { text, values, wants: 'row' }).rows[0]
}

export function* all(text: string, values: Values = {}): Work<Row[]> {
  return (yield { text, values, wants: 'rows' }).rows
}
