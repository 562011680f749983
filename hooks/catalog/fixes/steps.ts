// Single steps that make more of a broken document readable, each read from the line that the parser stumbles at.
import { type Document, isMap, isScalar, type Pair } from 'yaml'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import {
  entryOf,
  isBlockHeader,
  itemOf,
  type Line,
  lineAbove,
  lineAt,
  lineBelow,
  withoutComment,
} from '../syntax/line.ts'
import { otherSignIn } from '../syntax/slips.ts'
import { at, breakOf, type Candidate, type Change, lineEnd, lineStart, linesBetween, rangeOf } from './candidate.ts'
import { closed, quotedHoles, quotedWhole } from './quoting.ts'
import { type IsField, shiftsOf, withoutTabs } from './shifts.ts'

export type Broken = { text: string; document: Document; finding: Finding; isField: IsField }

/** Kinds of steps in order of preference; of one kind all must lead to the same. */
export function stepsFor(broken: Broken): Candidate[][] {
  const { text, finding } = broken
  const line = lineAt(text, finding.range.start)
  const single = [
    ...withoutTabs(broken),
    separator(text, line),
    glued(text, finding),
    quotedHoles(text, broken.document),
    missingBlank(text, line),
    missingColon(text, line),
    otherSigns(line),
    otherComment(line),
    otherDash(line),
    blockText(text, line),
    placeholderBelow(text, line),
    listBelow(text, line),
    quotedWhole(text, broken.isField, line),
    closed(text, finding, line),
    commaHere(finding),
    commaAtLineEnd(text, finding, line),
    needlessComma(finding),
    blockSign(text, line),
    blankLine(text, finding),
    firstLine(finding, line),
    loneReturns(text, finding),
    doubled(broken),
  ]
  const kinds = single.map(changes => (changes === undefined ? [] : [asCandidate(changes)]))
  const shifts = finding.code === 'yaml-indent' ? shiftsOf(text, line, broken.isField) : []
  return [...kinds, shifts.map(asCandidate)].filter(ways => ways.length > 0)
}

const asCandidate = (step: Step): Candidate => ('changes' in step ? step : { changes: step })

type Step = Change[] | Candidate

/** `--` or `----` on a line of its own, or a `---` that is indented. */
function separator(text: string, line: Line): Change[] | undefined {
  for (const near of [line, lineAbove(text, line)]) {
    if (near === undefined || !/^(?:-{2,4}|[\u2013\u2014]{1,2}-?)$/.test(near.content)) continue
    if (near.content === '---' && near.indent === 0) continue
    return at(near.start, near.start + near.indent + near.content.length, '---')
  }
  return undefined
}

/** `---apiVersion: …`, and a second entity without a line before it. */
function glued(text: string, { code, range }: Finding): Change[] | undefined {
  if (code !== 'yaml-separator') return undefined
  const { start } = lineAt(text, range.start)
  if (text[range.start] === ',') return at(range.start, range.end, `${breakOf(text)}---`)
  if (text.startsWith('---', start)) return at(start + 3, start + 3, breakOf(text))
  return text.startsWith('--', start) ? undefined : at(start, start, `---${breakOf(text)}`)
}

