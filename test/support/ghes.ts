// A stand-in for the REST API of GHES that answers from bare repositories on disk (repository.ts makes them).
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type AdminKind, GhesAdmin } from './ghes-admin.ts'
import * as answers from './ghes-answers.ts'
import { failure, numberOf } from './ghes-answers.ts'
import type { GhesApp } from './ghes-app.ts'
import * as source from './ghes-git.ts'
import { createRepository, type WriteKind, writeAnswer, writeKind } from './ghes-git-write.ts'
import { type GraphqlRepository, type GraphqlSource, graphqlAnswer } from './ghes-graphql.ts'
import { type HookOptions, hooksAnswer, OrganizationHook } from './ghes-hooks.ts'
import { type Asked, type RouteKind, routes } from './ghes-routes.ts'
import { type Answer, type Behaviour, StandIn, type StandInOptions, type StandInRequest } from './stand-in.ts'

export type { RouteKind } from './ghes-routes.ts'

export type GhesOptions = StandInOptions & {
  /** Holds `OWNER/NAME.git`. */
  root: string
  token: string
  /** Besides the token. */
  app?: GhesApp
  /** Of the URLs in the answers; nothing connects to it. */
  host?: string
}

/** GHES has rate limits off by default (then it sends no headers); an administrator may turn them on. */
export type RateLimit = { limit: number; remaining: number; resetAtSeconds: number }

export async function startGhes(options: GhesOptions): Promise<Ghes> {
  return new Ghes(options).start()
}

export class Ghes extends StandIn {
  readonly host: string
  /** Pre-receive environments and hooks. */
  readonly admin: GhesAdmin
  readonly #state: State

  constructor(options: GhesOptions) {
    const state: State = {
      root: options.root,
      host: options.host ?? 'ghe.test',
      token: options.token,
      app: options.app,
      hidden: new Set(),
      archived: new Set(),
      described: new Map(),
      moved: new Map(),
      hooks: new Map(),
      admin: new GhesAdmin(() => `https://${options.host ?? 'ghe.test'}`),
      scopes: 'admin:org, delete_repo, repo, site_admin',
      rateLimit: { limit: 5000, remaining: 5000, resetAtSeconds: Math.ceil(Date.now() / 1000) + 3600 },
    }
    super(behaviour(state), options)
    this.host = state.host
    this.admin = state.admin
    this.#state = state
  }

  get apiBaseUrl(): string {
    return `${this.url}/api/v3`
  }

  override count(kind?: RouteKind | AdminKind | WriteKind | '*'): number {
    return super.count(kind)
  }

  /** The token may not see it: GHES says 404 then, never 403. */
  hide(fullName: string): void {
    this.#state.hidden.add(fullName.toLowerCase())
  }

  show(fullName: string): void {
    this.#state.hidden.delete(fullName.toLowerCase())
  }

  archive(fullName: string): void {
    this.#state.archived.add(fullName.toLowerCase())
  }

  /** What else GraphQL says of it. */
  describe(fullName: string, described: Described): void {
    this.#state.described.set(fullName.toLowerCase(), described)
  }

  /** The repository was renamed or transferred: its old name redirects to its number. The folder is the caller's to rename. */
  moved(oldFullName: string, newFullName: string): void {
    this.#state.moved.set(oldFullName.toLowerCase(), newFullName)
  }

  /** A webhook of the organisation. */
  addHook(organization: string, options: HookOptions): OrganizationHook {
    const hooks = this.#state.hooks.get(organization) ?? []
    const hook = new OrganizationHook(hooks.length + 1, options)
    this.#state.hooks.set(organization, [...hooks, hook])
    return hook
  }

  /** What the token may do, as GHES tells with every answer to a classic one. */
  setScopes(scopes: string): void {
    this.#state.scopes = scopes
  }

  /** `undefined` turns rate limits off; with nothing remaining each answer is 403 until the limit is set again. */
  setRateLimit(rateLimit: RateLimit | undefined): void {
    this.#state.rateLimit = rateLimit
  }
}

type Described = Pick<GraphqlRepository, 'visibility' | 'isFork' | 'topics'>

type State = {
  root: string
  host: string
  token: string
  app: GhesApp | undefined
  hidden: Set<string>
  archived: Set<string>
  described: Map<string, Described>
  moved: Map<string, string>
  hooks: Map<string, OrganizationHook[]>
  admin: GhesAdmin
  scopes: string
  rateLimit: RateLimit | undefined
}

function behaviour(state: State): Behaviour {
  let requests = 0
  return {
    kind: request =>
      state.admin.kindOf(request) ??
      state.app?.kindOf(request) ??
      writeKind(request) ??
      organizationKind(request) ??
      routeOf(byNumber(state, request))?.kind ??
      'unknown',
    answer: request => answer(state, byNumber(state, request)),
    headers: () => ({
      'x-github-request-id': createHash('sha1').update(String(++requests)).digest('hex').slice(0, 16).toUpperCase(),
      'x-github-enterprise-version': 'enterprise-server@3.19.2',
      'x-github-media-type': 'github.v3; format=json',
      'x-oauth-scopes': state.scopes,
      ...(state.app ? { date: new Date(state.app.nowMs()).toUTCString() } : {}),
      ...rateLimitHeaders(state.rateLimit),
    }),
  }
}

