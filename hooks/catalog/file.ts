// One catalog file: its documents with their status, and everything that is wrong with them, in order of place.
import { type Code, codes, wordsOf } from '../diagnostics/codes.ts'
import type { Diagnostic, Finding, Severity } from '../diagnostics/diagnostic.ts'
import { shown } from '../diagnostics/hints.ts'
import { type Lines, linesOf } from '../diagnostics/lines.ts'
import { byEncoding, encodingOf, firstNotUtf8, isUtf16 } from './checks/encoding.ts'
import { dividedBefore } from './divided.ts'
import { doubtsAbout } from './doubts.ts'
import { type ParsedDocument, parseCatalogFile } from './parse.ts'
import { placeOf } from './position.ts'
import { isLfsPointer, type QuotedFiles } from './quoted.ts'
import { holeFrom, holeInBroken } from './templated.ts'
import { type Entity, judge, type Site } from './validate.ts'

/** `withheld`: good by itself, but another document keeps the whole file out. */
type DocumentStatus = {
  index: number
  status: 'accepted' | 'rejected' | 'withheld' | 'empty' | 'templated'
  entity?: string
}

export type CheckedFile = {
  path: string
  text: string
  documents: DocumentStatus[]
  diagnostics: Diagnostic[]
  /** What could be read as an entity, right or wrong. */
  entities: Entity[]
  /** The first hole of a template in it, for which a document was passed over. */
  hole?: { text: string; line: number }
  /** catalog.rules take a kind in it only from a file that is registered elsewhere, as one is that a Location names. */
  isOutOfPlace?: true
  /** Its bytes, where an owner is missing that CODEOWNERS of the tree may give: that was not looked at, and it is to be judged anew. */
  ownerless?: Uint8Array
  /** It was reached through a Location. */
  isFollowed?: true
  /** It is unchanged, and what is found comes from these, which the push changes. */
  causes?: readonly string[]
}

export type Rules = Site & {
  /** A code's severity when it is not its own. */
  severities: Readonly<Record<string, Severity | 'off'>>
  helpUrl: string
}

/** `quoted`: what is known of the files that it quotes. */
export function checkFile(path: string, bytes: Uint8Array, rules: Rules, quoted?: QuotedFiles): CheckedFile {
  if (isLfsPointer(bytes)) return pointerFile(path, bytes, rules)
  const { text, documents } = parseCatalogFile(bytes)
  const lines = linesOf(text)
  const checked: CheckedFile = { path, text, documents: [], diagnostics: [], entities: [] }
  if (rules.isFollowed) checked.isFollowed = true
  const barriers = new Set<number>()
  let badByte = firstNotUtf8(bytes, text)
  for (const [index, parsed] of documents.entries()) {
    const { status, findings, isRefused, keepsFileOut, isOutOfPlace, lacksOwner, entity, hole } = checkDocument(
      documents,
      path,
      index,
      text,
      rules,
      quoted,
    )
    const isTaken = status === 'judged' && findings.every(({ code }) => severityOf(code, rules) !== 'error')
    const encoding = isTaken ? encodingOf(parsed, badByte, text) : undefined
    if (encoding !== undefined) {
      findings.push(encoding)
      badByte = undefined
    }
    const told =
      isTaken || (badByte === undefined && !isUtf16(bytes))
        ? findings
        : byEncoding(findings, bytes, { start: 0, end: 1 })
    const diagnostics = told.flatMap(finding => diagnosticOf(finding, path, index, text, lines, rules) ?? [])
    const refused = isRefused === true || diagnostics.some(d => d.severity === 'error')
    checked.diagnostics.push(...diagnostics)
    checked.documents.push({
      index,
      // A rule that was turned down to a warning does not make the catalog accept it, but the verdict is the configuration's.
      status: status === 'judged' ? (refused ? 'rejected' : 'accepted') : status,
      ...(entity ? { entity: entity.ref } : {}),
    })
    if (refused && keepsFileOut) barriers.add(index)
    if (isOutOfPlace) checked.isOutOfPlace = true
    if (lacksOwner) checked.ownerless = bytes
    if (entity) checked.entities.push(entity)
    if (hole !== undefined) checked.hole ??= holeOf(hole, text, lines)
  }
  checked.diagnostics.sort(byPlace)
  return barriers.size === 0 ? checked : withheld(checked, barriers)
}

function holeOf(start: number, text: string, lines: Lines): { text: string; line: number } {
  const hole = holeFrom(text, start)
  return { text: hole.text, line: placeOf(hole.range, text, lines).line }
}

/** What Git LFS commits in the place of a file. Whether GHES gives the file itself where a Location names it is not known. */
function pointerFile(path: string, bytes: Uint8Array, rules: Rules): CheckedFile {
  const text = Buffer.from(bytes).toString('utf8')
  const file: CheckedFile = { path, text, documents: [], diagnostics: [], entities: [] }
  if (rules.isFollowed) return { ...file, isFollowed: true }
  const range = { start: 0, end: text.trimEnd().split('\n')[0]?.length ?? 0 }
  return withFindings(
    { ...file, documents: [{ index: 0, status: 'accepted' }] },
    [{ document: 0, finding: { code: 'lfs-pointer', facts: {}, range } }],
    rules,
  )
}

