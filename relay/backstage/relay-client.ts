// What we ask of the relay, signed: verdicts out, Locations in.
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { CatalogVerdict } from '../../schemas/catalog-verdicts.ts'
import type { FactsAnswer } from '../../schemas/repository-facts.ts'
import { parseSecret, sign } from '../../schemas/signature.ts'
import { readFacts } from './facts-answer.ts'

export type LocationsAnswer = { complete: boolean; cursor: string; added: string[]; removed: string[] }

export type RelayClient = {
  /** Throws what keeps them from being stored, with a sentence. `refused`: the same again would be refused again. */
  sendVerdicts(verdicts: readonly CatalogVerdict[], signal: AbortSignal): Promise<void>
  /** A long poll: the relay answers within 25 s. */
  locations(after: string | undefined, signal: AbortSignal): Promise<LocationsAnswer>
  /** Likewise. */
  repositories(after: string | undefined, signal: AbortSignal): Promise<FactsAnswer>
}

export class RelayRefused extends Error {
  override name = 'RelayRefused'
}

const SEND_TIMEOUT_MS = 10_000
const BUSY_OVER_MS = 700
const POLL_TIMEOUT_MS = 35_000
const ANSWER_BYTES = 64 * 1024 * 1024

/** Throws when the address or the secret is none. */
export function openRelayClient({ url, secret }: { url: string; secret: string }): RelayClient {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new Error(
      `catalogGate.relay.url: "${url}" is no address; expected the relay's, as https://relay.example.com:8443`,
    )
  const parsed = parseSecret(secret.trim())
  if (parsed.result !== 'key') throw new Error(`catalogGate.relay.secret: ${parsed.reason}`)
  const base = url.replace(/\/+$/, '')
  const call = async (path: string, body: Buffer, method: 'GET' | 'POST', signal: AbortSignal) => {
    const id = `msg_${randomBytes(16).toString('hex')}`
    const timestamp = Math.floor(Date.now() / 1000)
    const answer = await fetch(`${base}${path}`, {
      method,
      redirect: 'error',
      signal,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(parsed.key, id, timestamp, body),
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      },
      ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
    })
    const text = await answer.text()
    if (answer.status === 400 || answer.status === 413)
      throw new RelayRefused(`the relay answered ${answer.status}: ${text.slice(0, 200)}`)
    if (!answer.ok)
      throw new Error(`the relay answered ${answer.status}${hintOf(answer.status)}: ${text.slice(0, 200)}`)
    if (text.length > ANSWER_BYTES) throw new Error('the relay answered too much')
    return text
  }
  const within = (signal: AbortSignal, ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)])
  const poll = (path: string, after: string | undefined, signal: AbortSignal) => {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    return call(`${path}${query}`, Buffer.alloc(0), 'GET', within(signal, POLL_TIMEOUT_MS))
  }
  const busy = busyShare()
  return {
    async sendVerdicts(verdicts, signal) {
      const body = Buffer.from(JSON.stringify({ version: 1, verdicts, busy: busy() }))
      await call('/v1/verdicts', body, 'POST', within(signal, SEND_TIMEOUT_MS))
    },
    locations: async (after, signal) => readLocations(await poll('/v1/locations', after, signal)),
    repositories: async (after, signal) => readFacts(await poll('/v1/repositories', after, signal)),
  }
}

/** Of the second before, or longer where it was asked less often. */
function busyShare(): () => number {
  let from = performance.eventLoopUtilization()
  let fromMs = performance.now()
  let share = 0
  return () => {
    if (performance.now() - fromMs >= BUSY_OVER_MS) {
      const to = performance.eventLoopUtilization()
      share = performance.eventLoopUtilization(to, from).utilization
      from = to
      fromMs = performance.now()
    }
    return Math.min(1, Math.max(0, share))
  }
}

const hintOf = (status: number) =>
  status === 401
    ? ' (is catalogGate.relay.secret one of its secrets.backstage, and are the clocks right?)'
    : status === 404
      ? ' (has its relay.yaml secrets.backstage, and is it as new as this package?)'
      : ''

function readLocations(text: string): LocationsAnswer {
  const answer = JSON.parse(text) as Partial<Record<keyof LocationsAnswer, unknown>>
  const { complete, cursor, added, removed } = answer
  const areTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every(one => typeof one === 'string')
  if (typeof complete !== 'boolean' || typeof cursor !== 'string' || !areTexts(added) || !areTexts(removed))
    throw new Error('the relay answered something else than Locations')
  return { complete, cursor, added, removed }
}
