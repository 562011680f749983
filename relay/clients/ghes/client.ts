// One request to GHES, REST or GraphQL: an answer that was read once, or a refusal in the words of who asks. The only client of GHES there is.
import { endpoint } from '@octokit/endpoint'
import { jsonIn } from '../../../schemas/unknown.ts'
import type { CallPurpose } from '../../runtime/events.ts'
import { failedCall } from '../failed-call.ts'
import { type Call, CallFailed, openTarget } from '../http.ts'
import { type ObserveCall, observed } from '../observe.ts'
import type { Credential } from './credential.ts'
import { type GraphqlAnswer, graphqlAnswer, graphqlUrlOf } from './graphql.ts'
import { allOf, type Read } from './read.ts'
import { type Refusal, type Refused, type Remedies, refusalOf } from './refusal.ts'
import { type GhesAnswer, notTheApi, refusedAnswer, refusedQuery } from './refused-answer.ts'

/** The version of the API that we were written for. GHES 3.9 and later know it. */
const API_VERSION = '2022-11-28'

export type GhesClientOptions = {
  /** `https://HOST/api/v3`, without a slash at its end. */
  baseUrl: string
  credential: Credential
  /** Of who asks. */
  remedies: Remedies
  /** Trusted besides the authorities that Node trusts. PEM. */
  ca?: string
  now: () => number
  /** For a whole request. A hook of 800 kB goes up in one. */
  timeoutMs?: number
  answerBytes?: number
  /** Told about the headers of every answer. */
  onHeaders?: (headers: Record<string, string>) => void
  /** Told about every request that has a purpose. */
  observe?: ObserveCall
}

export type Answered<T> = { result: 'answered'; value: T; status: number; headers: Record<string, string> }

/** As @octokit/endpoint takes them: what the route does not name goes into the body, or for GET into the query. */
type Parameters = Record<string, unknown>

/** Every status comes back as a value, and so does a call that came to no answer; only bugs throw. */
export type GhesRequests = {
  /** `route`: `GET /repos/{owner}/{repo}`. */
  ask<T>(route: string, parameters: Parameters, read: Read<T>): Promise<Answered<T> | Refusal>
  /** Every page of a list that has numbered pages. */
  list<T>(route: string, parameters: Parameters, readOne: Read<T>): Promise<Answered<T[]> | Refusal>
  /** GraphQL. `read` decides what an answer with errors is worth; when it gives `undefined` they are the refusal. */
  query<T>(
    text: string,
    variables: Record<string, unknown>,
    read: (answer: GraphqlAnswer) => T | undefined,
  ): Promise<Answered<T> | Refusal>
}

export type GhesClient = GhesRequests & {
  /** The same, told to `observe` as calls of this purpose. */
  for(purpose: CallPurpose): GhesRequests
  close(): Promise<void>
}

/** A recursive tree of a large repository is the largest answer. */
const ANSWER_BYTES = 64 * 1024 * 1024
const TIMEOUT_MS = 30_000
const PER_PAGE = 100

