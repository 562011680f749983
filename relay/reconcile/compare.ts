// What GHES holds against what was forwarded: the same blob is nothing to do, anything else is a refresh.
import type { NotifiedFile } from '../../schemas/notification.ts'
import type { InventoriedRepository } from '../clients/ghes/inventory.ts'

/** A file as it was when it was last forwarded. Without `blob` its content then is not known: a webhook names paths only. */
export type ForwardedFile = { path: string; blob?: string }

export type Difference = {
  repository: string
  ref: string
  head: string
  files: NotifiedFile[]
  /** Files that changed or went without our being told. */
  drift: number
  /** Files that we had never heard of, or whose content we had not. */
  firstSeen: number
}

/** Undefined when there is nothing to do. Only `asked` paths count: of others the answer says nothing. */
export function compareRepository(
  found: Omit<InventoriedRepository, 'about'>,
  forwarded: readonly ForwardedFile[],
  asked: Iterable<string>,
): Difference | undefined {
  const { repository, branch, head, blobs } = found
  // An archived repository cannot change; what it held when it was archived has been forwarded or will be once it is unarchived.
  if (found.archived || branch === undefined || head === undefined) return undefined
  const before = new Map(forwarded.map(file => [file.path, file]))
  const difference: Difference = { repository, ref: `refs/heads/${branch}`, head, files: [], drift: 0, firstSeen: 0 }
  for (const path of new Set(asked)) {
    const blob = blobs.get(path)
    const known = before.get(path)
    if (blob === undefined && known !== undefined) {
      difference.files.push({ path, change: 'removed' })
      difference.drift++
    } else if (blob !== undefined && known?.blob === undefined) {
      difference.files.push({ path, change: known ? 'modified' : 'added', blob })
      difference.firstSeen++
    } else if (blob !== undefined && known?.blob !== blob) {
      difference.files.push({ path, change: 'modified', blob })
      difference.drift++
    }
  }
  return difference.files.length > 0 ? difference : undefined
}

/** Of the patterns of catalog files, those paths that every repository can be asked for: GraphQL takes names, not patterns. */
export function plainPaths(patterns: readonly string[]): string[] {
  const names = patterns.map(pattern => pattern.replace(/^(\*\*\/)+/, ''))
  return [...new Set(names.filter(name => !/[*?[\]{}()!+@\\]/.test(name)))]
}
