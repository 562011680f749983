// Why GHES did not do what we asked, in words, and what to do about it.

import { rateLimitMs, retryAfterMs } from '../../relay/clients/trouble.ts'
import { errorCode } from '../../schemas/error-code.ts'

/**
 * What refused us, for those who decide by it: `token` (401), `permission` (403, and 404 where an administrator would be answered),
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

/** `message` says what happened and quotes GHES's own words; `remedy` is what a person can do. Neither holds a secret. */
export type Refusal = {
  result: 'refused'
  kind: RefusalKind
  message: string
  remedy: string
  /** Undefined when there was no answer. */
  status?: number
  /** What GHES itself said; empty when it said nothing. */
  said: string
  retryAfterMs?: number
}

/** What is known of the request that was refused. */
export type Refused = {
  /** `POST /admin/pre-receive-hooks` */
  request: string
  /** As the setting is called: ghe.apiBaseUrl. */
  apiBaseUrl: string
  token: string
}

export type RefusedAnswer = { status: number; headers: Record<string, string>; data: unknown }

/** The scopes of a classic token that these commands need, each with its reason. */
export const TOKEN_SCOPES = {
  site_admin: 'pre-receive hooks and environments',
  repo: 'the hook repository',
  'admin:org': 'hook settings of organisations, and creating the hook repository',
} as const

const scopes = Object.keys(TOKEN_SCOPES).join(', ')
const newToken = `make a classic token (ghp_...) as a site administrator, with the scopes ${scopes}`

export function refusalOfAnswer(refused: Refused, answer: RefusedAnswer, nowMs: number): Refusal {
  const { status } = answer
  const said = wordsOf(answer.data)
  const quoted = said === '' ? '' : `: "${said}"`
  const as = (kind: RefusalKind, remedy: string, more: { retryAfterMs?: number } = {}): Refusal => ({
    result: 'refused',
    kind,
    message: `GHES answered ${status} to ${refused.request}${quoted}`,
    remedy,
    status,
    said,
    ...more,
  })
  const wait = waitOf(answer, said, nowMs)
  if (wait !== undefined) {
    const remedy = `GHES limits the rate of this token; try again in ${Math.ceil(wait / 1000)} s, or exempt its user: ghe-config app.github.rate-limiting-exempt-users`
    return as('limited', remedy, { retryAfterMs: wait })
  }
  if (status >= 500) {
    const remedy = said.toLowerCase().includes('maintenance')
      ? 'GHES is in maintenance mode; try again when it is over'
      : 'try again; when it stays, look at the appliance'
    return as('down', remedy)
  }
  if (status >= 300 && status < 400) return as('address', redirectRemedy(answer.headers['location']))
  switch (status) {
    case 401:
      return as('token', `the token in ghe.token is not valid there (expired, revoked or of another host); ${newToken}`)
    case 403:
      return as('permission', forbiddenRemedy(refused, answer.headers, said))
    case 404:
      return isAdminRoute(refused.request)
        ? as('permission', adminRemedy(refused, answer.headers))
        : as('not-found', `it is not there, or the owner of the token may not see it; look at its name in install.yaml`)
    case 409:
    case 422:
      return as('invalid', invalidRemedy(refused.request, said))
    default:
      return as('address', `is ghe.apiBaseUrl right? It is ${refused.apiBaseUrl}; usual is https://HOST/api/v3`)
  }
}

/** GitHub's `message`, and those of `errors`, which often say more. */
function wordsOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  const { message, errors } = data as { message?: unknown; errors?: unknown }
  const more = (Array.isArray(errors) ? errors : [])
    .map((one: unknown) => (typeof one === 'object' && one !== null ? (one as { message?: unknown }).message : one))
    .filter((text): text is string => typeof text === 'string' && text !== message)
  // A line of a terminal: a page of HTML or a long list helps nobody.
  return [typeof message === 'string' ? message : '', ...more].filter(Boolean).join('; ').slice(0, 300)
}

function waitOf({ status, headers }: RefusedAnswer, said: string, nowMs: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined
  const told = retryAfterMs(headers, nowMs) ?? rateLimitMs(headers, nowMs)
  // Secondary limits come without any header at times.
  return told ?? (status === 429 || /rate limit|abuse detection/i.test(said) ? 60_000 : undefined)
}

