// Applies edits to a text: the one place where a fix becomes bytes.
import type { Edit } from './diagnostic.ts'

/** The text with the edits in it. A byte order mark is no column. They must not lie over one another. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text)
  const mark = text.startsWith('\ufeff') ? 1 : 0
  const offset = (line: number, column: number) =>
    (starts[line - 1] ?? text.length) + column - 1 + (line === 1 ? mark : 0)
  let edited = ''
  let from = 0
  for (const { line, column, endLine, endColumn, text: inserted } of inOrder(edits)) {
    const start = offset(line, column)
    const end = offset(endLine, endColumn)
    if (start < from || end < start || end > text.length) throw new Error(`an edit at ${line}:${column} has no place`)
    edited += text.slice(from, start) + inserted
    from = end
  }
  return edited + text.slice(from)
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

export const inOrder = (edits: readonly Edit[]): Edit[] =>
  edits.toSorted((a, b) => a.line - b.line || a.column - b.column || a.endLine - b.endLine || a.endColumn - b.endColumn)

/** Whether one of the edits touches what another one changes; two that put something in at one place do, too. */
export function overlap(some: readonly Edit[], others: readonly Edit[]): boolean {
  return some.some(a => others.some(b => !(isBefore(a, b) || isBefore(b, a))))
}

const isBefore = (a: Edit, b: Edit) =>
  (a.endLine < b.line || (a.endLine === b.line && a.endColumn <= b.column)) && !isSamePlace(a, b)

const isSamePlace = (a: Edit, b: Edit) => a.line === b.line && a.column === b.column
