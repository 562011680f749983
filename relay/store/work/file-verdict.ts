// From what the catalog has said of a file's entities to a verdict on the file, and on its push: functions over values.
import type { CatalogResult } from '../../../schemas/catalog-verdicts.ts'
import { cutText } from '../../../schemas/text.ts'
import type { FileVerdict, NotKnown, PushVerdict, Reading } from '../ports/verdicts.ts'

/** What was said of each entity; the file's own Location stands among them. As it is kept in a file's row. `read`: seen from outside, as long as nobody has said anything. */
export type Said = {
  of?: number
  read?: { atMs: number } & (Omit<FileVerdict, 'path'> | ({ result: 'not known' } & NotKnown))
  by: Record<string, { result: CatalogResult; errors?: string[]; heldBy?: string; atMs: number }>
}

/** A push's file, as far as it decides which readings are about it. */
export type ReadFile = { blob?: string; receivedAtMs: number; landedAtMs: number; nextLandedAtMs?: number }

/** Backstage has a clock of its own. Only what names no content depends on it to the second. */
const CLOCKS_MS = 5_000
/** What the catalog says of other entities of a file that it has accepted, in the same round. */
const SAME_ROUND_MS = 30_000
const MOST_ENTITIES = 1000
const MOST_ERRORS = 5
const ERROR_CHARACTERS = 500

/** Whether the reading is about what this push has made of the file. */
export function isAbout({ blob, atMs }: Pick<Reading, 'blob' | 'atMs'>, file: ReadFile): boolean {
  if (blob !== undefined && file.blob?.length === blob.length)
    return blob === file.blob && atMs >= file.receivedAtMs - CLOCKS_MS
  return atMs >= file.landedAtMs && atMs < (file.nextLandedAtMs ?? Number.POSITIVE_INFINITY)
}

const isOfFile = (entity: string) => entity.startsWith('location:default/generated-')

/**
 * Undefined when it adds nothing. What the catalog has accepted stays so: what is wrong later is not of this push. Only where no content was named may what was accepted first
 * have been the one before.
 */
export function addReading(said: Said, { announced, blob }: Announced, reading: Reading): Said | undefined {
  const entity = reading.entity.toLowerCase()
  const known = said.by[entity]
  const acceptedAtMs = resultOf(said, announced)?.result === 'accepted' ? latest(said) : undefined
  const isGood = reading.result === 'accepted'
  if (known && known.atMs >= reading.atMs) return undefined
  if (!known && Object.keys(said.by).length >= MOST_ENTITIES) return undefined
  if (acceptedAtMs !== undefined) {
    const isExact = blob !== undefined && blob === reading.blob
    if (isGood ? known !== undefined : isOfFile(entity) || reading.atMs > acceptedAtMs + SAME_ROUND_MS) return undefined
    if (!isGood && known && isExact) return undefined
  } else if (known?.result === 'accepted' && !isGood && blob !== undefined && blob === reading.blob) return undefined
  const errors = reading.errors.slice(0, MOST_ERRORS).map(error => cutText(error, ERROR_CHARACTERS))
  const { result, heldBy, atMs } = reading
  const more = { ...(errors.length === 0 ? {} : { errors }), ...(heldBy === undefined ? {} : { heldBy }) }
  // The file could be read after all.
  const rest = isGood && !isOfFile(entity) ? withoutFaultsOfFile(said.by) : said.by
  return {
    ...(reading.of === undefined ? said : { of: reading.of }),
    by: { ...rest, [entity]: { result, ...more, atMs } },
  }
}

/** What the push has told of the file. */
export type Announced = { announced: readonly string[]; blob?: string }

const withoutFaultsOfFile = (by: Said['by']): Said['by'] =>
  Object.fromEntries(Object.entries(by).filter(([entity, { result }]) => !isOfFile(entity) || result === 'accepted'))

const latest = ({ by, read }: Said) =>
  Math.max(0, ...Object.values(by).map(({ atMs }) => atMs), ...(isRead({ by, read }) ? [read?.atMs ?? 0] : []))

const isRead = ({ by, read }: Pick<Said, 'by'> & { read: Said['read'] | undefined }): boolean =>
  read !== undefined && Object.keys(by).length === 0

/** The worst first. */
const RESULTS = ['unreadable', 'refused', 'conflict'] as const

/** Undefined while the catalog has not said all that belongs to it. */
function resultOf({ of, by }: Said, announced: readonly string[]): Omit<FileVerdict, 'path'> | undefined {
  const all = Object.entries(by)
  for (const result of RESULTS) {
    const found = all.filter(([, one]) => one.result === result).map(([, one]) => one)
    if (found.length === 0) continue
    const errors = [...new Set(found.flatMap(one => one.errors ?? []))].slice(0, MOST_ERRORS)
    const heldBy = found.find(one => one.heldBy !== undefined)?.heldBy
    return { result, ...(errors.length === 0 ? {} : { errors }), ...(heldBy === undefined ? {} : { heldBy }) }
  }
  if (all.length === 0) return undefined
  const entities = all.filter(([entity]) => !isOfFile(entity))
  const isWhole =
    of === undefined
      ? announced.every(entity => by[entity.toLowerCase()] !== undefined) || entities.length > announced.length
      : entities.length >= Math.min(of, MOST_ENTITIES)
  return isWhole ? { result: 'accepted' } : undefined
}

export type JudgedFile = { path: string; said: Said; announced: readonly string[] }

/** Undefined while one of its files has none, unless what is bad of the others has to be said. */
export function pushVerdict(files: readonly JudgedFile[], receivedAtMs: number): PushVerdict | undefined {
  const judged = files.flatMap(({ path, said, announced }): FileVerdict[] => {
    const result = resultOf(said, announced) ?? seenOf(said)
    return result === undefined ? [] : [{ path, ...result }]
  })
  const [first] = judged
  const isWhole = judged.length === files.length
  if (first === undefined || (!isWhole && !endsBadly(files, judged))) return undefined
  const result = isWhole && judged.every(one => one.result === first.result) ? first.result : 'mixed'
  const afterMs = Math.max(0, ...files.map(({ said }) => latest(said) - receivedAtMs))
  const isReading = files.some(({ said }) => isRead({ by: said.by, read: said.read }))
  return { result, files: judged, afterMs, ...(isReading ? { by: 'reading' } : {}) }
}

function seenOf({ by, read }: Said): Omit<FileVerdict, 'path'> | undefined {
  if (read === undefined || !isRead({ by, read }) || read.result === 'not known') return undefined
  const { atMs: _, ...seen } = read
  return seen
}

const endsBadly = (files: readonly JudgedFile[], judged: readonly FileVerdict[]) =>
  judged.some(({ result }) => result !== 'accepted') &&
  files.every(({ path, said }) => notKnownIn(said) !== undefined || judged.some(one => one.path === path))

/** Of a push that has no verdict: the first thing that was seen, once all its files were looked at. */
export function notKnownOf(files: readonly JudgedFile[]): NotKnown | undefined {
  const open = files.flatMap(({ path, said, announced }) =>
    (resultOf(said, announced) ?? seenOf(said)) === undefined ? [{ path, seen: notKnownIn(said) }] : [],
  )
  if (open.some(({ seen }) => seen === undefined)) return undefined
  const first = open.find(({ seen }) => seen?.looksWrong) ?? open[0]
  return first?.seen && { words: `${first.path}: ${first.seen.words}`, looksWrong: first.seen.looksWrong }
}

function notKnownIn({ by, read }: Said): NotKnown | undefined {
  return read?.result === 'not known' && isRead({ by, read }) ? read : undefined
}
