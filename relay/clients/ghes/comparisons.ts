// How two commits relate, and which files differ between them, as GHES compares them.
import type { Change } from '../../../schemas/notification.ts'
import type { Trouble } from '../trouble.ts'
import type { Repository } from './branches.ts'
import type { GhesClient } from './client.ts'
import { field, type Read } from './read.ts'
import { type Refusal, troubleOf } from './refusal.ts'

/** How `head` relates to `base`: `ahead` contains it. */
type Relation = 'ahead' | 'identical' | 'behind' | 'diverged'

/** One of the two commits is not in the repository, or they have no history in common. */
export type Unknown = { result: 'unknown' }

export type CompareAnswer = { result: 'compared'; relation: Relation } | Unknown | Trouble

export type ChangesAnswer =
  /** What `head` changed since it parted from `base`. `isWhole` is false when GHES lists only the first of many files. */
  { result: 'changes'; relation: Relation; files: Map<string, Change>; isWhole: boolean } | Unknown | Trouble

export type GhesComparisons = {
  compare(repository: Repository, base: string, head: string): Promise<CompareAnswer>
  changes(repository: Repository, base: string, head: string): Promise<ChangesAnswer>
}

/** GitHub lists no more, all of them on the first page. */
const MOST_FILES = 300

export function ghesComparisons(client: GhesClient): GhesComparisons {
  const { ask } = client.for('compare')
  const compared = async <T>({ owner, name }: Repository, base: string, head: string, read: Read<T>) => {
    const parameters = { owner, repo: name, basehead: `${base}...${head}`, per_page: 1 }
    const answer = await ask('GET /repos/{owner}/{repo}/compare/{basehead}', parameters, read)
    if (answer.result === 'answered') return answer.value
    return isUnknown(answer) ? ({ result: 'unknown' } as const) : troubleOf(answer)
  }
  return {
    compare: (repository, base, head) =>
      compared<CompareAnswer>(repository, base, head, data => {
        const relation = relationIn(data)
        return relation && { result: 'compared', relation }
      }),
    changes: (repository, base, head) =>
      compared<ChangesAnswer>(repository, base, head, data => {
        const relation = relationIn(data)
        const files = field(data, 'files', 'list')
        return (
          relation &&
          files && { result: 'changes', relation, files: changesIn(files), isWhole: files.length < MOST_FILES }
        )
      }),
  }
}

/** A renamed repository is known by its new name: webhook and reconcile bring what is open there. */
export const isUnknown = ({ status, found }: Refusal) =>
  found === 'not-found' || (found === 'invalid' && status === 422) || found === 'repository-moved'

const relationIn: Read<Relation> = data => {
  const status = field(data, 'status', 'text')
  return status === 'ahead' || status === 'identical' || status === 'behind' || status === 'diverged'
    ? status
    : undefined
}

function changesIn(files: readonly unknown[]): Map<string, Change> {
  const changes = new Map<string, Change>()
  for (const file of files) {
    const path = field(file, 'filename', 'text')
    if (path === undefined) continue
    const status = field(file, 'status', 'text')
    const previous = status === 'renamed' ? field(file, 'previous_filename', 'text') : undefined
    if (previous !== undefined && !changes.has(previous)) changes.set(previous, 'removed')
    const isNew = status === 'added' || status === 'renamed' || status === 'copied'
    changes.set(path, status === 'removed' ? 'removed' : isNew ? 'added' : 'modified')
  }
  return changes
}
