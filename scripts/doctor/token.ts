// What a GitHub token may do and how long, judged by the headers of any answer that it got.
import { endInAnswer } from '../../relay/clients/token-end.ts'
import { containsScope, lackedScopes, scopesIn } from '../ghes/token.ts'
import { type Finding, ok, skipped, warning, wrong } from './finding.ts'

const DAY_MS = 86_400_000
const WARN_DAYS = 14

/** `needed`: scope → why. `allowed`: more that is no reason for a warning. */
export function tokenFindings(
  check: string,
  headers: Record<string, string>,
  scopes: { needed: Readonly<Record<string, string>>; allowed?: readonly string[] },
  nowMs: number,
): Finding[] {
  return [scopesFinding(check, headers['x-oauth-scopes'], scopes), ...expiryFindings(check, headers, nowMs)]
}

function scopesFinding(
  check: string,
  header: string | undefined,
  { needed, allowed = [] }: { needed: Readonly<Record<string, string>>; allowed?: readonly string[] },
): Finding {
  // Fine-grained tokens and GitHub Apps have permissions instead, which no header tells.
  const given = scopesIn(header)
  if (given === undefined)
    return skipped(
      check,
      'it is not a classic token: GHES does not tell what it may do',
      'nothing; the other checks show whether it is enough',
    )
  const missing = lackedScopes(given, Object.keys(needed))
  if (missing.length > 0)
    return wrong(
      check,
      `it lacks ${missing.map(scope => `${scope} (${needed[scope]})`).join(', ')}; it has ${given.join(', ') || 'no scope at all'}`,
      'make a classic token with these scopes',
    )
  const known = [...Object.keys(needed), ...allowed]
  const tooMuch = given.filter(scope => !known.some(one => containsScope(one, scope)))
  if (tooMuch.length > 0)
    return warning(
      check,
      `it may more than is needed: ${tooMuch.join(', ')}`,
      `make one with ${Object.keys(needed).join(', ') || 'no scope'} alone`,
    )
  return ok(check, `it has ${given.join(', ') || 'no scope'}, which is what is needed`)
}

function expiryFindings(check: string, headers: Record<string, string>, nowMs: number): Finding[] {
  const atMs = endInAnswer(headers)
  if (atMs === undefined) return []
  const days = Math.floor((atMs - nowMs) / DAY_MS)
  const when = new Date(atMs).toISOString().slice(0, 10)
  if (days < 0) return [wrong(check, `it ended on ${when}`, 'make a new one, and put it into its file')]
  if (days < WARN_DAYS)
    return [warning(check, `it ends on ${when}, in ${days} days`, 'make a new one before, and put it into its file')]
  return [ok(check, `it is valid until ${when}`)]
}
