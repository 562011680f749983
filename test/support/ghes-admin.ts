// Pre-receive environments and hooks at the stand-in GHES, as a site administrator sees them. Every request and answer is held against GHES's shapes.

import { unfitting } from './ghes-admin-shapes.ts'
import { failure } from './ghes-answers.ts'
import type { Answer, StandInRequest } from './stand-in.ts'

export type AdminKind =
  | 'environments'
  | 'create-environment'
  | 'environment'
  | 'change-environment'
  | 'delete-environment'
  | 'start-download'
  | 'download'
  | 'pre-receive-hooks'
  | 'create-pre-receive-hook'
  | 'pre-receive-hook'
  | 'change-pre-receive-hook'
  | 'delete-pre-receive-hook'
  | 'standings'
  | 'standing'
  | 'change-standing'
  | 'delete-standing'

export type StoredEnvironment = {
  id: number
  name: string
  imageUrl: string
  state: 'not_started' | 'in_progress' | 'success' | 'failed'
  message: string | null
  /** How often it still says in_progress. */
  pollsLeft: number
  /** What came of fetching the tarball, when it is fetched. */
  fetched?: Promise<Fetched>
  tarball?: Buffer
}

type Fetched = { result: 'bytes'; bytes: Buffer } | { result: 'failed'; failed: string }

type Override = { enforcement: string; allowDownstream: boolean }

export type StoredHook = {
  id: number
  name: string
  enforcement: string
  script: string
  repository: string
  environmentId: number
  allowDownstream: boolean
  /** By `orgs/acme` or `repos/acme/web`, in small letters. */
  overrides: Map<string, Override>
}

const DEFAULT_ENVIRONMENT: StoredEnvironment = {
  id: 1,
  name: 'Default',
  imageUrl: 'githubenterprise://internal',
  state: 'success',
  message: null,
  pollsLeft: 0,
}

/** What a download comes to: it is just there, GHES really fetches the URL, it fails with this message, or it never ends. */
export type DownloadOutcome = 'success' | 'fetch' | 'endless' | { failed: string }

export class GhesAdmin {
  readonly environments: StoredEnvironment[] = [{ ...DEFAULT_ENVIRONMENT }]
  readonly hooks: StoredHook[] = []
  downloads: DownloadOutcome = 'success'
  /** How often a download says in_progress before its end. */
  pollsInProgress = 1
  /** False: every route here answers 404, as to a token that is not classic or not a site administrator's. */
  isSiteAdmin = true
  #lastId = 1
  readonly #base: () => string

  /** `base`: https://HOST, of the URLs in the answers. */
  constructor(base: () => string) {
    this.#base = base
  }

  /** Goes on counting where another has stopped. */
  takeIdsAfter(other: GhesAdmin): void {
    this.#lastId = other.#lastId
  }

  /** Undefined when the request is about something else. */
  kindOf(request: StandInRequest): AdminKind | undefined {
    return routeOf(request)?.kind
  }

  async answer(request: StandInRequest): Promise<Answer> {
    const route = routeOf(request)
    if (!route) throw new Error(`no such route: ${request.method} ${request.url.pathname}`)
    const answer = this.isSiteAdmin ? await this.#answer(route.kind, route.parts, request) : failure(404, 'Not Found')
    const wrong = await unfitting(request, answer)
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    return answer
  }

