// Whether a changed text still says what it said: every parsed value as it was, but for those that the change is about.
import { isMapValue } from '../check.ts'
import { type ParsedDocument, parseCatalogFile } from '../parse.ts'
import type { Path } from '../position.ts'
import type { Candidate } from './candidate.ts'

/** `document`: index of the one that is mended. `path`: of the finding, whose value may change where the candidate says nothing else. */
export function isKept(
  before: string,
  after: string,
  document: number,
  { from, to, rewrites, isWhole }: Candidate,
  path: Path,
): boolean {
  if (!rewrites && lettersOf(before) !== lettersOf(after)) return false
  const old = parse(before)
  const now = parse(after)
  if (isWhole)
    return !old.some(isEntity) && now.some(isEntity) && now.every(one => isEntity(one) || one.result === 'empty')
  const behind = old.length - document - 1
  // One may become two, where a separator was missing.
  if (now.length < old.length) return false
  const isSameAt = (i: number, j: number) => isSame(old[i], now[j], before, after)
  for (let i = 0; i < document; i++) if (!isSameAt(i, i)) return false
  for (let i = 1; i <= behind; i++) if (!isSameAt(old.length - i, now.length - i)) return false
  const mended = now.slice(document, now.length - behind)
  const broken = old[document]
  if (broken?.result !== 'entity') return mended.every(isEntity)
  const [only, ...more] = mended
  if (only?.result !== 'entity' || more.length > 0) return false
  return changesOnly(leavesOf(broken.value), leavesOf(only.value), from ?? [path], to ?? from ?? [path])
}

const isEntity = ({ result }: ParsedDocument) => result === 'entity'

/** Without signs and blanks. */
const lettersOf = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, '')

const parse = (text: string) => parseCatalogFile(Buffer.from(text)).documents

function isSame(a: ParsedDocument | undefined, b: ParsedDocument | undefined, before: string, after: string): boolean {
  if (a === undefined || b === undefined || a.result !== b.result) return false
  if (a.result === 'entity' && b.result === 'entity') return changesOnly(leavesOf(a.value), leavesOf(b.value), [], [])
  if (a.result === 'broken' && b.result === 'broken')
    return before.slice(a.range.start, a.range.end) === after.slice(b.range.start, b.range.end)
  return true
}

function changesOnly(before: Leaves, after: Leaves, from: readonly Path[], to: readonly Path[]): boolean {
  const differs = (some: Leaves, others: Leaves, where: readonly Path[]) =>
    [...some].every(
      ([key, leaf]) => others.get(key)?.value === leaf.value || where.some(path => isAtOrBelow(leaf.path, path)),
    )
  return differs(before, after, from) && differs(after, before, to)
}

const isAtOrBelow = (path: Path, above: Path) =>
  path.length >= above.length && above.every((part, i) => String(part) === String(path[i]))

type Leaves = Map<string, { path: Path; value: string }>

/** Scalars, and maps and lists without anything in them, by their paths. */
function leavesOf(value: unknown, path: Path = [], leaves: Leaves = new Map()): Leaves {
  const items = Array.isArray(value) ? [...value.entries()] : isMapValue(value) ? Object.entries(value) : []
  for (const [key, item] of items) leavesOf(item, [...path, key], leaves)
  if (items.length === 0) leaves.set(JSON.stringify(path.map(String)), { path, value: JSON.stringify(value) ?? '' })
  return leaves
}
