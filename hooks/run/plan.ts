// What a run looks at: the pushed refs by how much they matter, and of each the changed catalog files.
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Mode } from '../config/hook-config.ts'
import type { ChangedFile } from '../push/changes.ts'
import type { PushedRef } from '../push/handover.ts'

export type RankedRef = {
  pushed: PushedRef
  mode: Mode
  /** Whether there is a gate to bypass, here or in the hook that only validates. */
  isGated: boolean
}

/** A ref of which is known what it changes. */
export type ComparedRef = Omit<RankedRef, 'pushed'> & {
  pushed: PushedRef & { changes: ChangedFile[] }
  /** Only catalog files by their names were asked for, since there may be much else. */
  isPartial: boolean
}

/** One ref, and which of its changed files are looked at. */
export type PlannedRef = ComparedRef & {
  /** Catalog files by their names, removed ones among them. */
  files: ChangedFile[]
  /** Other YAML files that are there, which a Location may name. */
  others: ChangedFile[]
}

export type PlanSettings = {
  names: CatalogNames
  followLocations: boolean
  /** What the configuration says of a branch of this repository. */
  modeOf: (isDefaultBranch: boolean) => Mode
  /** False in the hook that only notifies. */
  validates: boolean
}

const RANKS: Record<Mode, number> = { enforce: 0, warn: 1, off: 2 }

/** What can refuse the push comes first, and of that the default branch. */
export function rankRefs(refs: readonly PushedRef[], { modeOf, validates }: PlanSettings): RankedRef[] {
  const modes = { true: modeOf(true), false: modeOf(false) }
  const ranked = refs.map((pushed): RankedRef => {
    const configured = modes[`${pushed.isDefaultBranch}`]
    return { pushed, mode: validates ? configured : 'off', isGated: configured !== 'off' }
  })
  const rank = ({ mode, pushed }: RankedRef) => RANKS[mode] * 2 + (pushed.isDefaultBranch ? 0 : 1)
  return ranked.sort((a, b) => rank(a) - rank(b))
}

export function planRef(ref: ComparedRef, { names, followLocations }: PlanSettings): PlannedRef {
  const { changes } = ref.pushed
  const files = changes.filter(({ path }) => names.isCatalogPath(path))
  return { ...ref, files, others: followLocations ? othersAmong(changes, names) : [] }
}

/** What is no catalog file by its name, and may be one by a Location's word. */
const othersAmong = (changes: readonly ChangedFile[], names: CatalogNames): ChangedFile[] =>
  changes.filter(
    file =>
      isThere(file) && /\.ya?ml$/i.test(file.path) && !names.isCatalogPath(file.path) && !names.isIgnored(file.path),
  )

const isThere = ({ change, type }: ChangedFile) => change !== 'removed' && type === 'file'
