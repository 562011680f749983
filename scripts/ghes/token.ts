// The administrator's token: which scopes it needs and why, what kind it is, what GHES says that it may do.

/** The scopes of a classic token that these commands need, each with its reason. */
export const TOKEN_SCOPES = {
  site_admin: 'pre-receive hooks and environments',
  repo: 'the hook repository',
  'admin:org': 'hook settings of organisations, and creating the hook repository',
} as const

/** Besides, for `uninstall --delete-repository`. */
export const DELETE_SCOPE = { delete_repo: 'deleting the hook repository' } as const

/** What else a scope contains: who has the former needs no word about the latter. */
const CONTAINED: Readonly<Record<string, readonly string[]>> = {
  repo: ['public_repo', 'repo:status', 'repo_deployment', 'repo:invite', 'security_events'],
  'admin:org': ['read:org', 'write:org'],
  'write:org': ['read:org'],
}

export const containsScope = (scope: string, other: string): boolean =>
  scope === other || (CONTAINED[scope]?.includes(other) ?? false)

export const lackedScopes = (given: readonly string[], needed: readonly string[]): string[] =>
  needed.filter(scope => !given.some(one => containsScope(one, scope)))

/** By the prefixes that GitHub documents; 40 hex digits are a classic token of before 2021. */
export function kindOfToken(token: string): string {
  if (/^(ghp_|[0-9a-f]{40}$)/.test(token)) return 'classic'
  if (token.startsWith('github_pat_')) return 'fine-grained'
  if (token.startsWith('ghs_')) return 'that of a GitHub App installation'
  if (/^gh[uo]_/.test(token)) return "that of an app's user"
  return 'of an unknown kind'
}

/** Which scopes a request accepts and a token has, GHES says in its headers; a classic token has one of the accepted or a parent of it. */
export function missingScopes(headers: Record<string, string>): string[] {
  const has = scopesIn(headers['x-oauth-scopes'])
  const accepted = scopesIn(headers['x-accepted-oauth-scopes'])
  if (!has || !accepted || accepted.length === 0 || accepted.some(scope => has.includes(scope))) return []
  return [accepted.join(' or ')]
}

/** `repo, read:org`; undefined where GHES does not say: fine-grained tokens and GitHub Apps have permissions instead. */
export const scopesIn = (header: string | undefined): string[] | undefined =>
  header
    ?.split(',')
    .map(scope => scope.trim())
    .filter(Boolean)
