// Bytes that are no UTF-8: the catalog reads the file all the same, and keeps a replacement character for each.
import { isUtf8 } from 'node:buffer'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { isMapValue } from '../check.ts'
import type { ParsedDocument } from '../parse.ts'

const REPLACEMENT = '\ufffd'

/** The first such byte, in hexadecimal. `text`: the bytes as they were read. */
export function firstNotUtf8(bytes: Uint8Array, text: string): string | undefined {
  if (!text.includes(REPLACEMENT) || isUtf8(bytes)) return undefined
  let at = 0
  let from = 0
  for (let next = text.indexOf(REPLACEMENT); next !== -1; next = text.indexOf(REPLACEMENT, from)) {
    at += Buffer.byteLength(text.slice(from, next))
    // The file may hold the replacement character itself.
    if (!(bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd)) break
    at += 3
    from = next + 1
  }
  return bytes[at]?.toString(16).padStart(2, '0')
}

/** A document with a replacement character in what the catalog keeps of it; in a comment it harms nobody. `byte`: of its file. */
export function encodingOf(parsed: ParsedDocument, byte: string | undefined, text: string): Finding | undefined {
  if (byte === undefined || parsed.result !== 'entity' || !holds(parsed.value)) return undefined
  const [start, , end] = parsed.document.range ?? [0, text.length, text.length]
  const at = text.indexOf(REPLACEMENT, start)
  if (at === -1 || at >= end) return undefined
  return { code: 'not-utf-8', facts: { byte }, range: { start: at, end: at + 1 } }
}

function holds(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(REPLACEMENT)
  if (Array.isArray(value)) return value.some(holds)
  return isMapValue(value) && Object.entries(value).some(([key, item]) => holds(key) || holds(item))
}
