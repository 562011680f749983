// Bytes → YAML documents, read exactly as Backstage's catalog reads them (parseEntityYaml in @backstage/plugin-catalog-node 2.2.5).
import { type Document, isCollection, isPair, Lexer, parseAllDocuments } from 'yaml'
import type { Finding, Range } from '../diagnostics/diagnostic.ts'
import type { Facts } from '../diagnostics/facts.ts'
import { clip, WITHOUT_MARK } from '../diagnostics/wording.ts'
import { explainAlias } from './syntax/alias.ts'
import { beforeEachLine, notYaml } from './syntax/pasted.ts'
import { explainSyntax } from './syntax.ts'
import { unfolds } from './unfold.ts'

/** A plain JSON object as it came out of a document. */
export type Value = Record<string, unknown>

export type ParsedDocument =
  /** `text`: of the whole file. */
  | { result: 'entity'; document: Document; value: Value; text: string }
  | { result: 'empty' }
  /** `range`: from the beginning of the document to its end. Without findings: what is wrong with the file is told of the first one. */
  | { result: 'broken'; findings: Finding[]; range: Range }

export type ParsedFile = { text: string; documents: ParsedDocument[] }

/** As the catalog reads it: `merge: false`. The others change no verdict: no warnings on the pusher's terminal, no code frames for 100,000 errors. */
export function readYaml(text: string): readonly Document[] {
  const parsed = parseAllDocuments(text, { merge: false, logLevel: 'silent', prettyErrors: false })
  return Array.isArray(parsed) ? parsed : []
}

/** Documents fail one by one, but what cannot be resolved (an alias bomb) loses its document and all later ones, as in the catalog. */
export function parseCatalogFile(bytes: Uint8Array): ParsedFile {
  // As the catalog does, invalid UTF-8 becomes U+FFFD; yaml takes a byte order mark away itself. (TextDecoder takes 4 ms to load.)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (isTooRich(text)) return { text, documents: [broken([tooRich(text)], 0, text.length)] }
  const documents: ParsedDocument[] = []
  for (const document of readYaml(text)) {
    const read = readDocument(document, text)
    documents.push(read.parsed)
    if (read.stop) break
  }
  const other = (documents.some(isBroken) || text.includes('\0')) && !documents.some(isRead) ? notYaml(text) : undefined
  if (other === undefined) return { text, documents }
  const told = [other]
  return {
    text,
    documents: documents.map(one => (one.result === 'empty' ? one : broken(told.splice(0), 0, text.length))),
  }
}

const isBroken = ({ result }: ParsedDocument) => result === 'broken'
const ENVELOPE = ['apiVersion', 'kind', 'metadata']
/** As what may be an entity, or not at all. */
const isRead = (parsed: ParsedDocument) =>
  (parsed.result === 'entity' && ENVELOPE.some(key => Object.hasOwn(parsed.value, key))) ||
  (parsed.result === 'broken' && parsed.findings[0]?.code === 'not-checked')

/**
 * Beyond this yaml takes more memory and time than a hook has: 1 kB and more a key or value, and quadratic in some. The richest of 467 real
 * files has 3,571. A text counts once, but for lines in the ten thousands, so that a long file is seldom a rich one.
 */
const MAX_PARTS = 40_000

/** More than is read of a text that is YAML. */
export function isTooRich(text: string): boolean {
  if (text.length <= MAX_PARTS / 2) return false
  let parts = 0
  for (const token of new Lexer().lex(text)) {
    parts += WEIGHTS[token[0] ?? ''] ?? 1
    if (token === '---') parts += 3
    if (token.length > LONG_TEXT) parts += textParts(token)
    if (parts > MAX_PARTS) return true
  }
  return false
}

/** Of a text this long its lines count, and in quotes its escapes: yaml takes it apart into them, 800 bytes a line and 200 an escape. */
const LONG_TEXT = 4000

function textParts(text: string): number {
  const sign = text.startsWith("'") ? "'" : text.startsWith('"') ? '\\' : undefined
  const escapes = sign === undefined ? 0 : occurrences(text, sign)
  return 0.4 * occurrences(text, '\n') + 0.1 * escapes
}

function occurrences(text: string, sign: string): number {
  let count = 0
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) count++
  return count
}

/** By the first character of a token; what yaml makes no node of weighs little. */
const WEIGHTS: Record<string, number> = {
  '[': 2,
  '{': 1.5,
  ' ': 0,
  '\t': 0,
  '#': 0.1,
  '\n': 0.1,
  '\r': 0.05,
  ',': 0,
  ']': 0,
  '}': 0,
  '\u0002': 0,
  '\u001f': 0,
}

const tooRich = (text: string): Finding => ({
  code: 'not-checked',
  facts: { reason: 'the file has more than 40,000 keys and values, or 100,000 lines of text' },
  range: { start: 0, end: Math.min(1, text.length) },
})

const broken = (findings: Finding[], start: number, end: number): ParsedDocument => ({
  result: 'broken',
  findings,
  range: { start, end },
})

const brokenIn = ({ range }: Document, findings: Finding[], text: string): ParsedDocument =>
  broken(findings, range?.[0] ?? 0, range?.[2] ?? text.length)

