// Where in the text a part of a YAML document stands.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import type { Place, Range } from '../diagnostics/diagnostic.ts'
import type { Lines } from '../diagnostics/lines.ts'

/** A way into a document: keys and indexes from its root. */
export type Path = readonly (string | number)[]

/** The range of the value at a path; of the nearest parent that exists when it does not. */
export function valueRange(document: Document, path: Path): Range {
  const { node, key } = nodeAt(document, path)
  return trimmed(node) ?? trimmed(key) ?? { start: 0, end: 0 }
}

/** The range of the key at a path (of the entry itself in a list). */
export function keyRange(document: Document, path: Path): Range {
  const { node, key, found } = nodeAt(document, path)
  return (found ? trimmed(key) : undefined) ?? trimmed(node) ?? { start: 0, end: 0 }
}

/** Where to point when a field is missing from the map at a path: at the map's own key, or the document's first key. */
export function mapRange(document: Document, path: Path): Range {
  if (path.length > 0) return keyRange(document, path)
  const first = isMap(document.contents) ? document.contents.items[0]?.key : undefined
  return trimmed(isNode(first) ? first : document.contents) ?? { start: 0, end: 0 }
}

/** The node at a path with its key; of the nearest parent that exists when it does not (`found` is false then). */
export function nodeAt(document: Document, path: Path): { node: Node | null; key: Node | null; found: boolean } {
  let node: Node | null = document.contents
  let key: Node | null = null
  for (const part of path) {
    const target: Node | null | undefined = isAlias(node) ? node.resolve(document) : node
    const next = step(target ?? null, part)
    if (next === undefined) return { node, key, found: false }
    key = next.key
    node = next.value
  }
  return { node: node ?? key, key, found: true }
}

function step(node: Node | null, part: string | number): { key: Node | null; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)]
    return item === undefined ? undefined : { key: null, value: isNode(item) ? item : null }
  }
  if (!isMap(node)) return undefined
  const pair = pairsOf(node).get(String(part))
  if (pair === undefined || !isPair(pair)) return undefined
  return { key: isNode(pair.key) ? pair.key : null, value: isNode(pair.value) ? pair.value : null }
}

/** By their keys. The last of two that become equal as strings (`1` and `"1"`) wins, as it does in toJSON. Kept: a map may have thousands, and a finding for each. */
const pairs = new WeakMap<YAMLMap, Map<string, Pair>>()

function pairsOf(map: YAMLMap): Map<string, Pair> {
  const known = pairs.get(map) ?? new Map<string, Pair>()
  if (!pairs.has(map)) {
    for (const item of map.items) known.set(keyText(item.key) ?? '', item)
    pairs.set(map, known)
  }
  return known
}

/** A list or map as a key is written out by yaml, which throws at what cannot be merged in it. */
function keyText(key: unknown): string | undefined {
  if (isScalar(key)) return String(key.value)
  try {
    return String(key)
  } catch {
    return undefined
  }
}

function trimmed(node: Node | null | undefined): Range | undefined {
  const range = node?.range
  // [start, end of the value, end with comments]: the caret belongs under the value
  return range ? { start: range[0], end: Math.max(range[1], range[0]) } : undefined
}

/** Line and column of a range. A byte order mark is no column. */
export function placeOf(range: Range, text: string, lines: Lines): Place {
  const start = lines.linePos(range.start)
  const end = lines.linePos(Math.max(range.end, range.start))
  const mark = text.startsWith('\ufeff') ? 1 : 0
  return {
    line: start.line,
    column: Math.max(1, start.col - (start.line === 1 ? mark : 0)),
    endLine: end.line,
    endColumn: Math.max(1, end.col - (end.line === 1 ? mark : 0)),
  }
}
