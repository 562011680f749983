// The YAML parser's complaints in the writer's words, at the place that has to change rather than where the parser gave up.
import type { Document, YAMLError } from 'yaml'
import type { Finding } from '../diagnostics/diagnostic.ts'
import {
  betweenEntries,
  extraBracket,
  extraComma,
  missingComma,
  quotesWithin,
  unclosedBracket,
} from './syntax/bracket.ts'
import { duplicateKeys, SECOND_ENTITY } from './syntax/duplicate.ts'
import { belowAValue, indentedStart, listLeftOfKey, outsideBlockText, wrongColumn } from './syntax/indent.ts'
import { type Line, lineAbove, lineAt, lineBelow, linesAbove, partOf } from './syntax/line.ts'
import { dashOfAnotherSort, listBehindKey, missingSpace, notAKey } from './syntax/not-a-key.ts'
import { needsQuotes, textBehindBlockSign, unclosedQuote, unquotedColon, wrongEscape } from './syntax/quotes.ts'
import { slip } from './syntax/slips.ts'

/** One finding for the root cause; further errors of a broken document are only echoes. Doubled keys are all told. */
export function explainSyntax(document: Document, text: string): Finding[] {
  const [first] = document.errors
  if (first === undefined) return []
  const marker = conflictMarker(document, first, text)
  if (marker) return [marker]
  if (first.code === 'DUPLICATE_KEY') {
    const doubled = duplicateKeys(
      document,
      document.errors.flatMap(({ code, pos }) => (code === 'DUPLICATE_KEY' ? [pos[0]] : [])),
      text,
    )
    if (doubled.length > 0) return doubled
  }
  const [at, end] = first.pos
  const nextLine = text.slice(at, end).indexOf('\n')
  const isInBrackets = document.errors.some(({ code, pos }) => code === 'BLOCK_IN_FLOW' && pos[0] === at)
  const comma =
    isInBrackets && nextLine !== -1 ? missingComma(text, at + nextLine) : betweenEntries(document.errors, text)
  const shown = lineBreaks(document, text, first) ?? tab(document.errors, text)
  return [shown ?? quotesWithin(document.errors, text) ?? comma ?? explain(first, text)]
}

/** Where one line may tell by itself what is wrong. */
const BY_LINE = [
  'MULTILINE_IMPLICIT_KEY',
  'BLOCK_AS_IMPLICIT_KEY',
  'MISSING_CHAR',
  'UNEXPECTED_TOKEN',
  'BAD_SCALAR_START',
  'BAD_INDENT',
]

function explain(error: YAMLError, text: string): Finding {
  const at = error.pos[0]
  const here = lineAt(text, at)
  const line = here.content === '' ? (lineBelow(text, here) ?? here) : here
  const { message } = error
  const inBraces = error.code === 'MULTILINE_IMPLICIT_KEY' ? commaBetween(text, at) : undefined
  if (inBraces) return inBraces
  const byLine = BY_LINE.includes(error.code) && !unclosedQuote(text, line, false) ? slip(text, line) : undefined
  if (byLine) return byLine
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (/block sequence/.test(message))
        return (
          missingSpace(line, text) ??
          outsideBlockText(text, line) ??
          listLeftOfKey(text, line) ??
          wrongColumn(text, line)
        )
      return unquotedColon(line) ?? belowAValue(text, line) ?? unclosedQuote(text, line, false) ?? notAKey(text, line)
    case 'MULTILINE_IMPLICIT_KEY':
      return unclosedQuote(text, line, false) ?? notAKey(text, line)
    case 'KEY_OVER_1024_CHARS':
      return generic(error, 'a key has more than 1,024 characters', 'is the colon of the next key missing?')
    case 'BAD_INDENT':
      return badIndent(error, text, line)
    case 'MISSING_CHAR':
      return missingCharacter(error, text, line)
    case 'UNEXPECTED_TOKEN':
      return unexpected(error, text, line)
    case 'BAD_SCALAR_START':
      return needsQuotes(line) ?? outsideBlockText(text, line) ?? notAKey(text, line)
    case 'BAD_DQ_ESCAPE':
      return wrongEscape(line, at, text.slice(at, at + 2))
    case 'BLOCK_IN_FLOW':
      return missingComma(text, at + (/^[^:\n]*/.exec(text.slice(at, at + 200))?.[0].lastIndexOf(' ') ?? 0))
    case 'BAD_ALIAS':
      return (
        dashOfAnotherSort(text, line) ??
        needsQuotes(line) ??
        generic(error, '"*" begins a YAML alias, and no name follows it', 'put the whole value in quotes')
      )
    case 'RESOURCE_EXHAUSTION':
      return generic(error, 'the document is nested too deeply', 'split it into several documents or files')
    case 'BAD_DIRECTIVE':
      return generic(error, 'a line that begins with "%" is a YAML directive', 'remove the line')
    case 'ALIAS_PROPS':
      return generic(error, 'an alias ("*name") cannot have an anchor or a tag of its own', 'remove what is before it')
    case 'MULTIPLE_ANCHORS':
      return generic(error, 'a value has two anchors ("&name")', 'remove one of them')
    case 'MULTIPLE_TAGS':
      return generic(error, 'a value has two tags ("!name")', 'remove one of them')
    default:
      return generic(error)
  }
}