function rateLimitHeaders(rateLimit: RateLimit | undefined): Record<string, string> {
  if (!rateLimit) return {}
  return {
    'x-ratelimit-limit': String(rateLimit.limit),
    'x-ratelimit-remaining': String(rateLimit.remaining),
    'x-ratelimit-used': String(rateLimit.limit - rateLimit.remaining),
    'x-ratelimit-reset': String(rateLimit.resetAtSeconds),
    'x-ratelimit-resource': 'core',
  }
}

function routeOf(request: StandInRequest) {
  const path = request.url.pathname
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(path) : null
    if (match) return { ...route, parts: match.slice(1).map(part => decodeURIComponent(part ?? '')) }
  }
  return undefined
}

async function answer(state: State, request: StandInRequest): Promise<Answer> {
  const refused = await refusal(state, request)
  if (refused) return refused
  if (state.admin.kindOf(request)) return state.admin.answer(request)
  const kind = organizationKind(request)
  if (kind === 'graphql') return graphqlAnswer(graphqlSource(state), request.body)
  if (kind !== undefined) {
    // An organisation without hooks stands for a token that may not see them.
    const hooks = state.hooks.get(request.url.pathname.split('/')[4] ?? '')
    return hooks ? hooksAnswer(hooks, request) : failure(404, 'Not Found')
  }
  const written = await write(state, request)
  if (written) return written
  if (request.method === 'GET' && request.url.pathname === '/api/v3/organizations') return organizations(state, request)
  const listed = /^\/api\/v3\/orgs\/([^/]+)(\/repos)?$/.exec(request.url.pathname)
  if (request.method === 'GET' && listed) return organization(state, request, listed[1] ?? '', listed[2] !== undefined)
  const route = routeOf(request)
  if (!route) return failure(404, 'Not Found')
  if (route.kind === 'meta') return { status: 200, body: meta }
  if (route.kind === 'user') return { status: 200, body: answers.ownerOfToken(state.host, 'admin-mona') }
  if (route.kind === 'statistics') return failure(404, 'Not Found')
  const [owner = '', name = '', ...parts] = route.parts
  const movedTo = state.moved.get(`${owner}/${name}`.toLowerCase())
  if (movedTo !== undefined) return redirect(request, route.page, movedTo)
  const found = await findRepository(state, `${owner}/${name}`)
  if (!found) return failure(404, 'Not Found', route.page)
  const asked: Asked = {
    // Backstage follows the URLs of an answer.
    place: { host: state.host, fullName: found.fullName, apiBaseUrl: `http://${request.headers.host}/api/v3` },
    directory: found.directory,
    archived: state.archived.has(found.fullName.toLowerCase()),
    parts,
    query: request.url.searchParams,
    accept: request.headers.accept ?? '',
    page: route.page,
  }
  return conditional(request, await route.answer(asked))
}

async function write(state: State, request: StandInRequest): Promise<Answer | undefined> {
  const kind = writeKind(request)
  const [, , , , owner = '', name = ''] = request.url.pathname.split('/')
  if (kind === 'create-repository') {
    const found = await findEntry(state.root, owner)
    return found ? createRepository(request, state.host, state.root, found) : failure(404, 'Not Found')
  }
  const found = kind && (await findRepository(state, `${owner}/${name}`))
  if (kind && !found) return failure(404, 'Not Found')
  return found && writeAnswer(request, { host: state.host, fullName: found.fullName }, found.directory)
}

/** Every organisation, after the id that the request names. */
async function organizations(state: State, request: StandInRequest): Promise<Answer> {
  const since = Number(request.url.searchParams.get('since') ?? 0)
  const all = (await readdir(state.root)).map(login => ({ login, id: numberOf(login) })).sort((a, b) => a.id - b.id)
  const perPage = Number(request.url.searchParams.get('per_page') ?? 30)
  return { status: 200, body: all.filter(({ id }) => id > since).slice(0, perPage) }
}

async function organization(state: State, request: StandInRequest, name: string, repos: boolean): Promise<Answer> {
  const login = await findEntry(state.root, name)
  if (!login) return failure(404, 'Not Found')
  if (!repos) return { status: 200, body: { login, id: numberOf(login) } }
  const names = (await readdir(join(state.root, login))).map(entry => entry.replace(/\.git$/, '')).sort()
  const perPage = Number(request.url.searchParams.get('per_page') ?? 30)
  const page = Number(request.url.searchParams.get('page') ?? 1)
  const places = names.slice((page - 1) * perPage, page * perPage).map(one => `${login}/${one}`)
  const body = places.map(fullName => {
    const archived = state.archived.has(fullName.toLowerCase())
    return answers.repository({ host: state.host, fullName }, { defaultBranch: 'main', archived })
  })
  return { status: 200, body }
}

