// What is known before anything is asked for: whether this is GHES at all, and whether the token has what is needed there.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { field, map } from '../../relay/clients/ghes/read.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import { kindOfToken, lackedScopes, scopesIn, TOKEN_SCOPES } from './token.ts'

export type Access =
  | { result: 'access'; headers: Record<string, string> }
  | { result: 'wrong'; problem: string; remedy: string }
  | Refusal

/** `GET /meta`, which every GHES answers to everybody: a wrong address is told as such, and not as a wrong token. */
export async function askAccess(
  client: GhesRequests,
  { apiBaseUrl, token }: { apiBaseUrl: string; token: () => string },
): Promise<Access> {
  const kind = kindOfToken(token())
  if (kind === 'fine-grained' || kind === 'that of a GitHub App installation')
    return wrong(`the token in ghe.token is ${kind}: GHES takes only a classic one here`, newToken())
  const meta = await client.ask('GET /meta', {}, map)
  if (meta.result === 'refused') return meta
  const version = meta.headers['x-github-enterprise-version'] ?? field(meta.value, 'installed_version', 'text')
  if (version === undefined)
    return wrong(
      `${apiBaseUrl} answers as GitHub does, and names no version of GHES`,
      'is ghe.apiBaseUrl right? Usual is https://HOST/api/v3; github.com has no pre-receive hooks',
    )
  return { result: 'access', headers: meta.headers }
}

const wrong = (problem: string, remedy: string): Access => ({ result: 'wrong', problem, remedy })

/** The scopes that are missing for a plan, each with its reason; none where GHES does not tell. `more` are those that not every plan needs. */
export function scopeProblem(headers: Record<string, string>, more: Readonly<Record<string, string>>): string[] {
  const given = scopesIn(headers['x-oauth-scopes'])
  if (given === undefined) return []
  const needed = { ...TOKEN_SCOPES, ...more }
  const lacked = lackedScopes(given, Object.keys(needed))
  if (lacked.length === 0) return []
  const reasons = lacked.map(scope => `${scope} (${needed[scope as keyof typeof needed]})`).join(', ')
  return [
    `the token in ghe.token lacks ${reasons}; it has ${given.join(', ') || 'no scope at all'}. ${newToken(Object.keys(more))}`,
  ]
}

const newToken = (more: readonly string[] = []) =>
  `Make a classic token (ghp_...) as a site administrator, with the scopes ${[...Object.keys(TOKEN_SCOPES), ...more].join(', ')}`
