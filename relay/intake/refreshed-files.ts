// Which files a push that GHES reports makes us refresh.
import type { NotifiedFile } from '../../schemas/notification.ts'
import type { PathChange, ReportedPush } from './webhook-push.ts'

/** The files to refresh: catalog files by their names, files that were forwarded before, and those that quote what has changed. */
export function filesOf(
  { kind, changes }: Pick<ReportedPush, 'kind' | 'changes'>,
  { isCatalogFile, known, quoting }: { isCatalogFile: (path: string) => boolean; known: string[]; quoting: string[] },
): NotifiedFile[] {
  if (kind === 'deleted') return known.map(path => ({ path, change: 'removed' }))
  const knownPaths = new Set(known)
  const files = new Map<string, NotifiedFile>()
  for (const [path, change] of changes) {
    const isKnown = knownPaths.has(path)
    const net = netOf(change, isKnown)
    if (net !== undefined && (isKnown || isCatalogFile(path))) files.set(path, { path, change: net })
  }
  // A branch that is made anew shows another content under the names of before.
  for (const path of [...quoting, ...(kind === 'created' ? known : [])]) {
    if (!changes.has(path)) files.set(path, { path, change: 'modified' })
  }
  return [...files.values()]
}

/** Commits of joined branches are listed one after the other: of a known file, added and removed may be removed and added. */
function netOf(change: PathChange, isKnown: boolean): NotifiedFile['change'] | undefined {
  if (change !== 'passing') return change
  return isKnown ? 'removed' : undefined
}
