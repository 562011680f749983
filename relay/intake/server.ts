// The way in (`listen`): notifications of the hooks, webhooks of GHES, health. Everything that is refused is refused as early as can be.
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { parseSecret } from '../../schemas/signature.ts'
import type { Secret } from '../config/secrets.ts'
import type { Tls } from '../config/tls.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import { type Receipt, type Store, StoreUnavailable } from '../store/store.ts'
import { discardBody, readBody } from './body.ts'
import { boundedServer, continueBody, type ServerTimes } from './bounded-server.ts'
import { type Envelope, readEnvelope, readNotification, tooLarge } from './hook.ts'
import { type Refusal, refuse } from './refusal.ts'
import { addWebhook } from './webhook-route.ts'

export { boundedServer }

export type IntakeOptions = {
  store: Store
  clock: Clock
  /** Time of day, for signatures. */
  wallMs: () => number
  log: Logger
  hookSecrets: Secret[]
  /** None: no webhooks are taken. */
  webhookSecrets: Secret[]
  /** Which of the paths that a webhook names are catalog files. */
  isCatalogFile: (path: string) => boolean
  firstCheckMs: number
  /** Told after the push is on disk. */
  onAccepted: (firstCheckAtMs: number) => void
  /** Told after GHES has reported pushes by webhook. */
  onLanded: () => void
  draining: () => boolean
  tell?: Tell
  backlogLimit?: number
  tls?: Tls
  /** Shorter times for tests. */
  times?: Partial<ServerTimes>
}

const ALLOWED: Record<string, string> = {
  '/v1/pushes': 'POST',
  '/v1/github': 'POST',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
}
const FULL = { 'retry-after': String(LIMITS.retryAfterSeconds.backlog) }
export const FAILING = { 'retry-after': String(LIMITS.retryAfterSeconds.storeFailing) }
const DRAINING = { 'retry-after': String(LIMITS.retryAfterSeconds.draining) }

export function openIntake(options: IntakeOptions): FastifyInstance {
  const app = boundedServer(options.log, options)
  addHealth(app, options)
  // The stream itself: a parser would read the body before our cheaper checks.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done()
      return
    }
    const path = request.url.split('?')[0] ?? ''
    const allow = ALLOWED[path]
    const refusal =
      allow === undefined ? refuse(404, 'not found') : refuse(405, `expected ${allow}`, { headers: { allow } })
    answer(request.raw, reply, refusal)
  })
  app.post(
    '/v1/pushes',
    {
      onRequest: (request, reply, done) => {
        const envelope = options.draining() ? draining() : readEnvelope(request.headers, options.wallMs())
        const refusal = envelope.result === 'refused' ? envelope : fullness(options)
        if (refusal) {
          turnAway(options, request.raw, reply, refusal, 'pushes')
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
      const taken = await take(options, request.raw, envelope)
      if (taken.result === 'refused') return turnAway(options, request.raw, reply, taken, 'pushes')
      options.tell?.({ event: 'request', route: 'pushes', status: 202, taken: taken.receipt })
      return reply.code(202).send({ id: envelope.id })
    },
  )
  app.decorateRequest('envelope', undefined)
  addWebhook(app, options)
  return app
}

declare module 'fastify' {
  interface FastifyRequest {
    envelope: Envelope | undefined
  }
}

/** Alive, and ready. Ready never asks GHES or Backstage: their outage must not take the way in out of service. */
export function addHealth(
  app: FastifyInstance,
  options: { store: Store; draining: () => boolean; clock: Clock },
): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  let probed: { atMs: number; result: Promise<void> } | undefined
  app.get('/readyz', async (_request, reply) => {
    if (options.draining()) return reply.code(503).headers(DRAINING).send({ status: 'draining' })
    // One write a second at most, however often it is asked.
    const now = options.clock.now()
    if (!probed || now - probed.atMs >= 1000) probed = { atMs: now, result: options.store.probe() }
    try {
      await probed.result
      return { status: 'ready' }
    } catch {
      return reply.code(503).headers(FAILING).send({ status: 'the store cannot write' })
    }
  })
}

export function draining(): Refusal {
  return refuse(503, 'shutting down', { headers: DRAINING })
}

export function fullness({ store, backlogLimit = LIMITS.backlog }: IntakeOptions): Refusal | undefined {
  if (store.backlog() < backlogLimit) return undefined
  return refuse(429, 'too many pushes wait already', { headers: FULL })
}

/** Resolves to `accepted` only once the push is on disk. */
async function take(
  options: IntakeOptions,
  request: IncomingMessage,
  envelope: Envelope,
): Promise<{ result: 'accepted'; receipt: Receipt['result'] } | Refusal> {
  const body = await readBody(request, LIMITS.hookBodyBytes)
  if (body.result === 'too large') return tooLarge()
  if (body.result === 'broken off') return refuse(400, 'the body broke off')
  const read = readNotification(envelope, body.bytes, keysOf(options.hookSecrets))
  if (read.result === 'refused') return read
  if (options.draining()) return draining()
  const { store, clock, log, firstCheckMs, onAccepted } = options
  const firstCheckAtMs = clock.now() + firstCheckMs
  const { version: _, ...push } = read.push
  let receipt: Receipt
  try {
    receipt = await store.accept({ ...push, id: envelope.id, firstCheckAtMs })
    const { repository, ref, after, pusher, bypass } = push
    log.info(
      { id: envelope.id, repository, ref, after, pusher, bypass, step: 'accepted', receipt: receipt.result },
      'push accepted',
    )
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    log.error({ id: envelope.id, reason: error.message }, 'push refused: the store cannot write')
    return refuse(503, 'the push could not be stored', { headers: FAILING })
  }
  onAccepted(firstCheckAtMs)
  return { result: 'accepted', receipt: receipt.result }
}

/** Parsed anew only when a file gave another text. */
const parsed = new Map<string, KeyObject>()
function keysOf(secrets: Secret[]): KeyObject[] {
  return secrets.map(secret => {
    const text = secret()
    const known = parsed.get(text)
    if (known) return known
    const key = parseSecret(text)
    if (key.result === 'unusable') throw new Error('a hook secret became unusable unnoticed')
    if (parsed.size > 8) parsed.clear()
    const made = createSecretKey(key.key)
    parsed.set(text, made)
    return made
  })
}

export function turnAway(
  { log, tell }: IntakeOptions,
  request: IncomingMessage,
  reply: FastifyReply,
  refusal: Refusal,
  route: 'pushes' | 'github',
): FastifyReply {
  const { status, message, detail } = refusal
  tell?.({ event: 'request', route, status })
  log.debug({ status, message, detail, from: request.socket.remoteAddress }, 'request refused')
  return answer(request, reply, refusal)
}

function answer(request: IncomingMessage, reply: FastifyReply, refusal: Refusal): FastifyReply {
  discardBody(request)
  return reply
    .code(refusal.status)
    .headers(refusal.headers ?? {})
    .send({ error: refusal.message })
}
