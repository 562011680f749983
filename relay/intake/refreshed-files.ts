// Which files a change of a branch makes us refresh, as GHES tells of it: by webhook, or asked.
import type { Change, NotifiedFile } from '../../schemas/notification.ts'
import type { KnownFile } from '../store/ports/known-files.ts'

/** `passing`: added and removed again in one push. It left nothing, unless the path was there before under another commit's name for it. */
export type PathChange = Change | 'passing'

export type BranchChange = { kind: 'created' | 'updated' | 'deleted'; changes: ReadonlyMap<string, PathChange> }

/** The files to refresh: catalog files by their names, files that were forwarded before, and those whose placeholders name what has changed. */
export function filesOf(
  { kind, changes }: BranchChange,
  {
    isCatalogFile,
    known,
    referencing,
  }: { isCatalogFile: (path: string) => boolean; known: KnownFile[]; referencing: string[] },
): NotifiedFile[] {
  if (kind === 'deleted') return known.map(file => ({ ...asLastKnown(file, file.path), change: 'removed' }))
  const knownBy = new Map(known.map(file => [file.path, file]))
  const files = new Map<string, NotifiedFile>()
  for (const [path, change] of changes) {
    const before = knownBy.get(path)
    const isKnown = before !== undefined
    const net = netOf(change, isKnown)
    if (net !== undefined && (isKnown || isCatalogFile(path)))
      files.set(path, { ...asLastKnown(before, path), change: net })
  }
  for (const path of referencing) {
    const blob = knownBy.get(path)?.blob
    const content = blob === undefined ? {} : { blob } // its own is what it was
    if (!changes.has(path)) files.set(path, { ...asLastKnown(knownBy.get(path), path), ...content, change: 'modified' })
  }
  // A branch that is made anew shows another content under the names of before.
  for (const file of kind === 'created' ? known : []) {
    if (!changes.has(file.path)) files.set(file.path, { ...asLastKnown(file, file.path), change: 'modified' })
  }
  return [...files.values()]
}

/** What an earlier push told of the file: the webhook knows no more than its path. */
function asLastKnown(known: KnownFile | undefined, path: string): Omit<NotifiedFile, 'change'> {
  const { entities = [] } = known ?? {}
  return { path, ...(entities.length === 0 ? {} : { entities }) }
}

/** Commits of joined branches are listed one after the other: of a known file, added and removed may be removed and added. */
function netOf(change: PathChange, isKnown: boolean): NotifiedFile['change'] | undefined {
  if (change !== 'passing') return change
  return isKnown ? 'removed' : undefined
}
