// Which problems of a file have a fix that is certain: each is tried before it is offered, by the whole check and by what is parsed.
//
// Loaded only where something is wrong and somebody asks for fixes.
import type { Profile } from '../../../schemas/profile.ts'
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts'
import { applyEdits } from '../../diagnostics/fix.ts'
import { linesOf } from '../../diagnostics/lines.ts'
import type { CheckedFile } from '../file.ts'
import type { Budget } from '../judging.ts'
import { readYaml } from '../parse.ts'
import { placeOf } from '../position.ts'
import { mendBroken } from './broken.ts'
import { type Change, changed, type Subject, type Ways } from './candidate.ts'
import { changesBetween } from './difference.ts'
import { isKept } from './kept.ts'
import { unwrapped } from './pasted.ts'
import { proposals } from './proposals.ts'

export type FixEdges = {
  /** What our own work may take. */
  budget: Budget
  /** Checks other bytes at the place of the file; undefined where that cannot be done. */
  again: (bytes: Uint8Array) => Promise<CheckedFile | undefined>
  /** Entities of other files, in whose place none of this one may come. */
  taken: ReadonlySet<string>
  profile: Profile
}

/** So many ways are tried in a file, and so many characters read for it; the rest has no fix yet. */
const MAX_TRIES = 200
const MAX_READ = 5_000_000

/** The file's errors that have a fix. Nothing of a template, and nothing that is no UTF-8. `within`: of one document that can be read. */
export async function findFixes(file: CheckedFile, edges: FixEdges, within?: number): Promise<Map<Diagnostic, Fix>> {
  const found = new Map<Diagnostic, Fix>()
  const { text, documents, diagnostics } = file
  const errors = diagnostics.filter(
    ({ severity, document }) => severity === 'error' && (within === undefined || document === within),
  )
  if (errors.length === 0 || text.includes('\ufffd') || documents.some(({ status }) => status === 'templated'))
    return found
  const parsed = readYaml(text)
  const trial = openTrial(file, edges)
  const waysOf = openWays(edges)
  for (const diagnostic of errors) {
    const { finding, document: index } = diagnostic
    const document = parsed[index]
    if (edges.budget.isOver()) break
    if (finding === undefined || finding.quoted !== undefined || document === undefined) continue
    if (within !== undefined && document.errors.length > 0) continue
    const subject: Subject = { text, finding, document, profile: edges.profile }
    for (const ways of waysOf(subject, index)) {
      const after = await trial(ways, diagnostic)
      if (after === undefined) continue
      found.set(diagnostic, { edits: after })
      break
    }
  }
  return found
}

/** The file with its fixes. */
export async function withFixes(file: CheckedFile, edges: FixEdges): Promise<CheckedFile> {
  const fixes = await findFixes(file, edges)
  if (fixes.size === 0) return file
  const diagnostics = file.diagnostics.map(one => {
    const fix = fixes.get(one)
    return fix === undefined ? one : { ...one, fix }
  })
  return { ...file, diagnostics }
}

/** A broken document is mended as a whole, whichever of its findings asks. */
function openWays({ budget }: FixEdges): (subject: Subject, index: number) => Ways[] {
  const broken = new Map<number, Ways[]>()
  return (subject, index) => {
    let ways = broken.get(index) ?? []
    if (broken.has(index)) return ways
    const isBroken = subject.document.errors.length > 0
    budget.run(() => {
      const pasted = unwrapped(subject)
      ways = pasted ? [pasted] : isBroken ? mendBroken(subject, index, budget.isOver) : proposals(subject)
    })
    if (isBroken) broken.set(index, ways)
    return ways
  }
}

