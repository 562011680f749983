// A push whose lists of files are not whole is asked for at GHES: kept as a job of its own, so that it survives whatever happens meanwhile.
import type { Change } from '../../schemas/notification.ts'
import type { ChangesAnswer, GheChanges } from '../clients/ghe-changes.ts'
import type { Trouble } from '../clients/trouble.ts'

/** No path in a git tree begins with a slash: this one can never be a file's. */
const MARK = '/compare/'

/** The path of the job that stands for the question. Both commits are in it: a later push must not take its place. */
export const comparePath = (base: string, head: string) => `${MARK}${base}...${head}`

/** What the job's path asks for; undefined for a file's. */
export function readComparePath(path: string): { base: string; head: string } | undefined {
  const [base, head] = path.startsWith(MARK) ? path.slice(MARK.length).split('...') : []
  return base === undefined || head === undefined ? undefined : { base, head }
}

export type ComparedFiles =
  /** `isWhole` false: more than GHES lists. */
  | { result: 'files'; files: Map<string, Change>; isWhole: boolean }
  | { result: 'unknown' }
  | Trouble

/**
 * What is different after the push. One question where the branch went on; a second one where it was forced elsewhere, since GHES
 * compares with where the two parted, and what the lost commits had changed is only seen from the other side.
 */
export async function compareFiles(
  changes: GheChanges,
  place: { repository: string; base: string; head: string },
): Promise<ComparedFiles> {
  const [owner = '', name = ''] = place.repository.split('/')
  const forth = await changes({ owner, name }, place.base, place.head)
  if (forth.result !== 'changes') return forth
  if (forth.relation === 'ahead' || forth.relation === 'identical') {
    return { result: 'files', files: forth.files, isWhole: forth.isWhole }
  }
  const back = await changes({ owner, name }, place.head, place.base)
  if (back.result !== 'changes') return back
  return { result: 'files', files: bothWays(forth, back), isWhole: forth.isWhole && back.isWhole }
}

type Changes = Extract<ChangesAnswer, { result: 'changes' }>

/** `forth`: since they parted, on the side that the branch has now; `back`: on the side that it has lost. */
export function bothWays(forth: Pick<Changes, 'files'>, back: Pick<Changes, 'files'>): Map<string, Change> {
  const files = new Map(forth.files)
  for (const [path, lost] of back.files) {
    const now = forth.files.get(path)
    if (now === undefined) files.set(path, UNDONE[lost])
    else if (now === 'added' || (now === 'modified' && lost !== 'removed')) files.set(path, lost === 'removed' ? 'added' : 'modified')
  }
  return files
}

const UNDONE: Record<Change, Change> = { added: 'removed', removed: 'added', modified: 'modified' }
