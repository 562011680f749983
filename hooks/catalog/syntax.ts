// The YAML parser's complaints in the writer's words, at the place that has to change rather than where the parser gave up.
import type { YAMLError } from 'yaml'
import type { Finding, Range } from '../report/diagnostic.ts'
import { lineStarts, placeOf } from './position.ts'

/** One finding for the root cause; further errors of a broken document are only echoes. Doubled keys are all told. */
export function explainSyntax(errors: readonly YAMLError[], text: string): Finding[] {
  const first = errors[0]
  if (first === undefined) return []
  const marker = conflictMarker(errors, text)
  if (marker) return [marker]
  if (first.code === 'DUPLICATE_KEY') return errors.filter(error => error.code === 'DUPLICATE_KEY').map(error => duplicateKey(error, text))
  return [explain(first, errors, text)]
}

function explain(error: YAMLError, errors: readonly YAMLError[], text: string): Finding {
  const range = rangeOf(error)
  const line = lineAt(text, range.start)
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { code: 'yaml-tab', facts: {}, range: tabRange(text, range.start) }
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const colon = unquotedColon(text, line)
      if (colon) return { code: 'yaml-colon', facts: { value: colon.value }, range: colon.range }
      return { code: 'yaml-indent', facts: { problem: 'this line is indented as if it belonged to the value before it' }, range }
    }
    case 'MULTILINE_IMPLICIT_KEY':
    case 'KEY_OVER_1024_CHARS':
      return { code: 'yaml-multiline-key', facts: { line: line.text.trim() }, range: line.range }
    case 'BAD_INDENT':
      return { code: 'yaml-indent', facts: { problem: sentence(error.message) }, range }
    case 'MISSING_CHAR': {
      const unclosed = unclosedBracket(error, text)
      if (unclosed) return unclosed
      // "Implicit map keys need to be followed by map values": a line that lost its colon
      if (/map values/.test(error.message)) return { code: 'yaml-multiline-key', facts: { line: line.text.trim() }, range: line.range }
      return { code: 'yaml-syntax', facts: { problem: sentence(error.message) }, range }
    }
    case 'BAD_SCALAR_START':
      return {
        code: 'yaml-syntax',
        facts: { problem: `a plain text cannot begin with "${text[range.start] ?? ''}"`, hint: 'put the value in quotes' },
        range,
      }
    case 'BAD_ALIAS':
      return { code: 'yaml-alias', facts: { problem: sentence(error.message) }, range }
    case 'RESOURCE_EXHAUSTION':
      return { code: 'yaml-syntax', facts: { problem: 'the document is nested too deeply' }, range }
    default: {
      const tab = errors.find(other => other.code === 'TAB_AS_INDENT')
      if (tab) return { code: 'yaml-tab', facts: {}, range: tabRange(text, tab.pos[0]) }
      return { code: 'yaml-syntax', facts: { problem: sentence(error.message) }, range }
    }
  }
}

