// A stand-in for Backstage's catalog: its refresh and location routes, as measured on the real one (release 1.55).
// test/backstage holds it against the real catalog.
import { createHash } from 'node:crypto'
import {
  type Answer,
  type Behaviour,
  type Recorded,
  StandIn,
  type StandInOptions,
  type StandInRequest,
} from './stand-in.ts'

export type CatalogKind =
  | 'refresh'
  | 'register'
  | 'locations'
  | 'location'
  | 'by-entity'
  | 'unregister'
  | 'entity'
  | 'entities'
  | 'query'
  | 'by-refs'
  | 'ancestry'
  | 'ready'
  | 'unknown'

export type CatalogOptions = StandInOptions & {
  token: string
  /** Least privilege: the token may refresh (permission catalog.entity.refresh) and nothing else. */
  refreshOnly?: boolean
  /** A second token, restricted to another plugin. */
  otherPluginToken?: string
  known?: Iterable<string>
}

export type Refresh = { entityRef: string; atMs: number; status: number | undefined }

export async function startCatalog(options: CatalogOptions): Promise<Catalog> {
  return new Catalog(options).start()
}

type Location = { id: string; type: string; target: string; entityRef: string }
type State = Omit<CatalogOptions, 'known'> & {
  known: Set<string>
  refused: Set<string>
  locations: Map<string, Location>
  registered: number
  origins: Map<string, string>
  above: Map<string, string>
  named: Map<string, object>
}

export class Catalog extends StandIn {
  readonly #state: State

  constructor(options: CatalogOptions) {
    const known = new Set([...(options.known ?? [])].map(ref => ref.toLowerCase()))
    const state: State = {
      ...options,
      known,
      refused: new Set(),
      locations: new Map(),
      registered: 0,
      origins: new Map(),
      above: new Map(),
      named: new Map(),
    }
    super(behaviour(state), options)
    this.#state = state
  }

  /** These entities are in the catalog from now on. */
  know(...refs: string[]): void {
    for (const ref of refs) this.#state.known.add(ref.toLowerCase())
  }

  /** Knows the entity as one of this file, which is read through the Location of that target. */
  knowFrom(ref: string, file: string, location = file): void {
    this.know(ref)
    this.#state.origins.set(ref.toLowerCase(), file)
    this.#state.above.set(ref.toLowerCase(), location)
  }

  /** The entity's file is one of the targets of a Location entity, which stands in a file itself. */
  nameFrom(ref: string, location: string, file: string, targets: string[]): void {
    const annotations = { 'backstage.io/managed-by-location': `url:${file}` }
    const metadata = { name: location, namespace: 'default', annotations }
    this.know(`location:default/${location}`)
    this.#state.named.set(ref.toLowerCase(), { kind: 'Location', metadata, spec: { targets } })
  }

  forget(...refs: string[]): void {
    for (const ref of refs) this.#state.known.delete(ref.toLowerCase())
  }

  /** A refresh of this entity is answered as a wrong one, whenever it comes. */
  refuse(ref: string): void {
    this.#state.refused.add(ref.toLowerCase())
  }

  /** Knows the Location entity of this target, as registration by hand and the GitHub provider make it. */
  knowLocation(target: string): string {
    const ref = locationRef(target)
    this.know(ref)
    return ref
  }

  /** The refresh calls so far, in the order of their arrival. */
  refreshes(): Refresh[] {
    return this.requests('refresh').map(refreshOf)
  }

  /** The next refresh call from now on, of this entity when one is given. */
  async nextRefresh(entityRef?: string): Promise<Refresh> {
    const wanted = (request: Recorded) => entityRef === undefined || refreshOf(request).entityRef === entityRef
    return refreshOf(await this.next('refresh', wanted))
  }
}

/** The Location entity's ref: the target goes in verbatim, so blob and tree, branch and letter case make different ones. */
export function locationRef(target: string): string {
  return `location:default/generated-${createHash('sha1').update(`url:${target}`).digest('hex')}`
}

const refreshOf = (request: Recorded): Refresh => {
  const body = objectIn(request.body)
  const entityRef = typeof body?.['entityRef'] === 'string' ? body['entityRef'] : ''
  return { entityRef, atMs: request.atMs, status: request.status }
}

