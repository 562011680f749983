// What a run looks at: the changed catalog files of each pushed ref, and how much they matter there.

import { printable } from '../../schemas/printable.ts'
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Mode } from '../config/hook-config.ts'
import type { Note } from '../diagnostics/note.ts'
import type { ChangedFile } from '../push/changes.ts'
import type { Handover, PushedRef } from '../push/handover.ts'

/** One ref, and which of its changed files are looked at. */
export type PlannedRef = {
  pushed: PushedRef & { changes: ChangedFile[] }
  mode: Mode
  /** Whether there is a gate to bypass, here or in the hook that only validates. */
  isGated: boolean
  /** Catalog files by their names, removed ones among them. */
  files: ChangedFile[]
  /** Other YAML files that are there, which a Location may name. */
  others: ChangedFile[]
}

export type PlanSettings = {
  names: CatalogNames
  followLocations: boolean
  /** As many catalog files are looked at in a push. */
  maxFiles: number
  /** What the configuration says of a branch of this repository. */
  modeOf: (isDefaultBranch: boolean) => Mode
  /** False in the hook that only notifies. */
  validates: boolean
}

/** The refs whose changes could be read. The others, and what is beyond the limit, are notes. */
export function planRefs(
  { refs, unreadable }: Pick<Handover, 'refs' | 'unreadable'>,
  settings: PlanSettings,
): { planned: PlannedRef[]; notes: Note[] } {
  const notes: Note[] = unreadable.map(line => ({
    text: `"${printable(line).slice(0, 200)}" of the push could not be read; what it names was not checked`,
  }))
  let room = settings.maxFiles
  const unasked = refs.filter(({ changes }) => changes === 'unasked')
  if (unasked.length > 0)
    notes.push({
      text: `${printable(unasked[0]?.ref ?? '')}${unasked.length > 1 ? ` and ${unasked.length - 1} more new branches were` : ' was'} not checked: too many new branches in one push`,
    })
  const planned = refs.flatMap(pushed => {
    const { changes, ref } = pushed
    if (changes === 'unasked') return []
    if (changes === undefined) {
      notes.push({ text: `git could not compare ${printable(ref)}; it was accepted unchecked` })
      return []
    }
    const all = changes.filter(({ path }) => settings.names.isCatalogPath(path))
    const files = all.slice(0, room)
    room -= files.length
    if (files.length < all.length)
      notes.push({ text: `only ${files.length} of ${all.length} catalog files in ${printable(ref)} were checked` })
    return [planOf({ ...pushed, changes }, files, settings)]
  })
  return { planned, notes }
}

function planOf(pushed: PlannedRef['pushed'], files: ChangedFile[], settings: PlanSettings): PlannedRef {
  const { followLocations, maxFiles, modeOf, names, validates } = settings
  const configured = modeOf(pushed.isDefaultBranch)
  const taken = new Set(files)
  const others = pushed.changes.filter(
    file => isThere(file) && /\.ya?ml$/.test(file.path) && !taken.has(file) && !names.isIgnored(file.path),
  )
  return {
    pushed,
    mode: validates ? configured : 'off',
    isGated: configured !== 'off',
    files,
    others: followLocations ? others.slice(0, maxFiles) : [],
  }
}

const isThere = ({ change, type }: ChangedFile) => change !== 'removed' && type === 'file'