/** To the repository's number, whatever was asked about it, as GitHub does. */
function redirect(request: StandInRequest, page: string, fullName: string): Answer {
  const tail = request.url.pathname.replace(/^\/api\/v3\/repos\/[^/]+\/[^/]+/, '')
  const location = `${request.url.origin}/api/v3/repositories/${numberOf(fullName)}${tail}${request.url.search}`
  const answer = failure(301, 'Moved Permanently', page)
  return { ...answer, headers: { location }, body: { ...Object(answer.body), url: location } }
}

/** `/repositories/ID…`, where a redirect leads, is the same as `/repos/OWNER/NAME…` of a repository that has moved. */
function byNumber(state: State, request: StandInRequest): StandInRequest {
  const [, id, tail = ''] = /^\/api\/v3\/repositories\/(\d+)(\/.*)?$/.exec(request.url.pathname) ?? []
  const fullName = [...state.moved.values()].find(name => String(numberOf(name)) === id)
  if (fullName === undefined) return request
  return { ...request, url: new URL(`/api/v3/repos/${fullName}${tail}${request.url.search}`, request.url) }
}

async function refusal(state: State, request: StandInRequest): Promise<Answer | undefined> {
  const given = /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  // A GHES in private mode, as most are, answers nobody without a token.
  if (given === undefined) return failure(401, 'Must authenticate to access this API.')
  if (state.app && given !== state.token) {
    const asApp = state.app.kindOf(request) !== undefined
    return asApp ? state.app.answer(request, given) : state.app.refusalOf(given, request)
  }
  if (given !== state.token) return failure(401, 'Bad credentials')
  const { rateLimit } = state
  if (!rateLimit) return undefined
  if (rateLimit.remaining <= 0) return failure(403, 'API rate limit exceeded for user ID 1.', '/rate-limit')
  rateLimit.remaining--
  return undefined
}

/** What is asked about an organisation and not about one repository. */
function organizationKind({ method, url }: StandInRequest): RouteKind | undefined {
  if (url.pathname === '/api/graphql' && method === 'POST') return 'graphql'
  if (!/^\/api\/v3\/orgs\/[^/]+\/hooks(\/|$)/.test(url.pathname)) return undefined
  if (method === 'POST') return 'redelivery'
  return url.pathname.endsWith('/deliveries') ? 'deliveries' : 'hooks'
}

function graphqlSource(state: State): GraphqlSource {
  const repository = async (fullName: string): Promise<GraphqlRepository | undefined> => {
    const found = await findRepository(state, fullName)
    if (!found) return undefined
    const { directory } = found
    const head = await source.resolveCommit(directory)
    return {
      nameWithOwner: found.fullName,
      isArchived: state.archived.has(found.fullName.toLowerCase()),
      ...state.described.get(found.fullName.toLowerCase()),
      ...(head === undefined ? {} : { defaultBranch: { name: await source.defaultBranch(directory), head } }),
      async entry(path, commit = head) {
        const entry = commit === undefined ? undefined : await source.entryAt(directory, commit, path)
        return entry && { type: entry.type === 'tree' ? 'Tree' : 'Blob', oid: entry.id, mode: entry.mode }
      },
      blob: oid => source.blob(directory, oid),
    }
  }
  return {
    repository,
    async repositories(organization) {
      const owner = await findEntry(state.root, organization)
      if (!owner) return undefined
      const names = (await readdir(join(state.root, owner))).map(name => name.replace(/\.git$/, '')).sort()
      const found = await Promise.all(names.map(name => repository(`${owner}/${name}`)))
      return found.filter(one => one !== undefined)
    },
  }
}

const meta = { verifiable_password_authentication: false, installed_version: '3.19.2' }

/** GitHub takes owner and name in any letter case and answers with the case they were created in. */
async function findRepository(
  state: State,
  asked: string,
): Promise<{ fullName: string; directory: string } | undefined> {
  if (state.hidden.has(asked.toLowerCase())) return undefined
  const [owner = '', name = ''] = asked.split('/')
  const ownerFound = await findEntry(state.root, owner)
  const found = ownerFound && (await findEntry(join(state.root, ownerFound), `${name}.git`))
  if (!ownerFound || !found) return undefined
  const directory = join(state.root, ownerFound, found)
  return { fullName: `${ownerFound}/${found.replace(/\.git$/, '')}`, directory }
}

async function findEntry(directory: string, name: string): Promise<string | undefined> {
  const entries = await readdir(directory).catch(() => [])
  return entries.find(entry => entry.toLowerCase() === name.toLowerCase())
}

/** ETag on every 200, 304 when the client has it already; a 304 does not count against the rate limit at GitHub either. */
function conditional(request: StandInRequest, given: Answer): Answer {
  if (given.status !== 200) return given
  const body =
    typeof given.body === 'object' && !(given.body instanceof Uint8Array) ? JSON.stringify(given.body) : given.body
  const etag = `W/"${createHash('sha256')
    .update(body ?? '')
    .digest('hex')}"`
  const headers = { ...given.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' }
  const known = (request.headers['if-none-match'] ?? '').split(',').map(tag => tag.trim())
  if (known.includes(etag) || known.includes(etag.slice('W/'.length))) return { status: 304, headers }
  return { ...given, headers }
}
