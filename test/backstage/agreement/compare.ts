// Both verdicts on every document of a case, and what kind of difference there is between them.
import type { CheckedFile } from '../../../hooks/catalog/file.ts'
import { type Case, fileUrl } from './case.ts'
import { costsFile, isAboutFile, isAboutValue, isBeyondTree, kindOfReason } from './reasons.ts'
import type { Outcome, Row } from './theirs.ts'

type Theirs =
  | { status: 'accepted' }
  | { status: 'rejected'; reason: string }
  /** Nothing of its file was taken, or nobody read it. */
  | { status: 'not taken'; reason: string }

export type Difference = { kind: string; path: string; document: number; theirs: string; ours: string }
export type Comparison = {
  documents: number
  accepted: number
  rejected: number
  notTaken: number
  templated: number
  /** We accept, and only what no tree tells makes the catalog refuse. */
  beyond: number
  /** We accept, and what makes the catalog refuse is told at another file of the case: a target that costs its Location, a Location that nobody can read. */
  toldElsewhere: number
  /** We accept, and have said of a value or target in it, or of the Location that names it, that it is not known here: by URL, in a folder's list, bundled. */
  unread: number
  differences: Difference[]
}

export const nothing = (): Comparison => ({
  documents: 0,
  accepted: 0,
  rejected: 0,
  notTaken: 0,
  templated: 0,
  beyond: 0,
  toldElsewhere: 0,
  unread: 0,
  differences: [],
})

export function compareCase(one: Case, files: readonly CheckedFile[], outcome: Outcome): Comparison {
  const sum = nothing()
  for (const file of files) compareFile(one, file, files, outcome, sum)
  compareUnread(one, files, outcome, sum)
  return sum
}

function compareFile(
  one: Case,
  file: CheckedFile,
  files: readonly CheckedFile[],
  outcome: Outcome,
  sum: Comparison,
): void {
  const rows = rowsOf(one, file.path, outcome)
  // Of several with one ref the catalog keeps the last.
  const last = new Map(file.documents.map(({ entity, index }) => [entity?.toLowerCase(), index]))
  for (const { index, status, entity } of file.documents) {
    if (status === 'empty') continue
    sum.documents++
    if (status === 'templated') sum.templated++
    else if (entity === undefined || last.get(entity.toLowerCase()) === index) {
      const theirs = verdictOn(entity, rows, outcome)
      count(theirs, sum)
      const kind = kindOf(theirs, status, file, index)
      const isExcused = kind !== undefined && theirs.status !== 'accepted'
      if (isExcused && theirs.status === 'not taken' && hasTemplated(file)) sum.templated++
      else if (isExcused && isBeyondTree(theirs.reason, fileUrl(one, ''))) sum.beyond++
      else if (isExcused && isToldElsewhere(one, file, index, files, theirs)) sum.toldElsewhere++
      else if (isExcused && isUnread(file, index, files, theirs)) sum.unread++
      else if (kind !== undefined)
        sum.differences.push({
          kind,
          path: file.path,
          document: index,
          theirs: told(theirs),
          ours: toldOurs(file, index),
        })
    }
  }
  // Of a file that was not taken some document must be to blame, or the Location that named it.
  compareBlame(one, file, outcome, rows, sum)
}

/** What a document withholds that we leave alone is left alone, too. */
const hasTemplated = ({ documents }: CheckedFile) => documents.some(({ status }) => status === 'templated')

/** Entities that came out of files that we did not look at. */
function compareUnread(one: Case, files: readonly CheckedFile[], { entities }: Outcome, sum: Comparison): void {
  const urls = new Set(files.map(({ path }) => `url:${decoded(fileUrl(one, path))}`))
  for (const { location, errors, isThere } of entities) {
    if (urls.has(fileOf(location)) || isThere) continue
    if (files.some(file => leavesUnread(file))) {
      sum.unread++
      continue
    }
    const reason = errors[0] ?? 'it is not stitched'
    sum.differences.push({
      kind: `the catalog refuses what we did not look at: ${kindOfReason(reason)}`,
      path: location,
      document: 0,
      theirs: reason,
      ours: 'not followed',
    })
  }
}

/** The file is good, as far as it goes, and some other one has an error of ours. */
function isToldElsewhere(
  one: Case,
  file: CheckedFile,
  index: number,
  files: readonly CheckedFile[],
  theirs: Exclude<Theirs, { status: 'accepted' }>,
): boolean {
  const others = files.filter(other => other !== file)
  if (!others.some(({ documents }) => documents.some(({ status }) => status === 'rejected'))) return false
  // Its own file as a whole: then it is to be withheld.
  if (file.path === one.path && theirs.status === 'not taken') return false
  if (theirs.status === 'not taken') return !decoded(theirs.reason).includes(decoded(fileUrl(one, file.path)))
  const isLocation = file.documents[index]?.entity?.startsWith('location:') === true
  return isLocation && costsFile(theirs.reason)
}

