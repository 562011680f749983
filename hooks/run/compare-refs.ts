// Finds out what pushed refs change, where the prelude has not: in as few calls of git as there can be, and what cannot be told is named.
import type { Deadline } from '../config/deadline.ts'
import type { HookConfig } from '../config/hook-config.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Compared, Comparing, Pair } from '../push/compare.ts'
import { named } from './named.ts'
import type { ComparedRef, RankedRef } from './plan.ts'

type CompareEdges = {
  git: Comparing
  deadline: Deadline
  catalog: Pick<HookConfig['catalog'], 'baseNames' | 'pathspecs'>
}

/** Of more new branches in one push it is not found out where they left the default branch: some 2 ms each in a large repository. */
const MAX_NEW_BRANCHES = 200

type ComparedRefs = { compared: ComparedRef[]; notes: Note[] }
type Comparable = ComparedRefs & { failed: RankedRef[] }

export type Comparison = {
  /** New branches that were not looked at, since there are too many in this push. */
  beyond: readonly string[]
  /** What could not be compared is a note, and left out. Of refs that can refuse the push, catalog files by their names are asked for first. */
  compare: (refs: readonly RankedRef[]) => Promise<ComparedRefs>
  /** All that they change, of refs of which only the catalog files are known. */
  compareWhole: (refs: readonly ComparedRef[]) => Promise<ComparedRefs>
}

