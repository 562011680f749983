// Why a request is not taken, as a status and a sentence.
import { LIMITS } from '../runtime/limits.ts'

export type Refusal = {
  result: 'refused'
  status: 400 | 401 | 404 | 405 | 413 | 415 | 429 | 503
  message: string
  headers?: Record<string, string>
  /** For our log and metrics only: a sender without a valid signature learns no detail. */
  detail?: string
}

export function refuse(
  status: Refusal['status'],
  message: string,
  more: { headers?: Record<string, string>; detail?: string } = {},
): Refusal {
  return { result: 'refused', status, message, ...more }
}

const retryAfter = (seconds: number) => ({ 'retry-after': String(seconds) })

const FULL = retryAfter(LIMITS.retryAfterSeconds.backlog)
export const STORE_FAILING = retryAfter(LIMITS.retryAfterSeconds.storeFailing)
export const DRAINING = retryAfter(LIMITS.retryAfterSeconds.draining)

/** What the routes of hooks and webhooks refuse alike. */
export const tooLarge = (mostBytes: number): Refusal => refuse(413, `expected at most ${mostBytes} bytes`)
export const tooMany = (): Refusal => refuse(503, 'too many requests are unfinished', { headers: FULL })
export const shuttingDown = (): Refusal => refuse(503, 'shutting down', { headers: DRAINING })
export const backlogFull = (): Refusal => refuse(429, 'too many pushes wait already', { headers: FULL })
export const noLookups = (): Refusal => refuse(404, 'lookups are not configured: lookups.enabled')
export const cannotSay = (): Refusal => refuse(503, 'the catalog cannot be asked now', { headers: STORE_FAILING })
export const notStored = (what: string): Refusal =>
  refuse(503, `the ${what} could not be stored`, { headers: STORE_FAILING })
