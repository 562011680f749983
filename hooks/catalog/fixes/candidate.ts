// What a fix is made of before it has been tried: changes of the text, and which parsed values they may change.
import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml'
import type { Profile } from '../../../schemas/profile.ts'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../position.ts'

/** Offsets in the text; half-open. */
export type Change = { start: number; end: number; text: string }

/** One change, as a list. */
export const at = (start: number, end: number, text: string): Change[] => [{ start, end, text }]

export type Candidate = {
  changes: Change[]
  /** Places whose values may be gone after it, and those where they may stand instead. Left out: the finding's own. */
  from?: Path[]
  to?: Path[]
  /** Letters and digits change, too: a misspelt word, a name's blanks. Without it only signs and blanks may. */
  rewrites?: true
  /** All of the file's documents come about by it. */
  isWhole?: boolean
}

/** Of several ways exactly one must pass, or all must come to the same: else it is not certain which was meant. */
export type Ways = readonly Candidate[]

/** The document that a finding is about, and all that a proposal is made from. */
export type Subject = {
  text: string
  finding: Finding
  /** As parsed; broken ones have errors. */
  document: Document
  profile: Profile
}

/** Finds what may mend a finding, the best first. */
export type Propose = (subject: Subject) => Ways[]

export type Found = { pair: Pair | undefined; key: Node | undefined; node: Node | undefined; parent: Node | undefined }

/** What stands at a path; undefined where there is nothing, or an alias on the way. */
export function nodeAt({ contents }: Document, path: Path): Found | undefined {
  let found: Found = { pair: undefined, key: undefined, node: contents ?? undefined, parent: undefined }
  for (const part of path) {
    const parent = found.node
    if (isSeq(parent)) {
      const item: unknown = parent.items[Number(part)]
      if (!isNode(item)) return undefined
      found = { pair: undefined, key: undefined, node: item, parent }
    } else if (isMap(parent)) {
      const pair = parent.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(part))
      if (pair === undefined || !isNode(pair.key)) return undefined
      found = { pair, key: pair.key, node: isNode(pair.value) ? pair.value : undefined, parent }
    } else return undefined
  }
  return found
}

/** Start and end of what a node holds; without anchor, tag and comments. */
export function rangeOf(node: Node): { start: number; end: number } | undefined {
  const range = node.range
  return range ? { start: range[0], end: range[1] } : undefined
}

export const sourceOf = (text: string, node: Node): string => {
  const range = rangeOf(node)
  return range === undefined ? '' : text.slice(range.start, range.end)
}

/** Where the line of an offset begins. */
export function lineStart(text: string, at: number): number {
  const start = at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  // A byte order mark is before the first line.
  return start === 0 && text.startsWith('\ufeff') ? 1 : start
}

/** Behind the line of an offset, with its line break. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** Where the lines from one offset to another begin. (yaml's ranges may end behind the text.) */
export function* linesBetween(text: string, start: number, end: number): Generator<number> {
  for (let at = start; at < Math.min(end, text.length); at = lineEnd(text, at)) yield at
}

/** The column of an offset, from 0; undefined where something else than blanks and dashes stands before it in its line. */
export function columnOf(text: string, at: number): number {
  const start = lineStart(text, at)
  return at - start - (text.startsWith('\ufeff') && start === 0 ? 1 : 0)
}

/** The line break that the text has. */
export const breakOf = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n')

export const isInFlow = (node: Node | undefined): boolean => (isMap(node) || isSeq(node)) && node.flow === true

/** A text in the quotes that need nothing escaped. */
export const inQuotes = (value: string): string =>
  /["\\]/.test(value) ? `'${value.replaceAll("'", "''")}'` : `"${value}"`

/** Undefined where two changes lie over one another. */
export function changed(text: string, changes: readonly Change[]): string | undefined {
  let result = ''
  let from = 0
  for (const { start, end, text: inserted } of changes.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < from) return undefined
    result += text.slice(from, start) + inserted
    from = end
  }
  return result + text.slice(from)
}
