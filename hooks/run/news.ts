// What is wrong and stands on the default branch already is no news where a branch takes it in: a merge of main is not refused for it.
import type { CheckedFile } from '../catalog/file.ts'
import type { Deadline } from '../config/deadline.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Git } from '../push/git.ts'
import { named } from './named.ts'
import type { PlannedRef } from './plan.ts'

type WithFiles = { plan: PlannedRef; files: CheckedFile[] }

/** The refs without findings in files that are on the tip of the default branch as they are. */
export type News = <T extends WithFiles>(refs: readonly T[]) => Promise<{ refs: T[]; notes: Note[] }>

/**
 * It costs a start of git, and only where a branch beside the default one was moved and something was found there. (From new branches such files were
 * left out when they were compared.) Asked again, it asks git only for what is new.
 */
export function openNews({ git, deadline }: { git: Git; deadline: Deadline }): News {
  /** Blobs at the paths; undefined: nothing there. A path that could not be asked for is left out. */
  const onDefault = new Map<string, string | undefined>()

  async function ask(paths: readonly string[]): Promise<void> {
    const unasked = paths.filter(path => !onDefault.has(path))
    if (unasked.length === 0) return
    const found = await git.resolvePaths('HEAD', unasked, deadline)
    for (const path of unasked) if (found.has(path) || !deadline.isOver()) onDefault.set(path, found.get(path))
  }

  return async refs => {
    const doubtful = new Set(refs.flatMap(ref => (isBesideDefault(ref) ? ref.files.filter(hasFindings) : [])))
    await ask([...doubtful].map(({ path }) => path))
    const unknown = new Set([...doubtful].flatMap(({ path }) => (onDefault.has(path) ? [] : [path])))
    const left = refs.map(ref => {
      if (!isBesideDefault(ref)) return ref
      const pushed = new Map(ref.plan.pushed.changes.map(({ path, blob }) => [path, blob]))
      const isOld = ({ path }: CheckedFile) =>
        unknown.has(path) || (pushed.has(path) && pushed.get(path) === onDefault.get(path))
      const withoutOld = (file: CheckedFile) =>
        doubtful.has(file) && isOld(file) ? { ...file, diagnostics: [] } : file
      return { ...ref, files: ref.files.map(withoutOld) }
    })
    const text = `${named([...unknown], 'files')}: out of time before it was known whether this is news; not checked`
    return { refs: left, notes: unknown.size === 0 ? [] : [{ text }] }
  }
}

const isBesideDefault = ({ plan: { mode, pushed } }: WithFiles) =>
  mode !== 'off' && pushed.kind === 'updated' && !pushed.isDefaultBranch

const hasFindings = ({ diagnostics }: CheckedFile) => diagnostics.length > 0
