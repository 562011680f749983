// Bytes that are no UTF-8: the catalog reads the file all the same, and keeps a replacement character for each.
import { isUtf8 } from 'node:buffer'
import type { Code } from '../../diagnostics/codes.ts'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { isMapValue } from '../check.ts'
import type { ParsedDocument } from '../parse.ts'
import { proposeName, proposeNamespace, proposeTag } from './formats.ts'

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

/** What Windows PowerShell writes by ">", say: every other byte is 0. */
export function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  return (
    (first === 0) !== (second === 0) &&
    bytes.subarray(0, 64).filter(byte => byte === 0).length >= Math.min(bytes.length, 64) / 3
  )
}

/** The findings of a refused document, where what is wrong is how the file was saved. `bytes`: of a file that is not UTF-8. */
export function byEncoding(findings: readonly Finding[], bytes: Uint8Array, range: Finding['range']): Finding[] {
  if (isUtf16(bytes)) return [{ code: 'wrong-encoding', facts: { encoding: 'UTF-16' }, range }]
  const isOfBytes = ({ facts }: Finding) => JSON.stringify(facts).includes(REPLACEMENT)
  const first = findings.find(isOfBytes)
  if (first === undefined) return [...findings]
  const found = 'found' in first.facts ? first.facts.found : undefined
  const proposal = found === undefined ? undefined : PROPOSE[first.code]?.(asLatin1(found, bytes))
  const facts = {
    encoding: 'Latin-1 or the like',
    ...(found === undefined ? {} : { found }),
    ...(proposal === undefined ? {} : { proposal }),
  }
  return [{ code: 'wrong-encoding', facts, range: first.range }, ...findings.filter(finding => !isOfBytes(finding))]
}

const PROPOSE: Partial<Record<Code, (text: string) => string | undefined>> = {
  'name-format': proposeName,
  'namespace-format': proposeNamespace,
  'tag-format': proposeTag,
}

/** Of a longer one nothing is proposed anyway. */
const MAX_NAME = 300

/** The text as it looked in an editor. */
function asLatin1(found: string, bytes: Uint8Array): string {
  if (found.length > MAX_NAME) return found
  const shape = found.split(REPLACEMENT).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(shape.join('[\u0080-\u00ff]')).exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? found
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
