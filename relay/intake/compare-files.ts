// A push whose lists of files are not whole is asked for at GHES: kept as a job of its own, so that it survives whatever happens meanwhile.
import { count } from '../../schemas/count.ts'
import type { Change, NotifiedFile } from '../../schemas/notification.ts'
import { repositoryOf } from '../clients/ghes/branches.ts'
import type { ChangesAnswer, GhesComparisons } from '../clients/ghes/comparisons.ts'
import { compareTrees, type GhesTree } from '../clients/ghes/trees.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import type { JobOf } from '../store/ports/jobs.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { PushRecord, Records } from '../store/ports/records.ts'
import { filesOf } from './refreshed-files.ts'

type Asking = Pick<GhesComparisons, 'changes'> & { tree: GhesTree }

export type CompareEdges = {
  ghes: Asking
  store: KnownFiles & Pick<Inbox & Records, 'acceptFurther' | 'push'>
  isCatalogFile: (path: string) => boolean
}

export type ComparedFiles =
  /** `isWhole` false: more than GHES lists. */
  { result: 'files'; files: Map<string, Change>; isWhole: boolean } | { result: 'unknown' } | Trouble

/**
 * What is different after the push. One question where the branch went on; a second one where it was forced elsewhere, since GHES
 * compares with where the two parted, and what the lost commits had changed is only seen from the other side. Of more files than GHES lists, the two trees say it.
 */
export async function compareFiles(
  { changes, tree }: Asking,
  place: { repository: string; base: string; head: string },
): Promise<ComparedFiles> {
  const repository = repositoryOf(place.repository)
  const trees = () => compareTrees((id, isRecursive) => tree(repository, id, isRecursive), place.base, place.head)
  if (NOTHING.test(place.base)) return trees()
  const forth = await changes(repository, place.base, place.head)
  if (forth.result !== 'changes') return forth
  if (!forth.isWhole) return trees()
  if (forth.relation === 'ahead' || forth.relation === 'identical') {
    return { result: 'files', files: forth.files, isWhole: true }
  }
  const back = await changes(repository, place.head, place.base)
  if (back.result !== 'changes') return back
  return back.isWhole ? { result: 'files', files: bothWays(forth, back), isWhole: true } : trees()
}

const NOTHING = /^0+$/

type Changes = Extract<ChangesAnswer, { result: 'changes' }>

/** `forth`: since they parted, on the side that the branch has now; `back`: on the side that it has lost. */
export function bothWays(forth: Pick<Changes, 'files'>, back: Pick<Changes, 'files'>): Map<string, Change> {
  const files = new Map(forth.files)
  for (const [path, lost] of back.files) {
    const now = forth.files.get(path)
    if (now === undefined) files.set(path, UNDONE[lost])
    // Where they parted it was not there: both sides have made it.
    else if (now === 'added') files.set(path, 'modified')
    else if (lost === 'removed' && now === 'removed') files.delete(path)
    else if (lost === 'removed') files.set(path, 'added')
  }
  return files
}

const UNDONE: Record<Change, Change> = { added: 'removed', removed: 'added', modified: 'modified' }

/** Asks, and has what came out refreshed as a push of its own. A second time is harmless: it has the same id. */
export async function answerCompare(
  { ghes, store, isCatalogFile }: CompareEdges,
  job: JobOf<'compare'>,
): Promise<{ result: 'done'; outcome: string } | Trouble> {
  const asking = await store.push(job.pushId)
  if (!asking) throw new Error(`a comparison without its push: ${job.path} of ${job.pushId}`)
  const { parts } = asking
  if (parts && parts.here >= parts.of) return { result: 'done', outcome: 'the rest of its messages came meanwhile' }
  const compared = await compareFiles(ghes, job)
  if (compared.result === 'trouble') return compared
  const files = await refreshedFiles({ store, isCatalogFile }, job, compared)
  const further = await withoutAnnounced(store, asking, files)
  if (further.length > 0) {
    const { repository, ref, defaultBranch } = job
    const { before, after, pusher } = asking
    const push = { repository, ref, defaultBranch, before, after, ...(pusher === undefined ? {} : { pusher }) }
    // It was reported as landed: nobody need ask for that again.
    await store.acceptFurther(push, { id: `${announcedId(asking.id)}_compared`, files: further })
  }
  return { result: 'done', outcome: outcomeOf(compared, further) }
}

async function refreshedFiles(
  { store, isCatalogFile }: Pick<CompareEdges, 'store' | 'isCatalogFile'>,
  { repository, ref }: JobOf<'compare'>,
  compared: Exclude<ComparedFiles, Trouble>,
): Promise<NotifiedFile[]> {
  const changed = compared.result === 'files' ? compared.files : new Map<string, Change>()
  const known = (await store.knownFiles(repository)).filter(file => file.ref === ref)
  const referencing = changed.size === 0 ? [] : await store.filesReferencing(repository, ref, [...changed.keys()])
  const files = filesOf({ kind: 'updated', changes: changed }, { isCatalogFile, known, referencing })
  if (compared.result === 'files' && compared.isWhole) return files
  // Where GHES cannot say what changed, anything may have: a refresh too many costs less than one too few.
  const named = new Set(files.map(({ path }) => path))
  return [
    ...files,
    ...known
      .filter(({ path }) => !named.has(path))
      .map(({ path, entities }) => ({ path, entities, change: 'modified' as const })),
  ]
}

/** The hook had named its files itself, with more about them than we know here. */
async function withoutAnnounced(
  store: Pick<Records, 'push'>,
  asking: PushRecord,
  files: NotifiedFile[],
): Promise<NotifiedFile[]> {
  const announced = await store.push(announcedId(asking.id))
  const announcedPaths = new Set(announced?.files.map(({ path }) => path))
  return files.filter(({ path }) => !announcedPaths.has(path))
}

/** A report's question has an id of its own, made of the announced push's. */
const announcedId = (id: string) => id.replace(/_compare$/, '')

function outcomeOf(compared: Exclude<ComparedFiles, Trouble>, files: NotifiedFile[]): string {
  const many = count(files.length, 'file')
  if (compared.result === 'unknown') return `GHES cannot compare these commits; ${many} known here to refresh`
  return `compared at GHES: ${many} to refresh${compared.isWhole ? '' : ', the comparison was cut off'}`
}