function readDocument(document: Document, text: string): { parsed: ParsedDocument; stop: boolean } {
  const pasted = beforeEachLine(text, document.range?.[0] ?? 0, document.range?.[2])
  if (pasted !== undefined) return { parsed: brokenIn(document, [pasted], text), stop: false }
  if (document.errors.length > 0) {
    const findings = byMark(document, text) ?? explainSyntax(document, text)
    return { parsed: brokenIn(document, findings, text), stop: false }
  }
  if (nestsKeys(document, text))
    return {
      parsed: brokenIn(document, [notRead('its keys hold lists or maps that hold such keys', document)], text),
      stop: false,
    }
  let value: unknown
  try {
    value = document.toJSON()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { parsed: brokenIn(document, [explainAlias(error.message, document, text)], text), stop: true }
  }
  if (value === null) return { parsed: { result: 'empty' }, stop: false }
  const unfolded = text.includes('*') ? unfolds(value) : 'well'
  if (unfolded !== 'well')
    return { parsed: brokenIn(document, [unfoldedFinding(unfolded, document, text)], text), stop: false }
  if (Object.prototype.toString.call(value) !== '[object Object]') {
    const [start, end] = document.contents?.range ?? document.range ?? [0, 0]
    const firstLine = text.indexOf('\n', start)
    const range = { start, end: firstLine === -1 ? end : Math.min(end, firstLine) }
    const found = Array.isArray(value)
      ? 'a list'
      : `the ${typeof value} ${JSON.stringify(typeof value === 'string' ? clip(value, 40) : value)}`
    const column = text[start] === '[' ? 0 : start - text.lastIndexOf('\n', start - 1)
    const isPairs = typeof value === 'string' && /^\s*apiVersion\s*=/.test(value)
    const way = isPairs ? { way: 'write ": " in the place of each "=", and what is below another one indented' } : {}
    const facts = { found, ...way, ...(Array.isArray(value) ? asEntities(value, column) : {}) }
    return { parsed: brokenIn(document, [{ code: 'not-a-map', facts, range }], text), stop: false }
  }
  return { parsed: { result: 'entity', document, value: value as Value, text }, stop: false }
}

/** A list, or an indented line, behind a byte order mark: yaml takes the mark away, and its column is still counted. */
function byMark({ range }: Document, text: string): Finding[] | undefined {
  if (!/^\ufeff(?:-?[ \t]|-\r?\n)/.test(text) || (range?.[0] ?? 0) > 1) return undefined
  const plain = text.slice(1)
  const [first] = readYaml(plain)
  if (first === undefined) return undefined
  const { parsed } = readDocument(first, plain)
  const told = parsed.result === 'broken' ? parsed.findings.map(behindMark) : []
  if (told.length > 0) return told
  const problem = `a byte order mark (U+FEFF) stands before ${text[1] === '-' ? 'a list' : 'an indented line'}, which YAML then cannot read`
  return [{ code: 'yaml-syntax', facts: { problem, hint: WITHOUT_MARK }, range: { start: 0, end: 1 } }]
}

function behindMark(finding: Finding): Finding {
  const { range, label } = finding
  const shifted = {
    range: { start: range.start + 1, end: range.end + 1 },
    ...(label ? { label: { ...label, range: { start: label.range.start + 1, end: label.range.end + 1 } } } : {}),
  }
  return finding.code === 'not-a-map'
    ? { ...finding, ...shifted, facts: { ...finding.facts, isMarked: true } }
    : { ...finding, ...shifted }
}

/** A list at the root: the lines of one entity, or several entities. `column`: of its dashes, 0 in brackets. */
function asEntities(list: readonly unknown[], column: number): Omit<Facts['not-a-map'], 'found'> {
  const maps = list.filter(item => Object.prototype.toString.call(item) === '[object Object]')
  const keys = maps.flatMap(item => Object.keys(Object(item)))
  if (maps.length < list.length || !keys.includes('apiVersion')) return {}
  return { list: { column, of: new Set(keys).size === keys.length ? 'one entity' : 'entities' } }
}

/** yaml writes a key that is a list or a map as a text, and the keys in it once more: 720 bytes take it seconds and gigabytes, and no person writes one. */
const MAX_KEYS_IN_KEYS = 10

/** Whether it takes too long to make values of: keys that are lists whose entries have keys that are lists, and so on. */
export function nestsKeys({ contents }: Document, text: string): boolean {
  if (!text.includes('?') && !/[\]}]\s*:/.test(text)) return false
  const todo: { node: unknown; depth: number }[] = [{ node: contents, depth: 0 }]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, depth } = next
    if (depth > MAX_KEYS_IN_KEYS) return true
    if (isPair(node)) {
      todo.push({ node: node.key, depth: isCollection(node.key) ? depth + 1 : depth }, { node: node.value, depth })
    } else if (isCollection(node)) for (const item of node.items) todo.push({ node: item, depth })
  }
  return false
}

function notRead(reason: string, { range }: Document): Finding {
  const start = range?.[0] ?? 0
  return { code: 'not-checked', facts: { reason }, range: { start, end: start + 1 } }
}

/** What holds itself can be stored by no catalog; what is only too large for us is let through, and that is said. */
function unfoldedFinding(unfolded: 'into itself' | 'too large', document: Document, text: string): Finding {
  const from = document.range?.[0] ?? 0
  const start = Math.max(from, text.indexOf('*', from))
  const range = { start, end: start + 1 }
  if (unfolded === 'too large')
    return { code: 'not-checked', facts: { reason: 'its aliases make it too large' }, range }
  const problem = 'an alias is inside of what it names, which has no end'
  return { code: 'yaml-alias', facts: { problem, hint: 'write the values out' }, range }
}
