// Checks some refs of a push by the contents of their files: those that are catalog files by their names, and then what Locations name.
import type { Changes } from '../catalog/changes.ts'
import type { Checked, Checker } from '../catalog/check-files.ts'
import type { CheckedFile } from '../catalog/file.ts'
import { type Content, mapOf, type Tree } from '../catalog/tree.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Blob } from '../push/batch.ts'
import { type ChangedFile, mayMatter } from '../push/changes.ts'
import { mayHaveBeenWrong } from './before.ts'
import type { Comparison } from './compare-refs.ts'
import { type Contents, treeBefore } from './contents.ts'
import { named } from './named.ts'
import { type PlannedRef, type PlanSettings, planRef, type RankedRef } from './plan.ts'
import { rarestFirst } from './rarest.ts'

/** A ref with its files checked by their contents. */
export type CheckedRef = {
  plan: PlannedRef
  tree: Tree
  /** Its catalog files, by name or by a Location, as far as they could be checked. */
  files: CheckedFile[]
  /** Catalog files that it removes, as they were: only their entities are of use. */
  removed: CheckedFile[]
}

/** Before what it removes has been looked at. */
export type StartedRef = Omit<CheckedRef, 'removed'>

export type CheckEdges = {
  checker: Checker
  comparison: Comparison
  contents: Contents
  treeOf: (plan: PlannedRef) => Tree
  settings: PlanSettings
  isOver: () => boolean
}

/** How many more catalog files of this push are looked at. */
export type Room = { files: number }

/** A push of so many files is judged at one go; of a larger one the catalog files by name come first. */
const AT_ONE_GO = 200

/** Other YAML files are looked into as far as this; of the rest, those that a Location names are read. */
const OTHERS = { files: 200, bytes: 8 << 20 }

type Started = { plan: PlannedRef; tree: Tree; paths: string[]; checked: Checked; isDone: boolean }

export async function checkLot(
  refs: readonly RankedRef[],
  room: Room,
  edges: CheckEdges,
): Promise<{ checked: StartedRef[]; notes: Note[] }> {
  const { comparison, contents, settings } = edges
  const { compared, notes } = await comparison.compare(refs)
  const wanted = compared.map(ref => planRef(ref, settings))
  const blobs = await contents.read(wanted.flatMap(({ files }) => files.flatMap(blobOf)))
  const started: Started[] = []
  for (const plan of wanted) started.push(await checkByName(withinRoom(plan, room, blobs, notes), blobs, edges))
  const partial = started.filter(({ plan, isDone }) => plan.isPartial && !isDone)
  const whole = await comparison.compareWhole(partial.map(({ plan }) => plan))
  notes.push(...whole.notes)
  const checked: StartedRef[] = []
  for (const one of started) {
    const all = whole.compared.find(({ pushed }) => pushed.ref === one.plan.pushed.ref)
    const plan = all ? { ...one.plan, pushed: all.pushed, others: planRef(all, settings).others } : one.plan
    const { files, notes: found } = one.isDone ? one.checked : await checkFollowed({ ...one, plan }, edges)
    // Where nothing is checked, nothing was left unchecked.
    if (plan.mode !== 'off') notes.push(...found)
    checked.push({ plan, tree: one.tree, files: inOrder(files, plan) })
  }
  return { checked, notes }
}

/** As many of its catalog files as there is room for: of many, those that are unlike the others. */
function withinRoom(plan: PlannedRef, room: Room, blobs: ReadonlyMap<string, Blob>, notes: Note[]): PlannedRef {
  const { files, pushed } = plan
  const taken = new Set(
    files.length <= room.files ? files : rarestFirst(files, file => bytesOf(blobs, file), 'none').slice(0, room.files),
  )
  room.files -= taken.size
  if (taken.size === files.length) return plan
  const left = named(
    files.flatMap(file => (taken.has(file) ? [] : [file.path])),
    'files',
  )
  notes.push({
    text: `only ${taken.size} of ${files.length} catalog files in ${named([pushed.ref])} were checked, not ${left}`,
  })
  return { ...plan, files: files.filter(file => taken.has(file)) }
}

/** A small push is judged at one go, with what its Locations name; of a large one, the catalog files by their names. */
async function checkByName(plan: PlannedRef, blobs: ReadonlyMap<string, Blob>, edges: CheckEdges): Promise<Started> {
  const { checker, settings, treeOf } = edges
  const tree = treeOf(plan)
  const there = plan.files.filter(({ change }) => change !== 'removed')
  const paths = rarestFirst(there, file => bytesOf(blobs, file)).map(({ path }) => path)
  const isSmall = !plan.isPartial && paths.length + plan.others.length <= AT_ONE_GO
  const started = { plan, tree, paths, isDone: isSmall || !settings.followLocations }
  if (isSmall) return { ...started, checked: await checkFollowed(started, edges) }
  const push = { others: new Map(), ...changesOf(plan, edges.contents) }
  return { ...started, checked: await checker.check({ tree, paths, followLocations: false, push }) }
}