/** Proxies come from the environment: HTTPS_PROXY, NO_PROXY. */
export function openGhesClient(options: GhesClientOptions): GhesClient {
  const { baseUrl, ca, credential, remedies, now, timeoutMs = TIMEOUT_MS, answerBytes = ANSWER_BYTES } = options
  const graphqlUrl = graphqlUrlOf(baseUrl)
  const target = openTarget({
    baseUrl,
    alsoAt: [graphqlUrl],
    timeoutMs,
    answerBytes,
    ...(ca === undefined ? {} : { ca }),
  })
  const refuse = (call: Call, judged: Omit<Refused, 'request' | 'apiBaseUrl'>) =>
    refusalOf({ ...judged, request: requestOf(call, baseUrl), apiBaseUrl: baseUrl }, remedies)

  const send = async (purpose: CallPurpose | undefined, call: Call, owner?: string): Promise<GhesAnswer | Refusal> => {
    const answer = await sendOnce(purpose, call, owner)
    const isWorthAnother = answer.status === 401 && !('result' in answer) && credential.refused?.(owner) === true
    return isWorthAnother ? sendOnce(purpose, call, owner) : answer
  }

  const sendOnce = async (
    purpose: CallPurpose | undefined,
    call: Call,
    owner: string | undefined,
  ): Promise<GhesAnswer | Refusal> => {
    const authorization = await credential.authorize(owner)
    if (typeof authorization !== 'string') return authorization
    const headers = { ...call.headers, ...HEADERS, authorization }
    const made = () => target.call({ ...call, headers })
    try {
      const answer = await (purpose === undefined ? made() : observed({ target: 'ghe', purpose }, options, made))
      options.onHeaders?.(answer.headers)
      return { status: answer.status, headers: answer.headers, data: jsonIn(answer.body) }
    } catch (error) {
      if (error instanceof CallFailed) return refuse(call, failedCall(error, baseUrl))
      throw error
    }
  }

  const requests = (purpose?: CallPurpose): GhesRequests => {
    const ask: GhesRequests['ask'] = async (route, parameters, read) => {
      const call = restCall(baseUrl, route, parameters)
      const answer = await send(purpose, call, ownerOf(route, parameters))
      if ('result' in answer) return answer
      if (!isSuccess(answer)) return refuse(call, refusedAnswer(requestOf(call, baseUrl), answer, now()))
      return answered(answer, read(answer.data)) ?? refuse(call, notTheApi(answer))
    }
    return {
      ask,
      list: async (route, parameters, readOne) => {
        const all = []
        for (let page = 1; ; page++) {
          const answer = await ask(route, { ...parameters, per_page: PER_PAGE, page }, data => allOf(data, readOne))
          if (answer.result === 'refused') return answer
          all.push(...answer.value)
          if (answer.value.length < PER_PAGE) return { ...answer, value: all }
        }
      },
      query: async (text, variables, read) => {
        const call = graphqlCall(graphqlUrl, text, variables)
        const answer = await send(purpose, call, ownerAsked(variables))
        if ('result' in answer) return answer
        // GraphQL has one address, and answers there: a 404 is somebody else's.
        if (answer.status === 404) return refuse(call, notTheApi(answer))
        if (!isSuccess(answer)) return refuse(call, refusedAnswer(requestOf(call, baseUrl), answer, now()))
        const given = graphqlAnswer(answer.data)
        return answered(answer, read(given)) ?? refuse(call, refusedQuery(answer, given.errors, now()))
      },
    }
  }
  const close = async () => void (await Promise.all([target.close(), credential.close?.()]))
  return { ...requests(), for: requests, close }
}

/** The organization or user whom a route is about. */
function ownerOf(route: string, parameters: Parameters): string | undefined {
  const name = /^\w+ \/(?:repos|orgs)\/\{(\w+)\}/.exec(route)?.[1]
  const owner = name === undefined ? undefined : parameters[name]
  return typeof owner === 'string' ? owner : undefined
}

/** A question about several repositories is about those of one owner. */
function ownerAsked(variables: Record<string, unknown>): string | undefined {
  const owner = variables['organization'] ?? variables['owner'] ?? variables['owner0'] ?? variables['o0']
  return typeof owner === 'string' ? owner : undefined
}

const HEADERS = {
  accept: 'application/vnd.github+json',
  'user-agent': 'catalog-gate',
  'x-github-api-version': API_VERSION,
}

function restCall(baseUrl: string, route: string, parameters: Parameters): Call {
  const { method, url, headers, body } = endpoint(route, { ...parameters, baseUrl })
  return {
    method: method as Call['method'],
    url,
    headers: headers as Record<string, string>,
    ...(body === undefined || body === '' ? {} : { body: JSON.stringify(body) }),
  }
}

function graphqlCall(url: string, query: string, variables: Record<string, unknown>): Call {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', url, headers, body: JSON.stringify({ query, variables }) }
}

/** Without what stands in the query: numbers of pages help nobody. */
function requestOf({ method, url }: Call, baseUrl: string): string {
  const path = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : new URL(url).pathname
  return `${method} ${path.replace(/\?.*$/, '')}`
}

const isSuccess = ({ status }: GhesAnswer) => status >= 200 && status < 300

const answered = <T>({ status, headers }: GhesAnswer, value: T | undefined): Answered<T> | undefined =>
  value === undefined ? undefined : { result: 'answered', value, status, headers }
