// A line of the benchmark's table, and the table.

export type Row = {
  what: string
  /** Of whole processes; left out where something else is measured. */
  medianMs?: number
  minMs?: number
  /** The figure that the target speaks about, with its unit: `1.74 x`, `+3 ms`, `8,214/s`. */
  figure?: string
  target?: string
  isMet?: boolean
  /** Why it could not be measured here, or what to know about the figure. */
  note?: string
}

/** A Markdown table, so that it can be put into a README as it is. */
export function table(rows: readonly Row[]): string {
  const head = ['what', 'median ms', 'min ms', 'figure', 'target', 'met']
  const cells = rows.map(row => [
    row.note === undefined ? row.what : `${row.what} (${row.note})`,
    inMs(row.medianMs),
    inMs(row.minMs),
    row.figure ?? '',
    row.target ?? '',
    row.isMet === undefined ? '' : row.isMet ? 'yes' : 'NO',
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => (row[i] ?? '').length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(' | ')} |`
  const rule = `|${widths.map((width, i) => '-'.repeat(width + (isNumber(i) ? 1 : 2)) + (isNumber(i) ? ':' : '')).join('|')}|`
  return [line(head), rule, ...cells.map(line)].join('\n')
}

const isNumber = (column: number) => column > 0 && column < 4
const pad = (cell: string, width: number, column: number) =>
  isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
const inMs = (ms: number | undefined) => (ms === undefined ? '' : ms.toFixed(1))