/** The catalog takes a file whole or not at all (DefaultCatalogProcessingEngine: a Location with any error leaves everything as it was). */
function withheld(file: CheckedFile, barriers: ReadonlySet<number>): CheckedFile {
  const documents = file.documents.map(
    (document): DocumentStatus => (document.status === 'accepted' ? { ...document, status: 'withheld' } : document),
  )
  const withholds = documents.filter(({ status }) => status === 'withheld').length
  const first = file.diagnostics.find(({ severity, document }) => severity === 'error' && barriers.has(document))
  const diagnostics = file.diagnostics.map(one => (one === first && withholds > 0 ? { ...one, withholds } : one))
  return { ...file, documents, diagnostics }
}

const byPlace = (a: Diagnostic, b: Diagnostic) => a.line - b.line || a.column - b.column

/** The file with findings that needed more than the file itself; one that is configured as an error refuses its document. */
export function withFindings(
  file: CheckedFile,
  found: readonly { document: number; finding: Finding }[],
  rules: Rules,
): CheckedFile {
  const lines = linesOf(file.text)
  const more = found.flatMap(
    ({ document, finding }) => diagnosticOf(finding, file.path, document, file.text, lines, rules) ?? [],
  )
  const refused = new Set(more.flatMap(({ severity, document }) => (severity === 'error' ? [document] : [])))
  return {
    ...file,
    documents: file.documents.map(document =>
      refused.has(document.index) ? { ...document, status: 'rejected' } : document,
    ),
    diagnostics: [...file.diagnostics, ...more].sort(byPlace),
  }
}

const softened = new WeakMap<CheckedFile, CheckedFile>()

/** The file of somebody else, so to speak: what is wrong with it is no reason to refuse a push that did not touch it. */
export function asWarnings(file: CheckedFile): CheckedFile {
  if (file.diagnostics.every(({ severity }) => severity === 'warning')) return file
  const soft = softened.get(file) ?? {
    ...file,
    diagnostics: file.diagnostics.map(one => ({ ...one, severity: 'warning' as const })),
  }
  softened.set(file, soft)
  return soft
}

type DocumentCheck = {
  status: 'judged' | 'empty' | 'templated'
  findings: Finding[]
  /** By what is told of another document. */
  isRefused?: boolean
  keepsFileOut?: boolean
  isOutOfPlace?: boolean
  lacksOwner?: boolean
  entity?: Entity
  /** Where to look for it. */
  hole?: number
}

function checkDocument(
  documents: readonly ParsedDocument[],
  path: string,
  index: number,
  text: string,
  rules: Rules,
  quoted?: QuotedFiles,
): DocumentCheck {
  const parsed = documents[index]
  if (parsed === undefined || parsed.result === 'empty') return { status: 'empty', findings: [] }
  if (parsed.result === 'broken') {
    const start = holeInBroken(parsed, text)
    return start === undefined
      ? { status: 'judged', findings: parsed.findings, isRefused: parsed.findings.length === 0, keepsFileOut: true }
      : { status: 'templated', findings: [], hole: start }
  }
  const before = dividedBefore(documents, index, text)
  if (before !== undefined) return { status: 'judged', findings: [before.finding], keepsFileOut: true }
  const behind = dividedBefore(documents, index + 1, text)
  const judgement = judge(parsed, rules, path, index, quoted)
  const { findings: found, ownFindings, doubts, subject, quotes, entity, hole, ...about } = judgement
  if (hole !== undefined) return { status: 'templated', findings: [], hole }
  const findings = found.filter(one => one.code !== 'missing-field' || !behind?.fields.includes(one.facts.field))
  const all =
    found.length > 0 ? findings : [...doubtsAbout(parsed, { subject, quotes }, rules, { path, index, text }), ...doubts]
  return {
    status: 'judged',
    findings: [...all, ...ownFindings],
    isRefused: behind !== undefined,
    ...about,
    ...(entity ? { entity } : {}),
  }
}

const severityOf = (code: Code, { severities }: Rules) => severities[code] ?? codes[code].severity ?? 'error'

function diagnosticOf(
  finding: Finding,
  path: string,
  document: number,
  text: string,
  lines: Lines,
  rules: Rules,
): Diagnostic | undefined {
  const code: Code = finding.code
  const severity = severityOf(code, rules)
  if (severity === 'off') return undefined
  const { quoted } = finding
  const { message, hint: way } = wordsOf(code, finding.facts as never)
  // What is wrong in a quoted file is not corrected where it is quoted, unless by another placeholder.
  const hint =
    quoted === undefined || way === undefined || /^write (?:"\$text"|the value itself here)/.test(way)
      ? way
      : `in that file: ${way}`
  return {
    code,
    severity,
    path,
    document,
    ...placeOf(finding.range, text, lines),
    message: quoted === undefined ? message : `${message} (in ${shown(quoted)})`,
    ...(hint ? { hint } : {}),
    ...(rules.helpUrl ? { url: `${rules.helpUrl}#${code}` } : {}),
    finding,
    ...(finding.label ? { label: { ...placeOf(finding.label.range, text, lines), text: finding.label.text } } : {}),
  }
}
