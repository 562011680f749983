// What the relay is to be told of each ref of an accepted push.
import { pathInRepository } from '../catalog/repository-path.ts'
import type { Entity } from '../catalog/validate.ts'
import type { AcceptedUpdate } from '../notify/message.ts'
import type { Bypass } from '../push/options.ts'
import type { RefRun } from './plan.ts'

/** One update a ref with catalog files. */
export function acceptedUpdates(
  runs: readonly RefRun[],
  { repository, pusher, bypass }: { repository: string; pusher: string; bypass: Bypass },
): AcceptedUpdate[] {
  return runs.flatMap(run => {
    const files = filesOf(run)
    if (files.length === 0) return []
    const { ref, before, after, isDefaultBranch } = run.pushed
    const reason = bypass.result === 'bypass' && run.isGated ? { bypass: bypass.reason } : {}
    return [{ repository, ref, before, after, isDefaultBranch, pusher, files, ...reason }]
  })
}

function filesOf(run: RefRun): AcceptedUpdate['files'] {
  const checked = new Map(run.checked.map(file => [file.path, file]))
  const changed = run.files.map(({ path, change, blob }) => ({ path, change, blob }))
  const followed = [...run.others.keys()]
    .filter(path => checked.has(path))
    .map(path => ({ path, change: 'modified' as const, blob: undefined }))
  const known = new Set(changed.map(({ path }) => path))
  return [...changed, ...followed.filter(({ path }) => !known.has(path))].map(({ path, change, blob }) => {
    const entities = checked.get(path)?.entities ?? []
    const references = change === 'removed' ? [] : quotedPaths(path, entities)
    return {
      path,
      change,
      ...(change === 'removed' || blob === undefined ? {} : { blob }),
      ...(entities.length > 0 ? { entities: [...new Set(entities.map(({ ref }) => ref))] } : {}),
      ...(references.length > 0 ? { references } : {}),
    }
  })
}

/** Paths in the repository that a file's placeholders quote; URLs are of no use to the relay. */
function quotedPaths(path: string, entities: readonly Entity[]): string[] {
  const paths = entities.flatMap(({ quotes }) => quotes.flatMap(({ target }) => pathInRepository(path, target) ?? []))
  return [...new Set(paths)]
}
