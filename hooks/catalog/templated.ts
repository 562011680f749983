// Skeletons of software templates: documents with holes that are no entities yet, and must be left alone. That is said of each.
//
// The biggest source of false rejections: 173 of 1,607 real files (facts of November 2026). A hole counts where structure would stand, or where the catalog
// would refuse: text that speaks of templates has none, and where a file lies says nothing. A `kind: Template` itself is always checked.
import type { Finding, Range } from '../diagnostics/diagnostic.ts'
import { isMapValue } from './check.ts'
import type { ParsedDocument, Value } from './parse.ts'
import type { Path } from './position.ts'

/** `{{ x }}`, `${{ x }}`, `{% if x %}` */
const HOLE = /\$?\{\{|\{%/

/** Where a finding's place holds a hole, the path to that; a key with one counts for what is below it. */
export function holeAt(value: Value, path: Path): Path | undefined {
  let at: unknown = value
  for (const [i, part] of path.entries()) {
    if (isHole(at)) return path.slice(0, i)
    if (typeof part === 'string' && HOLE.test(part)) return path.slice(0, i + 1)
    at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined
  }
  return isHole(at) ? path : undefined
}

/** Asked for every finding below a map, which may have thousands of keys. */
const holes = new WeakMap<object, boolean>()

/** Unquoted, `{{ x }}` is read as a map whose key is a map. */
function isHole(value: unknown): boolean {
  if (typeof value === 'string') return HOLE.test(value)
  if (!isMapValue(value)) return false
  const known = holes.get(value) ?? Object.keys(value).some(key => key.startsWith('{'))
  holes.set(value, known)
  return known
}

/** The offset of a hole in a document that is no YAML, where that may be the reason. What is mended first is not known, so that its kind is asked of the text. */
export function holeInBroken(
  { range, findings }: Extract<ParsedDocument, { result: 'broken' }>,
  text: string,
): number | undefined {
  const part = text.slice(range.start, range.end)
  if (/^kind:\s*["']?Template\b/m.test(part)) return undefined
  const inStructure = holeInStructure(part)
  return inStructure === undefined ? holeInLine(findings[0], text) : range.start + inStructure
}

/** An indented block of text begins: `description: |`. */
const BLOCK_TEXT = /(?:^|[:-]\s+)[|>][-+\d]*\s*(?:#.*)?$/
/** A line, an entry or a value that begins with a hole; a name with one anywhere. What is ahead of it is taken once: a megabyte of dashes would take minutes. */
const BEGINS = /^(?=((?:-\s+)*))\1(?:\{[{%]|[^\s#"'{][^#]*?:\s+\{[{%]|["']?name["']?:\s*["']?[\w.-]*\$?\{\{)/

function holeInStructure(text: string): number | undefined {
  let offset = 0
  /** Lines further right belong to a block of text. */
  let block: number | undefined
  while (offset <= text.length) {
    const end = text.indexOf('\n', offset)
    const line = text.slice(offset, end === -1 ? text.length : end)
    const content = line.trimStart()
    const indent = line.length - content.length
    if (block !== undefined && content !== '' && indent <= block) block = undefined
    if (block === undefined) {
      if (BEGINS.test(content)) return offset + indent + content.search(HOLE)
      if (!content.startsWith('#') && BLOCK_TEXT.test(content.trimEnd())) block = indent
    }
    offset += line.length + 1
  }
  return undefined
}

/** In the line that is wrong: `${{ a ? 'x: y' : z }}` breaks it, say. */
function holeInLine(finding: Finding | undefined, text: string): number | undefined {
  if (finding === undefined) return undefined
  const start = text.lastIndexOf('\n', Math.max(0, finding.range.start - 1)) + 1
  const end = text.indexOf('\n', finding.range.start)
  const line = text.slice(start, end === -1 ? text.length : end)
  const at = line.search(HOLE)
  return at === -1 || /(?:^|\s)#/.test(line.slice(0, at)) ? undefined : start + at
}

/** The first hole from there on: where it is, and its text, which may be long. */
export function holeFrom(text: string, start: number): { text: string; range: Range } {
  const found = /\$?\{\{[^\n]*?\}\}|\$?\{\{[^\n]*|\{%[^\n]*?%\}|\{%[^\n]*/.exec(text.slice(start))
  const hole = found?.[0].trim() ?? ''
  const at = start + (found?.index ?? 0)
  return { text: hole, range: { start: at, end: at + hole.length } }
}
