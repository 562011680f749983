// What is to be brought to a repository, and how far that is: decided by what GHES shows of our branch and by what earlier runs have kept.
import { createHash } from 'node:crypto'
import { blobId } from '../../schemas/blob-id.ts'
import type { Branches, OurBranch } from './inventory.ts'
import type { Files, Row } from './plan.ts'
import type { Delivered, MigrateState } from './state.ts'

/**
 * `new`: nothing is there yet; `go-on`: an earlier run was cut off; `update`: it is open and says something else than it would today; `adopt`: it is open, and
 * what it says is known from its commit only. Nothing is to be done where it is `open` as it should be, `merged`, `declined` by a person, where a branch of that
 * name is `foreign`, and where GHES takes nothing (`cannot`).
 */
export type Step = 'new' | 'go-on' | 'update' | 'adopt' | 'open' | 'merged' | 'declined' | 'foreign' | 'cannot'

export type Delivery = {
  row: Row
  files: Files
  isRepair: boolean
  branch: string
  ours: OurBranch
  /** Stands for the files; the last line of our commit's message has it. */
  content: string
  kept: Delivered | undefined
  step: Step
}

/** Undefined: there is nothing to bring. */
export function deliveryOf(row: Row, branches: Branches, state: MigrateState): Delivery | undefined {
  const { proposal, repaired, repository } = row
  const isRepair = proposal === undefined
  const files = proposal === undefined ? repaired : new Map([[proposal.path, proposal.text]])
  if (files === undefined || files.size === 0) return undefined
  const branch = isRepair ? branches.fixed : branches.proposed
  const ours = isRepair ? repository.fixed : repository.proposed
  const earlier = state.of(repository.repository)
  const kept = earlier?.branch === branch ? earlier : undefined
  const content = contentOf(files)
  const step = repository.archived ? 'cannot' : stepOf(ours, kept, content, isRepair)
  return { row, files, isRepair, branch, ours, content, kept, step }
}

function stepOf(
  { head, pullRequest }: OurBranch,
  kept: Delivered | undefined,
  content: string,
  isRepair: boolean,
): Step {
  const isOurs = head !== undefined && head === kept?.commit
  if (pullRequest?.state === 'closed') return 'declined'
  if (pullRequest?.state === 'merged') {
    if (!isRepair) return 'merged'
    // What was repaired once may break again.
    return head === undefined ? 'new' : 'merged'
  }
  if (pullRequest === undefined) return head === undefined ? 'new' : 'go-on'
  if (!isOurs) return head === undefined ? 'declined' : 'adopt'
  if (kept.content !== content) return 'update'
  return kept.pullRequest === undefined ? 'go-on' : 'open'
}

const contentOf = (files: Files): string =>
  createHash('sha1')
    .update(
      [...files]
        .map(([path, text]) => `${path}\0${blobId(Buffer.from(text))}`)
        .sort()
        .join('\0'),
    )
    .digest('hex')

const TRAILER = 'Catalog-Gate-Migrate'

export const messageOf = (title: string, content: string): string => `${title}\n\n${TRAILER}: ${content}\n`

/** Undefined: the commit is somebody else's. */
export const contentIn = (message: string): string | undefined =>
  new RegExp(`^${TRAILER}: ([0-9a-f]{40})$`, 'm').exec(message)?.[1]

/** Team by team: people see what concerns them in one go. */
export function inWaves(deliveries: readonly Delivery[]): Delivery[] {
  const ownerOf = ({ row: { reasons } }: Delivery) => reasons.find(({ field }) => field === 'owner')?.value ?? ''
  return deliveries
    .map(delivery => ({ delivery, key: `${ownerOf(delivery)}\0${delivery.row.repository.repository}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ delivery }) => delivery)
}

/** How many were opened on this day (UTC), by GHES's word and by ours. */
export function openedOn(day: string, rows: readonly Row[], state: MigrateState): number {
  const opened = new Set(state.all().flatMap(([repository, { at }]) => (at.startsWith(day) ? [repository] : [])))
  for (const { repository, proposed, fixed } of rows.map(({ repository }) => repository)) {
    const isToday = [proposed, fixed].some(({ pullRequest }) => pullRequest?.createdAt.startsWith(day))
    if (isToday) opened.add(repository.toLowerCase())
  }
  return opened.size
}
