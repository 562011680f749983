// How the relay talks to GHES: one request, REST or GraphQL, every status back as a value.
import { Octokit } from '@octokit/rest'
import type { CallPurpose } from '../../runtime/events.ts'
import { type HttpAnswer, openTarget } from '../http.ts'
import { type ObserveCall, observed } from '../observe.ts'
import { type Trouble, troubleOf, troubleOfError } from '../trouble.ts'

export type GhesOptions = {
  baseUrl: string
  token: () => string
  ca?: string
  now: () => number
  timeoutMs?: number
  /** Told about every request. */
  observe?: ObserveCall
}

export type GhesAnswer = { status: number; headers: Record<string, string>; data: unknown }

/** `GET /repos/{owner}/{repo}` and the like, as @octokit takes them. */
type Parameters = Record<string, string | number>

export type GhesRequests = {
  ask(purpose: CallPurpose, route: string, parameters: Parameters): Promise<GhesAnswer>
  query(purpose: CallPurpose, text: string, variables: Record<string, unknown>): Promise<GhesAnswer>
  trouble(answer: GhesAnswer): Trouble
  /** Turns a call that came to no answer into an outcome. */
  guarded<T>(ask: () => Promise<T | Trouble>): Promise<T | Trouble>
  close(): Promise<void>
}

/** A comparison comes with up to 300 patches on its first page, some megabytes in the worst case. */
const ANSWER_BYTES = 16 * 1024 * 1024
const FIX = {
  401: 'ghe.token is not valid there; put a valid one into its file, no restart is needed',
  403: 'ghe.token lacks a permission; it needs to read contents and metadata of the repositories',
}

export function openGhesRequests(options: GhesOptions): GhesRequests {
  const graphqlUrl = graphqlUrlOf(options.baseUrl)
  const target = openTarget({
    ...options,
    alsoAt: [graphqlUrl],
    timeoutMs: options.timeoutMs ?? 10_000,
    answerBytes: ANSWER_BYTES,
  })
  const octokit = new Octokit({
    baseUrl: options.baseUrl,
    userAgent: 'catalog-gate',
    // Failures are outcomes here; @octokit would write each one to the console.
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: fetchThrough(target.call) },
  })
  const authorization = () => `Bearer ${options.token()}`
  return {
    ask: (purpose, route, parameters) =>
      observed({ target: 'ghe', purpose }, options, async () => {
        try {
          const given = await octokit.request(route, { ...parameters, headers: { authorization: authorization() } })
          return { status: given.status, headers: given.headers as Record<string, string>, data: given.data }
        } catch (error) {
          return answerOf(error)
        }
      }),
    query: (purpose, text, variables) =>
      observed({ target: 'ghe', purpose }, options, async () => {
        const { status, headers, body } = await target.call({
          method: 'POST',
          url: graphqlUrl,
          headers: {
            authorization: authorization(),
            'content-type': 'application/json',
            accept: 'application/json',
            'user-agent': 'catalog-gate',
          },
          body: JSON.stringify({ query: text, variables }),
        })
        return { status, headers, data: jsonIn(body) }
      }),
    trouble: answer => {
      const message = fieldOf(answer.data, 'message')
      const words = typeof message === 'string' ? message : ''
      return troubleOf('GHES', { ...answer, message: words }, options.now(), FIX)
    },
    guarded: ask => ask().catch((error: unknown) => troubleOfError('GHES', error)),
    close: target.close,
  }
}

/** https://HOST/api/v3 → https://HOST/api/graphql; github.com's own API has it at /graphql. */
export function graphqlUrlOf(apiBaseUrl: string): string {
  return `${apiBaseUrl.replace(/\/v3$/, '')}/graphql`
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
function answerOf(error: unknown): GhesAnswer {
  if (!(error instanceof Error)) throw error
  const response =
    'response' in error ? (error.response as (Omit<HttpAnswer, 'body'> & { data: unknown }) | undefined) : undefined
  if (response) return { status: response.status, headers: response.headers, data: response.data }
  throw error.cause ?? error
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A field of something that GHES has answered. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** A text field of something that GHES has answered. */
export function textOf(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'string' ? field : undefined
}

/** An answer of 200 that is not the API's. */
export const unreadable = (what: string): Trouble => ({
  result: 'trouble',
  kind: 'down',
  reason: `GHES answered 200 to ${what} with something that is not its API's; is ghe.apiBaseUrl right?`,
})
