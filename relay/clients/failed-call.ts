// A call that came to no answer: what the connection failed with, what that means, and the way out in the settings of who asks.
import { errorCode } from '../../schemas/error-code.ts'
import type { CallFailed } from './http.ts'

export type FailedBy =
  | 'untrusted-certificate'
  | 'certificate-of-another'
  | 'certificate-out-of-date'
  | 'no-tls'
  | 'unknown-name'
  | 'no-name-server'
  | 'nothing-listens'
  | 'no-route'
  | 'proxy-refused'
  | 'no-answer'
  | 'cut'
  | 'not-asked'

type Address = { host: string; hostname: string; port: string }
type Failure = { found: FailedBy; code?: RegExp; text?: RegExp; what: (address: Address) => string }

/** By the code of Node or undici, or where there is none by the words. The first that fits counts. */
const FAILURES: readonly Failure[] = [
  {
    found: 'untrusted-certificate',
    code: /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY))$/,
    what: ({ host }) => `the certificate of ${host} is not trusted here`,
  },
  {
    found: 'certificate-of-another',
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    what: ({ host }) => `the certificate of ${host} is for another name`,
  },
  {
    found: 'certificate-out-of-date',
    code: /^CERT_HAS_EXPIRED$/,
    what: ({ host }) => `the certificate of ${host} has expired`,
  },
  {
    found: 'certificate-out-of-date',
    code: /^CERT_NOT_YET_VALID$/,
    what: ({ host }) => `the certificate of ${host} is not valid yet`,
  },
  { found: 'no-tls', code: /^(ERR_SSL|ERR_OSSL|EPROTO)/, what: ({ host }) => `${host} does not speak TLS as expected` },
  { found: 'unknown-name', code: /^ENOTFOUND$/, what: ({ hostname }) => `the name ${hostname} is not known` },
  { found: 'no-name-server', code: /^EAI_AGAIN$/, what: ({ hostname }) => `no name server answered for ${hostname}` },
  {
    found: 'nothing-listens',
    code: /^ECONNREFUSED$/,
    what: ({ hostname, port }) => `nothing listens at ${hostname}:${port}`,
  },
  { found: 'no-route', code: /^(EHOSTUNREACH|ENETUNREACH)$/, what: ({ hostname }) => `no route to ${hostname}` },
  {
    found: 'proxy-refused',
    text: /proxy response|http tunneling/i,
    what: ({ host }) => `the proxy did not let us to ${host}`,
  },
  {
    found: 'no-answer',
    code: /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/,
    what: ({ host }) => `${host} did not answer in time`,
  },
  {
    found: 'cut',
    code: /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_ABORTED)$/,
    what: ({ host }) => `the connection to ${host} was cut`,
  },
  { found: 'not-asked', text: /(?:)/, what: ({ host }) => `${host} could not be asked` },
]

const PROXY_AWAY: Failure = {
  found: 'proxy-refused',
  what: ({ host }) => `the proxy on the way to ${host} does not answer`,
}

/** `405D…:error:0A00010B:SSL routines:tls_…:wrong version number:../deps/…c:77:`, of which people read the words. */
const OF_OPENSSL = /[0-9A-F]{8,}:error:[0-9A-F]+:[^:\n]*:[^:\n]*:([^:\n]*):\S*\s*/g

export function failedCall(
  error: CallFailed,
  baseUrl: string,
): { found: FailedBy; headers: Record<string, never>; said: ''; failure: { what: string; detail: string } } {
  const { host, hostname, port, protocol } = new URL(baseUrl)
  const address = { host, hostname, port: port || (protocol === 'https:' ? '443' : '80') }
  const { code, at } = innermost(error)
  // Node says whom it has not reached: where that is another, a proxy of the environment is on the way.
  const isOther = at !== undefined && ![hostname.replace(/^\[|\]$/g, ''), address.port].includes(at)
  const row = isOther
    ? PROXY_AWAY
    : FAILURES.find(({ code: codes, text }) => codes?.test(code) || text?.test(error.message))
  if (!row) throw new Error('no row of the table fits', { cause: error })
  return {
    found: row.found,
    headers: {},
    said: '',
    failure: { what: row.what(address), detail: error.message.replace(OF_OPENSSL, '$1') },
  }
}

/** Node packs what happened: by address, by cause. The innermost has the code; empty when none has. `at`: the name that nobody knows, or the port that was not reached. */
function innermost(error: Error): { code: string; at?: string } {
  let code = ''
  let at: string | undefined
  let next: unknown = error
  for (let depth = 0; depth < 6 && next instanceof Error; depth++) {
    code = (next.name === 'TimeoutError' ? 'ETIMEDOUT' : errorCode(next)) ?? code
    const { hostname, port } = next as { hostname?: unknown; port?: unknown }
    if (typeof (hostname ?? port) === 'string' || typeof port === 'number') at = String(hostname ?? port)
    next = next instanceof AggregateError ? next.errors[0] : next.cause
  }
  return { code, ...(at === undefined ? {} : { at }) }
}

export type NetworkSettings = {
  /** `ghe.apiBaseUrl` */
  address: string
  /** `ghe.caFile` */
  authority: string
  /** What to do where this machine has no way there. */
  noWay: string
  /** How the same is asked once more. */
  again: string
}

export const waysOut = ({
  address,
  authority,
  noWay,
  again,
}: NetworkSettings): { readonly [by in FailedBy]: () => string } => ({
  'untrusted-certificate': () => `name the authority that signed it in ${authority} (PEM)`,
  'certificate-of-another': () => `put the name that is in the certificate into ${address}`,
  'certificate-out-of-date': () => 'renew it there; if it is valid, the clock of this machine is wrong',
  'no-tls': () => `look at scheme and port in ${address}`,
  'unknown-name': () => `look at the spelling in ${address}`,
  'no-name-server': () => 'look at the DNS settings of this machine',
  'nothing-listens': () => `look at port and host in ${address}`,
  'no-route': () => `${noWay}, or set HTTPS_PROXY`,
  'proxy-refused': () => 'look at HTTPS_PROXY, or add the host to NO_PROXY',
  'not-asked': () => `look at ${address}, and ${again}`,
  'no-answer': () => `a firewall may drop the connection: ${noWay}, or set HTTPS_PROXY`,
  cut: () => again,
})
