// How the survey talks to GHES: the relay's door out, with failures in the words of this command's options.
import { fieldOf, type GhesAnswer, type GhesRequests, openGhesRequests } from '../../relay/clients/ghes/requests.ts'
import { CallFailed } from '../../relay/clients/http.ts'
import { type Trouble, troubleOf } from '../../relay/clients/trouble.ts'
import { refusalOfError } from '../ghes/refusal.ts'

export type SurveyGhesOptions = {
  /** `https://HOST/api/v3`, without a slash at its end. */
  apiUrl: string
  token: () => string
  /** PEM; trusted besides the authorities that Node trusts. */
  ca?: string
  now: () => number
}

export type SurveyGhes = GhesRequests & {
  /** Requests that were made so far. */
  requests: () => number
}

/** GitHub ends a GraphQL question after 10 s; on a busy appliance the answer is slow to come. */
const TIMEOUT_MS = 30_000
const FIX = {
  401: 'the token in --token-file is not valid there (expired, revoked, or of another host)',
  403: 'the token in --token-file may not do this; it needs to read contents and metadata (classic: scopes repo and read:org)',
}

/** What the words of the installer call otherwise. */
const NAMES: readonly (readonly [string, string])[] = [
  ['ghe.apiBaseUrl', '--api-url'],
  ['ghe.caFile', '--ca-file'],
]

export function openSurveyGhes(options: SurveyGhesOptions): SurveyGhes {
  let requests = 0
  let hasAnswered = false
  const inner = openGhesRequests({
    ...{ baseUrl: options.apiUrl, token: options.token, now: options.now, timeoutMs: TIMEOUT_MS },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    observe: ({ status }) => {
      requests++
      hasAnswered ||= status !== undefined && status < 500
    },
  })
  const troubleOfCall = (error: unknown): Trouble => {
    if (!(error instanceof CallFailed)) throw error
    const refused = { request: 'a question', apiBaseUrl: options.apiUrl, token: '' }
    const { kind, message, remedy } = refusalOfError(refused, error.cause ?? error)
    // Before the first answer it is the address that is wrong more often than GHES: then waiting is of no use.
    const isSetUp = kind === 'tls' || kind === 'dns' || kind === 'address' || !hasAnswered
    const words = NAMES.reduce((text, [from, to]) => text.replaceAll(from, to), `${message}; ${remedy}`)
    return { result: 'trouble', kind: isSetUp ? 'set-up' : 'down', reason: words }
  }
  return {
    ...inner,
    requests: () => requests,
    trouble: (answer: GhesAnswer) => {
      if (answer.status === 404) return wrongAddress(options.apiUrl)
      const message = fieldOf(answer.data, 'message')
      return troubleOf('GHES', { ...answer, message: typeof message === 'string' ? message : '' }, options.now(), FIX)
    },
    guarded: ask => ask().catch(troubleOfCall),
  }
}

/** Something answered that is not the API. */
const wrongAddress = (apiUrl: string): Trouble => ({
  result: 'trouble',
  kind: 'set-up',
  reason: `what answers there is not GHES's API; is --api-url right? It is ${apiUrl}; usual is https://HOST/api/v3`,
})
