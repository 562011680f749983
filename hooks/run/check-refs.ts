// Checks what each ref of a push brings: what matters most first, by the contents of its files, and then by its tree.
import type { Checker } from '../catalog/check-files.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Before } from './before.ts'
import {
  type CheckEdges,
  type CheckedRef,
  changedFilesBefore,
  checkLot,
  filesBefore,
  type Room,
  type StartedRef,
} from './check-lot.ts'
import { named } from './named.ts'
import type { RankedRef } from './plan.ts'

/** A ref with all that is found in its files, also by its tree. */
export type JudgedRef = Pick<CheckedRef, 'plan' | 'files'>

/** So many refs are compared, planned and judged before the next ones are looked at. */
const REFS_AT_ONCE = 300

/** `ranked`: what can refuse the push first. At most `maxFiles` catalog files are looked at. */
export async function checkRefs(
  ranked: readonly RankedRef[],
  maxFiles: number,
  edges: CheckEdges,
): Promise<{ checked: CheckedRef[]; notes: Note[]; before: Before }> {
  const started: StartedRef[] = []
  const notes: Note[] = []
  const late: string[] = []
  const room: Room = { files: maxFiles }
  for (const lot of lotsOf(ranked)) {
    // What the prelude has compared is known by its files' names, and these are told.
    if (edges.isOver() && lot.every(({ pushed }) => pushed.changes === undefined)) {
      late.push(...lot.flatMap(({ mode, pushed }) => (mode === 'off' ? [] : [pushed.ref])))
      continue
    }
    const found = await checkLot(lot, room, edges)
    started.push(...found.checked)
    notes.push(...found.notes)
  }
  const { beyond } = edges.comparison
  const tooMany = 'not checked: too many new branches in one push'
  if (beyond.length > 0)
    notes.push({ text: `${named(beyond, 'new branches')} ${beyond.length > 1 ? 'were' : 'was'} ${tooMany}` })
  if (late.length > 0)
    notes.push({ text: `${named(late)} ${late.length > 1 ? 'were' : 'was'} not checked: out of time` })
  const checked: CheckedRef[] = []
  for (const ref of started) checked.push({ ...ref, removed: await filesBefore(ref.plan, edges) })
  return { checked, notes, before: (plan, wrong) => changedFilesBefore(plan, wrong, edges) }
}

/** The default branch by itself; and what can refuse the push is in no lot with what cannot. */
function lotsOf(ranked: readonly RankedRef[]): RankedRef[][] {
  const lots: RankedRef[][] = []
  for (const ref of ranked) {
    const last = lots.at(-1) ?? []
    const [first] = last
    const fits = first?.mode === ref.mode && !first.pushed.isDefaultBranch && !ref.pushed.isDefaultBranch
    if (fits && last.length < REFS_AT_ONCE) last.push(ref)
    else lots.push([ref])
  }
  return lots
}

/**
 * What only the pushed tree can tell, as warnings unless configured otherwise. Apart from the rest, since it costs a start of git (8 ms):
 * an accepted push tells the relay meanwhile.
 */
export async function judgeInTree(
  checked: readonly CheckedRef[],
  checker: Checker,
  isOver: () => boolean,
): Promise<{ judged: JudgedRef[]; notes: Note[] }> {
  const judged: JudgedRef[] = []
  const notes: Note[] = []
  for (const { plan, files, tree } of checked) {
    const isLookedAt = plan.mode !== 'off' && !isOver()
    const found = isLookedAt ? await checker.checkInTree(files, tree) : { files, notes: [] }
    judged.push({ plan, files: found.files })
    notes.push(...found.notes)
  }
  return { judged, notes }
}
