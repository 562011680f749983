// What the files hold that placeholders quote: read from the tree in small portions, and kept as far as it decides anything.
import { wordsOf } from '../diagnostics/codes.ts'
import type { Repository } from './checks/placeholder-url.ts'
import { quotedBy } from './destination.ts'
import { isTooRich, nestsKeys, readYaml } from './parse.ts'
import { explainAlias } from './syntax/alias.ts'
import { explainSyntax } from './syntax.ts'
import type { Content, Tree } from './tree.ts'
import { unfolds } from './unfold.ts'

/**
 * `text`: of a long one that is quoted as a text the beginning, which decides as well. `refs`: files that it names in turn, of a description of an API, which is
 * there as a whole unless it `isCut`.
 */
export type Quoted =
  | { result: 'text'; text: string; refs?: string[]; isCut?: boolean }
  | { result: 'absent' | 'folder' }
  | { result: 'unknown'; reason: string }
export type QuotedFiles = ReadonlyMap<string, Quoted>

/** What is asked for: all of a file's text, its beginning alone, or that and the files that its `$ref`s name, and theirs. */
export type Want = 'all' | 'beginning' | 'refs'

/** No rule is about more of a text than this. */
const BEGINNING = 1000
/** A description of an API that is larger is not read as YAML: 100 kB take 40 ms. */
const DESCRIPTION = 65_536
/** In one run, over all refs. What is parsed stays in memory, several times as large. */
const MOST = { files: 2000, readBytes: 64 << 20, keptBytes: 8 << 20 }
/** As many as are held at once: of 1 MiB each at the most (`limits.fileBytes`). */
const FILES_AT_ONCE = 32
/** Each level of references in references is one question to the tree. */
const MAX_LEVELS = 3

type ReadTree = Pick<Tree, 'read'>
export type QuotedReader = (wanted: ReadonlyMap<string, Want>, tree: ReadTree) => Promise<QuotedFiles>

export function openQuotedReader(repository: Repository): QuotedReader {
  const read = openPortions(repository)
  return async (wanted, tree) => {
    const found = await read(wanted, tree)
    const refs = new Map<string, string[]>()
    let level: QuotedFiles = found
    for (let depth = 0; depth < MAX_LEVELS && level.size > 0; depth++) {
      for (const [path, quoted] of level) if (quoted.result === 'text' && quoted.refs) refs.set(path, quoted.refs)
      const next = new Set([...refs.values()].flat().filter(path => !refs.has(path) && !found.has(path)))
      level = next.size === 0 ? new Map() : await read(new Map([...next].map(path => [path, 'refs'])), tree)
    }
    const withRefs = ([path, quoted]: [string, Quoted]): [string, Quoted] =>
      quoted.result === 'text' && quoted.refs ? [path, { ...quoted, refs: reachedFrom(path, refs) }] : [path, quoted]
    return new Map([...found].map(withRefs))
  }
}

function reachedFrom(start: string, refs: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Set(refs.get(start))
  for (const path of reached) for (const next of refs.get(path) ?? []) reached.add(next)
  return [...reached].filter(path => path !== start)
}

function openPortions(repository: Repository): QuotedReader {
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
        const want = wanted.get(path) ?? 'all'
        const isDescription = want === 'refs' && content?.result === 'bytes'
        const isCut = isDescription && content.bytes.length > DESCRIPTION
        const isWhole = want === 'all' || (isDescription && !isCut)
        const read = quotedOf(content, isWhole)
        const refs = isDescription ? { refs: refsIn(content.bytes, path, repository), isCut } : {}
        const quoted = isOver ? unknown('was not read: too many files are quoted') : { ...read, ...refs }
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

const REF = /["']?\$ref["']?\s*:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s,}#"'][^\s,}]*))/g
const MAX_REFS = 200

/** Files that a description of an API names by `$ref`, in JSON or YAML. They count from its own folder. */
function refsIn(bytes: Uint8Array, path: string, repository: Repository): string[] {
  const refs = new Set<string>()
  for (const [, double, single, plain] of Buffer.from(bytes).toString('utf8').matchAll(REF)) {
    const target = (double ?? single ?? plain ?? '').replace(/#.*$/, '')
    const leads = target === '' ? undefined : quotedBy(target, path, repository)
    if (leads?.to === 'file' && refs.size < MAX_REFS) refs.add(leads.path)
  }
  return [...refs]
}

const LFS = 'version https://git-lfs.github.com/spec/'

/** What Git LFS commits in the place of a file. */
export const isLfsPointer = (bytes: Uint8Array): boolean =>
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

/** As `bundleFileWithRefs` begins; what it makes of the file is not read here. */
export function resolveBundled({ text, isCut }: Quoted & { result: 'text' }): Resolved {
  const resolved: Resolved = isCut ? { result: 'unknown' } : fromYaml(text)
  return resolved.result === 'value' && resolved.value === null ? { result: 'refused', problem: NOTHING } : resolved
}

const NOTHING = 'holds nothing; one YAML document is expected'

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
  const documents = readYaml(text)
  const [document] = documents
  if (document === undefined) return { result: 'refused', problem: NOTHING }
  if (documents.length > 1)
    return { result: 'refused', problem: `holds ${documents.length} YAML documents; one is expected` }
  const [finding] = document.errors.length > 0 ? explainSyntax(document, text) : []
  if (document.errors.length > 0) {
    const line = text.slice(0, finding?.range.start ?? 0).split('\n').length
    const words = finding === undefined ? 'it cannot be read' : wordsOf(finding.code, finding.facts as never).message
    return { result: 'refused', problem: `is no YAML: line ${line}: ${words}` }
  }
  if (nestsKeys(document, text)) return { result: 'unknown' }
  try {
    const value: unknown = document.toJSON()
    return text.includes('*') && unfolds(value) !== 'well' ? { result: 'unknown' } : known(value)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { code, facts } = explainAlias(error.message, document, text)
    return { result: 'refused', problem: `is no YAML: ${wordsOf(code, facts as never).message}` }
  }
}