/** `ranked`: all refs of the push. In an empty repository the first of them is new as a whole. */
export function openComparison(
  knownTip: string | undefined,
  ranked: readonly RankedRef[],
  { git, deadline, catalog }: CompareEdges,
): Comparison {
  const { baseNames, pathspecs } = catalog
  const all = [...pathspecs.candidates, ...pathspecs.quoted]
  const firstNew = ranked.find(({ pushed }) => pushed.kind === 'created')?.pushed
  const looked = new Set<string>()
  const beyond: string[] = []
  let tip: Promise<string | undefined> | undefined
  const tipOf = () => {
    tip ??= knownTip === undefined ? git.defaultTip(deadline) : Promise.resolve(knownTip)
    return tip
  }

  async function pairOf({ pushed: { after, before, kind, ref } }: RankedRef): Promise<Pair> {
    if (kind === 'updated') return { before, after }
    const from = (await tipOf()) ?? firstNew?.after
    return from === undefined || (await isWhole(ref)) ? { after } : { before: from, after }
  }

  const isWhole = async (ref: string) => ref === firstNew?.ref && (await tipOf()) === undefined

  async function compareAnew(refs: readonly RankedRef[], names: readonly string[]): Promise<Comparable> {
    const pairs = await Promise.all(refs.map(pairOf))
    const top = names === pathspecs.files ? await atTheTop(refs, pairs) : undefined
    const changes = await git.compare(pairs, names, top === undefined ? deadline : shareOf(deadline))
    const notes: Note[] = []
    const failed: RankedRef[] = []
    const compared: ComparedRef[] = []
    for (const [i, ref] of refs.entries()) {
      const found = changes[i] ?? (ref.pushed.isDefaultBranch ? top : undefined)
      if (found === undefined) failed.push(ref)
      else {
        const { files, isWhole } = found
        compared.push({ ...ref, pushed: { ...ref.pushed, changes: files }, isPartial: names !== all })
        if (!isWhole) notes.push({ text: tooMuch(ref, found === top) })
      }
    }
    return { compared, failed, notes }
  }

  /** Of what matters most at least this: it takes no time, however much there is. */
  async function atTheTop(refs: readonly RankedRef[], pairs: readonly Pair[]): Promise<Compared> {
    const i = refs.findIndex(({ pushed }) => pushed.isDefaultBranch)
    const pair = pairs[i]
    const found = pair && (await git.compareTop(pair, baseNames, deadline))
    return found && { ...found, isWhole: false }
  }

  function notCompared(failed: readonly RankedRef[]): Note[] {
    if (failed.length === 0) return []
    const refs = named(
      failed.map(({ pushed }) => pushed.ref),
      'refs',
    )
    const text = deadline.isOver() ? `git ran out of time over ${refs}` : `git could not compare ${refs}`
    const isAll = failed.length === ranked.length
    return [{ text: isAll ? `catalog-gate: ${text}; the push was accepted unchecked` : `${text}; accepted unchecked` }]
  }

  /** Of a new branch, what it has changed since it left the default branch; it removes nothing, for what it lacks of that was never on it. */
  async function ownOf(compared: readonly ComparedRef[], names: readonly string[]): Promise<Comparable> {
    const refs = compared.map(withoutRemoved)
    const whole = refs.some(isSinceUnknown) && (await tipOf()) === undefined ? firstNew?.ref : undefined
    const asked = refs.filter(ref => isSinceUnknown(ref) && ref.pushed.ref !== whole)
    const allowed = asked.filter(
      ({ pushed: { ref } }) => looked.has(ref) || (looked.size < MAX_NEW_BRANCHES && looked.add(ref)),
    )
    const from = allowed.length === 0 ? undefined : ((await tipOf()) ?? firstNew?.after)
    const commits = [...new Set(allowed.map(({ pushed }) => pushed.after))]
    const bases = from === undefined ? undefined : await git.mergeBases(from, commits, deadline)
    const baseOf = ({ pushed: { after } }: ComparedRef) => (bases === undefined ? null : bases.get(after))
    const apart = allowed.filter(ref => typeof baseOf(ref) === 'string' && baseOf(ref) !== from)
    const pairs = apart.map(ref => ({ before: baseOf(ref) ?? '', after: ref.pushed.after }))
    const since = await git.compare(pairs, names, deadline)
    const known = new Map(apart.map((ref, i) => [ref, since[i]]))
    const failed = allowed.filter(
      ref => baseOf(ref) === undefined || (known.has(ref) && known.get(ref)?.isWhole !== true),
    )
    const dropped = new Set<ComparedRef>([...asked.filter(ref => !allowed.includes(ref)), ...failed])
    const kept = refs.filter(ref => !dropped.has(ref)).map(ref => ownAmong(ref, known.get(ref)))
    for (const ref of asked) if (!allowed.includes(ref)) beyond.push(ref.pushed.ref)
    return { compared: kept, failed, notes: [] }
  }

  const isSinceUnknown = ({ pushed: { changes, kind, since } }: ComparedRef) =>
    kind === 'created' && since === undefined && changes.length > 0

  async function compareBy(refs: readonly RankedRef[], names: readonly string[]): Promise<Comparable> {
    const anew = await compareAnew(refs, names)
    const own = await ownOf(anew.compared, names)
    return { ...own, failed: [...anew.failed, ...own.failed], notes: [...anew.notes, ...own.notes] }
  }

  return {
    beyond,
    async compare(refs) {
      const known = refs.flatMap(({ pushed: { changes, ...pushed }, ...ref }): ComparedRef[] =>
        changes === undefined ? [] : [{ ...ref, pushed: { ...pushed, changes }, isPartial: false }],
      )
      const unknown = refs.filter(({ pushed }) => pushed.changes === undefined)
      const own = await ownOf(known, all)
      const names = unknown[0]?.mode === 'enforce' ? pathspecs.files : all
      const anew = unknown.length === 0 ? undefined : await compareBy(unknown, names)
      const failed = notCompared([...own.failed, ...(anew?.failed ?? [])])
      return {
        compared: [...own.compared, ...(anew?.compared ?? [])],
        notes: [...own.notes, ...(anew?.notes ?? []), ...failed],
      }
    },
    async compareWhole(refs) {
      const { compared, notes } = await compareBy(refs, all)
      const isKnown = new Set(compared.map(({ pushed }) => pushed.ref))
      const left = refs.flatMap(({ pushed: { ref } }) => (isKnown.has(ref) ? [] : [ref]))
      const text = `git could not tell what else ${named(left)} ${left.length > 1 ? 'change' : 'changes'}: what an unchanged Location names there was not checked`
      return { compared, notes: left.length === 0 ? notes : [...notes, { text }] }
    },
  }
}

/** So that what was found is judged before the time is over. */
const shareOf = ({ leftMs }: Deadline): Deadline => {
  const keptMs = leftMs() * 0.6
  const left = () => Math.max(0, leftMs() - keptMs)
  return { leftMs: left, isOver: () => left() === 0 }
}

const tooMuch = ({ pushed }: RankedRef, isTop: boolean) =>
  isTop
    ? `${named([pushed.ref])} changes more than git can tell in time: only catalog files at the top and one folder below were checked`
    : `${named([pushed.ref])} changes more files than are looked at: not all of them were checked`

const withoutRemoved = (ref: ComparedRef): ComparedRef =>
  ref.pushed.kind === 'updated'
    ? ref
    : { ...ref, pushed: { ...ref.pushed, changes: ref.pushed.changes.filter(({ change }) => change !== 'removed') } }

function ownAmong(ref: ComparedRef, since: Compared): ComparedRef {
  const own = since === undefined ? ref.pushed.since : new Set(since.files.map(({ path }) => path))
  if (own === undefined || own === 'all') return ref
  return { ...ref, pushed: { ...ref.pushed, changes: ref.pushed.changes.filter(({ path }) => own.has(path)) } }
}
