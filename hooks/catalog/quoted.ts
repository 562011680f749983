// What the files hold that placeholders quote: read from the tree in small portions, and kept as far as it decides anything.
import { parseAllDocuments } from 'yaml'
import { wordsOf } from '../diagnostics/codes.ts'
import { isTooRich } from './parse.ts'
import { explainAlias, explainSyntax } from './syntax.ts'
import type { Content, Tree } from './tree.ts'
import { unfolds } from './unfold.ts'

/** `text`: of a long one that is quoted as a text the beginning, which decides as well. */
export type Quoted =
  | { result: 'text'; text: string }
  | { result: 'absent' | 'folder' }
  | { result: 'unknown'; reason: string }
export type QuotedFiles = ReadonlyMap<string, Quoted>

/** What is asked for: all of a file's text, or its beginning alone. */
type Wanted = ReadonlyMap<string, 'all' | 'beginning'>

/** No rule is about more of a text than this. */
const BEGINNING = 1000
/** In one run, over all refs. What is parsed stays in memory, several times as large. */
const MOST = { files: 2000, readBytes: 64 << 20, keptBytes: 8 << 20 }
const FILES_AT_ONCE = 100

export type QuotedReader = (wanted: Wanted, tree: Pick<Tree, 'read'>) => Promise<QuotedFiles>

export function openQuotedReader(): QuotedReader {
  const left = { ...MOST }
  return async (wanted, tree) => {
    const found = new Map<string, Quoted>()
    const paths = [...wanted.keys()]
    for (let from = 0; from < paths.length; from += FILES_AT_ONCE) {
      const lot = paths.slice(from, from + FILES_AT_ONCE)
      const isOver = left.files < lot.length || left.readBytes <= 0
      const contents: ReadonlyMap<string, Content> = isOver ? new Map() : await tree.read(lot)
      left.files -= lot.length
      for (const path of lot) {
        const content = contents.get(path)
        if (content?.result === 'bytes') left.readBytes -= content.bytes.length
        const isWhole = wanted.get(path) === 'all'
        const quoted = isOver ? unknown('was not read: too many files are quoted') : quotedOf(content, isWhole)
        if (isWhole && quoted.result === 'text') left.keptBytes -= quoted.text.length
        found.set(path, left.keptBytes < 0 && isWhole ? unknown('was not read: too much is quoted') : quoted)
      }
    }
    return found
  }
}

const unknown = (reason: string): Quoted => ({ result: 'unknown', reason })

function quotedOf(content: Content | undefined, isWhole: boolean): Quoted {
  if (content === undefined) return unknown('was not read: out of time')
  if (content.result !== 'bytes') return content
  if (isLfsPointer(content.bytes)) return unknown('is a Git LFS pointer')
  // As the catalog does it, a byte order mark stays.
  const { buffer, byteOffset, byteLength } = content.bytes
  const bytes = Buffer.from(buffer, byteOffset, isWhole ? byteLength : Math.min(byteLength, 4 * BEGINNING))
  const text = bytes.toString('utf8')
  return { result: 'text', text: isWhole ? text : text.slice(0, BEGINNING) }
}

const LFS = 'version https://git-lfs.github.com/spec/'

/** What Git LFS commits in the place of a file. */
const isLfsPointer = (bytes: Uint8Array): boolean =>
  bytes.length < 1024 && Buffer.from(bytes.subarray(0, LFS.length)).toString('latin1') === LFS

/** `refused`: why the catalog refuses the entity, as the rest of a sentence that begins with the file. */
export type Resolved =
  | { result: 'value'; value: unknown }
  | { result: 'refused'; problem: string }
  | { result: 'unknown' }

/** What a placeholder stands for whose file holds this text: `resolver` is its name without "$". */
export function resolve(resolver: string, text: string): Resolved {
  if (resolver === 'yaml') return fromYaml(text)
  return resolver === 'json' ? fromJson(text) : { result: 'value', value: text }
}

/** As `jsonPlaceholderResolver`. */
function fromJson(text: string): Resolved {
  try {
    return known(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { result: 'refused', problem: `is no JSON: ${whyNoJson(error.message, text)}` }
  }
}

/** V8 quotes the file in its sentence, which is told by line here. */
function whyNoJson(message: string, text: string): string {
  if (text.startsWith('\ufeff')) return 'it begins with a byte order mark'
  if (message.startsWith('Unexpected end')) return 'it ends too early'
  const [what = ''] = message.split(/ (?:in|after) JSON|, "/)
  const at = /at position (\d+)/.exec(message)?.[1]
  const line = at === undefined ? '' : ` in line ${text.slice(0, Number(at)).split('\n').length}`
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}${line}`
}

/** Deeper ones are left alone: what looks at them calls itself. */
const MAX_DEPTH = 100

function known(value: unknown): Resolved {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return { result: 'unknown' }
    level = level.flatMap(item => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return { result: 'value', value }
}

/** As `yamlPlaceholderResolver`: exactly one document, without errors. What it holds is not looked through for placeholders. */
function fromYaml(text: string): Resolved {
  if (isTooRich(text)) return { result: 'unknown' }
  const parsed = parseAllDocuments(text, { merge: false, logLevel: 'silent', prettyErrors: false })
  const documents = Array.isArray(parsed) ? parsed : []
  const [document] = documents
  if (document === undefined) return { result: 'refused', problem: 'holds nothing; one YAML document is expected' }
  if (documents.length > 1)
    return { result: 'refused', problem: `holds ${documents.length} YAML documents; one is expected` }
  const [finding] = document.errors.length > 0 ? explainSyntax(document, text) : []
  if (document.errors.length > 0) {
    const line = text.slice(0, finding?.range.start ?? 0).split('\n').length
    const words = finding === undefined ? 'it cannot be read' : wordsOf(finding.code, finding.facts as never).message
    return { result: 'refused', problem: `is no YAML: line ${line}: ${words}` }
  }
  try {
    const value: unknown = document.toJSON()
    return text.includes('*') && unfolds(value) !== 'well' ? { result: 'unknown' } : known(value)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { code, facts } = explainAlias(error.message, document, text)
    return { result: 'refused', problem: `is no YAML: ${wordsOf(code, facts as never).message}` }
  }
}
