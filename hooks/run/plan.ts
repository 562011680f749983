// What a run looks at: the changed catalog files of each pushed ref, how much they matter there, and their contents.

import { printable } from '../../schemas/printable.ts'
import type { CheckedFile } from '../catalog/file.ts'
import { catalogPathTest, type HookConfig, ignoredPathTest, modeFor } from '../config/hook-config.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Blob } from '../push/batch.ts'
import type { ChangedFile } from '../push/changes.ts'
import type { PushedRef } from '../push/handover.ts'
import type { HookEdges } from './hook-edges.ts'

/** One ref with what became of its files. */
export type RefRun = {
  pushed: PushedRef & { changes: ChangedFile[] }
  mode: 'enforce' | 'warn' | 'off'
  /** Whether there is a gate to bypass, here or in the hook that only validates. */
  isGated: boolean
  files: ChangedFile[]
  checked: CheckedFile[]
  others: Map<string, Uint8Array>
}

/** Which changed files of which ref are looked at, and how much they matter. */
export function planRuns(
  refs: readonly PushedRef[],
  repository: string,
  { config, now, profile }: HookEdges,
  notes: Note[],
): RefRun[] {
  const isCatalogPath = catalogPathTest(config)
  const today = new Date(now()).toISOString().slice(0, 10)
  let room = config.limits.files
  const unasked = refs.filter(({ changes }) => changes === 'unasked')
  if (unasked.length > 0)
    notes.push({
      text: `${printable(unasked[0]?.ref ?? '')}${unasked.length > 1 ? ` and ${unasked.length - 1} more new branches were` : ' was'} not checked: too many new branches in one push`,
    })
  return refs.flatMap(pushed => {
    if (pushed.changes === 'unasked') return []
    if (pushed.changes === undefined) {
      notes.push({ text: `git could not compare ${printable(pushed.ref)}; it was not checked` })
      return []
    }
    const { changes } = pushed
    const all = changes.filter(({ path }) => isCatalogPath(path))
    const files = all.slice(0, room)
    room -= files.length
    if (files.length < all.length)
      notes.push({
        text: `only ${files.length} of ${all.length} catalog files in ${printable(pushed.ref)} were checked`,
      })
    const configured = modeFor(config, repository, pushed.isDefaultBranch, today)
    const mode = profile ? configured : 'off'
    return [
      { pushed: { ...pushed, changes }, mode, isGated: configured !== 'off', files, checked: [], others: new Map() },
    ]
  })
}

/** Other YAML files of the push, which a Location may name. */
export function otherYaml({ pushed, files }: RefRun, config: HookConfig): ChangedFile[] {
  if (!config.catalog.followLocations) return []
  const isIgnored = ignoredPathTest(config)
  const taken = new Set(files.map(({ path }) => path))
  return pushed.changes.filter(
    ({ path, change, type }) =>
      change !== 'removed' && type === 'file' && /\.ya?ml$/.test(path) && !taken.has(path) && !isIgnored(path),
  )
}

/** What the prelude has not read already, in one git call. */
export async function fetchBlobs(
  runs: readonly RefRun[],
  prefetched: Map<string, Blob>,
  { config, git, deadline }: HookEdges,
): Promise<Map<string, Blob>> {
  const wanted = runs.flatMap(run => [
    ...run.files.filter(({ type }) => type === 'file'),
    ...otherYaml(run, config).slice(0, config.limits.files),
  ])
  const missing = [...new Set(wanted.map(({ blob }) => blob))].filter(id => !prefetched.has(id))
  const fetched = await git.readBlobs(missing, config.limits.fileBytes, deadline)
  return new Map([...prefetched, ...fetched])
}
