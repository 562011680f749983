// Lists and maps in brackets: not closed, closed twice, commas too many or too few.
import type { YAMLError } from 'yaml'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { clip } from '../../diagnostics/wording.ts'
import { entryOf, lineAt, lineNumber, linesBelow, withoutComment } from './line.ts'
import { inQuotes } from './quotes.ts'

/** The bracket that is open at an offset, looked for backwards. */
export function unclosedBracket(text: string, at: number, closing: ']' | '}'): Finding {
  const opening = closing === ']' ? '[' : '{'
  const start = openingBracket(text, at, opening, closing)
  const line = lineAt(text, start)
  const entry = entryOf(line)
  const value = entry ? withoutComment(entry.value) : ''
  // What is in it goes on below.
  let last = line
  for (const below of linesBelow(text, line)) {
    if (below.indent <= (entry?.keyColumn ?? line.indent)) break
    last = below
  }
  // When all of it stands on one line the closing one can be shown in its place.
  const proposal =
    entry && value.startsWith(opening) && !value.includes(closing) && last === line
      ? `${entry.key}: ${value.replace(/,$/, '')}${closing}`
      : undefined
  return {
    code: 'yaml-unclosed',
    facts: {
      opened: `the ${opening === '[' ? 'list' : 'map'} "${opening}"`,
      closing,
      ...(proposal
        ? { proposal }
        : last === line || / #/.test(last.content)
          ? {}
          : { line: lineNumber(text, last.range.start) }),
    },
    range: { start, end: start + (proposal ? value.length : 1) },
  }
}

function openingBracket(text: string, at: number, opening: string, closing: string): number {
  let depth = 0
  for (let i = Math.min(at, text.length) - 1; i >= 0; i--) {
    if (text[i] === closing) depth++
    else if (text[i] === opening && depth-- === 0) return i
  }
  return at
}

export function extraBracket(at: number, bracket: string): Finding {
  return {
    code: 'yaml-syntax',
    facts: { problem: `"${bracket}" closes nothing`, hint: 'remove it, or open it before' },
    range: { start: at, end: at + 1 },
  }
}

export function extraComma(at: number): Finding {
  return {
    code: 'yaml-syntax',
    facts: { problem: 'there is nothing before this comma', hint: 'remove the comma, or write an entry before it' },
    range: { start: at, end: at + 1 },
  }
}

/** Between two entries in brackets: the comma belongs behind the first of them. */
export function missingComma(text: string, at: number): Finding {
  const end = text.slice(0, at).trimEnd().length
  const start = Math.max(0, end - 1)
  if (/[[{]-$/.test(text.slice(0, end)))
    return {
      code: 'yaml-syntax',
      facts: { problem: '"-" begins an entry of a list, but not within brackets', hint: 'remove the "-"' },
      range: { start, end },
    }
  return {
    code: 'yaml-syntax',
    facts: { problem: 'a comma is missing here, before the next entry', hint: 'write "," after this character' },
    range: { start, end: Math.max(end, start + 1) },
  }
}

/** `["say "hi" there"]`: the quotes of an entry end in the midst of a word. */
export function quotesWithin(errors: readonly YAMLError[], text: string): Finding | undefined {
  const end = errors[0]?.pos[0] ?? 0
  const quote = text[end - 1] ?? ''
  if (!/["']/.test(quote) || !/[\p{L}\p{N}]/u.test(text[end] ?? '')) return undefined
  const line = lineAt(text, end)
  const before = text.slice(line.start, end - 1)
  const start = line.start + before.lastIndexOf(quote)
  const [whole] = new RegExp(`^.*?${quote}(?=\\s*[,\\]}])`).exec(text.slice(end, line.range.end)) ?? []
  if (start < line.start || whole === undefined || !isInFlow(errors, before, end)) return undefined
  const value = text.slice(start + 1, end + whole.length - 1)
  const problem = `the quote ends before ${JSON.stringify(clip(text.slice(end, end + whole.length), 24))}`
  return {
    code: 'yaml-quotes',
    facts: { problem, proposal: inQuotes(value) },
    range: { start, end: end + whole.length },
  }
}

/** What begins an entry: a key, brackets, or a string that ends one. */
const ENTRY = /^(?:[[{]|(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')\s*[:,\]}]|[\w$./-]+\s*:)/

/** Behind a string in quotes or a bracket, the next entry without a comma, as the parser met it in the midst of a line. */
export function betweenEntries(errors: readonly YAMLError[], text: string): Finding | undefined {
  const [first] = errors
  if (first?.code !== 'UNEXPECTED_TOKEN' || !/^Unexpected (?:[\w-]*scalar|flow-\w+-start)\b/.test(first.message))
    return undefined
  const at = first.pos[0]
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  const isSemicolon = text[at] === ';'
  if (!/["'\]}]\s*$/.test(line) || !isInFlow(errors, line, at)) return undefined
  const rest = text.slice(at + Number(isSemicolon), at + MAX_ENTRY).trimStart()
  if (!ENTRY.test(rest)) return undefined
  return isSemicolon
    ? {
        code: 'yaml-syntax',
        facts: { problem: '";" is in the place of ","', hint: 'write "," in its place' },
        range: { start: at, end: at + 1 },
      }
    : missingComma(text, at)
}

const MAX_ENTRY = 200

function isInFlow(errors: readonly YAMLError[], line: string, at: number): boolean {
  const signs = line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '')
  return (
    signs.replace(/[^[{]/g, '').length > signs.replace(/[^\]}]/g, '').length ||
    errors.some(({ code, pos }) => code === 'BLOCK_IN_FLOW' && pos[0] < at && at < pos[1]) ||
    errors.some(({ message }) => /between flow|^Flow /.test(message))
  )
}