function badIndent(error: YAMLError, text: string, line: Line): Finding {
  const closing = /end with a ([\]}])/.exec(error.message)?.[1]
  if (closing === ']' || closing === '}') return unclosedBracket(text, error.pos[0], closing)
  if (/same column/.test(error.message))
    return (
      unclosedQuote(text, line, false) ??
      missingSpace(line, text) ??
      outsideBlockText(text, line) ??
      wrongColumn(text, line)
    )
  return unclosedQuote(text, line, true) ?? generic(error)
}

function missingCharacter(error: YAMLError, text: string, line: Line): Finding {
  const { message } = error
  const at = error.pos[0]
  if (/Missing closing ["']quote/.test(message))
    return (
      unclosedQuote(text, lineAt(text, Math.max(0, at - 1)), true) ??
      generic(error, 'a quote is not closed', 'add the closing quote')
    )
  const closing = /must end with a ([\]}])/.exec(message)?.[1]
  if (closing === ']' || closing === '}') return unclosedBracket(text, at, closing)
  if (/Missing ,/.test(message)) return missingComma(text, at)
  if (/map values/.test(message)) return unclosedQuote(text, line, false) ?? notAKey(text, line)
  if (/Sequence item without/.test(message)) return missingSpace(line, text) ?? wrongColumn(text, line)
  if (/leading empty lines/.test(message)) return spacesBeforeText(text, line) ?? tabIn([line], text) ?? generic(error)
  if (/directives-end/.test(message)) return directive(text, line) ?? generic(error)
  if (/doc-start|start on same line/.test(message))
    return generic(error, 'a map begins on the line of "---"', 'put a line break after "---"')
  if (/Comments must be/.test(message))
    return (
      hashInBrackets(text, at) ??
      generic(
        error,
        'a "#" that begins a comment needs a space before it',
        'write a space before "#", or put the value in quotes',
      )
    )
  return generic(error)
}

function unexpected(error: YAMLError, text: string, line: Line): Finding {
  const { message } = error
  const at = error.pos[0]
  if (/Not a YAML token|header includes extra/.test(message)) return textBehindBlockSign(line) ?? notAKey(text, line)
  if (/block-seq-ind on same line/.test(message)) return listBehindKey(line) ?? generic(error)
  if (/Unexpected , in|empty item/.test(message)) return extraComma(at)
  const bracket = /"([\]}])"|Unexpected ([\]}]) in/.exec(message)
  if (bracket) return extraBracket(at, bracket[1] ?? bracket[2] ?? '')
  if (/at node end|in YAML stream/.test(message)) {
    return (
      secondInBraces(text, line, at) ??
      dashOfAnotherSort(text, line) ??
      outsideBlockText(text, line) ??
      indentedStart(text, line) ??
      needsQuotes(line) ??
      unclosedQuote(text, line, false) ??
      missingSpace(line, text) ??
      generic(error, 'there is text after the end of a value', 'put the whole value in quotes')
    )
  }
  return generic(error)
}

/** Two documents of JSON. */
function secondInBraces(text: string, line: Line, at: number): Finding | undefined {
  if (text[at] !== '{' || line.range.start !== at || lineAbove(text, line)?.content.endsWith('}') !== true)
    return undefined
  return { code: 'yaml-separator', facts: SECOND_ENTITY, range: { start: at, end: at + 1 } }
}

/** `{ … },` and the next one. */
function commaBetween(text: string, at: number): Finding | undefined {
  const end = text[at] === '{' ? /^\}(?=[ \t]*,[ \t]*\r?$)/m.exec(text.slice(at)) : null
  if (end === null || !/^,\s*\{/.test(text.slice(at + end.index + 1).trimStart())) return undefined
  const start = text.indexOf(',', at + end.index)
  const facts = { problem: 'a comma stands between two entities', hint: 'write a line "---" in its place' }
  return { code: 'yaml-separator', facts, range: { start, end: start + 1 } }
}

