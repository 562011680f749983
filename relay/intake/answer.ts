// How a refusal goes back to its sender: told, logged, and with the rest of the body out of the way.
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LIMITS } from '../runtime/limits.ts'
import { discardBody } from './body.ts'
import type { IntakeOptions } from './intake-options.ts'
import { backlogFull, type Refusal } from './refusal.ts'

/** A refusal on one of the routes of senders. */
export function turnAway(
  { log, tell }: Pick<IntakeOptions, 'log' | 'tell'>,
  route: 'pushes' | 'github',
  { raw }: Pick<FastifyRequest, 'raw'>,
  reply: FastifyReply,
  refusal: Refusal,
): FastifyReply {
  const { status, message, detail } = refusal
  tell?.({ event: 'request', route, status })
  log.debug({ status, message, detail, from: raw.socket.remoteAddress }, 'request refused')
  return answer(raw, reply, refusal)
}

export function answer(request: IncomingMessage, reply: FastifyReply, refusal: Refusal): FastifyReply {
  discardBody(request)
  return reply
    .code(refusal.status)
    .headers(refusal.headers ?? {})
    .send({ error: refusal.message })
}

export function fullness({
  store,
  backlogLimit = LIMITS.backlog,
}: Pick<IntakeOptions, 'store' | 'backlogLimit'>): Refusal | undefined {
  return store.backlog() < backlogLimit ? undefined : backlogFull()
}
