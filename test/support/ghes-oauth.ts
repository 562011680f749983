// The part of a stand-in GHES that people sign in at: an OAuth App, its codes and tokens, who is signed in, and members and teams of an organisation for the org provider.
import { type Answer, StandIn, type StandInRequest } from './stand-in.ts'

export type Person = {
  login: string
  nodeId: string
  name?: string
  suspended?: boolean
  teams?: readonly string[]
  /** In the organisation; else only an account at GHES. */
  member?: boolean
}

export const CLIENT = { id: 'client-id', secret: 'client-secret' }
const API_TOKEN = 'ghp_test'

export class OAuthGhes extends StandIn {
  readonly people: Person[]
  /** Who sits before the browser. */
  person: Person | undefined
  /** What GHES says to a token that has not been through the organisation's SAML. */
  saml = false
  readonly #codes = new Map<string, { person: Person; redirectUri: string; scope: string }>()
  readonly tokens = new Map<string, { person: Person; scope: string }>()
  #last = 0

  constructor(people: Person[]) {
    super({ kind: kindOf, answer: request => this.#answerTo(request) })
    this.people = people
  }

  #answerTo(request: StandInRequest): Answer {
    switch (kindOf(request)) {
      case 'authorize':
        return this.#authorize(request.url.searchParams)
      case 'access-token':
        return this.#accessToken(new URLSearchParams(request.body))
      case 'user':
        return this.#user(tokenIn(request))
      case 'teams':
        return this.#teams(tokenIn(request))
      case 'users':
        return this.#describe(decodeURIComponent(request.url.pathname.split('/')[4] ?? ''))
      case 'members':
        return this.#member(request.url.pathname.split('/')[4] ?? '', request.url.pathname.split('/')[6] ?? '')
      case 'graphql':
        return tokenIn(request) === API_TOKEN ? this.#organization(request.body) : bad
      default:
        return { status: 404, body: { message: 'Not Found' } }
    }
  }

  #authorize(asked: URLSearchParams): Answer {
    const back = new URL(asked.get('redirect_uri') ?? 'http://nowhere.test')
    back.searchParams.set('state', asked.get('state') ?? '')
    if (asked.get('client_id') !== CLIENT.id) return { status: 404, body: 'Not Found' }
    if (this.person === undefined) {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_description', 'The user has denied your application access.')
    } else {
      const code = `code-${++this.#last}`
      this.#codes.set(code, { person: this.person, redirectUri: back.href, scope: asked.get('scope') ?? '' })
      back.searchParams.set('code', code)
    }
    return { status: 302, headers: { location: back.href } }
  }

  /** GitHub says what is wrong with status 200. */
  #accessToken(asked: URLSearchParams): Answer {
    if (asked.get('client_id') !== CLIENT.id || asked.get('client_secret') !== CLIENT.secret)
      return said('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.')
    const code = asked.get('code') ?? ''
    const found = this.#codes.get(code)
    if (!found) return said('bad_verification_code', 'The code passed is incorrect or expired.')
    this.#codes.delete(code)
    const token = `gho_${++this.#last}`
    this.tokens.set(token, found)
    return form({ access_token: token, scope: found.scope, token_type: 'bearer' })
  }

  #user(token: string | undefined): Answer {
    const found = this.tokens.get(token ?? '')
    if (!found) return bad
    if (this.saml) return SAML
    return { status: 200, body: described(found.person) }
  }

  #teams(token: string | undefined): Answer {
    const found = this.tokens.get(token ?? '')
    if (!found) return bad
    if (!/read:org/.test(found.scope))
      return { status: 403, body: { message: 'Resource not accessible by integration' } }
    const { teams = [] } = this.people.find(({ nodeId }) => nodeId === found.person.nodeId) ?? {}
    return { status: 200, body: teams.map(slug => ({ slug, name: slug, organization: { login: 'acme' } })) }
  }

  #member(organization: string, login: string): Answer {
    const is = organization === 'acme' && this.people.some(one => one.login === login && one.member)
    return is
      ? { status: 204 }
      : { status: 404, body: { message: 'User does not exist or is not a member of the organization' } }
  }

  #describe(login: string): Answer {
    const found = this.people.find(one => one.login === login)
    return found ? { status: 200, body: described(found) } : { status: 404, body: { message: 'Not Found' } }
  }

  /** What the org provider of Backstage asks: members and teams of `acme`, one page. */
  #organization(body: string): Answer {
    const { query, variables } = JSON.parse(body) as { query: string; variables: { org?: string } }
    if (variables.org !== 'acme') return { status: 200, body: { data: { organization: null } } }
    const members = this.people.filter(({ member }) => member)
    const page = { hasNextPage: false, endCursor: null }
    const slugs = [...new Set(members.flatMap(({ teams = [] }) => teams))]
    const organization = query.includes('membersWithRole')
      ? { membersWithRole: { pageInfo: page, nodes: members.map(nodeOf) } }
      : {
          teams: {
            pageInfo: page,
            nodes: slugs.map(slug => ({
              ...{ slug, name: slug, combinedSlug: `acme/${slug}`, parentTeam: null },
              members: { pageInfo: page, nodes: members.filter(one => one.teams?.includes(slug)).map(nodeOf) },
            })),
          },
        }
    return { status: 200, body: { data: { organization } } }
  }
}

const bad: Answer = { status: 401, body: { message: 'Bad credentials' } }
const SAML: Answer = {
  status: 403,
  headers: { 'x-github-sso': 'required; url=https://ghe.test/orgs/acme/sso' },
  body: {
    message:
      'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.',
  },
}

const form = (values: Record<string, string>): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: new URLSearchParams(values).toString(),
})
const said = (error: string, error_description: string) => form({ error, error_description })

function kindOf({ method, url: { pathname } }: StandInRequest): string {
  if (pathname === '/login/oauth/authorize') return 'authorize'
  if (pathname === '/login/oauth/access_token' && method === 'POST') return 'access-token'
  if (pathname === '/api/v3/user') return 'user'
  if (pathname === '/api/v3/user/teams') return 'teams'
  if (/^\/api\/v3\/orgs\/[^/]+\/members\/[^/]+$/.test(pathname)) return 'members'
  if (pathname.startsWith('/api/v3/users/')) return 'users'
  return pathname === '/api/graphql' ? 'graphql' : 'unknown'
}

const tokenIn = ({ headers }: StandInRequest) => /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1]

const described = ({ login, nodeId, name = login, suspended }: Person) => ({
  ...{
    login,
    id: 1,
    node_id: nodeId,
    name,
    email: null,
    avatar_url: `https://ghe.test/avatars/${login}`,
    type: 'User',
  },
  ...(suspended ? { suspended_at: '2026-11-01T00:00:00Z' } : {}),
})

const nodeOf = ({ login, nodeId, name = login, suspended }: Person) => ({
  ...{ id: nodeId, login, name, email: null, bio: null, avatarUrl: null, organizationVerifiedDomainEmails: [] },
  suspendedAt: suspended ? '2026-11-01T00:00:00Z' : null,
})
