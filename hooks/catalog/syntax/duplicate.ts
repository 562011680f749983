// Keys that stand twice in one map, and what that often means: a second entity without "---" before it.
import { type Document, isMap, isNode, isPair, isScalar, isSeq, type Pair } from 'yaml'
import type { Finding, Range } from '../../diagnostics/diagnostic.ts'
import { entryOf, lineAbove, lineAt, lineNumber } from './line.ts'
import { separator } from './slips.ts'

/** So many doubled keys of one map have one cause. */
const MANY = 3

/** Whoever has doubled more keys than this is helped by the first ones. */
const MAX_TOLD = 100

type Doubled = { key: string; range: Range; first: Range; isRoot: boolean; isFirstEmpty: boolean; map: unknown }

/** One finding for each doubled key; when whole entities follow each other without "---", one finding for the line where it is missing. */
export function duplicateKeys(document: Document, offsets: readonly number[], text: string): Finding[] {
  const told = doubledKeys(document, new Set(offsets))
  // Of an empty key yaml tells another place.
  const doubled = told.length > 0 ? told : doubledKeys(document)
  const root = doubled.filter(({ isRoot }) => isRoot)
  const begins = root.filter(({ key }) => key === 'apiVersion' || key === 'kind')
  const [start] = begins
  if (start && root.length >= 2) return [secondEntity(start, text)]
  // Whole entries without their dashes, say: of one map the first is told.
  const maps = new Map<unknown, number>()
  for (const { map } of doubled) maps.set(map, (maps.get(map) ?? 0) + 1)
  // A link has but two fields.
  const isFew = (map: unknown) =>
    (maps.get(map) ?? 0) < (doubled.some(other => other.map === map && other.key === 'url') ? 2 : MANY)
  const isTold = ({ map }: Doubled, i: number) => isFew(map) || doubled.findIndex(other => other.map === map) === i
  return doubled
    .filter(isTold)
    .slice(0, MAX_TOLD)
    .map(({ key, range, first, isFirstEmpty, map }) => ({
      code: 'yaml-duplicate-key' as const,
      facts: {
        key,
        firstLine: lineNumber(text, first.start),
        ...(isFirstEmpty ? { isFirstEmpty } : {}),
        ...(isFew(map) ? {} : { more: (maps.get(map) ?? 0) - 1 }),
      },
      range,
      // In brackets both may stand on one line, which the frame shows anyway.
      ...(lineAt(text, first.start).start === lineAt(text, range.start).start
        ? {}
        : { label: { range: first, text: 'first here' } }),
    }))
}

export const SECOND_ENTITY = {
  problem: 'a second entity begins here, without a line "---" before it',
  hint: 'write "---" on a line of its own before this line',
}

function secondEntity({ range, first }: Doubled, text: string): Finding {
  const glued = entryAbove(text, range.start)
  const near = lineAbove(text, lineAt(text, range.start))
  const marker = near && separator(near)
  if (marker) return { ...marker, label: { range: first, text: 'the first entity' } }
  const at = glued ?? range
  const facts = glued
    ? { problem: '"---" is not on a line of its own', hint: 'put a line break after "---"' }
    : SECOND_ENTITY
  return { code: 'yaml-separator', facts, range: at, label: { range: first, text: 'the first entity' } }
}

/** `---apiVersion: …` just above: the marker was there, glued to the key. */
function entryAbove(text: string, at: number): Range | undefined {
  const line = lineAt(text, at)
  if (line.start === 0) return undefined
  const above = lineAt(text, line.start - 1)
  return above.indent === 0 && entryOf(above)?.key.startsWith('---')
    ? { start: above.start, end: above.start + 3 }
    : undefined
}

/** Found in the tree, not in the text: two maps may use the same key in the same column. Without recursion: documents may be deep. */
function doubledKeys(document: Document, offsets?: ReadonlySet<number>): Doubled[] {
  const found: Doubled[] = []
  const todo: unknown[] = [document.contents]
  while (todo.length > 0) {
    const node = todo.pop()
    // One by one: a spread of 100,000 items is more than a call takes.
    if (isSeq(node)) for (const item of node.items) todo.push(item)
    if (isPair(node)) todo.push(node.value)
    if (!isMap(node)) continue
    for (const pair of node.items) todo.push(pair)
    const firsts = new Map<unknown, Range>()
    const empty = new Set<unknown>()
    for (const pair of node.items) {
      const range = keyRange(pair)
      if (!range) continue
      const key = isScalar(pair.key) ? pair.key.value : pair.key
      const first = firsts.get(key)
      if (first && offsets?.has(range.start) !== false)
        found.push({
          key: String(key),
          range,
          first,
          isRoot: node === document.contents,
          map: node,
          isFirstEmpty: empty.has(key),
        })
      else if (!first) {
        firsts.set(key, range)
        if (isScalar(pair.value) && pair.value.source === '') empty.add(key)
      }
    }
  }
  return found.sort((a, b) => a.range.start - b.range.start)
}

function keyRange({ key }: Pair): Range | undefined {
  return isNode(key) && key.range ? { start: key.range[0], end: key.range[1] } : undefined
}
