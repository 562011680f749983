// The inside (`admin`): what became of each push, how things stand, redrive. Keep it away from senders.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Secret } from '../config-secrets.ts'
import type { Worker } from '../deliver/worker.ts'
import { parseDurationMs } from '../duration.ts'
import { addHealth, boundedServer } from '../intake/server.ts'
import { LIMITS } from '../limits.ts'
import {
  PUSH_STATES,
  type PushRecord,
  type PushState,
  type PushSummary,
  type Store,
  StoreUnavailable,
} from '../store/store.ts'
import type { Logger } from '../watch/log.ts'

export type AdminOptions = {
  store: Store
  clock: Clock
  log: Logger
  adminSecret?: Secret
  lights: Worker['lights']
  /** Told when dead pushes wait again. */
  onRedriven: () => void
  draining: () => boolean
}

export function openAdmin(options: AdminOptions): FastifyInstance {
  const { store } = options
  const app = boundedServer(options.log)
  addHealth(app, options)
  app.get('/v1/status', async () => statusJson(options))
  app.get<{ Querystring: Record<string, unknown> }>('/v1/pushes', async (request, reply) => {
    const { repository, state } = request.query
    if (state !== undefined && !isState(state)) return wrong(reply, `state: expected ${PUSH_STATES.join(', ')}`)
    if (repository !== undefined && typeof repository !== 'string')
      return wrong(reply, 'repository: expected OWNER/NAME, once')
    const found = await store.list({
      limit: LIMITS.listedPushes,
      ...(repository === undefined ? {} : { repository }),
      ...(state === undefined ? {} : { state }),
    })
    return { pushes: found.map(summaryJson) }
  })
  app.get<{ Params: { id: string } }>('/v1/pushes/:id', async (request, reply) => {
    const push = await store.push(request.params.id)
    return push ? pushJson(push) : reply.code(404).send({ error: 'no push of this id; it may be older than a week' })
  })
  app.post<{ Params: { id: string } }>('/v1/pushes/:id/redrive', async (request, reply) => {
    if (!isAdmin(options, request)) return unauthorized(options, reply)
    return redrive(options, reply, request.params.id)
  })
  app.post<{ Querystring: Record<string, unknown> }>('/v1/redrive', async (request, reply) => {
    if (!isAdmin(options, request)) return unauthorized(options, reply)
    const since = sinceMs(request.query['since'], options.clock.now())
    if (since === undefined) {
      return wrong(reply, 'since: expected a time such as 2027-01-31T08:00:00Z, or how long ago, such as 24h')
    }
    return written(reply, async () => {
      const redriven = await store.redriveSince(since)
      options.log.info({ redriven, since: new Date(since).toISOString() }, 'dead pushes redriven')
      options.onRedriven()
      return reply.code(202).send({ redriven })
    })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }))
  // Redrive needs no body, and takes none of any type.
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
  return app
}

async function redrive(options: AdminOptions, reply: FastifyReply, id: string): Promise<FastifyReply> {
  return written(reply, async () => {
    if (await options.store.redrive(id)) {
      options.log.info({ id, step: 'redriven' }, 'push redriven')
      options.onRedriven()
      return reply.code(202).send({ redriven: 1 })
    }
    const push = await options.store.push(id)
    if (!push) return reply.code(404).send({ error: 'no push of this id; it may be older than a week' })
    return reply.code(409).send({ error: `the push is ${push.state}; only dead and rejected ones can be redriven` })
  })
}

async function written(reply: FastifyReply, write: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return reply
      .code(503)
      .header('retry-after', String(LIMITS.retryAfterSeconds.storeFailing))
      .send({ error: 'the store cannot write' })
  }
}

/** Digests, so that texts of any length compare in the same time. */
function isAdmin({ adminSecret }: AdminOptions, request: FastifyRequest): boolean {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (adminSecret === undefined || given === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(adminSecret()))
}

function unauthorized({ adminSecret }: AdminOptions, reply: FastifyReply): FastifyReply {
  const error =
    adminSecret === undefined ? 'secrets.admin is not configured' : 'expected the bearer token of secrets.admin'
  return reply.code(401).header('www-authenticate', 'Bearer').send({ error })
}

const wrong = (reply: FastifyReply, error: string) => reply.code(400).send({ error })

const isState = (value: unknown): value is PushState => PUSH_STATES.some(state => state === value)

/** A time, or a duration before now. */
function sinceMs(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined
  const ago = parseDurationMs(value)
  if (ago !== undefined) return nowMs - ago
  const at = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

const iso = (ms: number) => new Date(ms).toISOString()

async function statusJson({ store, lights, draining }: AdminOptions) {
  const { pushes, jobs, oldestOpenAtMs } = await store.status()
  return {
    draining: draining(),
    pushes,
    jobs,
    ...(oldestOpenAtMs === undefined ? {} : { oldestOpenAt: iso(oldestOpenAtMs) }),
    ...lights(),
  }
}

function summaryJson({ receivedAtMs, ...push }: PushSummary) {
  return { ...push, receivedAt: iso(receivedAtMs) }
}

/** The body of GET /v1/pushes/{id}. */
function pushJson({ receivedAtMs, files, history, ...push }: PushRecord) {
  return {
    ...push,
    receivedAt: iso(receivedAtMs),
    files: files.map(({ nextAttemptAtMs, ...file }) => ({
      ...file,
      ...(nextAttemptAtMs === undefined ? {} : { nextAttemptAt: iso(nextAttemptAtMs) }),
    })),
    history: history.map(({ atMs, step, detail }) => ({ at: iso(atMs), step, detail })),
  }
}
