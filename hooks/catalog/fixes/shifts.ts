// Lines in the wrong column: where they could go, and tabs as blanks.
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { entryOf, itemOf, type Line, lineAbove, lineAt, linesAbove } from '../syntax/line.ts'
import { type Change, linesBetween } from './candidate.ts'

/** The line, with what is below it and further right, in each column where one of the lines above begins, or one step further right. */
export function shiftsOf(text: string, line: Line, isField: IsField): Change[][] {
  const key = entryOf(line)?.key
  if (key === undefined && itemOf(line) === undefined) return []
  const columns = new Set<number>()
  let limit = Number.POSITIVE_INFINITY
  for (const above of linesAbove(text, line)) {
    if (above.content.startsWith('#')) continue
    const entry = entryOf(above)
    for (const column of [above.indent, ...(entry === undefined ? [] : [entry.keyColumn])])
      if (column < limit) columns.add(column)
    limit = Math.min(limit, above.indent)
    if (limit === 0) break
  }
  const above = lineAbove(text, line)
  const opened = above && entryOf(above)
  if (opened?.value === '') columns.add(opened.keyColumn + 2)
  columns.delete(line.indent)
  // Further right an entry may be a line of a text.
  const ofSteps = [...columns].filter(column => isStep(text, line) && parentAt(text, line, column) === 'steps')
  return (ofSteps.length > 0 ? ofSteps : [...columns]).flatMap(column => {
    // What the catalog does not know there may be meant for any place.
    if (key !== undefined && !isField(key, parentAt(text, line, column))) return []
    const one = moved(text, line, column - line.indent, false)
    const all = moved(text, line, column - line.indent, true)
    return [one, all].filter(changes => changes !== undefined)
  })
}

/** Whether an entry has what every step of a template has. */
function isStep(text: string, line: Line): boolean {
  if (itemOf(line) === undefined) return false
  for (const at of linesBetween(text, line.start, text.length)) {
    const below = lineAt(text, at)
    if (at !== line.start && below.content !== '' && below.indent <= line.indent) break
    if (entryOf(below)?.key === 'action') return true
  }
  return false
}

/** Whether the catalog knows a field of this name: below that one, at the root (''), or anywhere. */
export type IsField = (name: string, parent?: string) => boolean

/** The key below which a line in this column would stand; undefined within a list. */
function parentAt(text: string, line: Line, column: number): string | undefined {
  if (column === 0) return ''
  for (const above of linesAbove(text, line)) {
    if (above.indent >= column || above.content.startsWith('#')) continue
    return itemOf(above) === undefined ? entryOf(above)?.key : undefined
  }
  return ''
}

/** `withNext`: the lines in the same column below it go with it. Undefined where a line has not as many blanks. */
function moved(text: string, line: Line, by: number, withNext: boolean): Change[] | undefined {
  const changes: Change[] = []
  for (const at of linesBetween(text, line.start, text.length)) {
    const { indent, content } = lineAt(text, at)
    if (content === '') continue
    if (at !== line.start && (withNext ? indent < line.indent : indent <= line.indent)) break
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(content)) break
    if (by > 0) changes.push({ start: at, end: at, text: ' '.repeat(by) })
    else if (indent >= -by && !text.slice(at, at - by).includes('\t'))
      changes.push({ start: at, end: at - by, text: '' })
    else return undefined
  }
  return changes
}

/** Tabs before the first sign of a line, each as wide as a step of the lines around it; or, in a text, of two. */
export function withoutTabs({ text, finding }: { text: string; finding: Finding }): Change[][] {
  if (finding.code !== 'yaml-tab') return []
  const step = /^( +)[^\s-]/m.exec(text)?.[1]?.length ?? 2
  return [step, 2 * step].map(width => {
    const changes: Change[] = []
    for (const at of linesBetween(text, 0, text.length)) {
      const blanks = /^[ \t]*/.exec(text.slice(at, at + 600))?.[0] ?? ''
      if (blanks.includes('\t'))
        changes.push({ start: at, end: at + blanks.length, text: blanks.replaceAll('\t', ' '.repeat(width)) })
    }
    return changes
  })
}