  async #answer(kind: AdminKind, parts: string[], request: StandInRequest): Promise<Answer> {
    const body = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>)
    if (kind === 'environments') return this.#page(request, this.environments.map(this.#environmentJson))
    if (kind === 'create-environment') return this.#createEnvironment(body)
    if (kind === 'pre-receive-hooks') return this.#page(request, this.hooks.map(this.#hookJson))
    if (kind === 'create-pre-receive-hook') return this.#createHook(body)
    if (kind.endsWith('standing') || kind === 'standings') return this.#standing(kind, parts, body, request)
    const id = Number(parts[0])
    const environment = this.environments.find(one => one.id === id)
    const hook = this.hooks.find(one => one.id === id)
    if (kind.endsWith('pre-receive-hook')) return hook ? this.#hook(kind, hook, body) : failure(404, 'Not Found')
    return environment ? this.#environment(kind, environment, body) : failure(404, 'Not Found')
  }

  #page(request: StandInRequest, all: object[]): Answer {
    const perPage = Number(request.url.searchParams.get('per_page') ?? 30)
    const page = Number(request.url.searchParams.get('page') ?? 1)
    return { status: 200, body: all.slice((page - 1) * perPage, page * perPage) }
  }

  #createEnvironment(body: Record<string, unknown>): Answer {
    const name = String(body['name'])
    if (this.environments.some(one => one.name === name)) return refused('Name has already been taken')
    const made: StoredEnvironment = {
      id: ++this.#lastId,
      name,
      imageUrl: String(body['image_url']),
      ...{ state: 'not_started', message: null, pollsLeft: 0 },
    }
    this.environments.push(made)
    return { status: 201, body: this.#environmentJson(made) }
  }

  async #environment(kind: AdminKind, one: StoredEnvironment, body: Record<string, unknown>): Promise<Answer> {
    if (kind === 'environment') return { status: 200, body: this.#environmentJson(one) }
    if (kind === 'download') {
      await this.#progress(one)
      return { status: 200, body: this.#downloadJson(one) }
    }
    if (kind === 'start-download') return this.#startDownload(one)
    if (one.id === DEFAULT_ENVIRONMENT.id) return refused('Cannot modify or delete the default environment')
    if (kind === 'change-environment') {
      if (body['image_url'] !== undefined) one.imageUrl = String(body['image_url'])
      return { status: 200, body: this.#environmentJson(one) }
    }
    if (this.#hooksOf(one) > 0) return refused('Cannot delete environment that has hooks')
    if (one.state === 'in_progress') return refused('Cannot delete environment when download is in progress')
    this.environments.splice(this.environments.indexOf(one), 1)
    return { status: 204 }
  }

  #startDownload(one: StoredEnvironment): Answer {
    if (one.state === 'in_progress') return refused('Can not start a new download when a download is in progress')
    one.state = 'in_progress'
    one.message = null
    one.pollsLeft = this.pollsInProgress
    if (this.downloads === 'fetch') one.fetched = fetched(one.imageUrl)
    return { status: 202, body: this.#downloadJson(one) }
  }

  async #progress(one: StoredEnvironment): Promise<void> {
    if (one.state !== 'in_progress' || this.downloads === 'endless' || one.pollsLeft-- > 0) return
    const outcome: Fetched | undefined = await one.fetched
    if (outcome?.result === 'bytes') one.tarball = outcome.bytes
    const failed = outcome?.result === 'failed' ? outcome.failed : this.#failure()
    one.state = failed === undefined ? 'success' : 'failed'
    one.message = failed ?? null
  }

  #failure(): string | undefined {
    return typeof this.downloads === 'object' ? this.downloads.failed : undefined
  }

  #createHook(body: Record<string, unknown>): Answer {
    const name = String(body['name'])
    if (this.hooks.some(one => one.name === name)) return refused('Name has already been taken')
    const made: StoredHook = {
      ...{ id: ++this.#lastId, name, enforcement: 'disabled', script: '', repository: '', environmentId: 1 },
      ...{ allowDownstream: false, overrides: new Map() },
    }
    const wrong = this.#changeHook(made, body)
    if (wrong) return wrong
    this.hooks.push(made)
    return { status: 201, body: this.#hookJson(made) }
  }

  #hook(kind: AdminKind, hook: StoredHook, body: Record<string, unknown>): Answer {
    if (kind === 'delete-pre-receive-hook') {
      this.hooks.splice(this.hooks.indexOf(hook), 1)
      return { status: 204 }
    }
    const wrong = kind === 'change-pre-receive-hook' ? this.#changeHook(hook, body) : undefined
    return wrong ?? { status: 200, body: this.#hookJson(hook) }
  }

  #changeHook(hook: StoredHook, body: Record<string, unknown>): Answer | undefined {
    const environment = body['environment'] as { id: number } | undefined
    const found = environment && this.environments.find(one => one.id === environment.id)
    if (environment && found?.state !== 'success') return refused('Environment is not downloaded')
    if (found) hook.environmentId = found.id
    const repository = body['script_repository'] as { full_name: string } | undefined
    if (repository) hook.repository = repository.full_name
    if (body['script'] !== undefined) hook.script = String(body['script'])
    if (body['name'] !== undefined) hook.name = String(body['name'])
    if (body['enforcement'] !== undefined) hook.enforcement = String(body['enforcement'])
    if (body['allow_downstream_configuration'] !== undefined)
      hook.allowDownstream = body['allow_downstream_configuration'] === true
    return undefined
  }

  #standing(kind: AdminKind, parts: string[], body: Record<string, unknown>, request: StandInRequest): Answer {
    const scope = (parts[0] ?? '').toLowerCase()
    // A globally disabled hook that may not be changed below is not listed there.
    const offered = this.hooks.filter(
      ({ enforcement, allowDownstream }) => enforcement !== 'disabled' || allowDownstream,
    )
    if (kind === 'standings')
      return this.#page(
        request,
        offered.map(hook => this.#standingJson(hook, scope)),
      )
    const hook = offered.find(one => one.id === Number(parts[1]))
    if (!hook) return failure(404, 'Not Found')
    const above = scope.startsWith('repos/') ? this.#effective(hook, orgOf(scope)) : globally(hook)
    if (kind !== 'standing' && !above.allowDownstream) return refused('This hook may not be configured here')
    if (kind === 'delete-standing') hook.overrides.delete(scope)
    if (kind === 'change-standing') {
      const before = this.#effective(hook, scope)
      hook.overrides.set(scope, {
        enforcement: String(body['enforcement'] ?? before.enforcement),
        allowDownstream: (body['allow_downstream_configuration'] as boolean | undefined) ?? before.allowDownstream,
      })
    }
    return { status: 200, body: this.#standingJson(hook, scope) }
  }

  /** What holds for an organisation or repository: what was set there, else what is above, unless that allows no change. */
  #effective(hook: StoredHook, scope: string): Override & { at: string } {
    const above = scope.startsWith('repos/') ? this.#effective(hook, orgOf(scope)) : globally(hook)
    const own = above.allowDownstream ? hook.overrides.get(scope) : undefined
    return own ? { ...own, at: `${scope}/pre-receive-hooks/${hook.id}` } : above
  }

  /** What a push to a repository meets. */
  enforcementAt(hook: StoredHook, repository: string): string {
    return this.#effective(hook, `repos/${repository.toLowerCase()}`).enforcement
  }

  #standingJson(hook: StoredHook, scope: string) {
    const { enforcement, allowDownstream, at } = this.#effective(hook, scope)
    return {
      ...{ id: hook.id, name: hook.name, enforcement, configuration_url: `${this.#base()}/api/v3/${at}` },
      ...(scope.startsWith('orgs/') ? { allow_downstream_configuration: allowDownstream } : {}),
    }
  }

  #hooksOf = (environment: StoredEnvironment) =>
    this.hooks.filter(({ environmentId }) => environmentId === environment.id).length

  #environmentJson = (one: StoredEnvironment) => ({
    ...{ id: one.id, name: one.name, image_url: one.imageUrl },
    url: `${this.#base()}/api/v3/admin/pre-receive-environments/${one.id}`,
    html_url: `${this.#base()}/admin/pre-receive-environments/${one.id}`,
    default_environment: one.id === DEFAULT_ENVIRONMENT.id,
    created_at: '2026-11-24T00:00:00Z',
    hooks_count: this.#hooksOf(one),
    download: this.#downloadJson(one),
  })

  #downloadJson = (one: StoredEnvironment) => ({
    url: `${this.#base()}/api/v3/admin/pre-receive-environments/${one.id}/downloads/latest`,
    state: one.state,
    downloaded_at: one.state === 'success' ? '2026-11-24T00:00:00Z' : null,
    message: one.message,
  })

  #hookJson = (hook: StoredHook) => {
    const environment = this.environments.find(one => one.id === hook.environmentId)
    if (!environment) throw new Error(`hook ${hook.name} has environment ${hook.environmentId}, which is not there`)
    return {
      ...{ id: hook.id, name: hook.name, enforcement: hook.enforcement, script: hook.script },
      script_repository: {
        id: 1,
        full_name: hook.repository,
        url: `${this.#base()}/api/v3/repos/${hook.repository}`,
        html_url: `${this.#base()}/${hook.repository}`,
      },
      environment: this.#environmentJson(environment),
      allow_downstream_configuration: hook.allowDownstream,
    }
  }
}

