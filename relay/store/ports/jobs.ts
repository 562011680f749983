// What there is to do for pushes that have landed, a line for each kind.
import type { Change } from '../../../schemas/notification.ts'
import type { AskedJob } from './inbox.ts'

export type JobKind = 'refresh' | AskedJob['kind']

/** Key = repository, ref, path. */
type ClaimedJob = {
  pushId: string
  repository: string
  ref: string
  /** The file's; a job that is about no file has a name here that no file can have. */
  path: string
  defaultBranch: boolean
  /** When its push was taken in. */
  receivedAtMs: number
  /** Failed attempts so far. */
  attempts: number
  /** Since when it fails; undefined before the first failure. */
  failingSinceMs?: number
  lease: string
  /** Whose it is, as far as the order goes: a pusher, else the repository; '' for what nobody waits for. */
  flow: string
}

/**
 * Entities that came into this file from others. `leaving`: the catalog may still take them for those files'; `free`: it does not; `look`: the new file was asked for since,
 * with this outcome, and is looked at once more.
 */
export type Move = {
  entities: string[]
  /** Paths of the old files. */
  from: string[]
  /** Of the old files, where it is another one. `isRenamed`: it is this one, under its former name. */
  repository?: string
  /** Their branch, where that repository's default one has another name. */
  ref?: string
  isRenamed?: true
  /** Nobody has told which entities are in the new file. */
  isGuess?: boolean
  /** When a push took them out of an old file, where it is known: what was done before that has to be done again. */
  goneMs?: number
} & (
  | { progress: 'leaving'; sinceMs: number; leftAtMs?: number }
  | {
      progress: 'free'
      /** A Location of many files that they came from, and the new file is among. */
      via?: string
      /** How many times the catalog knew the new file by no name. */
      unknowns?: number
    }
  | { progress: 'look'; outcome: string; via: string; looks: number }
)

/** What moves, without how far it has come. */
export const whatMoves = ({
  entities,
  from,
  repository,
  ref,
  isRenamed,
  isGuess,
  goneMs,
}: Move): Pick<Move, 'entities' | 'from' | 'repository' | 'ref' | 'isRenamed' | 'isGuess' | 'goneMs'> => ({
  entities,
  from,
  ...(repository === undefined ? {} : { repository }),
  ...(ref === undefined ? {} : { ref }),
  ...(isRenamed ? { isRenamed } : {}),
  ...(isGuess ? { isGuess } : {}),
  ...(goneMs === undefined ? {} : { goneMs }),
})

/** The path of a test, which no file can have: it is no file, and refreshes none. */
export const TEST_PATH = '/test'

/** One file to refresh. `goes`: what has left it for another file, which waits for that. `hasLost`: something has left it, for wherever. */
export type RefreshJob = ClaimedJob & {
  kind: 'refresh'
  change: Change
  entities: string[]
  move?: Move
  goes?: string[]
  hasLost?: true
}
export type Job = RefreshJob | (ClaimedJob & AskedJob)
export type JobOf<K extends JobKind> = Extract<Job, { kind: K }>

export type Retry = {
  dueAtMs: number
  error: string
  /** False for faults of our set-up, which say nothing about the job: its clock towards the dead letter stands still. */
  counts: boolean
}

/** `unknown`: the catalog knows neither the file nor an entity of it. `via`: the entity by which it was asked for the file. */
export type Ended = { as?: 'forwarded' | 'unknown'; via?: string; isFree?: boolean }

/** As a function it is asked when the work is done: between the question and its commit there may be more room. */
export type ClaimLimit = number | (() => number)

/** Every job is handed out at least once, and at most one job of a key is out at any time. */
export interface Jobs {
  /** Due jobs of a kind, the longest due first. */
  claimJobs<K extends JobKind>(kind: K, options: { limit: ClaimLimit; leaseMs: number }): Promise<JobOf<K>[]>

  /** False when the lease was lost meanwhile: someone else has the job, and our result does not count. True for the next two too. */
  done(job: Job, outcome: string, ended?: Ended): Promise<boolean>
  retryLater(job: Job, retry: Retry): Promise<boolean>
  /** The next step of a file with a move: due at this time, nothing has failed. */
  goOnLater(job: RefreshJob, next: { dueAtMs: number; move: Move; note?: string }): Promise<boolean>
  /** A dead letter: kept, visible, handed out again only by a redrive or a later push of the same file. */
  giveUp(job: Job, error: string): Promise<boolean>

  /** When the next job of a kind falls due; undefined when none waits. Leased ones do not count. */
  nextJobAtMs(kind: JobKind): Promise<number | undefined>
  /** Whether so many jobs of a kind are due and waiting, or more. */
  haveDue(kind: JobKind, many: number): Promise<boolean>
}

/** Of claimed landings and jobs. They run from the claim, not from when the work fell due. */
export interface Leases {
  /** Hands back what was claimed and not settled, so that the next one need not wait for the lease to end. */
  release(leases: readonly string[]): Promise<void>
  /** Takes back leases that have run out, or whose holder is gone. Returns how many. */
  reap(): Promise<number>
  /** Others may work on the same store: what they leave behind, or take in, nobody tells us of. */
  isShared: boolean
}
