// POST /v1/github: what GHES reports is taken as proof of landing, and is a way in of its own.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LIMITS } from '../runtime/limits.ts'
import { StoreUnavailable } from '../store/store.ts'
import { fullness, type TurnedAway, turnAway } from './answer.ts'
import { readBody } from './body.ts'
import { continueBody } from './bounded-server.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { notStored, type Refusal, refuse, shuttingDown } from './refusal.ts'
import { type Report, takeReportedPush } from './reported-push.ts'
import { takeRepositoryEvent } from './reported-repository.ts'
import {
  openWebhookSignature,
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

export function addWebhookRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  app.post(
    '/v1/github',
    {
      onRequest: (request, reply, done) => {
        const refusal = refusalOf(options, readWebhookEnvelope(request.headers))
        if (refusal) turnAway(options, 'github', request, reply, { refusal, isSigned: false })
        else done()
      },
    },
    async (request, reply) => {
      const envelope = readWebhookEnvelope(request.headers)
      continueBody(request.raw, reply.raw)
      if (envelope.result === 'refused') throw new Error('a request came through without its envelope')
      const taken = await take({ ...options, ...senders }, request.raw, envelope)
      if ('refusal' in taken) return turnAway(options, 'github', request, reply, taken)
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
  options: IntakeOptions & Senders,
  request: IncomingMessage,
  envelope: WebhookEnvelope,
): Promise<Taken | TurnedAway> {
  const { bodies: budget, unsigned } = options
  const signature = openWebhookSignature(options.webhookSecrets.map(secret => secret()))
  const onChunk = (chunk: Buffer) => {
    signature.update(chunk)
    unsigned.active(request.socket)
  }
  const body = await readBody(request, LIMITS.webhookBodyBytes, { budget, onChunk })
  if (body.result === 'refused') return { refusal: body, isSigned: false }
  if (!signature.isIn(envelope.signature)) {
    const refusal = refuse(401, 'unauthorized', { detail: 'no signature of an active webhook secret' })
    return { refusal, isSigned: false }
  }
  unsigned.signed(request.socket)
  const taken = await takeSigned(options, envelope, body.bytes())
  return taken.result === 'refused' ? { refusal: taken, isSigned: true } : taken
}

async function takeSigned(options: IntakeOptions, envelope: WebhookEnvelope, body: Buffer): Promise<Taken | Refusal> {
  const webhook = readWebhook(envelope, body)
  if (webhook.result === 'refused') return webhook
  if (webhook.result === 'ignored') return { result: 'accepted', body: { status: 'ignored', reason: webhook.reason } }
  if (options.draining()) return shuttingDown()
  try {
    return { result: 'accepted', body: await keep(options, reportIn(envelope, body), webhook) }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    options.log.error(
      { delivery: envelope.deliveryId, reason: error.message },
      'webhook refused: the store cannot write',
    )
    return notStored('event')
  }
}

/** GHES's redelivery has the same body, letter for letter. */
const reportIn = ({ deliveryId: delivery }: WebhookEnvelope, body: Buffer): Report => ({
  delivery,
  content: createHash('sha256').update(body).digest('hex').slice(0, 16),
})

/** Resolves once it is on disk. */
async function keep(
  options: IntakeOptions,
  report: Report,
  webhook: Exclude<Webhook, { result: 'ignored' }>,
): Promise<Taken['body']> {
  const { store, isCatalogFile, log, tell, onLanded } = options
  const { delivery } = report
  if (webhook.result === 'repository') {
    const { result } = await takeRepositoryEvent(store, report, webhook.event)
    log.info({ delivery, ...webhook.event, step: 'reported', result }, 'repository event reported by GHES')
    if (result === 'known') return { status: 'known' }
    onLanded()
    return { status: 'accepted' }
  }
  const { repository, ref, after, incomplete } = webhook.push
  const receipt = await takeReportedPush({ store, isCatalogFile }, report, webhook.push)
  log.info({ delivery, repository, ref, after, incomplete, step: 'reported', ...receipt }, 'push reported by GHES')
  if (receipt.result === 'known') return { status: 'known' }
  tell?.({ event: 'reported', landed: receipt.landed })
  if (receipt.landed > 0) onLanded()
  return { status: 'accepted', landed: receipt.landed }
}
