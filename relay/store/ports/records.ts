// What the store tells people: what became of each push, and how things stand.
import type { Change, GateVerdict } from '../../../schemas/notification.ts'
import type { AskedJob } from './inbox.ts'
import type { NotKnown, PushVerdict } from './verdicts.ts'

/** `waiting` for GHES to show the commit; `landed` there; `forwarded` to Backstage; `unknown` to its catalog; `rejected`: never landed; `dead`: given up. */
export type PushState = 'waiting' | 'landed' | 'forwarded' | 'unknown' | 'rejected' | 'dead'

/** `superseded`: a later push of the same file is queued, and its refresh shows this content or newer. */
export type FileState = 'waiting' | 'queued' | 'superseded' | 'forwarded' | 'unknown' | 'rejected' | 'dead'

export const PUSH_STATES: readonly PushState[] = ['waiting', 'landed', 'forwarded', 'unknown', 'rejected', 'dead']

type Step = { atMs: number; step: string; detail: string }

/** A file, or a job of another kind: that says which. */
export type FileRecord = ({ change: Change; kind?: never } | { kind: AskedJob['kind']; change?: never }) & {
  path: string
  /** As the push told them. */
  entities?: string[]
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
  /** What the hook has found, as the default branch would have it. */
  gate?: GateVerdict
  /** What the catalog has made of it, once it has said so of all its files. */
  verdict?: PushVerdict
  /** Looked for, and not found out. */
  notKnown?: NotKnown
  /** Of a push that came in several messages. */
  parts?: { here: number; of: number }
  files: FileRecord[]
  history: Step[]
}

export type PushSummary = Omit<PushRecord, 'files' | 'history'> & {
  fileCount: number
  landedAtMs?: number
  /** When it was forwarded, unknown, rejected or given up. */
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
  /** `problem`: dead, unknown or rejected. */
  state?: PushState | 'problem'
  /** Only those that went past the gate. */
  bypassed?: boolean
  /** Only those of which the catalog has not taken everything. */
  refused?: boolean
  search?: PushSearch
  /** Only those that came before the push of this id: the next page. */
  before?: string
  limit: number
}

/** One of them is right, or every one of them. */
export type PushSearch = {
  /** Of the repository, in small letters; `*` stands for anything. */
  name?: string
  /** The commit that was pushed, or its beginning. */
  commit?: string
  /** The message's, or its beginning. */
  id?: string
  every: boolean
}

export interface Records {
  push(id: string): Promise<PushRecord | undefined>
  /** Latest first. */
  list(filter: PushFilter): Promise<PushSummary[]>
  status(): Promise<StoreStatus>
}