const orgOf = (scope: string) => `orgs/${scope.split('/')[1]}`

const globally = ({ id, enforcement, allowDownstream }: StoredHook) => ({
  enforcement,
  allowDownstream,
  at: `admin/pre-receive-hooks/${id}`,
})

const refused = (message: string): Answer => ({
  status: 422,
  body: {
    message: 'Validation Failed',
    errors: [{ resource: 'PreReceive', code: 'custom', message }],
  },
})

async function fetched(url: string): Promise<Fetched> {
  try {
    const response = await fetch(url)
    if (response.status !== 200) return { result: 'failed', failed: `Download failed: HTTP ${response.status}` }
    return { result: 'bytes', bytes: Buffer.from(await response.arrayBuffer()) }
  } catch {
    return { result: 'failed', failed: 'Download failed: could not connect' }
  }
}

const E = /^\/api\/v3\/admin\/pre-receive-environments(?:\/(\d+))?(\/downloads|\/downloads\/latest)?$/
const H = /^\/api\/v3\/admin\/pre-receive-hooks(?:\/(\d+))?$/
const S = /^\/api\/v3\/(orgs\/[^/]+|repos\/[^/]+\/[^/]+)\/pre-receive-hooks(?:\/(\d+))?$/

function routeOf({ method, url }: StandInRequest): { kind: AdminKind; parts: string[] } | undefined {
  const route = (kinds: Record<string, AdminKind>, ...parts: (string | undefined)[]) => {
    const kind = kinds[method]
    return kind && { kind, parts: parts.map(part => decodeURIComponent(part ?? '')) }
  }
  const environment = E.exec(url.pathname)
  if (environment) {
    const [, id, tail] = environment
    if (id === undefined) return route({ GET: 'environments', POST: 'create-environment' })
    if (tail === '/downloads') return route({ POST: 'start-download' }, id)
    if (tail !== undefined) return route({ GET: 'download' }, id)
    return route({ GET: 'environment', PATCH: 'change-environment', DELETE: 'delete-environment' }, id)
  }
  const hook = H.exec(url.pathname)
  if (hook?.[1] === undefined && hook) return route({ GET: 'pre-receive-hooks', POST: 'create-pre-receive-hook' })
  if (hook)
    return route(
      { GET: 'pre-receive-hook', PATCH: 'change-pre-receive-hook', DELETE: 'delete-pre-receive-hook' },
      hook[1],
    )
  const standing = S.exec(url.pathname)
  if (!standing) return undefined
  if (standing[2] === undefined) return route({ GET: 'standings' }, standing[1])
  return route({ GET: 'standing', PATCH: 'change-standing', DELETE: 'delete-standing' }, standing[1], standing[2])
}
