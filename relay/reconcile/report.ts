// What a reconcile found, in the form in which it is kept and shown.

export type ReconcileReport = {
  startedAtMs: number
  tookMs: number
  /** `partial`: something could not be looked at, see `failures`. `interrupted`: the relay was stopped. */
  result: 'complete' | 'partial' | 'interrupted'
  repositories: number
  /** Requests to GHES, those of the sweep included. */
  requests: number
  /** Files that had changed or gone at GHES without the relay having heard of it: events that were lost. */
  drift: number
  /** Files that the relay had never heard of. */
  firstSeen: number
  /** Failed webhook deliveries that GHES was asked to repeat. */
  redelivered: number
  failures: string[]
  notes: string[]
}

/** Of a long outage every page says the same. */
const MOST_TEXTS = 50

export function emptyReport(startedAtMs: number): ReconcileReport {
  return {
    startedAtMs,
    tookMs: 0,
    result: 'complete',
    repositories: 0,
    requests: 0,
    drift: 0,
    firstSeen: 0,
    redelivered: 0,
    failures: [],
    notes: [],
  }
}

export function finished(report: ReconcileReport, nowMs: number, interrupted: boolean): ReconcileReport {
  const bounded = (texts: string[]) => [...new Set(texts)].slice(0, MOST_TEXTS)
  const failures = bounded(report.failures)
  return {
    ...report,
    failures,
    notes: bounded(report.notes),
    tookMs: nowMs - report.startedAtMs,
    result: interrupted ? 'interrupted' : failures.length > 0 ? 'partial' : 'complete',
  }
}
