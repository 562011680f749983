// Diagnostics → the text that the pusher sees: plain, ASCII around what was pushed, at most 72 columns where it can be.
//
// Git prefixes every line with "remote: " and colours those that begin with error:, warning: or hint: itself.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { type Lines, linesOf } from '../diagnostics/lines.ts'
import type { Note } from '../diagnostics/note.ts'
import { listed } from '../diagnostics/wording.ts'
import { cellsOf } from './cells.ts'

const FRAME_WIDTH = 72
/** Of more findings that are alike, so many are shown. */
const EXAMPLES = 3

/** A finding as it is told: `on` names its branches where several were pushed; `wasThere`: before this push, too. */
export type Reported = Diagnostic & { on?: readonly string[]; wasThere?: true }

export type Report = {
  /** A push is accepted or not; a check only finds. */
  headline?: 'push' | 'check'
  /** The verdict decides the first line: refused, or accepted with these remarks. */
  rejected: boolean
  /** GHES lets the push land, whatever the verdict. */
  inTesting?: true
  diagnostics: Reported[]
  /** So many of them the default branch refuses, where this push is accepted. */
  refusedLater?: number
  /** The text of a file, for the frames. */
  textOf: (path: string, diagnostic: Diagnostic) => string
  /** What was not looked at, and why. */
  notes: Note[]
  maxProblems: number
  /** Without frames, for the web page or the API, where the text is shown raw. */
  short: boolean
  footer: string[]
}

export function terminalReport(report: Report): string {
  const { diagnostics } = report
  const lines: string[] = []
  const read = reader(report)
  if (diagnostics.length > 0)
    lines.push(...(report.headline === 'check' ? [checkHeadline(diagnostics)] : headline(report)))
  let room = report.maxProblems
  let untold = 0
  for (const alike of groupsOf(diagnostics)) {
    const shown = alike.slice(0, Math.min(room, EXAMPLES))
    room -= shown.length
    for (const diagnostic of shown) lines.push(...problem(diagnostic, report, read))
    const more = alike.slice(shown.length)
    if (shown.length > 0 && shown.length === EXAMPLES && more.length > 0) lines.push(moreLine(more))
    else untold += more.length
  }
  if (untold > 0) lines.push(`and ${untold} more`)
  for (const { path, text } of report.notes.slice(0, report.maxProblems))
    lines.push(`warning: ${path === undefined ? '' : `${printable(path)} `}${text}`)
  const unsaid = report.notes.length - report.maxProblems
  if (unsaid > 0) lines.push(`warning: and ${unsaid} more were not checked`)
  if (diagnostics.length > 0) lines.push(...report.footer.flatMap(line => line.split('\n')))
  // The last net: whatever a message quotes, nothing but what prints leaves here.
  return lines.map(line => `${printable(line)}\n`).join('')
}

/** In their order; findings of one sort, whatever names and values they quote, together where not all of them are shown. */
function groupsOf(diagnostics: readonly Reported[]): Reported[][] {
  const groups = new Map<string, Reported[]>()
  const groupOf = diagnostics.map(diagnostic => {
    const { code, severity, on, message } = diagnostic
    const shape = message.replace(/"[^"]*"|\([^()]*\)|\d+/g, '')
    const key = JSON.stringify([code, severity, on, shape])
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(diagnostic)
    return group
  })
  return diagnostics.flatMap((diagnostic, i) => {
    const group = groupOf[i] ?? []
    if (group.length <= EXAMPLES) return [[diagnostic]]
    return group[0] === diagnostic ? [group] : []
  })
}

function moreLine(more: readonly Reported[]): string {
  const files = new Set(more.map(({ path }) => path))
  const [first] = more
  return `and ${more.length} more like ${more.length === 1 ? 'this' : 'these'} [${first?.code}], in ${whereOf(files)}`
}

const whereOf = (paths: ReadonlySet<string>) =>
  paths.size === 1 ? printable([...paths][0] ?? '') : `${paths.size} files`

