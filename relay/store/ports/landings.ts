// Pushes that wait for GHES to show them.
import type { ClaimLimit } from './jobs.ts'

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
  /** A fault of ours keeps it from being settled, again and again: a dead letter. */
  | { result: 'broken'; reason: string }

export interface Landings {
  /** Branches with a due push, oldest due first, all their waiting pushes with them (at most `LANDINGS_PER_TASK`). */
  claimLandings(options: { limit: ClaimLimit; leaseMs: number }): Promise<LandingTask[]>

  /**
   * Records verdicts by push id. A landed push's files become jobs in the same transaction: a waiting job of the same key is
   * taken over by the later push, a running one is left alone and the later push runs after it. Verdicts on pushes whose
   * lease was lost do not count. Returns how many counted.
   */
  settleLandings(task: LandingTask, verdicts: ReadonlyMap<string, LandingVerdict>): Promise<number>

  /** When the next landing check falls due; undefined when none waits. Leased ones do not count. */
  nextLandingAtMs(): Promise<number | undefined>
}

/** How many pushes of one branch a landing check answers for at once: bounds one transaction. */
export const LANDINGS_PER_TASK = 500
