// What the parts of the relay tell about themselves, for whoever counts it. Never a name of a repository, a URL, a token or a body.
import type { ObservedCall } from '../clients/observe.ts'
import type { ReconcileReport } from '../reconcile/report.ts'

export type RelayEvent =
  /** A request on the way in was answered. `taken` says what it was: stored, known, again, accepted, ignored. */
  | { event: 'request'; route: 'pushes' | 'github'; status: number; taken?: string }
  /** GHES has answered, or could not. */
  | { event: 'landing'; result: 'landed' | 'pending' | 'unanswered' | 'gone'; sinceReceivedMs: number }
  /** Pushes that GHES has proved by webhook. */
  | { event: 'reported'; landed: number }
  /** What came of one attempt. `held up`: our set-up, or a limit; `lost`: the lease ended before the work. */
  | { event: 'job'; result: 'forwarded' | 'compared' | 'retry' | 'held up' | 'dead' | 'lost'; sinceReceivedMs: number }
  | ({ event: 'call' } & ObservedCall)
  | { event: 'reconcile'; report: ReconcileReport }
  | { event: 'leases ended'; count: number }

export type Tell = (event: RelayEvent) => void
