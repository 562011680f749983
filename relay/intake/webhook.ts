// A GHES webhook: request → a push that has landed | what became of a repository | ignored with a reason | refusal.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SignatureCheck } from '../../schemas/signature.ts'
import { parseWellFormed } from '../../schemas/text.ts'
import { LIMITS } from '../runtime/limits.ts'
import { type Refusal, refuse, tooLarge } from './refusal.ts'
import { type ReportedPush, readPushEvent } from './webhook-push.ts'
import { type RepositoryEvent, readRepositoryEvent } from './webhook-repository.ts'

export type WebhookEnvelope = { result: 'envelope'; deliveryId: string; event: string; signature: string }

export type Webhook =
  | { result: 'push'; push: ReportedPush }
  | { result: 'repository'; event: RepositoryEvent }
  /** Taken, and nothing to do. */
  | { result: 'ignored'; reason: string }

/** What can be told from the headers alone. */
export function readWebhookEnvelope(headers: IncomingHttpHeaders): WebhookEnvelope | Refusal {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    return refuse(415, 'expected content-type application/json: set it in the webhook’s settings')
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    return refuse(415, 'compressed bodies are not taken')
  if (Number(headers['content-length'] ?? 0) > LIMITS.webhookBodyBytes) return tooLarge(LIMITS.webhookBodyBytes)
  const deliveryId = headers['x-github-delivery']
  const event = headers['x-github-event']
  const signature = headers['x-hub-signature-256']
  if (typeof signature !== 'string' || !/^sha256=[0-9a-f]{64}$/.test(signature)) {
    return refuse(401, 'unauthorized', { detail: 'x-hub-signature-256 is missing or malformed' })
  }
  if (typeof deliveryId !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(deliveryId)) {
    return refuse(400, 'x-github-delivery is missing or malformed')
  }
  if (typeof event !== 'string') return refuse(400, 'x-github-event is missing')
  return { result: 'envelope', deliveryId, event, signature }
}

/** Fed with a body as it comes. GitHub signs no time and no id: the inbox of delivery ids is what stops a replay. */
export function openWebhookSignature(secrets: readonly string[]): SignatureCheck {
  const macs = secrets.map(secret => createHmac('sha256', secret))
  return {
    update(bytes) {
      for (const mac of macs) mac.update(bytes)
    },
    isIn(header) {
      const given = Buffer.from(header.slice('sha256='.length), 'hex')
      return macs.some(mac => {
        const expected = mac.digest()
        return expected.length === given.length && timingSafeEqual(expected, given)
      })
    },
  }
}

/** The event in these bytes, whose signature is right. */
export function readWebhook({ event }: WebhookEnvelope, body: Buffer): Webhook | Refusal {
  if (event !== 'push' && event !== 'repository') return { result: 'ignored', reason: `event ${event}` }
  let payload: unknown
  try {
    payload = parseWellFormed(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse(400, 'the body is not JSON in UTF-8')
  }
  return event === 'push' ? readPushEvent(payload) : readRepositoryEvent(payload)
}
