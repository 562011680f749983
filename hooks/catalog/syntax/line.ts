// One line of a broken document, and its neighbours: what the YAML parser cannot tell any more is read from the lines.
import type { Range } from '../../diagnostics/diagnostic.ts'

/** More of a line is never looked at: patterns stay cheap on a line of a megabyte. */
const MAX_READ = 600
/** How far neighbours are looked for. */
const MAX_LINES = 200

export type Line = {
  /** Offset of its first character. */
  start: number
  indent: number
  /** Without indentation and line break, at most 600 characters. */
  content: string
  /** Of its content. */
  range: Range
}

/** `- key: value` taken apart; columns count from 0. */
export type Entry = { key: string; keyColumn: number; value: string; valueColumn: number }

export function lineAt(text: string, at: number): Line {
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  const next = text.indexOf('\n', start)
  const end = next === -1 ? text.length : next
  const read = text.slice(start, Math.min(end, start + MAX_READ))
  const mark = read.startsWith('\ufeff') ? 1 : 0
  const indent = /^[ \t]*/.exec(read.slice(mark))?.[0].length ?? 0
  const content = read.slice(mark + indent).trimEnd()
  const from = start + mark + indent
  return { start: start + mark, indent, content, range: { start: from, end: from + Math.max(content.length, 1) } }
}

/** The lines above that have something in them, nearest first, up to the beginning of the document. */
export function* linesAbove(text: string, line: Line): Generator<Line> {
  let start = line.start
  for (let i = 0; i < MAX_LINES && start > 0; i++) {
    const above = lineAt(text, start - 1)
    start = above.start
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(above.content) && above.indent === 0) return
    if (above.content !== '') yield above
  }
}

/** The lines below that have something in them, up to the end of the document. */
export function* linesBelow(text: string, line: Line): Generator<Line> {
  let next = text.indexOf('\n', line.start)
  for (let i = 0; i < MAX_LINES && next !== -1 && next + 1 < text.length; i++) {
    const below = lineAt(text, next + 1)
    next = text.indexOf('\n', below.start)
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(below.content) && below.indent === 0) return
    if (below.content !== '') yield below
  }
}

export const lineAbove = (text: string, line: Line): Line | undefined => first(linesAbove(text, line))
export const lineBelow = (text: string, line: Line): Line | undefined => first(linesBelow(text, line))
const first = (lines: Generator<Line>) => lines.next().value ?? undefined

/** The number of a line, for words; from 1. */
export function lineNumber(text: string, at: number): number {
  let n = 1
  for (let i = text.indexOf('\n'); i !== -1 && i < at; i = text.indexOf('\n', i + 1)) n++
  return n
}

/** Its key and value, when it has the shape `key: value` or `- key: value`. */
export function entryOf(line: Line): Entry | undefined {
  const dashes = /^(?:- +)*/.exec(line.content)?.[0].length ?? 0
  const rest = line.content.slice(dashes)
  const match =
    /^("(?:[^"\\]|\\.)*"|'[^']*'|(?!["'#])(?:[^:\s]|:(?!\s|$)|[^\S\n](?!#))*?)[^\S\n]*:(?:([^\S\n]+)(.*))?$/.exec(rest)
  if (!match || match[1] === undefined || match[1] === '') return undefined
  const value = match[3] ?? ''
  const keyColumn = line.indent + dashes
  return {
    key: match[1].replace(/^(["'])(.*)\1$/, '$2'),
    keyColumn,
    value,
    valueColumn: keyColumn + rest.length - value.length,
  }
}

/** An entry of a list without a key: `- value`. */
export function itemOf(line: Line): { value: string; valueColumn: number } | undefined {
  const match = /^(?:- +)+/.exec(line.content)
  return match ? { value: line.content.slice(match[0].length), valueColumn: line.indent + match[0].length } : undefined
}

/** A value without a comment behind it. */
export const withoutComment = (value: string) => value.replace(/\s+#.*$/, '').trimEnd()

export const isBlockHeader = (value: string) => /^[|>][-+0-9]*(?:\s+#.*)?$/.test(value)

/** The part of a line from a column on, as a range of the text. */
export const partOf = (line: Line, column: number, length: number): Range => ({
  start: line.start + column,
  end: line.start + column + Math.max(1, length),
})