/** `kind:Component`, `-java`, `-url: x`. */
function missingBlank(text: string, line: Line): Change[] | undefined {
  const put = (near: Line, column: number) => at(near.start + column, near.start + column, ' ')
  const above = lineAbove(text, line)
  for (const near of [line, ...(above === undefined ? [] : [above])]) {
    const colon = /^((?:- +)*[A-Za-z_][\w./-]*):(?!\/\/)[^\s:#]\S*(?: [^:]*)?$/.exec(near.content)
    if (colon && !/:\s/.test(near.content)) return put(near, near.indent + (colon[1] ?? '').length + 1)
    if (/^-[A-Za-z][\w./-]*:(?:\s|$)/.test(near.content)) return [...put(near, near.indent + 1), ...aligned(text, near)]
    if (/^-[\p{L}\p{N}"'][^\s:]*$/u.test(near.content)) return put(near, near.indent + 1)
  }
  return undefined
}

/** The other fields of an entry, which stand below its first letter. */
function aligned(text: string, entry: Line): Change[] {
  const changes: Change[] = []
  for (const start of linesBetween(text, lineEnd(text, entry.start), text.length)) {
    const { indent, content } = lineAt(text, start)
    if (content !== '' && indent <= entry.indent) break
    if (content !== '' && indent === entry.indent + 1) changes.push({ start, end: start, text: ' ' })
  }
  return changes
}

const FIELDS = [
  'apiVersion',
  'kind',
  'name',
  'namespace',
  'title',
  'description',
  'type',
  'lifecycle',
  'owner',
  'system',
]

/** `kind = Component`, `kind Component`, `metadata` and lines below it. */
function missingColon(text: string, line: Line): Change[] | undefined {
  const { content, range } = line
  const [, key = '', sign = ''] = /^([A-Za-z]+)( *= *| +(?=[\w./-]+$))[^\s=]/.exec(content) ?? []
  const start = range.start + key.length
  if (FIELDS.includes(key)) return at(start, start + sign.length, ': ')
  const next = MAPS.includes(content) ? lineBelow(text, line) : undefined
  return next !== undefined && next.indent > line.indent ? at(range.end, range.end, ':') : undefined
}

const MAPS = ['metadata', 'spec', 'annotations', 'labels', 'tags', 'links', 'profile']

/** A full-width colon, or a space of another sort behind one. */
function otherSigns({ content, range }: Line): Change[] | undefined {
  const signs = otherSignIn(content)
  const start = range.start + (signs?.key.length ?? 0)
  return signs === undefined ? undefined : at(start, start + signs.sign.length, ': ')
}

/** `// the component` */
function otherComment({ content, range: { start } }: Line): Change[] | undefined {
  return content.startsWith('// ') ? at(start, start + 2, '#') : undefined
}

/** A dash as word processors write it, or a bullet. */
function otherDash({ content, range }: Line): Change[] | undefined {
  return /^[\u2010-\u2015\u2212\u2022\u00b7*]\s+\S/.test(content) ? at(range.start, range.start + 1, '-') : undefined
}

/** Lines below `description: |` that are no further right than it. */
function blockText(text: string, line: Line): Change[] | undefined {
  const above = lineAbove(text, line)
  const entry = above && entryOf(above)
  if (!entry || !isBlockHeader(entry.value) || line.indent > entry.keyColumn) return undefined
  const changes: Change[] = []
  for (const start of linesBetween(text, line.start, text.length)) {
    const { indent, content } = lineAt(text, start)
    if (content !== '' && (indent < line.indent || entryOf(lineAt(text, start)) !== undefined)) break
    if (content !== '') changes.push({ start, end: start, text: ' '.repeat(entry.keyColumn + 2 - line.indent) })
  }
  return changes.length === 0 ? undefined : changes
}

/** `definition: $text: ./x`: what stands for a file has a line of its own. */
function placeholderBelow(text: string, line: Line): Change[] | undefined {
  const entry = entryOf(line)
  if (!entry || !/^\$(?:text|json|yaml|openapi|asyncapi): +\S+$/.test(withoutComment(entry.value))) return undefined
  return below(text, line, entry.keyColumn, entry.valueColumn)
}

/** The rest of a line, from a column on, on the next one. */
function below(text: string, line: Line, keyColumn: number, column: number): Change[] {
  const start = line.start + column
  const blanks = /[ \t]*$/.exec(text.slice(line.start, start))?.[0].length ?? 0
  return at(start - blanks, start, `${breakOf(text)}${' '.repeat(keyColumn + 2)}`)
}

/** `tags: - java` */
function listBelow(text: string, line: Line): Change[] | undefined {
  const entry = entryOf(line)
  if (!entry || !/^- \S+$/.test(entry.value)) return undefined
  const next = lineBelow(text, line)
  const isItem = next !== undefined && itemOf(next) !== undefined && next.indent >= entry.keyColumn
  return below(text, line, isItem ? next.indent - 2 : entry.keyColumn, entry.valueColumn)
}

/** Between the entries of `{ }` and `[ ]` that stand on lines of their own. */
function commaAtLineEnd(text: string, { range }: Finding, line: Line): Change[] | undefined {
  for (const near of [line, lineAbove(text, line)]) {
    if (near === undefined || near.start > range.start || !isInBrackets(text, near.start)) continue
    const next = lineBelow(text, near)
    if (next === undefined || /^[\]}#]/.test(next.content) || /[,[{:#]$|#/.test(near.content) || near.content === '')
      continue
    return at(near.range.end, near.range.end, ',')
  }
  return undefined
}

/** Whether a bracket is open before a line, as far as a screen above it; not by one in quotes or in an expression. */
function isInBrackets(text: string, end: number): boolean {
  let depth = 0
  for (const sign of text
    .slice(Math.max(0, end - 2000), end)
    .replace(/"[^"\n]*"|'[^'\n]*'|#.*/g, '')
    .match(/[[\]{}]/g) ?? [])
    depth += sign === '[' || sign === '{' ? 1 : -1
  return depth > 0
}

/** Where the parser says that one is missing, or that another sign stands for it. */
function commaHere({ code, range: { start, end }, facts }: Finding): Change[] | undefined {
  if (code !== 'yaml-syntax') return undefined
  if (facts.problem.startsWith('a comma is missing')) return at(end, end, ',')
  return facts.problem.startsWith('";" is in the place') ? at(start, end, ',') : undefined
}

function needlessComma({ code, range, facts }: Finding): Change[] | undefined {
  return code === 'yaml-syntax' && /before this comma/.test(facts.problem) ? at(range.start, range.end, '') : undefined
}

/** `description: | text`, and a "|" on a line of its own. */
function blockSign(text: string, line: Line): Change[] | undefined {
  const entry = entryOf(line)
  const [, sign = '', blanks = '', rest = ''] = /^([|>][-+]?)( +)(\S.*)$/.exec(entry?.value ?? '') ?? []
  if (entry && sign !== '' && !rest.startsWith('#')) {
    const next = lineBelow(text, line)
    const indent = next !== undefined && next.indent > entry.keyColumn ? next.indent : entry.keyColumn + 2
    const start = line.start + entry.valueColumn + sign.length
    return at(start, start + blanks.length, `${breakOf(text)}${' '.repeat(indent)}`)
  }
  const above = lineAbove(text, line)
  const key = above && entryOf(above)
  if (!/^[|>][-+]?$/.test(line.content) || !above || key?.value !== '') return undefined
  return at(above.range.end, line.range.start, ' ')
}

/** Blanks in an empty line above a text, more than the text has. */
function blankLine(text: string, { code, range }: Finding): Change[] | undefined {
  const isBlank =
    code === 'yaml-indent' && /^ +$/.test(text.slice(range.start, range.end)) && /^\r?\n/.test(text.slice(range.end))
  return isBlank ? at(range.start, range.end, '') : undefined
}

/** The first line of the document, further right than all of it. */
function firstLine({ code, facts }: Finding, { start, indent }: Line): Change[] | undefined {
  const isFirst = code === 'yaml-indent' && facts.problem.startsWith('the first line is indented')
  return isFirst && /left by \d+ spaces?$/.test(facts.hint ?? '') ? at(start, start + indent, '') : undefined
}

/** Lines that end with a carriage return alone. */
function loneReturns(text: string, { range }: Finding): Change[] | undefined {
  if (text.slice(range.start, range.start + 1) !== '\r' || text.includes('\n')) return undefined
  return [...text.matchAll(/\r/g)].map(({ index }) => ({ start: index, end: index + 1, text: '\n' }))
}

/** A key that stands twice: once empty, or twice with the same. */
function doubled({ text, document }: Broken): Candidate | undefined {
  if (document.errors[0]?.code !== 'DUPLICATE_KEY') return undefined
  const todo: unknown[] = [document.contents]
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (!isMap(node)) continue
    todo.push(...node.items.map(({ value }) => value))
    const keys = node.items.map(keyOf)
    const second = node.items.find((_, i) => keys.indexOf(keys[i]) < i)
    const first = node.items.find(pair => second !== undefined && keyOf(pair) === keyOf(second))
    if (second === undefined || first === undefined) continue
    const [a, b] = [first, second].map(pair => ({ pair, said: saidBy(text, pair) }))
    const needless = a?.said === '' || a?.said === b?.said ? a : b?.said === '' ? b : undefined
    const start = needless === undefined ? undefined : startOf(needless.pair)
    if (start === undefined) return undefined
    const changes = at(lineStart(text, start), lineEnd(text, start), '')
    const gone = changes.map(change => text.slice(change.start, change.end)).join('')
    return /#/.test(gone) || !gone.endsWith('\n') ? undefined : { changes, rewrites: true }
  }
  return undefined
}

const startOf = ({ key }: Pair) => (isScalar(key) ? rangeOf(key)?.start : undefined)
const keyOf = ({ key }: Pair) => (isScalar(key) ? String(key.value) : undefined)

/** What stands behind a key on its line; undefined where the value goes on. */
function saidBy(text: string, pair: Pair): string | undefined {
  const start = startOf(pair) ?? 0
  const value = isScalar(pair.value) ? rangeOf(pair.value) : undefined
  if (pair.value !== null && (value === undefined || value.end > lineEnd(text, start))) return undefined
  return value === undefined ? '' : text.slice(value.start, value.end)
}
