// Which files differ between two commits, as GHES compares them.
import type { Change } from '../../../schemas/notification.ts'
import type { Trouble } from '../trouble.ts'
import type { Relation } from './ghes.ts'
import { fieldOf, type GhesRequests, textOf, unreadable } from './requests.ts'

export type ChangesAnswer =
  /** What `head` changed since it parted from `base`. `isWhole` is false when GHES lists only the first of many files. */
  | { result: 'changes'; relation: Relation; files: Map<string, Change>; isWhole: boolean }
  /** One of the two commits is not in the repository, or they have no history in common. */
  | { result: 'unknown' }
  | Trouble

export type GhesChanges = (
  repository: { owner: string; name: string },
  base: string,
  head: string,
) => Promise<ChangesAnswer>

/** GitHub lists no more, all of them on the first page. */
const MOST_FILES = 300

export function ghesChanges({ ask, guarded, trouble }: GhesRequests): GhesChanges {
  return ({ owner, name }, base, head) =>
    guarded<ChangesAnswer>(async () => {
      const parameters = { owner, repo: name, basehead: `${base}...${head}`, per_page: 1 }
      const answer = await ask('compare', 'GET /repos/{owner}/{repo}/compare/{basehead}', parameters)
      if (answer.status === 404 || answer.status === 422) return { result: 'unknown' }
      if (answer.status !== 200) return trouble(answer)
      const relation = relationOf(answer.data)
      const files = fieldOf(answer.data, 'files')
      if (relation === undefined || !Array.isArray(files)) return unreadable('compare')
      return { result: 'changes', relation, files: changesIn(files), isWhole: files.length < MOST_FILES }
    })
}

/** How `head` relates to `base`. */
export function relationOf(data: unknown): Relation | undefined {
  const status = fieldOf(data, 'status')
  return status === 'ahead' || status === 'identical' || status === 'behind' || status === 'diverged'
    ? status
    : undefined
}

function changesIn(files: unknown[]): Map<string, Change> {
  const changes = new Map<string, Change>()
  for (const file of files) {
    const path = textOf(file, 'filename')
    if (path === undefined) continue
    const status = textOf(file, 'status')
    const previous = status === 'renamed' ? textOf(file, 'previous_filename') : undefined
    if (previous !== undefined && !changes.has(previous)) changes.set(previous, 'removed')
    const isNew = status === 'added' || status === 'renamed' || status === 'copied'
    changes.set(path, status === 'removed' ? 'removed' : isNew ? 'added' : 'modified')
  }
  return changes
}
