// The end of a refused push's report: one line to paste that corrects it, or the command that does, where all or some of it is certain.
import { printable } from '../../schemas/printable.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { Checker } from '../catalog/check-files.ts'
import type { CheckedFile } from '../catalog/file.ts'
import { type FixEdges, findFixes } from '../catalog/fixes/find.ts'
import { trialOf } from '../catalog/fixes/trial.ts'
import type { Tree } from '../catalog/tree.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Fix } from '../diagnostics/diagnostic.ts'
import { applyEdits, overlap } from '../diagnostics/fix.ts'
import { pasteLine, type ToPaste } from '../report/paste.ts'
import type { JudgedRef } from './check-refs.ts'
import { runGuarded } from './time-limit.ts'

export type CorrectionEdges = {
  checker: Checker
  treeOf: (ref: JudgedRef) => Tree | undefined
  profile: Profile
  deadline: Deadline
  timeMs: number
  fixCommand: string
}

/** So many errors are looked at; whoever has more is helped by the command. */
const MAX_ERRORS = 20

/** With less of the time left nothing is begun: whoever is ended from outside for want of it would have accepted the push. */
const RESERVED = 0.4
const MAX_LENGTH = 50_000

/** Lines of the report, with their ends; often none. */
export async function correctionOf(refs: readonly JudgedRef[], edges: CorrectionEdges): Promise<string> {
  const refused = refs.filter(({ plan, files }) => plan.mode === 'enforce' && files.some(hasErrors))
  const errors = [...new Set(refused.flatMap(({ files }) => files))].reduce((sum, file) => sum + errorsOf(file), 0)
  const found = errors > MAX_ERRORS ? [] : await correctionsOf(refused, edges)
  const fixed = found.reduce((sum, { fixes }) => sum + fixes, 0)
  // Of several branches it is not known which one is checked out.
  const whole = found.flatMap(({ whole }) => whole ?? [])
  const line = refused.length === 1 && fixed === errors && whole.length === found.length ? pasteLine(whole) : undefined
  if (line !== undefined)
    return `hint: this line, pasted into a shell, corrects ${errors > 1 ? 'them' : 'it'}:\n${line}\n`
  if (fixed === 0 || edges.fixCommand === '') return ''
  const what = fixed < errors ? `${fixed} of ${errors}` : errors > 1 ? 'them' : 'it'
  return `hint: this command corrects ${what}: ${printable(edges.fixCommand)}\n`
}

/** `whole`: what corrects all of the file at once. */
type Correction = { fixes: number; whole: ToPaste | undefined }

async function correctionsOf(refused: readonly JudgedRef[], edges: CorrectionEdges): Promise<Correction[]> {
  const leftMs = () => edges.deadline.leftMs() - RESERVED * edges.timeMs
  const isOver = () => leftMs() < 0
  const budget = { isOver, run: (work: () => void) => runGuarded(work, leftMs()) }
  const found = new Map<CheckedFile, Correction>()
  for (const ref of refused) {
    const tree = edges.treeOf(ref)
    const files = [...ref.files]
    for (const [i, file] of ref.files.entries()) {
      if (tree === undefined || !hasErrors(file) || found.has(file)) continue
      const trial = trialOf(file, { ...edges, budget, tree, files, followLocations: false })
      const isShort = file.text.length <= MAX_LENGTH
      const fixes = isShort ? [...(await findFixes(file, trial)).values()] : []
      const mended = fixes.length === errorsOf(file) && !isOver() ? await together(file, fixes, trial) : undefined
      found.set(file, { fixes: fixes.length, whole: mended?.toPaste })
      if (mended !== undefined) files[i] = mended.after
    }
  }
  return [...found.values()]
}

const hasErrors = (file: CheckedFile) => errorsOf(file) > 0
const errorsOf = ({ diagnostics }: CheckedFile) => diagnostics.filter(({ severity }) => severity === 'error').length

/** All edits, where they go together and leave no error. */
async function together(
  file: CheckedFile,
  fixes: readonly Fix[],
  { again }: FixEdges,
): Promise<{ toPaste: ToPaste; after: CheckedFile } | undefined> {
  const edits: ToPaste['edits'] = []
  for (const fix of fixes) {
    if (overlap(edits, fix.edits)) return undefined
    edits.push(...fix.edits)
  }
  const after = await again(Buffer.from(applyEdits(file.text, edits)))
  if (after === undefined || hasErrors(after)) return undefined
  return { toPaste: { path: file.path, text: file.text, edits }, after }
}
