// The one door out: calls to a configured target, and to nothing else. Bounded in time and size, no redirects.
// As a namespace: an old Node has no getCACertificates, and must get as far as being told that it is old.
import * as tls from 'node:tls'
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici'

export type TargetOptions = {
  /** Nothing outside of this address is ever called. */
  baseUrl: string
  /** Further whole addresses that are called: GHES has GraphQL beside its REST API. */
  alsoAt?: readonly string[]
  /** Trusted besides the authorities that Node trusts. PEM. */
  ca?: string
  timeoutMs: number
  answerBytes: number
}

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string
}

export type HttpAnswer = { status: number; headers: Record<string, string>; body: string }

/** The call did not come to an answer: refused, timed out, cut off, too large. The message is fit for a log. */
export class CallFailed extends Error {
  override name = 'CallFailed'
}

export type Target = {
  call(call: Call): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Proxies come from the environment (HTTPS_PROXY, NO_PROXY). */
export function openTarget(options: TargetOptions): Target {
  const { timeoutMs } = options
  const trust = options.ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), options.ca] }
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: timeoutMs, ...trust },
    requestTls: trust,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 30_000,
    connections: 16,
  })
  const base = new URL(options.baseUrl)
  const call = async (one: Call) => {
    if (!options.alsoAt?.includes(one.url)) refuseOutside(base, one.url)
    return callWithin(agent, options, one)
  }
  return { call, close: () => agent.destroy() }
}

async function callWithin(agent: Dispatcher, options: TargetOptions, call: Call): Promise<HttpAnswer> {
  // AbortSignal.timeout costs 30 us more of 130 a call, and its timer lives on when the call has its answer.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new DOMException('', 'TimeoutError')), options.timeoutMs)
  try {
    const answer = await request(call.url, {
      dispatcher: agent,
      method: call.method,
      // What a proxy packs all the same is an answer that nobody can read.
      headers: { 'accept-encoding': 'identity', ...call.headers },
      body: call.body ?? null,
      // The agent's timeouts are per step; this one is for the whole call.
      signal: late.signal,
    })
    return {
      status: answer.statusCode,
      headers: plainHeaders(answer.headers),
      body: await readBounded(answer.body, options.answerBytes),
    }
  } catch (error) {
    throw error instanceof CallFailed ? error : new CallFailed(reasonOf(error, options.timeoutMs), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** A repository or branch name must never lead out of the configured address, whatever a caller built from it. */
function refuseOutside(base: URL, url: string): void {
  const asked = new URL(url)
  const folder = base.pathname.replace(/\/+$/, '')
  if (asked.origin !== base.origin || !asked.pathname.startsWith(`${folder}/`) || asked.username !== '') {
    throw new Error(`a call outside of ${base.href} was about to be made`)
  }
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

async function readBounded(body: AsyncIterable<Buffer> & { destroy(): void }, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > most) {
      body.destroy()
      throw new CallFailed(`the answer is larger than ${most} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  // Node tries every address of a name and packs what happened into one error without a message.
  const inner = error instanceof AggregateError ? error.errors[0] : error
  return inner instanceof Error && inner.message ? inner.message : error.name
}
