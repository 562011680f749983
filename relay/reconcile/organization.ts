// One organisation's part of a reconcile: inventory, comparison, and a job for every difference.
import type { RepositoryFacts } from '../../schemas/repository-facts.ts'
import type { FilesAsked, GhesInventory, InventoriedRepository } from '../clients/ghes/inventory.ts'
import type { Patience } from '../clients/ghes/patience.ts'
import type { Logger } from '../runtime/log.ts'
import { compareRepository, type Difference } from './compare.ts'
import { askFiles, walkOrganization } from './inventory.ts'
import type { ReconcileReport } from './report.ts'
import type { ReconcileStore } from './store.ts'

export type OrganizationWork = Patience & {
  store: Pick<ReconcileStore, 'acceptLanded' | 'knownFiles' | 'list'>
  inventory: GhesInventory
  log: Logger
  organization: string
  /** Asked of every repository. */
  paths: readonly string[]
  /** Head of each repository when all its files were last compared: where it has not moved, nothing else has either. */
  heads: Map<string, string>
  onJobs: () => void
  /** What else the page says of a repository that has catalog files. */
  learn: (facts: RepositoryFacts) => void
}

type Looked = { found: InventoriedRepository; forwarded: { path: string; blob?: string }[]; asked: Set<string> }

/** Adds what it finds to the report. */
export async function reconcileOrganization(work: OrganizationWork, report: ReconcileReport): Promise<void> {
  for await (const walked of walkOrganization(work.inventory, work.organization, work.paths, work)) {
    if (walked.result === 'failed') return void report.failures.push(walked.reason)
    const { repositories, unread } = walked.page
    report.repositories += repositories.length
    report.failures.push(...unread)
    const looked = await Promise.all(repositories.map(found => lookUp(work, found)))
    await askFurther(work, looked, report)
    for (const one of looked) await settle(work, one, report)
    for (const { found } of looked.filter(hasFiles)) work.learn({ repository: found.repository, ...found.about })
  }
}

const hasFiles = ({ found, forwarded }: Looked) => found.blobs.size > 0 || forwarded.length > 0

async function lookUp({ store, paths }: OrganizationWork, found: InventoriedRepository): Promise<Looked> {
  const ref = `refs/heads/${found.branch}`
  const known = found.archived || found.branch === undefined ? [] : await store.knownFiles(found.repository)
  return { found, forwarded: known.filter(file => file.ref === ref), asked: new Set(paths) }
}

/** Known files that the page's question did not name, of repositories that have moved since they were compared last. */
async function askFurther(work: OrganizationWork, looked: readonly Looked[], report: ReconcileReport): Promise<void> {
  const further: FilesAsked[] = looked.flatMap(({ found, forwarded, asked }) => {
    const paths = forwarded.map(({ path }) => path).filter(path => !asked.has(path))
    const moved = work.heads.get(found.repository) !== found.head
    return paths.length > 0 && moved ? [{ repository: found.repository, paths }] : []
  })
  const { blobs, failures } = await askFiles(work.inventory, further, work)
  report.failures.push(...failures)
  const pathsOf = new Map(further.map(({ repository, paths }) => [repository, paths]))
  for (const { found, asked } of looked) {
    const paths = pathsOf.get(found.repository) ?? []
    const given = blobs.get(found.repository)
    if (paths.length > 0 && !given) {
      work.heads.delete(found.repository)
      continue
    }
    for (const path of paths) asked.add(path)
    for (const [path, oid] of given ?? []) found.blobs.set(path, oid)
    if (found.head !== undefined) work.heads.set(found.repository, found.head)
  }
}

async function settle(work: OrganizationWork, looked: Looked, report: ReconcileReport): Promise<void> {
  const difference = compareRepository(looked.found, looked.forwarded, looked.asked)
  if (!difference || (await isUnderWay(work, difference))) return
  const { repository, ref, head, files } = difference
  // Before and after are the same: no push ever is, so that this one is never taken for one that a hook has announced.
  const landed = { repository, ref, before: head, after: head, defaultBranch: true, isBulk: true, files }
  // A later reconcile that finds the same head out of step again has found another change.
  const receipt = await work.store.acceptLanded(`reconcile:${report.startedAtMs}:${repository}:${head}`, landed)
  if (receipt.result === 'known') return
  report.drift += difference.drift
  report.firstSeen += difference.firstSeen
  const level = difference.drift > 0 ? 'warn' : 'info'
  const paths = files.map(({ path }) => path)
  work.log[level](
    { repository, ref, head, paths, drift: difference.drift, firstSeen: difference.firstSeen, step: 'reconciled' },
    difference.drift > 0 ? 'reconcile found a change that nobody had told of' : 'reconcile found a new catalog file',
  )
  work.onJobs()
}

/** A push of this very commit is accepted and not yet forwarded: no event was lost, and its refresh is coming. */
async function isUnderWay({ store }: OrganizationWork, { repository, ref, head }: Difference): Promise<boolean> {
  const open = await Promise.all(
    (['waiting', 'landed', 'dead'] as const).map(state => store.list({ repository, state, limit: 100 })),
  )
  return open.flat().some(push => push.ref === ref && push.after === head)
}