function headline({ rejected, inTesting, diagnostics, refusedLater = 0 }: Report): string[] {
  const errors = diagnostics.filter(d => d.severity === 'error')
  const where = whereOf(new Set((rejected ? errors : diagnostics).map(d => d.path)))
  if (rejected) {
    const warnings = diagnostics.length - errors.length
    const beside = warnings > 0 ? `, and ${count(warnings, 'warning')}` : ''
    const fate = inTesting
      ? 'warning: the gate is in testing; once it is enforced, it will refuse a push like this'
      : 'error: this push was not accepted'
    return [`${fate}: ${count(errors.length, 'problem')} in ${where}${beside}`]
  }
  const refused = refusedLater === diagnostics.length ? 'this' : `${refusedLater} of them`
  return [
    `warning: this push was accepted with ${count(diagnostics.length, 'problem')} in ${where}`,
    ...(refusedLater > 0 ? [`warning: the default branch will refuse ${refused}`] : []),
  ]
}

function checkHeadline(diagnostics: Diagnostic[]): string {
  const errors = diagnostics.filter(d => d.severity === 'error').length
  const warnings = diagnostics.length - errors
  const files = new Set(diagnostics.map(d => d.path)).size
  const parts = [...(errors > 0 ? [count(errors, 'error')] : []), ...(warnings > 0 ? [count(warnings, 'warning')] : [])]
  return `${errors > 0 ? 'error' : 'warning'}: ${parts.join(' and ')} in ${count(files, 'file')}`
}

type ReadLines = (diagnostic: Diagnostic) => Lines

/** Counted once for a text. */
function reader({ textOf }: Report): ReadLines {
  const known = new Map<string, Lines>()
  return diagnostic => {
    const text = textOf(diagnostic.path, diagnostic)
    const lines = known.get(text) ?? linesOf(text)
    known.set(text, lines)
    return lines
  }
}

function problem(diagnostic: Reported, { short }: Report, read: ReadLines): string[] {
  const { path, line, column, severity, message, code, hint, url, label, on, wasThere, withholds = 0 } = diagnostic
  const where = on === undefined ? '' : `on ${printable(listed(on, 'and'))}: `
  const lines = [`${printable(path)}:${line}:${column}: ${severity}: ${where}${message} [${code}]`]
  if (!short) lines.push(...frame(diagnostic, label, read(diagnostic)))
  const more = url ? `more: ${url}` : undefined
  const way = [hint, more].filter(part => part !== undefined).join('. ')
  if (way) lines.push(`hint: ${way}`)
  if (wasThere) lines.push('it was there before this push')
  if (withholds > 0) lines.push(withheldLine(withholds))
  return lines
}

const withheldLine = (withholds: number) =>
  `until then the catalog accepts nothing of this file: ${count(withholds, 'good document')} ${withholds === 1 ? 'is' : 'are'} withheld`

/** The line with a caret under what is meant, and before or after it the second place. */
function frame(place: Place, label: Diagnostic['label'], lines: Lines): string[] {
  const marks = [{ ...place, text: '', mark: '^' }, ...(label ? [{ ...label, mark: '-' }] : [])].sort(
    (a, b) => a.line - b.line,
  )
  const gutter = Math.max(...marks.map(mark => String(mark.line).length))
  const out = [`${' '.repeat(gutter)} |`]
  let last: number | undefined
  for (const { line, column, endLine, endColumn, text, mark } of marks) {
    if (last !== undefined && line > last + 1) out.push('...')
    last = line
    const source = lines.lineAt(line)
    const { shown, at, length } = cut(
      source,
      column - 1,
      (endLine === line ? endColumn - 1 : source.trimEnd().length) - (column - 1),
    )
    const underline = mark + (mark === '^' ? '~' : '-').repeat(Math.max(0, length - 1))
    out.push(`${String(line).padStart(gutter)} | ${shown}`.trimEnd())
    out.push(`${' '.repeat(gutter)} | ${' '.repeat(at)}${underline}${text ? ` ${text}` : ''}`)
  }
  return out
}

/** A window of a long line around the marked part, everything in it printable, with the mark's new place. */
function cut(source: string, at: number, length: number): { shown: string; at: number; length: number } {
  const width = FRAME_WIDTH - 8
  const from = source.length <= width || at < width - 10 ? 0 : at - Math.floor(width / 3)
  let to = Math.min(source.length, from + width)
  while (to > at + 1 && cellsOf(printable(source.slice(from, to))) > width) to--
  const lead = from > 0 ? '...' : ''
  const before = lead + printable(source.slice(from, at))
  const marked = printable(source.slice(at, Math.min(to, at + Math.max(length, 0))))
  const after = printable(source.slice(Math.min(to, at + Math.max(length, 0)), to))
  return {
    shown: before + marked + after + (to < source.length ? '...' : ''),
    at: cellsOf(before),
    length: Math.max(1, cellsOf(marked)),
  }
}
