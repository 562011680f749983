// The inside as JSON: what became of each push, how things stand, redrive, reconcile.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { TargetHealth } from '../deliver/target.ts'
import type { ReconcileReport } from '../reconcile/reconcile.ts'
import type { TargetName } from '../runtime/events.ts'
import { LIMITS } from '../runtime/limits.ts'
import { PUSH_STATES, type PushRecord, type PushSummary } from '../store/ports/records.ts'
import { StoreUnavailable } from '../store/store.ts'
import type { AdminOptions } from './admin-options.ts'
import { isAdmin, unauthorized } from './admin-token.ts'
import { isState, sinceMs } from './query.ts'
import { readSearch } from './search.ts'

export function addJsonRoutes(app: FastifyInstance, options: AdminOptions): void {
  const { store } = options
  app.get('/v1/status', async () => statusJson(options))
  app.get<{ Querystring: Record<string, unknown> }>('/v1/pushes', async (request, reply) => {
    const { repository, state, q, before } = request.query
    if (state !== undefined && !isState(state))
      return wrong(reply, `state: expected ${PUSH_STATES.join(', ')} or problem`)
    if (repository !== undefined && typeof repository !== 'string')
      return wrong(reply, 'repository: expected OWNER/NAME, once')
    if ((q !== undefined && typeof q !== 'string') || (before !== undefined && typeof before !== 'string'))
      return wrong(reply, 'q and before: expected a string, once')
    const search = readSearch(q ?? '')
    const found = await store.list({
      limit: LIMITS.listedPushes,
      ...(repository === undefined ? {} : { repository }),
      ...(state === undefined ? {} : { state }),
      ...(search === undefined ? {} : { search }),
      ...(before === undefined ? {} : { before }),
    })
    const last = found.length < LIMITS.listedPushes ? undefined : found.at(-1)
    return { pushes: found.map(summaryJson), ...(last ? { next: last.id } : {}) }
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
  app.post<{ Querystring: Record<string, unknown> }>('/v1/test', async (request, reply) => {
    if (!isAdmin(options, request)) return unauthorized(options, reply)
    const { repository } = request.query
    const sent = await options.sendTest(typeof repository === 'string' ? repository : undefined)
    if (sent.result === 'not sent') return reply.code(409).send({ error: sent.reason })
    return reply.code(202).send({ id: sent.id, repository: sent.repository })
  })
  app.post('/v1/reconcile', async (request, reply) => {
    if (!isAdmin(options, request)) return unauthorized(options, reply)
    return reconcile(options, reply)
  })
}

/** Starts it, and does not wait for its end: of many repositories that takes minutes. */
function reconcile({ reconciler, log }: AdminOptions, reply: FastifyReply): Promise<FastifyReply> {
  return written(reply, async () => {
    const begun = await reconciler.begin()
    if (begun.result === 'not configured')
      return reply.code(409).send({ error: 'reconcile.organizations is empty: there is nothing to look at' })
    if (begun.result === 'already running') return reply.code(202).send({ status: 'already running' })
    begun.done.catch((error: unknown) => log.error({ err: error }, 'reconcile failed'))
    log.info('reconcile asked for by hand')
    return reply.code(202).send({ status: 'started' })
  })
}

const RETRY_AFTER = String(LIMITS.retryAfterSeconds.storeFailing)

async function redrive(options: AdminOptions, reply: FastifyReply, id: string): Promise<FastifyReply> {
  return written(reply, async () => {
    if (await options.store.redrive(id)) {
      options.log.info({ id, step: 'redriven' }, 'push redriven')
      options.onRedriven()
      return reply.code(202).send({ redriven: 1 })
    }
    const push = await options.store.push(id)
    if (!push) return reply.code(404).send({ error: 'no push of this id; it may be older than a week' })
    return reply
      .code(409)
      .send({ error: `the push is ${push.state}; only dead, rejected and unknown ones can be redriven` })
  })
}

async function written(reply: FastifyReply, write: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return reply.code(503).header('retry-after', RETRY_AFTER).send({ error: 'the store cannot write' })
  }
}

const wrong = (reply: FastifyReply, error: string) => reply.code(400).send({ error })

const iso = (ms: number) => new Date(ms).toISOString()

async function statusJson(options: AdminOptions) {
  const { store, targetHealth, tokenEnds, draining, reconciler } = options
  const turnedAway = options.turnedAway()
  const ends = tokenEnds()
  const { pushes, jobs, oldestOpenAtMs } = await store.status()
  const last = await reconciler.last()
  return {
    draining: draining(),
    pushes,
    jobs,
    ...(oldestOpenAtMs === undefined ? {} : { oldestOpenAt: iso(oldestOpenAtMs) }),
    ...Object.fromEntries(
      Object.entries(targetHealth()).map(([target, health]) => [
        target,
        healthJson(health, ends[target as TargetName]),
      ]),
    ),
    ...(turnedAway.length === 0
      ? {}
      : {
          turnedAway: turnedAway.map(({ route, count, sinceMs, lastMs, why }) => ({
            route,
            count,
            why,
            since: iso(sinceMs),
            last: iso(lastMs),
          })),
        }),
    reconcile: { running: reconciler.running, ...(last ? { last: reportJson(last) } : {}) },
  }
}

function healthJson({ untilMs, lastFailure, ...health }: TargetHealth, tokenEndMs: number | undefined) {
  return {
    ...health,
    ...(lastFailure === undefined ? {} : { lastFailure: { reason: lastFailure.reason, at: iso(lastFailure.atMs) } }),
    ...(untilMs === undefined ? {} : { until: iso(untilMs) }),
    ...(tokenEndMs === undefined ? {} : { tokenEndsAt: iso(tokenEndMs) }),
  }
}

function reportJson({ startedAtMs, ...report }: ReconcileReport) {
  return { startedAt: iso(startedAtMs), ...report }
}

function summaryJson({ receivedAtMs, landedAtMs, settledAtMs, ...push }: PushSummary) {
  return {
    ...push,
    receivedAt: iso(receivedAtMs),
    ...(landedAtMs === undefined ? {} : { landedAt: iso(landedAtMs) }),
    ...(settledAtMs === undefined ? {} : { settledAt: iso(settledAtMs) }),
  }
}

/** The body of GET /v1/pushes/{id}. */
function pushJson({ receivedAtMs, files, history, ...push }: PushRecord) {
  return {
    ...push,
    receivedAt: iso(receivedAtMs),
    files: files.map(({ nextAttemptAtMs, entities: _, ...file }) => ({
      ...file,
      ...(nextAttemptAtMs === undefined ? {} : { nextAttemptAt: iso(nextAttemptAtMs) }),
    })),
    history: history.map(({ atMs, step, detail }) => ({ at: iso(atMs), step, detail })),
  }
}
