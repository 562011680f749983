// POST /v1/github: what GHES reports is taken as proof of landing, and is a way in of its own.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LIMITS } from '../runtime/limits.ts'
import { StoreUnavailable } from '../store/store.ts'
import { fullness, turnAway } from './answer.ts'
import { readBody } from './body.ts'
import { continueBody } from './bounded-server.ts'
import type { IntakeOptions } from './intake-options.ts'
import { notStored, type Refusal, refuse, shuttingDown } from './refusal.ts'
import { takeReportedPush } from './reported-push.ts'
import { takeRepositoryEvent } from './reported-repository.ts'
import {
  isSignedByWebhookSecret,
  readWebhook,
  readWebhookEnvelope,
  type Webhook,
  type WebhookEnvelope,
} from './webhook.ts'

/** What the sender is told, as GitHub shows it beside the delivery. */
type Taken = {
  result: 'accepted'
  body: { status: string; reason?: string; landed?: number }
}

export function addWebhookRoute(app: FastifyInstance, options: IntakeOptions): void {
  app.post(
    '/v1/github',
    {
      onRequest: (request, reply, done) => {
        const refusal = refusalOf(options, readWebhookEnvelope(request.headers))
        if (refusal) turnAway(options, 'github', request, reply, refusal)
        else done()
      },
    },
    async (request, reply) => {
      const envelope = readWebhookEnvelope(request.headers)
      continueBody(request.raw, reply.raw)
      const taken = envelope.result === 'refused' ? envelope : await take(options, request.raw, envelope)
      if (taken.result === 'refused') return turnAway(options, 'github', request, reply, taken)
      options.tell?.({ event: 'request', route: 'github', status: 202, taken: taken.body.status })
      return reply.code(202).send(taken.body)
    },
  )
}

function refusalOf(options: IntakeOptions, envelope: WebhookEnvelope | Refusal): Refusal | undefined {
  if (options.draining()) return shuttingDown()
  if (options.webhookSecrets.length === 0) return refuse(404, 'webhooks are not configured: secrets.webhook')
  return envelope.result === 'refused' ? envelope : fullness(options)
}

async function take(
  options: IntakeOptions,
  request: IncomingMessage,
  envelope: WebhookEnvelope,
): Promise<Taken | Refusal> {
  const body = await readBody(request, LIMITS.webhookBodyBytes)
  if (body.result === 'refused') return body
  const secrets = options.webhookSecrets.map(secret => secret())
  if (!isSignedByWebhookSecret(secrets, body.bytes, envelope.signature)) {
    return refuse(401, 'unauthorized', { detail: 'no signature of an active webhook secret' })
  }
  const webhook = readWebhook(envelope, body.bytes)
  if (webhook.result === 'refused') return webhook
  if (webhook.result === 'ignored') return { result: 'accepted', body: { status: 'ignored', reason: webhook.reason } }
  if (options.draining()) return shuttingDown()
  try {
    return { result: 'accepted', body: await keep(options, envelope.deliveryId, webhook) }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    options.log.error(
      { delivery: envelope.deliveryId, reason: error.message },
      'webhook refused: the store cannot write',
    )
    return notStored('event')
  }
}

/** Resolves once it is on disk. */
async function keep(
  options: IntakeOptions,
  delivery: string,
  webhook: Exclude<Webhook, { result: 'ignored' }>,
): Promise<Taken['body']> {
  const { store, isCatalogFile, log, tell, onLanded } = options
  if (webhook.result === 'repository') {
    const { result } = await takeRepositoryEvent(store, delivery, webhook.event)
    log.info({ delivery, ...webhook.event, step: 'reported', result }, 'repository event reported by GHES')
    if (result === 'known') return { status: 'known' }
    onLanded()
    return { status: 'accepted' }
  }
  const { repository, ref, after, incomplete } = webhook.push
  const receipt = await takeReportedPush({ store, isCatalogFile }, delivery, webhook.push)
  log.info({ delivery, repository, ref, after, incomplete, step: 'reported', ...receipt }, 'push reported by GHES')
  if (receipt.result === 'known') return { status: 'known' }
  tell?.({ event: 'reported', landed: receipt.landed })
  if (receipt.landed > 0) onLanded()
  return { status: 'accepted', landed: receipt.landed }
}