/** Something in the file, or in one of its documents, is not known to us, and that is what the catalog speaks of. */
function leavesUnread({ entities }: CheckedFile, reason?: string, index?: number): boolean {
  return entities
    .filter(({ document }) => index === undefined || document === index)
    .some(({ quotes, references }) => {
      const isUnknown = references.some(
        one =>
          one.what === 'target' && (one.leads.to === 'elsewhere' || (one.leads.to === 'pattern' && !one.leads.isRead)),
      )
      const unread = quotes.filter(({ state }) => state === 'unread')
      if (reason === undefined) return isUnknown || unread.length > 0
      return (isUnknown && isAboutFile(reason)) || unread.some(({ path }) => isAboutValue(reason, path.slice(0, -1)))
    })
}

/** What is not taken may be so because of any file that leads to it. */
function isUnread(
  file: CheckedFile,
  index: number,
  files: readonly CheckedFile[],
  { status, reason }: Exclude<Theirs, { status: 'accepted' }>,
): boolean {
  // Behind a Location the place of another file decides, which a push does not know.
  if (files.length > 1 && kindOfReason(reason) === 'a kind outside catalog.rules') return true
  if (file.diagnostics.some(({ code, document }) => code === 'doubtful-target' && document === index)) return true
  return (
    leavesUnread(file, reason, index) || (status === 'not taken' && files.some(other => leavesUnread(other, reason)))
  )
}

function count({ status }: Theirs, sum: Comparison): void {
  if (status === 'not taken') sum.notTaken++
  else sum[status]++
}

function compareBlame(one: Case, file: CheckedFile, { root }: Outcome, rows: readonly Row[], sum: Comparison): void {
  const isRegistered = file.path === one.path
  const judged = file.documents.filter(({ status }) => status !== 'empty')
  if (!isRegistered || hasTemplated(file) || rows.length > 0 || judged.length === 0 || (root?.errors.length ?? 0) === 0)
    return
  const reason = root?.errors[0] ?? ''
  if (judged.every(({ status }) => status !== 'rejected') && !leavesUnread(file))
    sum.differences.push({
      kind: `nothing of the file is taken, and we find no error: ${kindOfReason(reason)}`,
      path: file.path,
      document: judged[0]?.index ?? 0,
      theirs: root?.errors.join('; ') ?? '',
      ours: judged.map(({ status }) => status).join(', '),
    })
}

/** As far as it goes: in a Location somebody may have written a path encoded twice, and GHES decodes the second. */
function decoded(url: string): string {
  try {
    const once = decodeURIComponent(url)
    return once === url ? url : decoded(once)
  } catch {
    return url
  }
}

/** The file's URL, without what somebody wrote behind it and nobody asks for. */
const fileOf = (location: string) => decoded(location.replace(/[?#].*$/, '').replace(/\/+$/, ''))

function rowsOf(one: Case, path: string, { entities }: Outcome): Row[] {
  const url = `url:${decoded(fileUrl(one, path))}`
  return entities.filter(({ location }) => fileOf(location) === url)
}

function verdictOn(entity: string | undefined, rows: readonly Row[], { root, entities }: Outcome): Theirs {
  const row = rows.find(({ ref }) => ref === entity?.toLowerCase())
  if (row?.isThere) return { status: 'accepted' }
  if (row) return { status: 'rejected', reason: row.errors[0] ?? 'it is not stitched' }
  // Another file's entity of that name, of which there may be one.
  if (entities.some(({ ref }) => ref === entity?.toLowerCase()))
    return { status: 'not taken', reason: 'another file has it' }
  const reason = root?.errors[0] ?? entities.find(({ errors }) => errors.length > 0)?.errors[0]
  return { status: 'not taken', reason: reason ?? 'nobody read it' }
}

/** Undefined where both agree. */
function kindOf(theirs: Theirs, ours: string, file: CheckedFile, index: number): string | undefined {
  if (theirs.status === 'accepted')
    return ours === 'accepted' ? undefined : `we say ${ours}, the catalog takes it: ${codesOf(file, index)}`
  if (ours !== 'accepted') return undefined
  const what = file.documents[index]?.entity?.startsWith('location:') ? 'a Location' : 'an entity'
  const says = theirs.status === 'rejected' ? `the catalog refuses ${what}` : `the catalog does not take ${what}`
  return `${says}, we accept: ${kindOfReason(theirs.reason)}`
}

const errorsOf = (file: CheckedFile, index: number) =>
  file.diagnostics.filter(({ document, severity }) => document === index && severity === 'error')
const codesOf = (file: CheckedFile, index: number) =>
  [...new Set(errorsOf(file, index).map(({ code }) => code))].sort().join(', ')

const told = (theirs: Theirs) => (theirs.status === 'accepted' ? 'accepted' : `${theirs.status}: ${theirs.reason}`)

function toldOurs(file: CheckedFile, index: number): string {
  const problems = errorsOf(file, index).map(({ code, message }) => `${code}: ${message}`)
  const { status } = file.documents[index] ?? { status: 'no such document' }
  return [status, ...problems].join('; ')
}