/** Tries ways; gives the edits of the one that passes, or nothing where none does, or several that come to different ends. */
function openTrial(file: CheckedFile, edges: FixEdges) {
  const { again, taken, budget } = edges
  let tries = 0
  const isSpent = () => ++tries > MAX_TRIES || tries * file.text.length > MAX_READ
  let further = 0
  const mayGoFurther = () => file.text.length < 20_000 && ++further <= 5
  return async (ways: Ways, diagnostic: Diagnostic): Promise<Fix['edits'] | undefined> => {
    const passed = new Map<string, Fix['edits']>()
    for (const way of ways) {
      const text = changed(file.text, way.changes)
      if (text === undefined || text === file.text) continue
      let isRight = false
      budget.run(() => {
        isRight = isKept(file.text, text, diagnostic.document, way, diagnostic.finding?.path ?? [])
      })
      if (!isRight) continue
      if (isSpent() || budget.isOver()) return undefined
      const checked = await again(Buffer.from(text))
      if (checked === undefined) return undefined
      const isHidden = diagnostic.code.startsWith('yaml-') && !isBetter(file, checked) && mayGoFurther()
      const after = isHidden ? await mendedFurther(checked, edges, diagnostic.document) : checked
      if (!isBetter(file, after)) continue
      if ((isHidden || isOfItsName(diagnostic)) && comesInPlace(file, after, taken)) continue
      const changes = isHidden ? changesBetween(file.text, after.text) : way.changes
      const edits = editsOf(file.text, changes, after.text)
      passed.set(meaningOf(after), edits)
    }
    return passed.size === 1 ? [...passed.values()][0] : undefined
  }
}

/** What else is wrong with a document shows only when it can be read: it is mended in the same go, one by one. */
async function mendedFurther(file: CheckedFile, edges: FixEdges, document: number): Promise<CheckedFile> {
  let mended = file
  for (let i = 0; i < MAX_HIDDEN; i++) {
    const errors = mended.diagnostics.filter(one => one.severity === 'error' && one.document === document)
    if (errors.length === 0 || errors.length > MAX_HIDDEN) break
    const [fix] = (await findFixes(mended, edges, document)).values()
    const after = fix && (await edges.again(Buffer.from(applyEdits(mended.text, fix.edits))))
    if (after === undefined) break
    mended = after
  }
  return mended
}

/** More errors behind one that hides them are another round. */
const MAX_HIDDEN = 8

/** What the catalog would take in. */
const meaningOf = ({ entities }: CheckedFile) => JSON.stringify(entities.map(({ value }) => value))

function editsOf(text: string, changes: readonly Change[], wanted: string): Fix['edits'] {
  const lines = linesOf(text)
  const edits = changes.map(({ start, end, text: inserted }) => ({
    ...placeOf({ start, end }, text, lines),
    text: inserted,
  }))
  // The way that others will go with it.
  if (applyEdits(text, edits) !== wanted) throw new Error('the edits of a fix do not make its text')
  return edits
}

/**
 * Fewer errors, and nothing that was not there, but for warnings of lines that are as they were: these are told once nothing is wrong above
 * them. What is taken for a template is not judged any more.
 */
export function isBetter(before: CheckedFile, after: CheckedFile): boolean {
  const errors = (file: CheckedFile) => file.diagnostics.filter(({ severity }) => severity === 'error').length
  if (errors(after) >= errors(before) || after.documents.some(({ status }) => status === 'templated')) return false
  const counts = new Map<string, number>()
  for (const { code } of before.diagnostics) counts.set(code, (counts.get(code) ?? 0) + 1)
  const linesNow = after.text.split('\n')
  const lines = new Set(before.text.split('\n'))
  const isRevealed = ({ severity, line }: Diagnostic) => severity === 'warning' && lines.has(linesNow[line - 1] ?? '')
  return after.diagnostics.every(diagnostic => {
    const { code } = diagnostic
    const left = (counts.get(code) ?? 0) - 1
    counts.set(code, left)
    return left >= 0 || code === OF_THE_WHOLE_FILE || isRevealed(diagnostic)
  })
}

/** Told of a file whose first document is well; that is nothing new. */
const OF_THE_WHOLE_FILE = 'file-name'

const isOfItsName = ({ finding }: Diagnostic) => OF_NAMES.includes(finding?.path?.join('.') ?? '')
const OF_NAMES = ['kind', 'metadata.name', 'metadata.namespace']

/** Whether an entity is called as another one is, and was not before. */
function comesInPlace(before: CheckedFile, after: CheckedFile, taken: ReadonlySet<string>): boolean {
  const known = new Set(before.entities.map(({ ref }) => ref))
  const refs = after.entities.map(({ ref }) => ref)
  return refs.some((ref, i) => !known.has(ref) && (taken.has(ref) || refs.indexOf(ref) !== i))
}
