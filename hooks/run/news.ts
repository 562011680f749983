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

  /** What stands there after the push, of what it changes and of unchanged files in which it does something. */
  async function pushedIn({ plan: { pushed }, files }: WithFiles): Promise<ReadonlyMap<string, string | undefined>> {
    const unchanged = files.flatMap(file => (file.causes !== undefined && hasFindings(file) ? [file.path] : []))
    const found = unchanged.length === 0 ? [] : await git.resolvePaths(pushed.after, unchanged, deadline)
    const changed = pushed.changes.map(
      ({ path, change, blob }) => [path, change === 'removed' ? undefined : blob] as const,
    )
    return new Map<string, string | undefined>([...found, ...changed])
  }

  async function withoutOld<T extends WithFiles>(ref: T, unknown: ReadonlySet<string>): Promise<T> {
    if (!isBesideDefault(ref)) return ref
    const pushed = await pushedIn(ref)
    const isSame = (path: string) => pushed.has(path) && pushed.get(path) === onDefault.get(path)
    const isOld = (file: CheckedFile) => unknown.has(file.path) || pathsOf(file).every(isSame)
    const left = (file: CheckedFile) => (hasFindings(file) && isOld(file) ? { ...file, diagnostics: [] } : file)
    return { ...ref, files: ref.files.map(left) }
  }

  return async refs => {
    const doubtful = refs.flatMap(ref => (isBesideDefault(ref) ? ref.files.filter(hasFindings) : []))
    await ask([...new Set(doubtful.flatMap(pathsOf))])
    const unasked = doubtful.filter(file => !pathsOf(file).every(path => onDefault.has(path)))
    const unknown = new Set(unasked.map(({ path }) => path))
    const left: (typeof refs)[number][] = []
    for (const ref of refs) left.push(await withoutOld(ref, unknown))
    const text = `${named([...unknown], 'files')}: out of time before it was known whether this is news; not checked`
    return { refs: left, notes: unknown.size === 0 ? [] : [{ text }] }
  }
}

/** It, and what is the reason for what is found in it. */
const pathsOf = ({ path, causes = [] }: CheckedFile) => [path, ...causes]

const isBesideDefault = ({ plan: { mode, pushed } }: WithFiles) =>
  mode !== 'off' && pushed.kind === 'updated' && !pushed.isDefaultBranch

const hasFindings = ({ diagnostics }: CheckedFile) => diagnostics.length > 0
