// Checks what each ref of a push brings: by the contents of its files, and then by its tree.
import type { Checked, Checker, Push } from '../catalog/check-files.ts'
import type { CheckedFile } from '../catalog/file.ts'
import type { Tree } from '../catalog/tree.ts'
import type { Note } from '../diagnostics/note.ts'
import type { ChangedFile } from '../push/changes.ts'
import { type Contents, treeBefore } from './contents.ts'
import type { PlannedRef } from './plan.ts'

/** A ref with its files checked by their contents. */
export type CheckedRef = {
  plan: PlannedRef
  tree: Tree
  /** Its catalog files, by name or by a Location, as far as they could be checked. */
  files: CheckedFile[]
  /** Catalog files that it removes, as they were: only their entities are of use. */
  removed: CheckedFile[]
}

/** A ref with all that is found in its files, also by its tree. */
export type JudgedRef = Pick<CheckedRef, 'plan' | 'files'>

type CheckEdges = {
  checker: Checker
  contents: Contents
  treeOf: (plan: PlannedRef) => Tree
  followLocations: boolean
}

export async function checkRefs(
  planned: readonly PlannedRef[],
  edges: CheckEdges,
): Promise<{ checked: CheckedRef[]; notes: Note[] }> {
  const checked: CheckedRef[] = []
  const notes: Note[] = []
  for (const plan of planned) {
    const tree = edges.treeOf(plan)
    const found = await checkRef(plan, tree, edges)
    // Where nothing is checked, nothing was left unchecked.
    if (plan.mode !== 'off') notes.push(...found.notes)
    checked.push({ plan, tree, files: found.files, removed: await filesBefore(plan, edges) })
  }
  return { checked, notes }
}

async function checkRef(plan: PlannedRef, tree: Tree, edges: CheckEdges): Promise<Checked> {
  const { checker, contents: blobs, followLocations } = edges
  const contents = await tree.read(plan.others.map(({ path }) => path))
  const others = new Map(
    [...contents].flatMap(([path, content]) => (content.result === 'bytes' ? [[path, content.bytes]] : [])),
  )
  const paths = plan.files.flatMap(({ path, change }) => (change === 'removed' ? [] : [path]))
  return checker.check({ tree, paths, followLocations, push: { others, ...changesOf(plan.pushed.changes, blobs) } })
}

function changesOf(changes: readonly ChangedFile[], contents: Contents): Omit<Push, 'others'> {
  const changed = new Map(changes.map(file => [file.path, file]))
  return {
    isTouched: path => changed.has(path),
    removed: new Set(changes.flatMap(({ path, change }) => (change === 'removed' ? [path] : []))),
    async previous(path) {
      const id = changed.get(path)?.blobBefore
      const bytes = id === undefined ? undefined : (await contents.read([id])).get(id)
      return typeof bytes === 'object' ? bytes : undefined
    },
  }
}

async function filesBefore({ files }: PlannedRef, { checker, contents }: CheckEdges): Promise<CheckedFile[]> {
  const removed = files.filter(({ change, type }) => change === 'removed' && type === 'file')
  if (removed.length === 0) return []
  const paths = removed.map(({ path }) => path)
  return (await checker.check({ tree: treeBefore(removed, contents), paths, followLocations: false })).files
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
