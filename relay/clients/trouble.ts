// Why a target could not do what we asked, as far as it decides what happens next.

/**
 * `set-up`: our token or address is wrong, somebody has to do something; `limited`: it asks us to wait;
 * `down`: it failed or did not answer, and may do better later; `foreign`: something in between has answered (a proxy, a gateway, a firewall, a page to log in), which
 * says nothing about what was asked, however long it stays so.
 */
export type Trouble = {
  result: 'trouble'
  kind: 'set-up' | 'limited' | 'down' | 'foreign'
  reason: string
  retryAfterMs?: number
}

/** Longer than this is more likely a wrong header than a wish. */
const LONGEST_WAIT_MS = 3_600_000
/** An outage ends when it ends: a maintenance page that names an hour, GHES's own or a proxy's, must not keep us away once it is over. */
const LONGEST_OUTAGE_WAIT_MS = 30_000
/** What GitHub advises where it says nothing. */
const USUAL_WAIT_MS = 60_000

/** What a proxy asks for that wants a login of its own; neither GHES nor Backstage asks so. */
export function loginAskedFor(headers: Record<string, string>): string | undefined {
  return /\b(negotiate|ntlm|kerberos)\b/i.exec(headers['www-authenticate'] ?? headers['proxy-authenticate'] ?? '')?.[1]
}

/** No more of it than the server: the rest may be somebody's session. */
export function redirectedTo({ location }: Record<string, string>): string {
  return location && URL.canParse(location) ? ` (to ${new URL(location).origin})` : ''
}

type Asking = { status: number; headers: Record<string, string>; said?: string }

/** How long an answer asks us to wait. A 403 with a wait is a limit; without one it is a missing permission. `said`: the words in it. */
export function waitMs({ status, headers, said = '' }: Asking, nowMs: number): number | undefined {
  const asked = retryAfterMs(headers, nowMs)
  if (status !== 403 && status !== 429) return asked && Math.min(asked, LONGEST_OUTAGE_WAIT_MS)
  if (asked !== undefined) return asked
  // Secondary limits come as a 403 without any header at times: only the words tell it from a missing permission.
  const isLimit = status === 429 || /rate limit|abuse detection/i.test(said)
  return rateLimitMs(headers, nowMs) ?? (isLimit ? USUAL_WAIT_MS : undefined)
}

/** The wait that Retry-After asks for: seconds, or a date. What is neither says nothing: `Date.parse` would read a year in "1.5". */
function retryAfterMs(headers: Record<string, string>, nowMs: number): number | undefined {
  const value = headers['retry-after']?.trim() ?? ''
  const isSeconds = /^\d+$/.test(value)
  if (!isSeconds && !/^[A-Z][a-z]+,? .*\d\d:\d\d/.test(value)) return undefined
  const ms = isSeconds ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined
}

/** What GitHub's rate limit asks for, when it is what refused us: nothing remaining, until the reset. */
function rateLimitMs(headers: Record<string, string>, nowMs: number): number | undefined {
  if (headers['x-ratelimit-remaining'] !== '0') return undefined
  // Whole milliseconds: gateways tell parts of a second, and the store takes none.
  const resetMs = Math.ceil(Number(headers['x-ratelimit-reset']) * 1000 - nowMs)
  // A reset in the past is a clock that differs from ours.
  return Number.isFinite(resetMs) && resetMs > 0 ? Math.min(resetMs, LONGEST_WAIT_MS) : USUAL_WAIT_MS
}
