// POST /v1/pushes: a hook's notification. 202 only once it is on disk; what is refused is refused as early as can be.
import type { KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Receipt } from '../store/ports/inbox.ts'
import { StoreUnavailable } from '../store/store.ts'
import { fullness, type TurnedAway, turnAway } from './answer.ts'
import { continueBody } from './bounded-server.ts'
import { type Envelope, type ReceivedPush, readEnvelope, readNotification } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { notStored, type Refusal, shuttingDown } from './refusal.ts'
import { readSignedBody } from './signed-body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    envelope: Envelope | undefined
  }
}

export function addHookRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  const keys = openHookKeys(options.hookSecrets)
  app.decorateRequest('envelope', undefined)
  app.post(
    '/v1/pushes',
    {
      onRequest: (request, reply, done) => {
        const envelope = options.draining() ? shuttingDown() : readEnvelope(request.headers, options.wallMs())
        const refusal = envelope.result === 'refused' ? envelope : fullness(options)
        if (refusal) {
          turnAway(options, 'pushes', request, reply, { refusal, isSigned: false })
          return
        }
        request.envelope = envelope as Envelope
        done()
      },
    },
    async (request, reply) => {
      const { envelope } = request
      if (!envelope) throw new Error('a request came through without its envelope')
      continueBody(request.raw, reply.raw)
      const taken = await take({ ...options, ...senders, keys }, request.raw, envelope)
      if ('refusal' in taken) return turnAway(options, 'pushes', request, reply, taken)
      options.tell?.({ event: 'request', route: 'pushes', status: 202, taken: taken.receipt })
      return reply.code(202).send({ id: taken.id })
    },
  )
}

/** `id`: by which the push is found. */
type Accepted = { result: 'accepted'; receipt: Receipt['result']; id: string }

/** Resolves to `accepted` only once the push is on disk. */
async function take(
  options: IntakeOptions & Senders & { keys: () => KeyObject[] },
  request: IncomingMessage,
  envelope: Envelope,
): Promise<Accepted | TurnedAway> {
  const body = await readSignedBody(request, envelope, options)
  if ('refusal' in body) return body
  const read = readNotification(body.bytes)
  if (read.result === 'refused') return { refusal: read, isSigned: true }
  const kept = options.draining() ? shuttingDown() : await keep(options, envelope.id, read.push)
  return kept.result === 'refused' ? { refusal: kept, isSigned: true } : kept
}

async function keep(
  { store, clock, log, firstCheckMs, onAccepted, onSigned }: IntakeOptions,
  id: string,
  { version: _, ...push }: ReceivedPush,
): Promise<Accepted | Refusal> {
  const firstCheckAtMs = clock.now() + firstCheckMs
  let receipt: Receipt
  try {
    receipt = await store.accept({ ...push, id, firstCheckAtMs })
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    log.error({ id, reason: error.message }, 'push refused: the store cannot write')
    return notStored('push')
  }
  const { repository, ref, after, pusher, bypass } = push
  const { under = id } = receipt
  const accepted = { id: under, repository, ref, after, pusher, bypass, step: 'accepted', receipt: receipt.result }
  log.info(accepted, 'push accepted')
  if (receipt.result === 'stored') onSigned?.(repository)
  onAccepted(firstCheckAtMs)
  return { result: 'accepted', receipt: receipt.result, id: under }
}