const isAdminRoute = (request: string) =>
  / \/(admin|enterprise)\//.test(request) || /\/pre-receive-hooks(\/|$)/.test(request)

/** GHES answers 404 where a token may not know that there is something. */
function adminRemedy({ request, token }: Refused, headers: Record<string, string>): string {
  const kind = kindOfToken(token)
  if (kind !== 'classic') return `the token in ghe.token is ${kind}, which these routes refuse; ${newToken}`
  const missing = missingScopes(headers)
  if (missing.length > 0) return `the token in ghe.token lacks the scope ${missing.join(', ')}; ${newToken}`
  // The hook itself exists when an id is asked for: what is missing is the organisation or repository.
  const where = /^\S+ \/(orgs|repos)\//.test(request)
    ? 'the hook is not offered there (it is disabled everywhere and may not be changed below), the name is wrong, or '
    : ''
  return `${where}the owner of the token in ghe.token is no site administrator; ${newToken}`
}

/** By the prefixes that GitHub documents; 40 hex digits are a classic token of before 2021. */
function kindOfToken(token: string): string {
  if (/^(ghp_|[0-9a-f]{40}$)/.test(token)) return 'classic'
  if (token.startsWith('github_pat_')) return 'fine-grained'
  if (token.startsWith('ghs_')) return 'that of a GitHub App installation'
  if (/^gh[uo]_/.test(token)) return "that of an app's user"
  return 'of an unknown kind'
}

/** Which scopes a request accepts and a token has, GHES says in its headers; a classic token has one of the accepted or a parent of it. */
function missingScopes(headers: Record<string, string>): string[] {
  const list = (name: string) =>
    headers[name]
      ?.split(',')
      .map(scope => scope.trim())
      .filter(Boolean)
  const [has, accepted] = [list('x-oauth-scopes'), list('x-accepted-oauth-scopes')]
  if (!has || !accepted || accepted.length === 0 || accepted.some(scope => has.includes(scope))) return []
  return [accepted.join(' or ')]
}

function forbiddenRemedy({ request }: Refused, headers: Record<string, string>, said: string): string {
  const missing = missingScopes(headers)
  if (missing.length > 0) return `the token in ghe.token lacks the scope ${missing.join(', ')}; ${newToken}`
  if (/archived/i.test(said)) return 'unarchive the repository, or name another in hooks.repository'
  if (/^POST \/orgs\/[^/]+\/repos/.test(request))
    return 'make the owner of the token an owner of the organisation, or create the repository by hand'
  const needed = headers['x-accepted-github-permissions'] ?? headers['x-accepted-oauth-scopes']
  return `the owner of the token may not do this${needed ? ` (needed: ${needed})` : ''}; ${newToken}`
}

function redirectRemedy(location: string | undefined): string {
  if (location && /\/repositories\/\d+/.test(location))
    return 'the repository was renamed or transferred; put its new name into install.yaml'
  const to = location && URL.canParse(location) ? ` (to ${new URL(location).origin})` : ''
  return `ghe.apiBaseUrl is not the final address, it redirects${to}; put the final one there`
}

/** What GHES is known to refuse, with the way out. The words are those of its documentation. */
const invalid: readonly { said: RegExp; remedy: string }[] = [
  {
    said: /cannot modify or delete the default environment/i,
    remedy: "GHES's own environment cannot be changed; give environment.name another name",
  },
  {
    said: /cannot delete environment that has hooks/i,
    remedy:
      'another hook uses this environment; give it another one first (Enterprise settings, Hooks), or leave the environment',
  },
  {
    said: /cannot delete environment when download is in progress/i,
    remedy: 'wait until its download is over, then run the same command again',
  },
  {
    said: /can ?not start a new download when a download is in progress/i,
    remedy: 'somebody else has started a download; wait until it is over, then run the same command again',
  },
  {
    said: /not a fast.forward/i,
    remedy: 'somebody pushed to the hook repository meanwhile; run the same command again',
  },
  {
    said: /protected|pull request|rule violation|required status/i,
    remedy:
      'the default branch of the hook repository does not take direct changes; allow the owner of the token to bypass its protection or ruleset',
  },
  {
    said: /already (exists|been taken)|name has already/i,
    remedy: 'something of this name was made meanwhile; run the same command again',
  },
  {
    said: /git repository is empty/i,
    remedy: 'the repository has no commit yet; run the same command again, or push a first commit',
  },
  {
    said: /pre-receive hook/i,
    remedy: 'another pre-receive hook refused the commit; exempt the hook repository from it',
  },
]

