// How a refusal goes back to its sender: told, logged, and without reading on.
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestRoute } from '../runtime/events.ts'
import { LIMITS } from '../runtime/limits.ts'
import { endWithAnswer } from './body.ts'
import type { IntakeOptions } from './intake-options.ts'
import { backlogFull, type Refusal } from './refusal.ts'

/** Only who has signed keeps the connection: others may come again, and wait among those who have not signed. */
export type TurnedAway = { refusal: Refusal; isSigned: boolean }

/** A refusal on one of the routes of senders. */
export function turnAway(
  { log, tell }: Pick<IntakeOptions, 'log' | 'tell'>,
  route: RequestRoute,
  { raw }: Pick<FastifyRequest, 'raw'>,
  reply: FastifyReply,
  { refusal, isSigned }: TurnedAway,
): FastifyReply {
  const { status, message, detail } = refusal
  tell?.({ event: 'request', route, status, ...(detail === undefined ? {} : { why: detail }) })
  log.debug({ status, message, detail, from: raw.socket.remoteAddress }, 'request refused')
  return answer(raw, reply, { refusal, isSigned })
}

export function answer(request: IncomingMessage, reply: FastifyReply, { refusal, isSigned }: TurnedAway): FastifyReply {
  if (!isSigned) {
    endWithAnswer(request)
    reply.header('connection', 'close')
  }
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
