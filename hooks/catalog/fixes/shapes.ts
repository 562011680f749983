// Values of another shape than the one that is expected: a number that was meant as a string, a list of one, a map for a reference.
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Facts } from '../../diagnostics/facts.ts'
import { isKey, isToFillIn } from '../checks/formats.ts'
import { NONE } from '../checks/right-list.ts'
import type { Path } from '../position.ts'
import {
  at,
  breakOf,
  type Candidate,
  type Change,
  columnOf,
  type Found,
  isInFlow,
  lineEnd,
  lineStart,
  linesBetween,
  nodeAt,
  rangeOf,
  type Subject,
  sourceOf,
  type Ways,
} from './candidate.ts'

type Place = Found & { node: Node; path: Path; text: string; start: number; end: number; profile: Subject['profile'] }

export function proposeShapes({ finding, document, text, profile }: Subject): Ways[] {
  const { path, part } = finding
  if (finding.code === 'not-a-map')
    return [[withoutList(finding.facts.list, document.contents, text)].filter(isPresent)]
  if (path === undefined || part !== 'value' || !['wrong-type', 'entity-ref'].includes(finding.code)) return []
  const found = nodeAt(document, path)
  const range = found?.node && rangeOf(found.node)
  if (found?.node === undefined || range === undefined) return []
  const place: Place = { ...found, node: found.node, path, text, profile, ...range }
  const expected = finding.code === 'wrong-type' ? finding.facts.expected : 'a string'
  const ways = /\btext|\bstring/.test(expected)
    ? asText(place)
    : /\blist/.test(expected)
      ? asList(place)
      : /\bmap/.test(expected)
        ? asMap(place)
        : []
  return ways.map(way => [way])
}

const isPresent = (way: Candidate | undefined): way is Candidate => way !== undefined

/** Only the value of the finding, and nothing but signs around it. */
const put = (start: number, end: number, text: string): Candidate => ({ changes: [{ start, end, text }] })

function asText(place: Place): Candidate[] {
  const { node } = place
  if (isScalar(node)) return [quotedAsWritten(place, node)].filter(isPresent)
  const isOfTexts = place.path[0] === 'metadata' && ['annotations', 'labels'].includes(String(place.path[1]))
  if (isOfTexts) return [asJson(place), isMap(node) ? joinedKey(place, node) : undefined].filter(isPresent)
  if (isSeq(node)) return [onlyEntry(place, node)].filter(isPresent)
  return isMap(node) ? [withoutBlank(place, node), nameAlone(place, node)].filter(isPresent) : []
}

/** `1.10` → `"1.10"`: the bytes of the file, whatever YAML makes of them. */
function quotedAsWritten({ text, start, end }: Place, node: Scalar): Candidate | undefined {
  const isOtherType =
    typeof node.value === 'number' || typeof node.value === 'boolean' || typeof node.value === 'bigint'
  const source = text.slice(start, end)
  return isOtherType && node.type === 'PLAIN' ? { ...put(start, end, `"${source}"`) } : undefined
}

