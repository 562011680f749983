// What the relay asks of GHES: where a branch stands, and how two commits relate.
import { Octokit } from '@octokit/rest'
import { type HttpAnswer, openTarget } from './http.ts'
import { type Trouble, troubleOf, troubleOfError } from './trouble.ts'

export type Commit = { sha: string }
export type Repository = { owner: string; name: string }

export type BranchAnswer = { result: 'at'; sha: string } | { result: 'none' } | Trouble
export type RepositoryAnswer = { result: 'found' } | { result: 'moved' } | { result: 'none' } | Trouble
export type Relation = 'ahead' | 'identical' | 'behind' | 'diverged'
/** `unknown`: one of the two commits is not in the repository, or they have no history in common. */
export type CompareAnswer = { result: 'compared'; relation: Relation } | { result: 'unknown' } | Trouble

export type Ghe = {
  branch(repository: Repository, branch: string): Promise<BranchAnswer>
  repository(repository: Repository): Promise<RepositoryAnswer>
  /** How `head` relates to `base`: `ahead` contains it. */
  compare(repository: Repository, base: string, head: string): Promise<CompareAnswer>
  close(): Promise<void>
}

export type GheOptions = { baseUrl: string; token: () => string; ca?: string; now: () => number; timeoutMs?: number }

/** A comparison comes with up to 300 patches on its first page, some megabytes in the worst case. */
const ANSWER_BYTES = 16 * 1024 * 1024
const FIX = {
  401: 'ghe.token is not valid there; put a valid one into its file, no restart is needed',
  403: 'ghe.token lacks a permission; it needs to read contents and metadata of the repositories',
}

export function openGhe(options: GheOptions): Ghe {
  const target = openTarget({ ...options, timeoutMs: options.timeoutMs ?? 10_000, answerBytes: ANSWER_BYTES })
  const octokit = new Octokit({
    baseUrl: options.baseUrl,
    userAgent: 'catalog-gate',
    // Failures are outcomes here; @octokit would write each one to the console.
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: fetchThrough(target.call) },
  })
  /** One request; every status comes back as a value. */
  const get = async (
    route: string,
    parameters: Record<string, string | number>,
  ): Promise<HttpAnswer & { data: unknown }> => {
    const headers = { authorization: `Bearer ${options.token()}` }
    try {
      const { status, headers: given, data } = await octokit.request(route, { ...parameters, headers })
      return { status, headers: given as Record<string, string>, data, body: '' }
    } catch (error) {
      return answerOf(error)
    }
  }
  const trouble = (answer: HttpAnswer) => troubleOf('GHES', answer, options.now(), FIX)
  const of = ({ owner, name }: Repository) => ({ owner, repo: name })
  const guarded = <T>(ask: () => Promise<T | Trouble>) => ask().catch((error: unknown) => troubleOfError('GHES', error))

  return {
    branch: (repository, branch) =>
      guarded<BranchAnswer>(async () => {
        // octokit.rest.git.getRef would send "heads%2Fteam%2Fx", which strict proxies refuse; {+ref} would leave "#" as it is.
        const path = branch.split('/').map(encodeURIComponent).join('/')
        const answer = await get(`GET /repos/{owner}/{repo}/git/ref/heads/${path}`, of(repository))
        const sha = answer.status === 200 ? shaOf(answer.data) : undefined
        if (sha !== undefined) return { result: 'at', sha }
        // 409: "Git Repository is empty."
        if (answer.status === 404 || answer.status === 409) return { result: 'none' }
        if (answer.status === 200) return unreadable('git/ref')
        // A repository that was renamed answers with a redirect; asking for the repository tells it from a wrong address.
        return isRedirect(answer.status) ? { result: 'none' } : trouble(answer)
      }),
    repository: repository =>
      guarded<RepositoryAnswer>(async () => {
        const answer = await get('GET /repos/{owner}/{repo}', of(repository))
        if (answer.status === 200) return { result: 'found' }
        if (answer.status === 404) return { result: 'none' }
        // GHES redirects a renamed or transferred one to /repositories/ID.
        if (isRedirect(answer.status) && /\/repositories\/\d+/.test(answer.headers['location'] ?? ''))
          return { result: 'moved' }
        return trouble(answer)
      }),
    compare: (repository, base, head) =>
      guarded<CompareAnswer>(async () => {
        const parameters = { ...of(repository), basehead: `${base}...${head}`, per_page: 1 }
        const answer = await get('GET /repos/{owner}/{repo}/compare/{basehead}', parameters)
        if (answer.status === 404 || answer.status === 422) return { result: 'unknown' }
        if (answer.status !== 200) return trouble(answer)
        const relation = relationOf(answer.data)
        return relation === undefined ? unreadable('compare') : { result: 'compared', relation }
      }),
    close: target.close,
  }
}

/** The little of `fetch` that @octokit/request uses, on our own door. */
function fetchThrough(call: ReturnType<typeof openTarget>['call']) {
  return async (url: string, init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string }) => {
    const answer = await call({
      url,
      method: init.method,
      headers: init.headers,
      ...(init.body === undefined ? {} : { body: init.body }),
    })
    const empty = answer.status === 204 || answer.status === 205 || answer.status === 304
    const response = new Response(empty ? null : answer.body, { status: answer.status, headers: answer.headers })
    Object.defineProperty(response, 'url', { value: url })
    return response
  }
}

/** @octokit throws for a status from 400 on; and wraps what our own door throws. */
function answerOf(error: unknown): HttpAnswer & { data: unknown } {
  if (!(error instanceof Error)) throw error
  const response =
    'response' in error
      ? (error.response as { status: number; headers: Record<string, string>; data: unknown } | undefined)
      : undefined
  if (response) return { status: response.status, headers: response.headers, data: response.data, body: '' }
  throw error.cause ?? error
}

const isRedirect = (status: number) => status >= 300 && status < 400

const unreadable = (what: string): Trouble => ({
  result: 'trouble',
  kind: 'down',
  reason: `GHES answered 200 to ${what} with something that is not its API's; is ghe.apiBaseUrl right?`,
})

function shaOf(data: unknown): string | undefined {
  const object = fieldOf(data, 'object')
  const sha = fieldOf(object, 'sha')
  return typeof sha === 'string' && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
}

function relationOf(data: unknown): Relation | undefined {
  const status = fieldOf(data, 'status')
  return status === 'ahead' || status === 'identical' || status === 'behind' || status === 'diverged'
    ? status
    : undefined
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
