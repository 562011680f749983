// What a push asks for, as it is kept in its row until it has landed: its files, and jobs of other kinds.
import type { NotifiedFile } from '../../../schemas/notification.ts'
import type { AcceptedPush, AskedJob, Comparison } from '../ports/inbox.ts'

/** One job each. `path` keeps it apart from the others of its branch. */
export type AnnouncedJob = (({ kind: 'refresh'; formerly?: string; follows?: true } & NotifiedFile) | AskedJob) & {
  path: string
}

/**
 * No path in a git tree begins with a slash: a job that is about no file never takes a file's place. Both commits are in a
 * comparison's: a later push must not take it over. A repository is asked for once, however often the same is reported of it meanwhile.
 */
function nameOf(job: AskedJob): string {
  if (job.kind === 'compare') return `/compare/${job.base}...${job.head}`
  return `/repository/${job.about}${job.from === undefined ? '' : `/${job.from}`}`
}

/** What a job of another kind than a refresh is about, as it is kept. */
export function writeAbout(job: AskedJob): string {
  if (job.kind === 'compare') return JSON.stringify({ base: job.base, head: job.head })
  return JSON.stringify({ about: job.about, from: job.from })
}

/** The columns of its row, by their names. */
export function columnsOf(push: AcceptedPush) {
  return {
    id: push.id,
    repository: push.repository,
    ref: push.ref,
    before_id: push.before,
    after_id: push.after,
    // A sender that does not know means the default branch: a refresh too many costs less than one too few.
    default_branch: push.defaultBranch === false ? 0 : 1,
    pusher: push.pusher ?? null,
    bypass: push.bypass ?? null,
    bulk: push.isBulk ? 1 : 0,
    said: push.verdict === undefined ? null : JSON.stringify(push.verdict),
    files: writeAnnounced(push),
    due_at: push.firstCheckAtMs,
    file_count: push.files.length + (push.jobs?.length ?? 0),
  }
}

type Asked = Pick<AcceptedPush, 'files' | 'jobs' | 'formerly' | 'follows'>

/** What a push asks for, as its row has it, and what comes to it besides; of a path once. */
export function joinAnnounced(text: string, more: Asked): { files: string; count: number } {
  const kept = readAnnounced(text)
  const paths = new Set(kept.map(({ path }) => path))
  const jobs = [...kept, ...readAnnounced(writeAnnounced(more)).filter(({ path }) => !paths.has(path))]
  return { files: JSON.stringify(jobs), count: jobs.length }
}

export function writeAnnounced({ files, jobs = [], formerly, follows }: Asked): string {
  return JSON.stringify([
    ...files.map(file => ({ ...file, kind: 'refresh', formerly, follows })),
    // "removed": a replica of the former version, which lands it as a file, then keeps nothing as known of it.
    ...jobs.map(job => ({ path: nameOf(job), change: 'removed', ...job })),
  ])
}

/** `text`: our own writing, checked at the intake. */
export function readAnnounced(text: string): AnnouncedJob[] {
  const kept = JSON.parse(text) as (NotifiedFile | AnnouncedJob)[]
  return kept.map(job => {
    if ('kind' in job) return job
    const former = formerComparison(job.path)
    return former ? { path: job.path, kind: 'compare', ...former } : { ...job, kind: 'refresh' }
  })
}

const FORMER_MARK = '/compare/'

/**
 * Before jobs said their kind, a comparison was a file of this path. Such ones are met in rows of then, and are written by a replica of
 * then that still runs beside us in a rolling upgrade.
 */
export function formerComparison(path: string): Comparison | undefined {
  const [base, head] = path.startsWith(FORMER_MARK) ? path.slice(FORMER_MARK.length).split('...') : []
  return base === undefined || head === undefined ? undefined : { base, head }
}
