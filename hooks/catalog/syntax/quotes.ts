// Values that YAML does not read as the text they were meant to be, and how they are written in quotes.
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { clip } from '../../diagnostics/wording.ts'
import { entryOf, isBlockHeader, itemOf, type Line, lineBelow, linesAbove, partOf, withoutComment } from './line.ts'

/** The text in the quotes that need nothing escaped. */
export function inQuotes(value: string): string {
  if (!/["\\]/.test(value)) return `"${value}"`
  return `'${value.replaceAll("'", "''")}'`
}

/** The value of a line, with its key or dash in front, as it should be written. */
function rewritten(line: Line, value: string): string {
  const entry = entryOf(line)
  return entry ? `${entry.key}: ${inQuotes(value)}` : `- ${inQuotes(value)}`
}

const REASONS: [begins: RegExp, problem: string][] = [
  [/^@/, 'a string cannot begin with "@" without quotes'],
  [/^`/, 'a string cannot begin with a backtick without quotes'],
  [/^%/, 'a string cannot begin with "%" without quotes'],
  [/^,/, 'a string cannot begin with "," without quotes'],
  [/^[\]}]/, 'a string cannot begin with a closing bracket without quotes'],
  [/^\$?\{\{/, '"{{" begins a YAML map; a string with it needs quotes'],
  [/^\{/, '"{" begins a YAML map; a string with it needs quotes'],
  [/^\[/, '"[" begins a YAML list; a string with it needs quotes'],
  [/^\*/, '"*" begins a YAML alias; a string with it needs quotes'],
  [/^&/, '"&" begins a YAML anchor; a string with it needs quotes'],
  [/^\?\s/, '"?" begins a YAML key; a string with it needs quotes'],
  [/^!/, '"!" begins a YAML tag; a string with it needs quotes'],
]

/** The whole value of a line that has to go in quotes because of how it begins, or because its own quotes end too early. */
export function needsQuotes(line: Line): Finding | undefined {
  const place = entryOf(line) ?? itemOf(line)
  if (!place || place.value === '') return undefined
  const value = withoutComment(place.value)
  const range = partOf(line, place.valueColumn, value.length)
  const quote = value[0]
  if (quote === '"' || quote === "'") {
    const end = closingQuote(value)
    if (end === -1 || end === value.length - 1) return undefined
    // 'it's' and "say "hi" there": the outer quotes were meant to hold all of it.
    const meant = value.length > 1 && value.endsWith(quote) ? value.slice(1, -1) : value
    const problem = `the quote ends at column ${place.valueColumn + end + 1}, and ${JSON.stringify(clip(value.slice(end + 1).trim(), 24))} follows`
    return {
      code: 'yaml-quotes',
      facts: { problem, proposal: rewritten(line, meant.replaceAll("''", "'")) },
      range: partOf(line, place.valueColumn + end, value.length - end),
    }
  }
  const reason = REASONS.find(([begins]) => begins.test(value))
  if (!reason) return undefined
  const facts = { problem: reason[1], proposal: rewritten(line, value), ...asOwner(line, value) }
  return { code: 'yaml-quotes', facts, range }
}

/** As CODEOWNERS names a team: in quotes it would be accepted, and nobody's name. */
function asOwner(line: Line, value: string): { hint?: string } {
  const file = entryOf(line)?.key === 'definition' ? /^@(\S+)$/.exec(value)?.[1] : undefined
  if (file !== undefined)
    return { hint: `write below "definition:", on a line of its own and indented: $text: ${file}` }
  const name = entryOf(line)?.key === 'owner' ? /^@(?:[\w.-]+\/)?([A-Za-z0-9][\w.-]*)$/.exec(value)?.[1] : undefined
  return name === undefined ? {} : { hint: `write the name of the group alone: owner: ${name}` }
}

/** Where the quote that a value begins with is closed; -1 when it is not. */
function closingQuote(value: string): number {
  const quote = value[0]
  for (let i = 1; i < value.length; i++) {
    if (quote === '"' && value[i] === '\\') i++
    else if (value[i] === quote) {
      if (quote === "'" && value[i + 1] === "'") i++
      else return i
    }
  }
  return -1
}

/** `"C:\Users"`: only a few letters may follow a backslash between double quotes. */
export function wrongEscape(line: Line, at: number, sequence: string): Finding {
  const place = entryOf(line) ?? itemOf(line)
  const value = place ? withoutComment(place.value) : ''
  const range = { start: at, end: at + 2 }
  const problem = `"${sequence.slice(0, 2)}" is not an escape that YAML knows between double quotes`
  const proposal =
    value.length > 1 && closingQuote(value) === value.length - 1
      ? rewritten(line, value.slice(1, -1).replaceAll('\\"', '"'))
      : undefined
  return { code: 'yaml-quotes', facts: { problem, ...(proposal ? { proposal } : {}) }, range }
}

/** `description: Note: this`: a second ": " in a value without quotes. */
export function unquotedColon(line: Line): Finding | undefined {
  const entry = entryOf(line)
  if (!entry || /^["'[{|>&*!#]/.test(entry.value)) return undefined
  const value = withoutComment(entry.value)
  if (!/:(?:\s|$)/.test(value)) return undefined
  return {
    code: 'yaml-colon',
    facts: { proposal: rewritten(line, value) },
    range: partOf(line, entry.valueColumn, value.length),
  }
}

/** The line that opens a quote and does not close it: at this line or above, where the next line begins a key of its own. */
export function unclosedQuote(text: string, line: Line, isAtEnd: boolean): Finding | undefined {
  let opened: { line: Line; column: number; quote: string; value: string } | undefined
  for (const above of [line, ...linesAbove(text, line)]) {
    const place = entryOf(above) ?? itemOf(above)
    const quote = place?.value[0]
    if (!place || (quote !== '"' && quote !== "'") || closingQuote(place.value) !== -1) continue
    const next = lineBelow(text, above)
    const isOver =
      next === undefined || (next.indent <= above.indent && (entryOf(next) !== undefined || itemOf(next) !== undefined))
    // The uppermost is the cause: behind it all quotes are turned inside out.
    if (isOver) opened = { line: above, column: place.valueColumn, quote, value: place.value }
    else if (isAtEnd && !opened) opened = { line: above, column: place.valueColumn, quote, value: place.value }
  }
  if (!opened) return undefined
  const { line: at, column, quote, value } = opened
  const entry = entryOf(at)
  const proposal = `${entry ? `${entry.key}: ` : '- '}${value}${quote}`
  return {
    code: 'yaml-unclosed',
    facts: { opened: `the quote ${quote}`, closing: quote, proposal },
    range: partOf(at, column, value.length),
  }
}

/** `description: | text`: the text belongs on the lines below its sign. */
export function textBehindBlockSign(line: Line): Finding | undefined {
  const entry = entryOf(line) ?? itemOf(line)
  const match = /^([|>][-+0-9]*)(\s*)(\S.*)$/.exec(entry?.value ?? '')
  if (!entry || !match || isBlockHeader(entry.value)) return undefined
  const sign = match[1] ?? ''
  const at = entry.valueColumn + sign.length + (match[2] ?? '').length
  return {
    code: 'yaml-syntax',
    facts: {
      problem: `there is text after "${sign}"; the text has to begin on the next line`,
      hint: `end the line after "${sign}" and indent the text below it, or put the value in quotes`,
    },
    range: partOf(line, at, (match[3] ?? '').length),
  }
}
