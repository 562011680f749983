// An answer of GHES that is no success: what it means, by its status, its headers and its words.
import { loginAskedFor, waitMs } from '../trouble.ts'
import type { GraphqlError } from './graphql.ts'
import { field, oneLine } from './read.ts'
import { type Found, movedIdIn, type Refused } from './refusal.ts'

/** `data` is the body's JSON; undefined when it is none. */
export type GhesAnswer = { status: number; headers: Record<string, string>; data: unknown }

type Judged = Pick<Refused, 'found' | 'status' | 'headers' | 'said' | 'retryAfterMs'>

/** `request`: `POST /admin/pre-receive-hooks`. */
export function refusedAnswer(request: string, { status, headers, data }: GhesAnswer, nowMs: number): Judged {
  const said = wordsIn(data)
  const wait = waitMs({ status, headers, said }, nowMs)
  const isOthers = isOfSomebodyElse({ status, headers, data })
  const limited = isOthers ? 'limited-on-the-way' : 'limited'
  const isLimited = status === 429 || (status === 403 && wait !== undefined && !isOthers)
  return {
    found: isLimited ? limited : foundBy(request, { status, headers, data }, said),
    status,
    headers,
    said,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

function foundBy(request: string, answer: GhesAnswer, said: string): Found {
  const { status } = answer
  if (status >= 500) return said.toLowerCase().includes('maintenance') ? 'maintenance' : 'down'
  if (status >= 300 && status < 400) return movedIdIn(answer.headers) === undefined ? 'redirect' : 'repository-moved'
  // Every GHES answers that to everybody; only a token that it does not know is refused.
  if (request === 'GET /meta' && (status === 404 || !isMarked(answer))) return 'not-the-api'
  switch (status) {
    case 401:
      return isOfSomebodyElse(answer) ? 'not-the-api' : 'bad-credentials'
    case 403:
      return isOfSomebodyElse(answer) ? 'not-the-api' : 'forbidden'
    case 404:
      if (!isMarked(answer)) return 'not-the-api'
      // GHES answers 404 where a token may not know that there is something.
      return isAdminRoute(request) ? 'hidden' : 'not-found'
    case 409:
    case 422:
      return isMarked(answer) ? 'invalid' : 'not-the-api'
    default:
      return 'odd-status'
  }
}

/**
 * Whether GHES's API itself has said no: its errors are JSON with a `message` and where to read about it, and its headers are its own. A load balancer's or gateway's
 * 404 may have the one or the other form of a message; taken for GHES's, it would say that a repository is gone.
 */
function isMarked({ headers, data }: GhesAnswer): boolean {
  if (field(data, 'message', 'text') === undefined) return false
  const isDocumented = field(data, 'documentation_url', 'text') !== undefined
  return isDocumented || Object.keys(headers).some(name => name.startsWith('x-github-'))
}

/**
 * A proxy's or a firewall's page, or what wants a login of its own: it says nothing of our token. What says nothing at all may be GHES's.
 */
function isOfSomebodyElse({ headers, data }: GhesAnswer): boolean {
  if (loginAskedFor(headers) !== undefined) return true
  if (field(data, 'message', 'text') !== undefined) return false
  const isPage = headers['content-type'] !== undefined && !/json/i.test(headers['content-type'])
  return isPage || (typeof data === 'object' && data !== null && Object.keys(data).length > 0)
}

const isAdminRoute = (request: string) =>
  / \/(admin|enterprise)\//.test(request) || /\/pre-receive-hooks(\/|$)/.test(request)

/** A success whose content is not the API's. */
export function notTheApi({ status, headers }: GhesAnswer): Judged {
  return { found: 'not-the-api', status, headers, said: '' }
}

/** GraphQL fails with status 200: the type of its error says what it is. */
export function refusedQuery(answer: GhesAnswer, errors: readonly GraphqlError[], nowMs: number): Judged {
  const types = errors.map(({ type }) => type)
  const data = { message: errors[0]?.message ?? '' }
  const asRest = (status: number) => refusedAnswer('POST /graphql', { ...answer, status, data }, nowMs)
  // As if REST had answered so: the same headers say how long to wait.
  if (types.includes('RATE_LIMITED')) return asRest(429)
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) return asRest(403)
  if (errors.length === 0) return notTheApi(answer)
  return { found: 'graphql-error', status: answer.status, headers: answer.headers, said: data.message }
}

/** GitHub's `message`, and those of `errors`, which often say more. */
function wordsIn(data: unknown): string {
  const message = field(data, 'message', 'text') ?? ''
  const more = (field(data, 'errors', 'list') ?? [])
    .map(one => field(one, 'message', 'text') ?? one)
    .filter((text): text is string => typeof text === 'string' && text !== message)
  return oneLine([message, ...more].filter(Boolean).join('; '), 300)
}