function invalidRemedy(request: string, said: string): string {
  const known = invalid.find(one => one.said.test(said))
  if (known) return known.remedy
  if (/\/pre-receive-hooks/.test(request))
    return 'GHES does not take these values; is the script on the default branch, executable, and the environment downloaded?'
  return 'GHES does not take what was sent; this may be a fault of ours, please report it with the line above'
}

const TLS_TRUST = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
const CUT = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_ABORTED'])
const TIMEOUT = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** A request that came to no answer; `error` is what the connection failed with. */
export function refusalOfError(refused: Refused, error: unknown): Refusal {
  const { host, hostname, port, protocol } = new URL(refused.apiBaseUrl)
  const { code, text } = innermost(error)
  const as = (kind: RefusalKind, message: string, remedy: string): Refusal => ({
    result: 'refused',
    kind,
    message: `${message} (${refused.request}: ${text})`,
    remedy,
    said: '',
  })
  const at = port || (protocol === 'https:' ? '443' : '80')
  if (TLS_TRUST.has(code))
    return as(
      'tls',
      `the certificate of ${host} is not trusted here`,
      `name the authority that signed it in ghe.caFile (PEM)`,
    )
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return as(
      'tls',
      `the certificate of ${host} is for another name`,
      'put the name that is in the certificate into ghe.apiBaseUrl',
    )
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return as(
      'tls',
      `the certificate of ${host} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}`,
      'renew it on the appliance; if it is valid, the clock of this machine is wrong',
    )
  if (/^(ERR_SSL|ERR_OSSL|EPROTO)/.test(code))
    return as('tls', `${host} does not speak TLS as expected`, 'look at scheme and port in ghe.apiBaseUrl')
  if (code === 'ENOTFOUND')
    return as('dns', `the name ${hostname} is not known`, 'look at the spelling in ghe.apiBaseUrl')
  if (code === 'EAI_AGAIN')
    return as('dns', `no name server answered for ${hostname}`, 'look at the DNS settings of this machine')
  if (code === 'ECONNREFUSED')
    return as('unreachable', `nothing listens at ${hostname}:${at}`, 'look at port and host in ghe.apiBaseUrl')
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return as(
      'unreachable',
      `no route to ${hostname}`,
      'run this from a machine in the network of the appliance, or set HTTPS_PROXY',
    )
  if (/proxy response|http tunneling/i.test(text))
    return as('unreachable', `the proxy did not let us to ${host}`, 'look at HTTPS_PROXY, or add the host to NO_PROXY')
  if (TIMEOUT.has(code))
    return as(
      'timeout',
      `${host} did not answer in time`,
      'a firewall may drop the connection: run this from a machine in the network of the appliance, or set HTTPS_PROXY',
    )
  if (CUT.has(code)) return as('cut', `the connection to ${host} was cut`, 'run the same command again')
  return as('unreachable', `${host} could not be asked`, 'look at ghe.apiBaseUrl, and run the same command again')
}

/** Node packs what happened: by address, by cause. The innermost has the code. */
function innermost(error: unknown): { code: string; text: string } {
  let found = { code: '', text: '' }
  let next: unknown = error
  for (let depth = 0; depth < 6 && next instanceof Error; depth++) {
    const code: string = next.name === 'TimeoutError' ? 'ETIMEDOUT' : (errorCode(next) ?? '')
    if (code !== '' || found.code === '') found = { code: code || found.code, text: next.message || code || found.text }
    next = next instanceof AggregateError ? next.errors[0] : next.cause
  }
  return found
}