/** `{"retries": 1}` as an annotation: JSON in single quotes. */
function asJson({ text, start, end, node }: Place): Candidate | undefined {
  const source = text.slice(start, end)
  // A list may be meant as its entries, one after the other.
  if (!isMap(node) || !isInFlow(node) || /['\n]/.test(source) || !isJson(source)) return undefined
  return put(start, end, `'${source}'`)
}

function isJson(source: string): boolean {
  try {
    JSON.parse(source)
    return true
  } catch {
    return false
  }
}

/** `github.com:` and below it `project-slug: a/b`: one key, split at its slash. */
function joinedKey({ text, path, key }: Place, node: YAMLMap): Candidate | undefined {
  const [only, ...more] = node.items
  const end = key && rangeOf(key)?.end
  const inner = isScalar(only?.key) ? only.key : undefined
  const start = inner && rangeOf(inner)?.start
  if (more.length > 0 || end === undefined || start === undefined || isInFlow(node)) return undefined
  const joined = `${path.at(-1)}/${inner?.value}`
  if (!/^:[ \t]*\r?\n[ \t]*$/.test(text.slice(end, start)) || !String(path.at(-1)).includes('.') || !isKey(joined))
    return undefined
  return { changes: [{ start: end, end: start, text: '/' }], from: [path], to: [[...path.slice(0, -1), joined]] }
}

/** `[x]` → `x` */
function onlyEntry(place: Place, node: YAMLSeq): Candidate | undefined {
  const [only, ...more] = node.items
  const range = isScalar(only) ? rangeOf(only) : undefined
  if (more.length > 0 || !isScalar(only) || typeof only.value !== 'string' || range === undefined) return undefined
  if (isToFillIn(only.value)) return undefined
  const source = place.text.slice(range.start, range.end)
  return source.includes('\n') ? undefined : inPlace(place, source)
}

/** The value with something on one line in its place, where nothing else stands there: no comment, no anchor. */
function inPlace({ text, node, start, end, key }: Place, source: string): Candidate | undefined {
  const held = text.slice(start, end)
  if (isInFlow(node)) return /[#&!*]/.test(held.replace(source, '')) ? undefined : put(start, end, source)
  const after = key && rangeOf(key)?.end
  if (after === undefined || /[#&!*]/.test(text.slice(after, end).replace(source, ''))) return undefined
  if (!/^:\s+$/.test(text.slice(after, start))) return undefined
  return put(after + 1, after + 1 + text.slice(after + 1, end).trimEnd().length, ` ${source}`)
}

/** Where references stand. */
const isRelation = (profile: Subject['profile'], [first, field]: Path) =>
  first === 'spec' &&
  profile.kinds.some(({ versions }) => versions.some(({ relations }) => relations.some(one => one.field === field)))

/** `component: cart` → `component:cart`, where a reference belongs. */
function withoutBlank({ text, profile, path }: Place, node: YAMLMap): Candidate | undefined {
  const [only, ...more] = node.items
  if (more.length > 0 || !isScalar(only?.key) || !isScalar(only.value) || only.value.type !== 'PLAIN') return undefined
  const key = rangeOf(only.key)
  const value = rangeOf(only.value)
  const isKind = profile.kinds.some(({ kind }) => kind.toLowerCase() === String(only.key).toLowerCase())
  if (key === undefined || value === undefined || !isKind || isInFlow(node) || !isRelation(profile, path))
    return undefined
  return /^: +$/.test(text.slice(key.end, value.start)) && /^[\w.-]+(?:\/[\w.-]+)?$/.test(sourceOf(text, only.value))
    ? put(key.end + 1, value.start, '')
    : undefined
}

/** `{ kind: Group, name: a }` → `group:a` */
function nameAlone(place: Place, node: YAMLMap): Candidate | undefined {
  const parts = new Map<string, string>()
  for (const { key, value } of node.items) {
    if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return undefined
    parts.set(String(key.value), value.value)
  }
  const { kind, namespace, name, ...others } = Object.fromEntries(parts)
  if (!isRelation(place.profile, place.path) || name === undefined || Object.keys(others).length > 0) return undefined
  const ref = `${kind === undefined ? '' : `${kind.toLowerCase()}:`}${namespace === undefined ? '' : `${namespace}/`}${name}`
  if (!/^[\w.:/-]+$/.test(ref)) return undefined
  const isItem = isSeq(place.parent)
  const { text, start, end } = place
  if (isItem && !isInFlow(node) && /[#&!*]/.test(text.slice(start, end))) return undefined
  const way =
    isItem && !isInFlow(node) ? put(start, start + text.slice(start, end).trimEnd().length, ref) : inPlace(place, ref)
  return way && { ...way, rewrites: true }
}

function asList(place: Place): Candidate[] {
  const { node } = place
  if (isMap(node)) return [oneEntry(place)].filter(isPresent)
  if (!isScalar(node) || typeof node.value !== 'string') return []
  return [dashesWithBlank(place), linkOf(place), listOf(place, node)].filter(isPresent)
}

/** `-java` and below it `-go`: one text to YAML. */
function dashesWithBlank({ text, start, end }: Place): Candidate | undefined {
  const source = text.slice(start, end)
  const lines = source.split('\n')
  if (!lines.every(line => /^\s*-[^\s-]/.test(line)) || !/\n[ \t]*$/.test(text.slice(0, start))) return undefined
  const changes: Change[] = []
  let at = start
  for (const line of lines) {
    const behind = at + line.indexOf('-') + 1
    changes.push({ start: behind, end: behind, text: ' ' })
    at += line.length + 1
  }
  return { changes }
}

/** `links: https://x` → an entry with that URL. */
function linkOf({ text, start, end, path, key }: Place): Candidate | undefined {
  const source = text.slice(start, end)
  const after = key && rangeOf(key)
  if (path.join('.') !== 'metadata.links' || after === undefined || !/^["']?https?:\/\/[^\s#]+$/.test(source))
    return undefined
  if (!/^: +$/.test(text.slice(after.end, start))) return undefined
  const indent = ' '.repeat(columnOf(text, after.start) + 2)
  return { changes: [{ start: after.end + 1, end: start, text: `${breakOf(text)}${indent}- url: ` }], rewrites: true }
}

/** `java, go` → `[java, go]`; blanks alone may belong to one entry. */
function listOf({ text, start, end, path }: Place, node: Scalar): Candidate | undefined {
  if (
    path.join('.') === 'metadata.links' ||
    (node.type !== 'PLAIN' && node.type !== 'QUOTE_DOUBLE' && node.type !== 'QUOTE_SINGLE')
  )
    return undefined
  const entries = String(node.value)
    .split(',')
    .map(entry => entry.trim())
  // "none" is told to go.
  if (
    NONE.test(String(node.value)) ||
    !entries.every(entry => /^[\w.:/@+-]+$/.test(entry) && !/^[-@]|:$|^\$/.test(entry))
  )
    return undefined
  const source = text.slice(start, end)
  const held = source.slice(node.type === 'PLAIN' ? 0 : 1, node.type === 'PLAIN' ? undefined : -1)
  if (held !== node.value || held.includes('\n')) return undefined
  return put(start, end, entries.length === 1 ? `[${source}]` : `[${held}]`)
}

/** A map where a list of maps belongs: its lines are the first entry. */
function oneEntry({ text, node, start, end }: Place): Candidate | undefined {
  if (isInFlow(node)) return put(start, end, `[${text.slice(start, end)}]`)
  if (!/^[ \t]*$/.test(text.slice(lineStart(text, start), start))) return undefined
  const changes: Change[] = [{ start, end: start, text: '- ' }]
  for (const at of linesBetween(text, lineEnd(text, start), end))
    if (text.slice(at, lineEnd(text, at)).trim() !== '') changes.push({ start: at, end: at, text: '  ' })
  return { changes }
}

function asMap(place: Place): Candidate[] {
  const { node, text, start, end, path } = place
  if (isSeq(node) && !isInFlow(node))
    return [entriesAsOneMap(place, node), withoutEquals(place, node)].filter(isPresent)
  // An entry of links that is but the URL.
  const source = text.slice(start, end)
  if (path[1] !== 'links' || !isScalar(node) || !/^["']?https?:\/\/[^\s#,{}[\]]+$/.test(source)) return []
  return [{ ...put(start, end, isInFlow(place.parent) ? `{ url: ${source} }` : `url: ${source}`), rewrites: true }]
}

/** A list at the root: its lines are one entity, or a document each. */
function withoutList(list: Facts['not-a-map']['list'], node: unknown, text: string): Candidate | undefined {
  const range = isSeq(node) ? rangeOf(node) : undefined
  if (list !== undefined && isSeq(node) && range !== undefined && isInFlow(node))
    return withoutBrackets(node, range, text)
  if (list === undefined || !isSeq(node) || range === undefined) return undefined
  const way = entriesAsOneMap({ text, start: range.start }, node)
  if (way === undefined || list.of === 'one entity') return way
  const separators = way.changes.slice(1).map(({ start }) => lineStart(text, start))
  return { changes: [...separators.flatMap(start => at(start, start, `---${breakOf(text)}`)), ...way.changes] }
}

/** `[{ … }, { … }]`: a document each. */
function withoutBrackets(
  { items }: YAMLSeq,
  { start, end }: { start: number; end: number },
  text: string,
): Candidate | undefined {
  const changes: Change[] = []
  let from = start
  for (const [i, item] of items.entries()) {
    const range = isMap(item) ? rangeOf(item) : undefined
    if (range === undefined) return undefined
    changes.push({ start: from, end: range.start, text: i === 0 ? '' : `${breakOf(text)}---${breakOf(text)}` })
    from = range.end
  }
  changes.push({ start: from, end, text: '' })
  return changes.every(change => /^[\s,[\]]*$/.test(text.slice(change.start, change.end))) ? { changes } : undefined
}

/** `- tier=backend` → `  tier: backend` */
function withoutEquals({ text, start, end, path }: Place, node: YAMLSeq): Candidate | undefined {
  const isPair = (item: unknown) =>
    isScalar(item) && item.type === 'PLAIN' && /^[^\s=:]+=[^\s=:]+$/.test(String(item.value))
  const held = text.slice(start, end)
  if (path[0] !== 'metadata' || !node.items.every(isPair) || held.includes('#')) return undefined
  const signs = [...held.matchAll(/^( *)-|=/gm)]
  const changes = signs.map(({ 0: sign, 1: blanks = '', index }) =>
    sign === '='
      ? { start: start + index, end: start + index + 1, text: ': ' }
      : { start: start + index, end: start + index + sign.length, text: `${blanks} ` },
  )
  return { changes }
}

/** `- a: 1` and `- b: 2` → the same lines without the dashes. */
function entriesAsOneMap({ text, start }: Pick<Place, 'text' | 'start'>, node: YAMLSeq): Candidate | undefined {
  const changes: Change[] = []
  let from = start
  for (const item of node.items) {
    const range = isMap(item) && !isInFlow(item) ? rangeOf(item) : undefined
    if (range === undefined) return undefined
    const dash = text.slice(from, range.start).lastIndexOf('-')
    if (dash === -1) return undefined
    changes.push({ start: from + dash, end: from + dash + 1, text: ' ' })
    from = range.end
  }
  return { changes }
}
