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

const MOST_ROWS = 16

/** So many to one statement: powers of two, so that there are few texts. */
export function lotsOf<T>(all: readonly T[]): T[][] {
  const lots: T[][] = []
  for (let from = 0, count = MOST_ROWS; from < all.length; from += count) {
    while (count > all.length - from) count /= 2
    lots.push(all.slice(from, from + count))
  }
  return lots
}

const texts = new Map<string, { text: string; names: string[][] }>()

/** Rows with the same columns, each with its value. */
export function* insertRows(table: string, rows: readonly Values[]): Work<void> {
  for (const lot of lotsOf(rows)) {
    const columns = Object.keys(lot[0] ?? {})
    const { text, names } = insertOf(table, columns, lot.length)
    const values: Record<string, Value> = {}
    for (const [i, ofRow] of names.entries())
      for (const [c, name] of ofRow.entries()) values[name] = lot[i]?.[columns[c] ?? ''] ?? null
    yield* run(text, values)
  }
}

function insertOf(table: string, columns: string[], count: number): { text: string; names: string[][] } {
  const key = `${table} ${count}`
  const known = texts.get(key)
  if (known) return known
  const names = Array.from({ length: count }, (_, i) => columns.map(column => `${column}${i}`))
  const lines = names.map(ofRow => `(${ofRow.map(name => `:${name}`).join(', ')})`)
  const made = { text: `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${lines.join(', ')}`, names }
  texts.set(key, made)
  return made
}
