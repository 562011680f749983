// Why a target could not do what we asked, as far as it decides what happens next.
import { CallFailed, type HttpAnswer } from './http.ts'

/**
 * `set-up`: our token or address is wrong, somebody has to do something; `limited`: it asks us to wait;
 * `down`: it failed or did not answer, and may do better later.
 */
export type Trouble = { result: 'trouble'; kind: 'set-up' | 'limited' | 'down'; reason: string; retryAfterMs?: number }

/** Longer than this is more likely a wrong header than a wish. */
const LONGEST_WAIT_MS = 3_600_000

/** The wait that Retry-After asks for: seconds, or a date. */
export function retryAfterMs(headers: Record<string, string>, nowMs: number): number | undefined {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined
}

/** What GitHub's rate limit asks for, when it is what refused us: 403 or 429 with nothing remaining, until the reset. */
export function rateLimitMs(headers: Record<string, string>, nowMs: number): number | undefined {
  if (headers['x-ratelimit-remaining'] !== '0') return undefined
  const resetMs = Number(headers['x-ratelimit-reset']) * 1000 - nowMs
  // A reset in the past is a clock that differs from ours: a minute is what GitHub advises when it says nothing.
  return Number.isFinite(resetMs) && resetMs > 0 ? Math.min(resetMs, LONGEST_WAIT_MS) : 60_000
}

export function troubleOf(
  who: string,
  answer: Pick<HttpAnswer, 'status' | 'headers'> & { message?: string },
  nowMs: number,
  fix: Record<401 | 403, string>,
): Trouble {
  const { status, headers } = answer
  // Secondary limits come as a 403 without any header at times: only the words tell it from a missing permission.
  const said = status === 403 && /rate limit|abuse detection/i.test(answer.message ?? '') ? 60_000 : undefined
  const wait =
    retryAfterMs(headers, nowMs) ??
    (status === 403 || status === 429 ? (rateLimitMs(headers, nowMs) ?? said) : undefined)
  if (status === 429 || (status === 403 && wait !== undefined)) {
    return {
      result: 'trouble',
      kind: 'limited',
      reason: `${who} limits our rate (${status})`,
      retryAfterMs: wait ?? 60_000,
    }
  }
  if (status === 401 || status === 403) {
    return { result: 'trouble', kind: 'set-up', reason: `${who} answered ${status}: ${fix[status]}` }
  }
  const redirect = status >= 300 && status < 400
  if (redirect) {
    return {
      result: 'trouble',
      kind: 'set-up',
      reason: `${who} answered ${status}, a redirect, which we do not follow: the configured address is not the final one`,
    }
  }
  return {
    result: 'trouble',
    kind: 'down',
    reason: `${who} answered ${status}`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

/** A call that came to no answer. Anything else that was thrown is a bug, and goes on. */
export function troubleOfError(who: string, error: unknown): Trouble {
  if (error instanceof CallFailed) return { result: 'trouble', kind: 'down', reason: `${who}: ${error.message}` }
  throw error
}