function duplicateKey(error: YAMLError, text: string): Finding {
  const range = rangeOf(error)
  const line = lineAt(text, range.start)
  const key = /^\s*(?:- )*("[^"]*"|'[^']*'|[^:\s][^:]*?)\s*:/.exec(text.slice(range.start, line.range.end))?.[1] ?? line.text.trim()
  const whole = { start: range.start, end: range.start + key.length }
  const first = firstOccurrence(text, whole.start, key)
  const starts = lineStarts(text)
  const firstLine = placeOf(first ?? whole, text, starts).line
  return {
    code: 'yaml-duplicate-key',
    facts: { key: key.replace(/^["']|["']$/g, ''), firstLine },
    range: whole,
    ...(first ? { label: { range: first, text: 'first here' } } : {}),
  }
}

/** The nearest line above in the same column that begins with the key, quoted or not. */
function firstOccurrence(text: string, before: number, key: string): Range | undefined {
  const bare = key.replace(/^["']|["']$/g, '')
  const column = before - (text.lastIndexOf('\n', before - 1) + 1)
  let end = text.lastIndexOf('\n', before - 1)
  while (end >= 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    const rest = text.slice(start + column, end)
    const lead = text.slice(start, start + column)
    if (/^[\s-]*$/.test(lead) && lead.length === column) {
      const found = [bare, `"${bare}"`, `'${bare}'`].find(form => rest.startsWith(form) && /^\s*:/.test(rest.slice(form.length)))
      if (found) return { start: start + column, end: start + column + found.length }
    }
    if (start === 0) break
    end = start - 1
  }
  return undefined
}

/** `description: Note: this` - a second ": " in an unquoted value. */
function unquotedColon(text: string, line: Line): { value: string; range: Range } | undefined {
  const match = /^(\s*(?:- +)*[^\s:#'"[{][^:#]*:\s+)([^'"[{|>&*!#\s].*?:(?:\s.*|$))/.exec(line.text)
  const value = match?.[2]?.trimEnd()
  if (match?.[1] === undefined || value === undefined) return undefined
  const start = line.range.start + match[1].length - (line.text.length - line.text.trimStart().length)
  return { value, range: { start, end: Math.min(start + value.length, text.length) } }
}

function unclosedBracket(error: YAMLError, text: string): Finding | undefined {
  const quote = /Missing closing ("|')quote/.exec(error.message)?.[1]
  const at = error.pos[0]
  if (quote) {
    const opened = text.lastIndexOf(quote, Math.max(0, at - 1))
    const start = opened === -1 ? at : openingQuote(text, at, quote)
    return { code: 'yaml-unclosed', facts: { opened: `a text in ${quote} quotes`, closing: quote }, range: { start, end: start + 1 } }
  }
  const closing = /(?:must end with a|expected.*?) ([\]}])/.exec(error.message)?.[1]
  if (!closing) return undefined
  const opening = closing === ']' ? '[' : '{'
  const start = openingBracket(text, at, opening, closing)
  return {
    code: 'yaml-unclosed',
    facts: { opened: opening === '[' ? 'a list "["' : 'a map "{"', closing: `"${closing}"` },
    range: { start, end: start + 1 },
  }
}

/** The quote that begins a value on the nearest line above that has an odd number of them. */
function openingQuote(text: string, at: number, quote: string): number {
  let end = at
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    const found = [...text.slice(start, end)].filter(c => c === quote).length
    if (found % 2 === 1) return start + text.slice(start, end).lastIndexOf(quote)
    end = start - 1
  }
  return at
}

function openingBracket(text: string, at: number, opening: string, closing: string): number {
  let depth = 0
  for (let i = Math.min(at, text.length - 1); i >= 0; i--) {
    if (text[i] === closing) depth++
    else if (text[i] === opening && depth-- === 0) return i
  }
  return at
}

function conflictMarker(errors: readonly YAMLError[], text: string): Finding | undefined {
  const from = Math.min(...errors.map(error => error.pos[0]))
  // The parser may stop some lines behind the marker, or at the "=======" in the middle.
  const start = Math.max(0, text.lastIndexOf('\n', Math.max(0, from - 2000)))
  const match = /^(?:<{7} .*|={7}|>{7} .*)$/m.exec(text.slice(start))
  if (!match) return undefined
  const at = start + match.index
  return { code: 'yaml-conflict-marker', facts: { marker: match[0] }, range: { start: at, end: at + match[0].length } }
}

type Line = { text: string; range: Range }

/** The line around an offset, its range without the indentation. */
function lineAt(text: string, at: number): Line {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const next = text.indexOf('\n', at)
  const line = text.slice(start, next === -1 ? text.length : next).replace(/\r$/, '')
  return { text: line, range: { start: start + (line.length - line.trimStart().length), end: start + line.trimEnd().length } }
}

function tabRange(text: string, at: number): Range {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const tab = text.indexOf('\t', start)
  return tab === -1 ? { start: at, end: at + 1 } : { start: tab, end: tab + 1 }
}

function rangeOf(error: YAMLError): Range {
  const [start, end] = error.pos
  return { start, end: Math.max(end, start + 1) }
}

/** yaml's own words without its position and code frame, as the start of a sentence of ours. */
function sentence(message: string): string {
  const plain = message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
  return plain.charAt(0).toLowerCase() + plain.slice(1)
}