/** With what Locations name. What has been judged before is not judged anew. */
async function checkFollowed(
  { plan, tree, paths, checked }: Pick<Started, 'plan' | 'tree' | 'paths'> & { checked?: Checked },
  { checker, contents, isOver, settings }: CheckEdges,
): Promise<Checked> {
  const { followLocations } = settings
  if (checked !== undefined && isOver())
    return {
      ...checked,
      notes: [...checked.notes, { text: 'out of time: not every file that a Location names was checked' }],
    }
  const looked = plan.others.length <= OTHERS.files ? plan.others : []
  const blobs = await contents.readAside(
    looked.map(({ blob }) => blob),
    OTHERS.bytes,
  )
  const others = new Map<string, Uint8Array>()
  const unread = new Set<string>()
  for (const file of plan.others) {
    const bytes = bytesOf(blobs, file)
    if (bytes === undefined) unread.add(file.path)
    else others.set(file.path, bytes)
  }
  const push = { others, unread, ...changesOf(plan, contents) }
  return checker.check({ tree, paths, followLocations, push })
}

function changesOf({ pushed, files }: PlannedRef, contents: Contents): Omit<Changes, 'others'> {
  const byName = new Set(files)
  const changes = pushed.changes.filter(file => byName.has(file) || mayMatter(file))
  const changed = new Map(changes.map(file => [file.path, file]))
  const isQuotable = (file: ChangedFile) => file.change !== 'removed' && !byName.has(file)
  return {
    quotable: changes.filter(isQuotable).map(({ path }) => path),
    isTouched: path => changed.has(path),
    removed: new Set(changes.flatMap(({ path, change }) => (change === 'removed' ? [path] : []))),
    async previous(paths) {
      const ids = paths.flatMap(path => idBefore(changed.get(path)) ?? [])
      const blobs: ReadonlyMap<string, Blob> = ids.length === 0 ? new Map() : await contents.readAside(ids)
      return mapOf(paths, path => contentBefore(changed.get(path), blobs))
    },
  }
}

const idBefore = (file: ChangedFile | undefined) => (file?.change === 'removed' ? file.blob : file?.blobBefore)

function contentBefore(file: ChangedFile | undefined, blobs: ReadonlyMap<string, Blob>): Content {
  if (file?.change === 'added') return { result: 'absent' }
  const bytes = blobs.get(idBefore(file) ?? '')
  return typeof bytes === 'object' ? { result: 'bytes', bytes } : { result: 'unknown', reason: 'was not read' }
}

/** Catalog files that a ref removes, as they were. They refuse nothing, so everything else comes first. */
export const filesBefore = (plan: PlannedRef, edges: CheckEdges): Promise<CheckedFile[]> =>
  checkBefore(
    plan.files.filter(({ change }) => change === 'removed'),
    edges,
  )

/** Wrong catalog files that a ref has changed, as they were, where that may be of interest. */
export async function changedFilesBefore(
  { pushed }: PlannedRef,
  wrong: readonly CheckedFile[],
  edges: CheckEdges,
): Promise<CheckedFile[]> {
  if (edges.isOver()) return []
  const files = new Map(wrong.map(file => [file.path, file]))
  const changed = pushed.changes.flatMap(change =>
    change.blobBefore !== undefined && files.has(change.path) ? [{ ...change, blob: change.blobBefore }] : [],
  )
  const blobs = await edges.contents.read(changed.flatMap(blobOf))
  const isOfInterest = (change: ChangedFile) => {
    const [file, bytes] = [files.get(change.path), bytesOf(blobs, change)]
    return file !== undefined && bytes !== undefined && mayHaveBeenWrong(file, bytes)
  }
  return checkBefore(changed.filter(isOfInterest), edges)
}

async function checkBefore(
  files: readonly ChangedFile[],
  { checker, contents, isOver }: CheckEdges,
): Promise<CheckedFile[]> {
  const readable = files.filter(({ type }) => type === 'file')
  if (readable.length === 0 || isOver()) return []
  const paths = readable.map(({ path }) => path)
  return (await checker.check({ tree: treeBefore(readable, contents), paths, followLocations: false })).files
}

/** As git lists them, whatever the order was in which they were judged; what Locations name stands behind. */
function inOrder(files: readonly CheckedFile[], { files: listed }: PlannedRef): CheckedFile[] {
  const place = new Map(listed.map(({ path }, i) => [path, i]))
  return files.toSorted((a, b) => (place.get(a.path) ?? listed.length) - (place.get(b.path) ?? listed.length))
}

const blobOf = ({ type, blob }: ChangedFile) => (type === 'file' ? [blob] : [])

function bytesOf(blobs: ReadonlyMap<string, Blob>, { blob }: ChangedFile): Uint8Array | undefined {
  const bytes = blobs.get(blob)
  return typeof bytes === 'object' ? bytes : undefined
}
