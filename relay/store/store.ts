// The port to where pushes are kept, with its promises beside each method. Adapters: sqlite.ts.
import type { Change, NotifiedFile } from '../../schemas/notification.ts'

/** `waiting` for GHES to show the commit; `landed` there; `forwarded` to Backstage; `rejected`: never landed; `dead`: given up. */
export type PushState = 'waiting' | 'landed' | 'forwarded' | 'rejected' | 'dead'

/** `superseded`: a later push of the same file is queued, and its refresh shows this content or newer. */
export type FileState = 'waiting' | 'queued' | 'superseded' | 'forwarded' | 'rejected' | 'dead'

export const PUSH_STATES: readonly PushState[] = ['waiting', 'landed', 'forwarded', 'rejected', 'dead']

export type AcceptedPush = {
  /** `webhook-id` of the message. */
  id: string
  repository: string
  ref: string
  before: string
  after: string
  defaultBranch?: boolean
  pusher?: string
  bypass?: string
  files: NotifiedFile[]
  /** What else is to be done once it has landed, besides refreshing its files. */
  jobs?: readonly AskedJob[]
  /** When to look for it at GHES for the first time. */
  firstCheckAtMs: number
}

/**
 * `again`: the message was known, and its push is looked at once more, since the same update can really happen twice:
 * pushed again after a later hook had refused it, or after the branch had been elsewhere meanwhile.
 */
export type Receipt = { result: 'stored' } | { result: 'known' } | { result: 'again' }

/** A push that GHES itself has reported by webhook, so one that has landed. */
export type LandedPush = Omit<AcceptedPush, 'id' | 'jobs' | 'firstCheckAtMs'>

/** `landed`: how many waiting pushes this has proved, the reported one itself included when nobody had announced it. */
export type WebhookReceipt = { result: 'known' } | { result: 'stored'; landed: number }

export type WaitingPush = {
  id: string
  receivedAtMs: number
  before: string
  after: string
  /** How many times GHES has answered. */
  checks: number
  /** For how long GHES has answered "not there": waits between such answers only, outages do not count. */
  missingMs: number
}

/** All pushes of one branch that wait for GHES: one question answers for all of them. */
export type LandingTask = { repository: string; ref: string; lease: string; pushes: WaitingPush[] }

export type LandingVerdict =
  | { result: 'landed'; detail: string }
  /** GHES answered, and the commit is not there. */
  | { result: 'pending'; reason: string; againAtMs: number; missingMs: number }
  /** GHES could not answer. */
  | { result: 'unanswered'; reason: string; againAtMs: number }
  | { result: 'gone'; reason: string }

/** `base` is a commit, or a branch's name. */
export type Comparison = { base: string; head: string }

/** What is asked of Backstage or GHES for a push. Each kind has its own line, which is claimed by itself. */
export type AskedJob =
  /** Which files are different in `head`: a report of GHES did not name them all. */
  { kind: 'compare' } & Comparison

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
}

/** One file to refresh. */
export type RefreshJob = ClaimedJob & { kind: 'refresh'; change: Change; entities: string[] }
export type Job = RefreshJob | (ClaimedJob & AskedJob)
export type JobOf<K extends JobKind> = Extract<Job, { kind: K }>

export type Retry = {
  dueAtMs: number
  error: string
  /** False for faults of our set-up, which say nothing about the job: its clock towards the dead letter stands still. */
  counts: boolean
}

type Step = { atMs: number; step: string; detail: string }

/** A file, or a job of another kind: that says which. */
export type FileRecord = ({ change: Change; kind?: never } | { kind: AskedJob['kind']; change?: never }) & {
  path: string
  state: FileState
  attempts: number
  nextAttemptAtMs?: number
  outcome?: string
  lastError?: string
}

export type PushRecord = {
  id: string
  repository: string
  ref: string
  before: string
  after: string
  pusher?: string
  bypass?: string
  state: PushState
  reason?: string
  receivedAtMs: number
  files: FileRecord[]
  history: Step[]
}

export type PushSummary = Omit<PushRecord, 'files' | 'history'> & {
  fileCount: number
  landedAtMs?: number
  /** When it was forwarded, rejected or given up. */
  settledAtMs?: number
}

export type StoreStatus = {
  pushes: Record<PushState, number>
  jobs: { queued: number; running: number; dead: number }
  /** Acceptance of the oldest push that is neither forwarded nor given up. */
  oldestOpenAtMs?: number
}

export type PushFilter = {
  repository?: string
  state?: PushState
  /** Only those that went past the gate. */
  bypassed?: boolean
  limit: number
}

/** A catalog file as it was last forwarded. */
export type KnownFile = {
  ref: string
  path: string
  /** Object id of that content, where the sender has told. */
  blob?: string
  entities: string[]
}

/** Why a target rests, and until when. */
export type OpenCircuit = { reason: string; untilMs: number }

/**
 * Pushes and the jobs that they become. What `accept` has promised survives a crash at any moment; every job is handed
 * out at least once, and at most one job of a key is out at any time. Leases run from the claim, not from when a job fell due.
 * Every method that writes rejects with StoreUnavailable when the store cannot write now; nothing of that call is kept then.
 */