type Route = { kind: CatalogKind; method: string; path: RegExp }
const routes: readonly Route[] = [
  { kind: 'ready', method: 'GET', path: /^\/\.backstage\/health\/v1\/(?:readiness|liveness)$/ },
  { kind: 'refresh', method: 'POST', path: /^\/api\/catalog\/refresh$/ },
  { kind: 'register', method: 'POST', path: /^\/api\/catalog\/locations$/ },
  { kind: 'locations', method: 'GET', path: /^\/api\/catalog\/locations$/ },
  { kind: 'by-entity', method: 'GET', path: /^\/api\/catalog\/locations\/by-entity\/([^/]+)\/([^/]+)\/([^/]+)$/ },
  { kind: 'location', method: 'GET', path: /^\/api\/catalog\/locations\/([^/]+)$/ },
  { kind: 'unregister', method: 'DELETE', path: /^\/api\/catalog\/locations\/([^/]+)$/ },
  { kind: 'query', method: 'GET', path: /^\/api\/catalog\/entities\/by-query$/ },
  { kind: 'by-refs', method: 'POST', path: /^\/api\/catalog\/entities\/by-refs$/ },
  {
    kind: 'ancestry',
    method: 'GET',
    path: /^\/api\/catalog\/entities\/by-name\/([^/]+)\/([^/]+)\/([^/]+)\/ancestry$/,
  },
  { kind: 'entities', method: 'GET', path: /^\/api\/catalog\/entities$/ },
  { kind: 'entity', method: 'GET', path: /^\/api\/catalog\/entities\/by-name\/([^/]+)\/([^/]+)\/([^/]+)$/ },
]

function routeOf(request: StandInRequest): { kind: CatalogKind; parts: string[] } {
  for (const { kind, method, path } of routes) {
    const match = method === request.method ? path.exec(request.url.pathname) : null
    if (match) return { kind, parts: match.slice(1).map(decodeURIComponent) }
  }
  return { kind: 'unknown', parts: [] }
}

function behaviour(state: State): Behaviour {
  return {
    kind: request => routeOf(request).kind,
    answer: request => {
      const { kind, parts } = routeOf(request)
      if (kind === 'ready') return { status: 200, body: { status: 'ok' } }
      if (kind === 'unknown') return { status: 404 }
      return refusal(state, request, kind) ?? actions[kind](state, request, parts)
    },
  }
}

/** A Backstage backend that fails at a refresh, in its own words. */
export function serverError(statusCode: number): { status: number; body: object } {
  const error = { name: statusCode === 503 ? 'ServiceUnavailableError' : 'Error', message: 'it failed' }
  return { status: statusCode, body: { error, request: { method: 'POST', url: '/refresh' }, response: { statusCode } } }
}

/** Backstage's own error body. */
function failure(request: StandInRequest, statusCode: number, name: string, message: string): Answer {
  const { method, url } = request
  // The catalog's router names the path below /api/catalog
  const path = `${url.pathname}${url.search}`.replace(/^\/api\/catalog/, '')
  return {
    status: statusCode,
    body: { error: { name, message }, request: { method, url: path }, response: { statusCode } },
  }
}

const inputError = (request: StandInRequest, message: string) => failure(request, 400, 'InputError', message)

const allowed: readonly CatalogKind[] = ['refresh', 'entity', 'entities', 'query', 'by-refs', 'locations', 'by-entity']

function refusal(state: State, request: StandInRequest, kind: CatalogKind): Answer | undefined {
  const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return failure(request, 401, 'AuthenticationError', 'Missing credentials')
  if (token === state.otherPluginToken) {
    return failure(request, 403, 'NotAllowedError', "This token's access is restricted to plugin(s) 'scaffolder'")
  }
  if (token !== state.token) return failure(request, 401, 'AuthenticationError', 'Illegal token')
  if (state.refreshOnly && !allowed.includes(kind)) return failure(request, 403, 'NotAllowedError', '')
  return undefined
}

type Action = (state: State, request: StandInRequest, parts: string[]) => Answer

