// Diagnostics → the text that the pusher sees: plain, ASCII around what was pushed, at most 72 columns where it can be.
//
// Git prefixes every line with "remote: " and colours those that begin with error:, warning: or hint: itself.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import type { Note } from '../diagnostics/note.ts'

const FRAME_WIDTH = 72
/** Frames for problems of one code in one file; with more, the list is what helps. */
const FRAMES_OF_A_KIND = 2

export type Report = {
  /** A push is accepted or not; a check only finds. */
  headline?: 'push' | 'check'
  /** The verdict decides the first line: refused, or accepted with these remarks. */
  rejected: boolean
  diagnostics: Diagnostic[]
  /** The lines of a file, for the frames. */
  linesOf: (path: string, diagnostic: Diagnostic) => string[]
  /** What was not looked at, and why. */
  notes: Note[]
  maxProblems: number
  /** Without frames, for the web page or the API, where the text is shown raw. */
  short: boolean
  footer: string[]
}

export function terminalReport(report: Report): string {
  const { diagnostics, rejected } = report
  const errors = diagnostics.filter(d => d.severity === 'error').length
  const lines: string[] = []
  if (diagnostics.length > 0)
    lines.push(report.headline === 'check' ? checkHeadline(diagnostics) : headline(rejected, errors, diagnostics))
  const shown = diagnostics.slice(0, report.maxProblems)
  const timesOf = new Map<string, number>()
  for (const diagnostic of shown) {
    // The third of a kind in one file is understood without its line.
    const kind = `${diagnostic.code} ${diagnostic.path}`
    const times = (timesOf.get(kind) ?? 0) + 1
    timesOf.set(kind, times)
    lines.push(...problem(diagnostic, times > FRAMES_OF_A_KIND ? { ...report, short: true } : report))
  }
  if (diagnostics.length > shown.length) lines.push(`and ${diagnostics.length - shown.length} more`)
  for (const { path, text } of report.notes.slice(0, report.maxProblems))
    lines.push(`warning: ${path === undefined ? '' : `${printable(path)} `}${text}`)
  const unsaid = report.notes.length - report.maxProblems
  if (unsaid > 0) lines.push(`warning: and ${unsaid} more were not checked`)
  if (diagnostics.length > 0) lines.push(...report.footer.flatMap(line => line.split('\n')))
  // The last net: whatever a message quotes, nothing but what prints leaves here.
  return lines.map(line => `${printable(line)}\n`).join('')
}

function headline(rejected: boolean, errors: number, diagnostics: Diagnostic[]): string {
  const counted = rejected ? diagnostics.filter(d => d.severity === 'error') : diagnostics
  const paths = new Set(counted.map(d => d.path))
  const where = paths.size === 1 ? printable([...paths][0] ?? '') : `${paths.size} files`
  if (rejected) return `error: this push was not accepted: ${count(errors, 'problem')} in ${where}`
  return `warning: this push was accepted with ${count(diagnostics.length, 'problem')} in ${where}`
}

function checkHeadline(diagnostics: Diagnostic[]): string {
  const errors = diagnostics.filter(d => d.severity === 'error').length
  const warnings = diagnostics.length - errors
  const files = new Set(diagnostics.map(d => d.path)).size
  const parts = [...(errors > 0 ? [count(errors, 'error')] : []), ...(warnings > 0 ? [count(warnings, 'warning')] : [])]
  return `${errors > 0 ? 'error' : 'warning'}: ${parts.join(' and ')} in ${count(files, 'file')}`
}

function problem(diagnostic: Diagnostic, { linesOf, short }: Report): string[] {
  const { path, line, column, message, code, hint, url, label, withholds = 0 } = diagnostic
  const lines = [`${printable(path)}:${line}:${column}: ${message} [${code}]`]
  if (!short) lines.push(...frame(diagnostic, label, linesOf(path, diagnostic)))
  const more = url ? `more: ${url}` : undefined
  const way = [hint, more].filter(part => part !== undefined).join('. ')
  if (way) lines.push(`hint: ${way}`)
  if (withholds > 0) lines.push(withheldLine(withholds))
  return lines
}

const withheldLine = (withholds: number) =>
  `the catalog takes nothing of this file until then: ${count(withholds, 'good document')} ${withholds === 1 ? 'is' : 'are'} withheld`

/** The line with a caret under what is meant, and before or after it the second place. */
function frame(place: Place, label: Diagnostic['label'], lines: string[]): string[] {
  const marks = [{ ...place, text: '', mark: '^' }, ...(label ? [{ ...label, mark: '-' }] : [])].sort(
    (a, b) => a.line - b.line,
  )
  const gutter = Math.max(...marks.map(mark => String(mark.line).length))
  const out = [`${' '.repeat(gutter)} |`]
  let last: number | undefined
  for (const { line, column, endLine, endColumn, text, mark } of marks) {
    if (last !== undefined && line > last + 1) out.push('...')
    last = line
    const source = lines[line - 1] ?? ''
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
  const to = Math.min(source.length, from + width)
  const lead = from > 0 ? '...' : ''
  const before = lead + printable(source.slice(from, at))
  const marked = printable(source.slice(at, Math.min(to, at + Math.max(length, 0))))
  const after = printable(source.slice(Math.min(to, at + Math.max(length, 0)), to))
  return {
    shown: before + marked + after + (to < source.length ? '...' : ''),
    at: before.length,
    length: Math.max(1, marked.length),
  }
}