export interface Store {
  /** Resolves once the push is on disk. Message ids are known for at least 7 days. */
  accept(push: AcceptedPush): Promise<Receipt>

  /**
   * Takes GHES's word that a push has landed, in one transaction: waiting pushes of the branch that it proves have landed; when
   * the push itself was not announced and touches files, it is accepted as landed. A delivery id counts once, for at least 7 days.
   */
  acceptLanded(deliveryId: string, push: LandedPush): Promise<WebhookReceipt>

  /** Branches with a due push, oldest due first, all their waiting pushes with them (at most `LANDINGS_PER_TASK`). */
  claimLandings(options: { limit: number; leaseMs: number }): Promise<LandingTask[]>

  /**
   * Records verdicts by push id. A landed push's files become jobs in the same transaction: a waiting job of the same key is
   * taken over by the later push, a running one is left alone and the later push runs after it. Verdicts on pushes whose
   * lease was lost, or that were announced again meanwhile, do not count. Returns how many counted.
   */
  settleLandings(task: LandingTask, verdicts: ReadonlyMap<string, LandingVerdict>): Promise<number>

  /** Due jobs of a kind, the longest due first. */
  claimJobs<K extends JobKind>(kind: K, options: { limit: number; leaseMs: number }): Promise<JobOf<K>[]>

  /** False when the lease was lost meanwhile: someone else has the job, and our result does not count. True for the next three too. */
  done(job: Job, outcome: string): Promise<boolean>
  retryLater(job: Job, retry: Retry): Promise<boolean>
  /** A dead letter: kept, visible, handed out again only by a redrive or a later push of the same file. */
  giveUp(job: Job, error: string): Promise<boolean>

  /** Hands back what was claimed and not settled, so that the next one need not wait for the lease to end. */
  release(leases: readonly string[]): Promise<void>
  /** Takes back leases that have run out. Returns how many. */
  reap(): Promise<number>

  /** When the next landing check falls due; undefined when none waits. Leased ones do not count. */
  nextLandingAtMs(): Promise<number | undefined>
  /** When the next job of a kind falls due; undefined when none waits. Leased ones do not count. */
  nextJobAtMs(kind: JobKind): Promise<number | undefined>

  /** A dead push waits again, as does a rejected one. False when there is none of that id in these states. */
  redrive(id: string): Promise<boolean>
  /** All dead pushes received at or after this time. Returns how many. */
  redriveSince(atMs: number): Promise<number>

  push(id: string): Promise<PushRecord | undefined>
  /** Latest first. */
  list(filter: PushFilter): Promise<PushSummary[]>
  status(): Promise<StoreStatus>
  /** Open pushes and jobs, at most a second old: cheap enough to ask at every request. */
  backlog(): number

  /** Files of the repository as they were last forwarded; a removed one is forgotten. */
  knownFiles(repository: string): Promise<KnownFile[]>
  /** Paths of known files of this branch that quote one of these paths, as their latest forwarded push has announced it. */
  filesReferencing(repository: string, ref: string, paths: readonly string[]): Promise<string[]>
  /**
   * The repository has another name now: its pushes, jobs and known files go on under it. What is in flight under the old
   * one does not count, and is done again. Returns how many pushes and jobs were open.
   */
  renameRepository(from: string, to: string): Promise<number>
  /** The repository takes no pushes any more: those that wait for it end rejected, its known files are forgotten. Returns how many. */
  closeRepository(repository: string, reason: string): Promise<number>

  /** One token bucket for all replicas: grants up to `wanted`, and says when the next one is there. */
  takeTokens(
    bucket: string,
    options: { wanted: number; perSecond: number; burst: number },
  ): Promise<{ granted: number; nextInMs: number }>

  /** A target's circuit breaker, the same for all replicas; undefined while the target works. */
  circuit(target: string): Promise<OpenCircuit | undefined>
  openCircuit(target: string, open: OpenCircuit): Promise<void>
  closeCircuit(target: string): Promise<void>
  /** Half-open: true for one replica, until that time has run out or the circuit was opened or closed. */
  claimProbe(target: string, leaseMs: number): Promise<boolean>

  /** True for one holder at a time, for so long; asked again by the one who leads, it is longer. */
  lead(task: string, holder: string, leaseMs: number): Promise<boolean>
  resign(task: string, holder: string): Promise<void>

  /** A small text under a name: the cursor of a sweep, the report of a reconcile. */
  note(name: string): Promise<string | undefined>
  setNote(name: string, text: string): Promise<void>

  /** Forgets pushes that were settled before this time. Bounded per call; returns how many. */
  prune(settledBeforeMs: number): Promise<number>
  /** Writes something and waits for the disk. */
  probe(): Promise<void>
  close(): Promise<void>
}

/** How many pushes of one branch a landing check answers for at once: bounds one transaction. */
export const LANDINGS_PER_TASK = 500

/** The store cannot write at the moment (disk full, read-only, broken). Trying again later may work. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** The store cannot be opened, and trying again will not help: the message says what to do. */
export class StoreRefused extends Error {
  override name = 'StoreRefused'
}
