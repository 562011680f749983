// What is missing or wrong around a value: quotes, and the sign that closes.
import type { Document } from 'yaml'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { entryOf, isBlockHeader, itemOf, type Line, lineAt, lineBelow, withoutComment } from '../syntax/line.ts'
import { at, type Change, inQuotes, linesBetween } from './candidate.ts'
import type { IsField } from './shifts.ts'

/** `[${{ parameters.a }}]` in a template: a map to YAML, and a text to whoever wrote it. */
export function quotedHoles(text: string, document: Document): Change[] | undefined {
  const [start, , end] = document.range ?? [0, 0, text.length]
  const changes: Change[] = []
  for (const from of linesBetween(text, start, end)) {
    const line = lineAt(text, from)
    const place = entryOf(line) ?? itemOf(line)
    if (!place || !/^[[{]/.test(place.value)) continue
    const base = line.start + place.valueColumn
    for (const { 0: hole, index } of place.value.matchAll(/(?<=[[{,:] *)\$\{\{[^{}"'\\]*\}\}(?= *[\],}])/g))
      changes.push({ start: base + index, end: base + index + hole.length, text: `"${hole}"` })
  }
  return changes.length === 0 ? undefined : changes
}

/** Texts for people; in another field `a: b` may be a map. */
const PROSE = ['description', 'title', 'displayName', 'summary']

/** A value that YAML takes for something else because of how it begins, of a colon in it, or of quotes that end too early. */
export function quotedWhole(text: string, isField: IsField, line: Line): Change[] | undefined {
  const entry = entryOf(line)
  const place = entry ?? itemOf(line)
  const value = withoutComment(place?.value ?? '')
  if (!place || value === '' || isBlockHeader(value)) return undefined
  const start = line.start + place.valueColumn
  const whole = (meant: string) => at(start, start + value.length, inQuotes(meant))
  if (text.slice(start, start + value.length) !== value) return undefined
  const isProse = entry !== undefined && (PROSE.includes(entry.key) || entry.key.includes('/'))
  const quote = /^["']/.exec(value)?.[0]
  if (quote !== undefined) return quotedAnew(value, quote, whole)
  if (/^[@`%,\]}]/.test(value) || /^\*(?![\w-]+$)/.test(value) || /^[!&]\s/.test(value)) return whole(value)
  if (/^[[{]/.test(value)) return isProse && !/[\]}]$/.test(value) ? whole(value) : undefined
  const [head = ''] = value.split(/:(?:\s|$)/)
  if (head === value || /^[$|>]/.test(value)) return undefined
  // The next field may have come onto this line.
  const isNext = /\s/.test(head) && isField(head.split(/\s+/).at(-1) ?? '')
  return isProse && !isNext ? whole(value) : undefined
}

function quotedAnew(value: string, quote: string, whole: (meant: string) => Change[]): Change[] | undefined {
  const inner = value.slice(1, -1)
  if (value.length < 3 || !value.endsWith(quote)) return undefined
  // A backslash that YAML knows may be meant.
  if (quote === '"' && inner.includes('\\')) return /\\[0abefnrtvuUxNLP_"/\\ ]/.test(inner) ? undefined : whole(inner)
  return inner.replaceAll(quote + quote, '').includes(quote) ? whole(inner) : undefined
}

/** A quote or bracket that is not closed, all of it on one line. */
export function closed(text: string, { code, range }: Finding, line: Line): Change[] | undefined {
  if (code !== 'yaml-unclosed') return undefined
  const entry = entryOf(line) ?? itemOf(line)
  const opening = entry?.value[0] ?? ''
  const value = entry?.value ?? ''
  const closing = { '[': ']', '{': '}', '"': '"', "'": "'" }[opening]
  if (!entry || closing === undefined || range.start !== line.start + entry.valueColumn) return undefined
  if (value.length < 2 || /[#\\]/.test(value) || value.slice(1).includes(closing) || /[,[{:]$/.test(value))
    return undefined
  const next = lineBelow(text, line)
  if (next !== undefined && (next.indent > line.indent || (entryOf(next) ?? itemOf(next)) === undefined))
    return undefined
  const end = line.start + entry.valueColumn + value.length
  return at(end, end, closing)
}
