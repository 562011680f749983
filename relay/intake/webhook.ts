// A GHES webhook: request → a push that has landed | ignored with a reason | refusal.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Change, NotifiedFile } from '../../schemas/notification.ts'
import { LIMITS } from '../limits.ts'
import type { LandedPush } from '../store/store.ts'
import { readPushNames } from './hook.ts'
import { type Refusal, refuse } from './refusal.ts'

export type WebhookEnvelope = { result: 'envelope'; deliveryId: string; event: string; signature: string }

export type Webhook =
  | { result: 'landed'; push: LandedPush }
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
  if (Number(headers['content-length'] ?? 0) > LIMITS.webhookBodyBytes) return webhookTooLarge()
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

export const webhookTooLarge = (): Refusal => refuse(413, `expected at most ${LIMITS.webhookBodyBytes} bytes`)

/** GitHub signs no time and no id: the inbox of delivery ids is what stops a replay. */
export function isSignedByWebhookSecret(secrets: readonly string[], body: Buffer, signature: string): boolean {
  const given = Buffer.from(signature.slice('sha256='.length), 'hex')
  return secrets.some(secret => {
    const expected = createHmac('sha256', secret).update(body).digest()
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
}

/** The event in these bytes, whose signature is right. */
export function readWebhook({ event }: WebhookEnvelope, body: Buffer): Webhook | Refusal {
  if (event !== 'push') return { result: 'ignored', reason: `event ${event}` }
  let payload: unknown
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse(400, 'the body is not JSON')
  }
  const ref = textOf(payload, 'ref')
  const before = textOf(payload, 'before')
  const after = textOf(payload, 'after')
  const repository = textOf(fieldOf(payload, 'repository'), 'full_name')
  if (ref === undefined || before === undefined || after === undefined || repository === undefined) {
    return refuse(400, 'a push event has ref, before, after and repository.full_name')
  }
  if (!ref.startsWith('refs/heads/')) return { result: 'ignored', reason: 'no branch' }
  const problem = readPushNames({ repository, ref, before, after })
  if (problem !== undefined) return refuse(400, problem)
  const defaultBranch = textOf(fieldOf(payload, 'repository'), 'default_branch')
  const pusher = textOf(fieldOf(payload, 'pusher'), 'name')
  return {
    result: 'landed',
    push: {
      repository,
      ref,
      before,
      after,
      ...(defaultBranch === undefined ? {} : { defaultBranch: ref === `refs/heads/${defaultBranch}` }),
      ...(pusher === undefined ? {} : { pusher }),
      files: catalogFiles(fieldOf(payload, 'commits')),
    },
  }
}

/** The hooks' default pattern: what they announce by other patterns they know better than we do. */
const CATALOG_FILE = /(^|\/)catalog-info\.ya?ml$/

/** What the commits, taken together, did to the catalog files. */
function catalogFiles(commits: unknown): NotifiedFile[] {
  const changes = new Map<string, Change>()
  for (const commit of Array.isArray(commits) ? commits : []) {
    for (const change of ['added', 'modified', 'removed'] as const) {
      const paths = fieldOf(commit, change)
      for (const path of Array.isArray(paths) ? paths : []) {
        if (typeof path !== 'string' || !CATALOG_FILE.test(path)) continue
        const isNew = change === 'modified' && changes.get(path) === 'added'
        changes.set(path, isNew ? 'added' : change)
      }
    }
  }
  return [...changes].map(([path, change]) => ({ path, change }))
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function textOf(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'string' ? field : undefined
}