const actions: Record<Exclude<CatalogKind, 'ready' | 'unknown'>, Action> = {
  refresh: (state, request) => {
    const entityRef = objectIn(request.body)?.['entityRef']
    if (entityRef === undefined) return inputError(request, "request/body must have required property 'entityRef'")
    if (typeof entityRef !== 'string') return inputError(request, 'request/body/entityRef must be string')
    if (state.refused.has(entityRef.toLowerCase())) return inputError(request, 'refused')
    // No defaulting of kind or namespace: only the letter case does not matter.
    if (!state.known.has(entityRef.toLowerCase())) {
      return failure(request, 404, 'NotFoundError', `Entity ${entityRef.toLowerCase()} not found`)
    }
    return { status: 200 }
  },
  register: (state, request) => {
    const body = objectIn(request.body)
    const { type, target } = body ?? {}
    if (typeof target !== 'string') return inputError(request, "request/body must have required property 'target'")
    if (type !== 'url') return inputError(request, 'Registered locations must be of an allowed type ["url"]')
    if ([...state.locations.values()].some(location => location.target === target)) {
      return failure(request, 409, 'ConflictError', `Location ${type}:${target} already exists`)
    }
    const id = `00000000-0000-4000-8000-${String(++state.registered).padStart(12, '0')}`
    const location = { id, type, target, entityRef: locationRef(target) }
    state.locations.set(id, location)
    state.known.add(location.entityRef)
    return { status: 201, body: { location, entities: [] } }
  },
  locations: state => {
    const rows = state.refreshOnly ? [] : [...state.locations.values()].map(data => ({ data }))
    return { status: 200, body: rows }
  },
  location: (state, request, [id = '']) => {
    const location = state.locations.get(id)
    return location ? { status: 200, body: location } : noLocation(request, id)
  },
  // Registered ones only; a provider's Location has an entity and no row here.
  'by-entity': (state, request, [kind = '', namespace = '', name = '']) => {
    const ref = `${kind}:${namespace}/${name}`.toLowerCase()
    const location = [...state.locations.values()].find(({ entityRef }) => entityRef === ref)
    if (location && !state.refreshOnly) return { status: 200, body: location }
    return failure(request, 404, 'NotFoundError', `found no entity for ref ${ref}`)
  },
  unregister: (state, request, [id = '']) => {
    const location = state.locations.get(id)
    if (!location) return noLocation(request, id)
    state.locations.delete(id)
    state.known.delete(location.entityRef)
    return { status: 204 }
  },
  // Who may not read is shown what is not there.
  'by-refs': (state, request) => {
    const refs = objectIn(request.body)?.['entityRefs']
    if (!Array.isArray(refs)) return inputError(request, "request/body must have required property 'entityRefs'")
    const shown = refs.map(ref => {
      const known = !state.refreshOnly && state.known.has(String(ref).toLowerCase())
      return known ? entityOf(state, String(ref).toLowerCase()) : null
    })
    return { status: 200, body: { items: shown } }
  },
  ancestry: (state, request, [kind = '', namespace = '', name = '']) => {
    const ref = `${kind}:${namespace}/${name}`.toLowerCase()
    if (!state.known.has(ref)) return failure(request, 404, 'NotFoundError', `No such entity ${ref}`)
    const target = state.above.get(ref)
    const location = target && {
      kind: 'Location',
      metadata: { name: locationRef(target).slice('location:default/'.length) },
      spec: { type: 'url', target },
    }
    const items = [{ kind, metadata: { name } }, state.named.get(ref), location].flatMap(entity =>
      entity ? [{ entity }] : [],
    )
    return { status: 200, body: { rootEntityRef: ref, items } }
  },
  query: (state, { url }) => {
    const limit = Number(url.searchParams.get('limit') ?? 20)
    const refs = state.refreshOnly ? [] : [...state.known].sort()
    // The real one's cursor, too, says after which entity the page begins.
    const after = url.searchParams.get('cursor') ?? ''
    const page = refs.filter(ref => ref > after).slice(0, limit)
    const last = page.at(-1)
    const pageInfo = last !== undefined && last !== refs.at(-1) ? { nextCursor: last } : {}
    return { status: 200, body: { items: page.map(ref => entityOf(state, ref)), totalItems: refs.length, pageInfo } }
  },
  // Measured: a token that may only refresh is given an empty list.
  entities: state => {
    const shown = state.refreshOnly ? [] : [...state.known].map(ref => ({ kind: ref.split(':')[0] ?? '' }))
    return { status: 200, body: shown }
  },
  entity: (state, request, [kind = '', namespace = '', name = '']) => {
    const ref = `${kind}:${namespace}/${name}`.toLowerCase()
    // Who may not read an entity is told that there is none.
    if (state.refreshOnly || !state.known.has(ref)) {
      return failure(
        request,
        404,
        'NotFoundError',
        `No entity named '${name}' found, with kind '${kind}' in namespace '${namespace}'`,
      )
    }
    return { status: 200, body: { apiVersion: 'backstage.io/v1alpha1', kind, metadata: { namespace, name } } }
  },
}

function entityOf({ origins }: State, ref: string): object {
  const [, kind, namespace, name] = /^([^:]+):([^/]+)\/(.+)$/.exec(ref) ?? []
  const origin = origins.get(ref)
  const annotations = origin === undefined ? {} : { 'backstage.io/managed-by-location': `url:${origin}` }
  return { kind, metadata: { namespace, name, annotations } }
}

const noLocation = (request: StandInRequest, id: string) =>
  failure(request, 404, 'NotFoundError', `Found no location with ID ${id}`)

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
