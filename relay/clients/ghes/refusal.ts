// Why GHES did not do what was asked: one table of all that can be found, what each is to a command and to the relay, and the words for it.
import type { Trouble } from '../trouble.ts'

/**
 * What refused us, for commands that decide by it: `token` (401), `permission` (403, and 404 where an administrator would be answered),
 * `not-found`, `invalid` (409, 422), `limited`, `down` (5xx), `address` (a redirect, or something that is no GHES), `tls`, `dns`, `unreachable`,
 * `timeout`, `cut` (the connection ended before the answer).
 */
export type RefusalKind =
  | 'token'
  | 'permission'
  | 'not-found'
  | 'invalid'
  | 'limited'
  | 'down'
  | 'address'
  | 'tls'
  | 'dns'
  | 'unreachable'
  | 'timeout'
  | 'cut'

/** `trouble` is what the relay decides by, which runs for years: only what no time mends is `set-up` there. */
const FINDINGS = {
  'bad-credentials': { kind: 'token', trouble: 'set-up' },
  forbidden: { kind: 'permission', trouble: 'set-up' },
  hidden: { kind: 'permission', trouble: 'set-up' },
  'not-found': { kind: 'not-found', trouble: 'down' },
  invalid: { kind: 'invalid', trouble: 'down' },
  limited: { kind: 'limited', trouble: 'limited' },
  'limited-on-the-way': { kind: 'limited', trouble: 'limited' },
  down: { kind: 'down', trouble: 'down' },
  maintenance: { kind: 'down', trouble: 'down' },
  'graphql-error': { kind: 'down', trouble: 'down' },
  redirect: { kind: 'address', trouble: 'set-up' },
  'repository-moved': { kind: 'address', trouble: 'set-up' },
  // A page of a proxy, or of an appliance that starts, goes away by itself.
  'not-the-api': { kind: 'address', trouble: 'foreign' },
  'odd-status': { kind: 'address', trouble: 'foreign' },
  'untrusted-certificate': { kind: 'tls', trouble: 'down' },
  'certificate-of-another': { kind: 'tls', trouble: 'down' },
  'certificate-out-of-date': { kind: 'tls', trouble: 'down' },
  'no-tls': { kind: 'tls', trouble: 'down' },
  'unknown-name': { kind: 'dns', trouble: 'down' },
  'no-name-server': { kind: 'dns', trouble: 'down' },
  'nothing-listens': { kind: 'unreachable', trouble: 'down' },
  'no-route': { kind: 'unreachable', trouble: 'down' },
  'proxy-refused': { kind: 'unreachable', trouble: 'down' },
  'not-asked': { kind: 'unreachable', trouble: 'down' },
  'no-answer': { kind: 'timeout', trouble: 'down' },
  cut: { kind: 'cut', trouble: 'down' },
} as const satisfies Record<string, { kind: RefusalKind; trouble: Trouble['kind'] }>

export type Found = keyof typeof FINDINGS

/** What is known of a request that was refused. */
export type Refused = {
  found: Found
  /** `POST /admin/pre-receive-hooks` */
  request: string
  apiBaseUrl: string
  headers: Record<string, string>
  /** What GHES itself said; empty when it said nothing. */
  said: string
  /** Undefined when there was no answer. */
  status?: number
  /** Of a call that came to no answer: what that means, and what the connection failed with. */
  failure?: { what: string; detail: string }
  retryAfterMs?: number
}

/** The way out of each, in the words of who asks: its settings, and what its token is for. */
export type Remedies = { readonly [found in Found]: (refused: Refused) => string }

/**
 * `message` says what happened and quotes GHES's own words; `brief` says it without the request, for a log that many requests fill; `remedy` is what
 * a person can do. None holds a secret.
 */
export type Refusal = Pick<Refused, 'found' | 'status' | 'said' | 'retryAfterMs'> & {
  result: 'refused'
  /** The id of a repository that has another name now. */
  movedTo?: number
  kind: RefusalKind
  message: string
  brief: string
  remedy: string
}

export function refusalOf(refused: Refused, remedies: Remedies): Refusal {
  const { found, status, said, retryAfterMs, headers } = refused
  const movedTo = found === 'repository-moved' ? movedIdIn(headers) : undefined
  return {
    result: 'refused',
    found,
    kind: FINDINGS[found].kind,
    said,
    ...wordsOf(refused),
    remedy: remedies[found](refused),
    ...(status === undefined ? {} : { status }),
    ...(movedTo === undefined ? {} : { movedTo }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** GHES redirects a renamed or transferred repository to /repositories/ID. */
export function movedIdIn(headers: Record<string, string>): number | undefined {
  const id = /^[^?#]*\/repositories\/(\d+)(\/|$|[?#])/.exec(headers['location'] ?? '')?.[1]
  return id === undefined ? undefined : Number(id)
}

function wordsOf({ found, request, status, said, failure }: Refused): { message: string; brief: string } {
  if (failure) {
    const { what, detail } = failure
    return { message: `${what} (${request}: ${detail})`, brief: `${what} (${detail})` }
  }
  const quoted = said === '' ? '' : `: "${said}"`
  const message = `GHES answered ${status} to ${request}${quoted}`
  switch (found) {
    case 'limited':
      return { message, brief: `GHES limits our rate (${status})` }
    case 'limited-on-the-way':
      return { message, brief: `something on the way to GHES limits our rate (${status})` }
    case 'redirect':
    case 'repository-moved':
      return { message, brief: `GHES answered ${status}, a redirect, which we do not follow` }
    case 'graphql-error':
      return { message, brief: `GHES's GraphQL answered with an error${quoted}` }
    case 'not-the-api':
      return {
        message: `${request} was answered ${status} with something that is not GHES's API`,
        brief: `GHES answered ${status} with something that is not its API's`,
      }
    default:
      return { message, brief: `GHES answered ${status}` }
  }
}

const SET_UP: ReadonlySet<RefusalKind> = new Set(['token', 'permission', 'not-found', 'address', 'tls', 'dns'])

/** For a command, which ends by it: what somebody has to put right first, as against what may do better later. */
export const isSetUp = (kind: RefusalKind): boolean => SET_UP.has(kind)

/** What passes by itself needs no remedy in a log that says it again and again. */
const PASSING: ReadonlySet<RefusalKind> = new Set(['limited', 'down', 'timeout', 'cut'])

/** `kind`: for those who judge otherwise than the relay. */
export function troubleOf(refusal: Refusal, kind: Trouble['kind'] = FINDINGS[refusal.found].trouble): Trouble {
  const { brief, remedy, retryAfterMs } = refusal
  if (kind === 'set-up' || !PASSING.has(refusal.kind)) return { result: 'trouble', kind, reason: `${brief}: ${remedy}` }
  return { result: 'trouble', kind, reason: brief, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
