// The teams of whoever has signed in, asked of the instance itself with that person's token.

export type Teams =
  | { result: 'teams'; teams: string[] }
  /** A sentence for the person who signs in. */
  | { result: 'refused'; reason: string }

const TIME_LIMIT_MS = 5_000
const MOST_PAGES = 10

/** ORG/SLUG of each. Needs the scope read:org. */
export async function teamsAt(instance: string, token: string): Promise<Teams> {
  const teams: string[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await ask(`${apiOf(instance)}/user/teams?per_page=100&page=${page}`, token)
    if (typeof answer === 'string') return { result: 'refused', reason: answer }
    teams.push(...answer.flatMap(slugOf))
    if (answer.length < 100) break
  }
  return { result: 'teams', teams }
}

const apiOf = (instance: string) =>
  instance === 'https://github.com' ? 'https://api.github.com' : `${instance}/api/v3`

async function ask(url: string, token: string): Promise<unknown[] | string> {
  const host = new URL(url).host
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      redirect: 'error',
    })
    const body: unknown = await response.json()
    if (response.status === 200 && Array.isArray(body)) return body
    return refusal(host, response)
  } catch {
    return `${host} does not tell the teams: no answer within ${TIME_LIMIT_MS / 1000} s, or none of its own; try again`
  }
}

function refusal(host: string, { status, headers }: Response): string {
  const [, sso] = /url=(\S+)/.exec(headers.get('x-github-sso') ?? '') ?? []
  if (status === 403 && sso !== undefined)
    return `${host} does not tell the teams (403): the organization has SAML, and has to let this session in: ${sso}`
  if (status === 403 || status === 404)
    return `${host} does not tell the teams (${status}): auth.providers.github needs additionalScopes: [read:org], and the organization has to allow the OAuth App`
  return `${host} does not tell the teams: it answers ${status}`
}

function slugOf(team: unknown): string[] {
  const { slug, organization } = Object(team) as { slug?: unknown; organization?: { login?: unknown } }
  return typeof slug === 'string' && typeof organization?.login === 'string' ? [`${organization.login}/${slug}`] : []
}
