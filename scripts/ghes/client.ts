// One request to GHES's REST API: an answer that was read once, or a refusal in words.
import { Octokit } from '@octokit/rest'
import { CallFailed, openTarget } from '../../relay/clients/http.ts'
import { type Refusal, type Refused, refusalOfAnswer, refusalOfError } from './refusal.ts'

/** The version of the API that we were written for. GHES 3.9 and later know it. */
const API_VERSION = '2022-11-28'

export type GhesClientOptions = {
  /** `https://HOST/api/v3`, without a slash at its end. */
  baseUrl: string
  token: () => string
  /** Trusted besides the authorities that Node trusts. PEM. */
  ca?: string
  now: () => number
  /** For a whole request. A hook of 800 kB goes up in one. */
  timeoutMs?: number
}

export type Answered<T> = { result: 'answered'; value: T; status: number; headers: Record<string, string> }

/** Reads an answer; `undefined` when it is not what the API gives. */
export type Read<T> = (data: unknown) => T | undefined

/** As @octokit takes them: what the route does not name goes into the body, or for GET into the query. */
type Parameters = Record<string, unknown>

export type GhesClient = {
  ask<T>(route: string, parameters: Parameters, read: Read<T>): Promise<Answered<T> | Refusal>
  /** Every page of a list that has numbered pages. */
  list<T>(route: string, parameters: Parameters, readOne: Read<T>): Promise<Answered<T[]> | Refusal>
  close(): Promise<void>
}

/** A recursive tree of a large repository is the largest answer. */
const ANSWER_BYTES = 64 * 1024 * 1024
const TIMEOUT_MS = 30_000
const PER_PAGE = 100

/** Proxies come from the environment: HTTPS_PROXY, NO_PROXY. */
export function openGhesClient(options: GhesClientOptions): GhesClient {
  const target = openTarget({ ...options, timeoutMs: options.timeoutMs ?? TIMEOUT_MS, answerBytes: ANSWER_BYTES })
  const octokit = new Octokit({
    baseUrl: options.baseUrl,
    userAgent: 'catalog-gate',
    // Failures are outcomes here; @octokit would write each one to the console.
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: fetchThrough(target.call) },
  })

  const ask = async <T>(route: string, parameters: Parameters, read: Read<T>): Promise<Answered<T> | Refusal> => {
    const token = options.token()
    const { method, url } = octokit.request.endpoint(route, parameters)
    // Without what stands in the query: names of pages help nobody.
    const path = url.slice(options.baseUrl.length).replace(/\?.*$/, '')
    const refused: Refused = { request: `${method} ${path}`, apiBaseUrl: options.baseUrl, token }
    const given = await octokit
      .request(route, {
        ...parameters,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'x-github-api-version': API_VERSION,
        },
      })
      .catch((error: unknown) => answerIn(error) ?? refusalOfError(refused, failedCall(error)))
    if ('result' in given) return given
    const answer = { status: given.status, headers: given.headers as Record<string, string>, data: given.data }
    if (answer.status < 200 || answer.status >= 300) return refusalOfAnswer(refused, answer, options.now())
    const value = read(answer.data)
    return value === undefined ? unreadable(refused, answer.status) : { ...answer, result: 'answered', value }
  }

  return {
    ask,
    list: async (route, parameters, readOne) => {
      const all = []
      for (let page = 1; ; page++) {
        const answer = await ask(route, { ...parameters, per_page: PER_PAGE, page }, data => listOf(data, readOne))
        if (answer.result === 'refused') return answer
        all.push(...answer.value)
        if (answer.value.length < PER_PAGE) return { ...answer, value: all }
      }
    },
    close: target.close,
  }
}

/** The little of `fetch` that @octokit/request uses, on the one door out. */
function fetchThrough(call: ReturnType<typeof openTarget>['call']) {
  return async (
    url: string,
    init: { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; headers: Record<string, string>; body?: string },
  ) => {
    const { method, headers, body } = init
    const answer = await call({ url, method, headers, ...(body === undefined ? {} : { body }) })
    const empty = [204, 205, 304].includes(answer.status)
    const response = new Response(empty ? null : answer.body, { status: answer.status, headers: answer.headers })
    Object.defineProperty(response, 'url', { value: url })
    return response
  }
}

type Given = { status: number; headers: object; data: unknown }

/** @octokit throws for a status from 300 on, and wraps what our own door throws. */
function answerIn(error: unknown): Given | undefined {
  if (error instanceof Error && 'response' in error && error.response) return error.response as Given
  return undefined
}

/** What @octokit has wrapped. Anything else that was thrown is a bug, and goes on. */
function failedCall(error: unknown): CallFailed {
  for (let next = error; next instanceof Error; next = next.cause) if (next instanceof CallFailed) return next
  throw error
}

function unreadable({ request, apiBaseUrl }: Refused, status: number): Refusal {
  return {
    result: 'refused',
    kind: 'address',
    message: `${request} was answered ${status} with something that is not GHES's API`,
    remedy: `is ghe.apiBaseUrl right? It is ${apiBaseUrl}; usual is https://HOST/api/v3`,
    status,
    said: '',
  }
}

function listOf<T>(data: unknown, readOne: Read<T>): T[] | undefined {
  if (!Array.isArray(data)) return undefined
  const read = data.map(readOne)
  const known = read.filter(one => one !== undefined)
  return known.length === read.length ? known : undefined
}