/** Conflict markers anywhere in the broken document: they are the cause, wherever the parser stopped. Both ends are shown. */
function conflictMarker(document: Document, first: YAMLError, text: string): Finding | undefined {
  const from = document.range?.[0] ?? 0
  // A rule of "=" may be a heading in somebody's text: alone it counts only where the parser stopped.
  const until = Math.max(document.range?.[2] ?? text.length, first.pos[1])
  const part = text.slice(0, until)
  const sides = /^[ \t]*(?:<{7}|\|{7}|>{7})(?: .*|$)/gm
  sides.lastIndex = lineAt(text, from).start
  const begin = sides.exec(part)
  if (!begin) {
    const line = lineAt(text, first.pos[0])
    const middle = [line, lineAbove(text, line)].find(near => near?.content === '=======')
    return middle ? { code: 'yaml-conflict-marker', facts: { marker: middle.content }, range: middle.range } : undefined
  }
  const end = /^[ \t]*>{7}.*/m.exec(text.slice(begin.index, begin.index + 100_000))
  const isAlone = (part.slice(lineAt(text, from).start).match(/^[ \t]*(?:<{7}|\|{7}|>{7}|={7}$)/gm) ?? []).length === 1
  const line = lineAt(text, begin.index)
  const endLine = end && end.index > 0 ? lineAt(text, begin.index + end.index) : undefined
  return {
    code: 'yaml-conflict-marker',
    facts: { marker: line.content, ...(isAlone ? { isAlone } : {}) },
    range: line.range,
    ...(endLine ? { label: { range: endLine.range, text: 'to here' } } : {}),
  }
}

/** Tabs in front of a line. The first is shown; the count says that it is not the only one. */
function tab(errors: readonly YAMLError[], text: string): Finding | undefined {
  const tabs = errors.filter(
    ({ code, message }) => code === 'TAB_AS_INDENT' || message.startsWith('Block scalar lines'),
  )
  const [first] = tabs
  // A tab far below another error is another matter.
  if (!first || lineAt(text, first.pos[0]).start > lineAt(text, errors[0]?.pos[0] ?? 0).start) return undefined
  return tabIn(
    tabs.map(({ pos }) => lineAt(text, pos[0])),
    text,
  )
}

/** Before the first of these lines. */
function tabIn(lines: readonly Line[], text: string): Finding | undefined {
  const [line] = lines
  const at = line === undefined ? -1 : text.slice(line.start, line.start + line.indent).indexOf('\t')
  if (line === undefined || at === -1) return undefined
  const others = new Set(lines.map(({ start }) => start)).size - 1
  return { code: 'yaml-tab', facts: { others }, range: partOf(line, at, 1) }
}

/** `[#java, go]` */
function hashInBrackets(text: string, at: number): Finding | undefined {
  const [word] = /^#[^\s,[\]{}"']+/.exec(text.slice(at, at + 100)) ?? []
  if (word === undefined || !/[[{,]$/.test(text.slice(0, at))) return undefined
  const facts = { problem: '"#" begins a YAML comment; a string with it needs quotes', proposal: `"${word}"` }
  return { code: 'yaml-quotes', facts, range: { start: at, end: at + word.length } }
}

/** Lines that end with a carriage return alone are one line to YAML. */
function lineBreaks(document: Document, text: string, error: YAMLError): Finding | undefined {
  // Only this document's part: a file may have 80,000 broken documents.
  const from = Math.min(document.range?.[0] ?? 0, error.pos[0])
  const found = /\r(?!\n)/.exec(text.slice(from, error.pos[1] + 200))
  if (!found) return undefined
  const at = from + found.index
  return {
    code: 'yaml-syntax',
    facts: {
      problem: 'a line ends with a carriage return alone, which is no line break to YAML',
      hint: 'save the file with LF (or CRLF) line ends',
    },
    range: { start: at, end: at + 1 },
  }
}

function directive(text: string, line: Line): Finding | undefined {
  const above = [line, ...linesAbove(text, line)].find(({ content, indent }) => indent === 0 && content.startsWith('%'))
  return (
    above && {
      code: 'yaml-syntax',
      facts: { problem: 'a line that begins with "%" is a YAML directive', hint: 'remove the line' },
      range: above.range,
    }
  )
}

/** A line of nothing but spaces above a text, deeper than the text itself. */
function spacesBeforeText(text: string, line: Line): Finding | undefined {
  if (line.start === 0) return undefined
  const above = lineAt(text, line.start - 1)
  if (above.content !== '' || above.indent === 0) return undefined
  return {
    code: 'yaml-indent',
    facts: {
      problem: `an empty line has ${above.indent} spaces, more than the text below it`,
      hint: 'remove its spaces',
    },
    range: partOf(above, 0, above.indent),
  }
}

function generic(error: YAMLError, problem?: string, hint?: string): Finding {
  const [start, end] = error.pos
  const facts = { problem: problem ?? sentence(error.message), ...(hint ? { hint } : {}) }
  return { code: 'yaml-syntax', facts, range: { start, end: Math.max(end, start + 1) } }
}

/** yaml's own words without its position and code frame, as the start of a sentence of ours. */
function sentence(message: string): string {
  const plain = message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
  return plain.charAt(0).toLowerCase() + plain.slice(1)
}
