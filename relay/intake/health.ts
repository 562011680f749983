// Whether the relay is alive, and ready. Ready never asks GHES or Backstage: their outage must not take the way in out of service.
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../runtime/clock.ts'
import type { Upkeep } from '../store/store.ts'
import { DRAINING, STORE_FAILING } from './refusal.ts'

/** One write a second at most, however often it is asked. */
const PROBE_EVERY_MS = 1000

export type HealthOptions = { store: Pick<Upkeep, 'probe'>; draining: () => boolean; clock: Clock }

/** Whether the store can write: tried, not asked. */
export function openProbe({ store, clock }: Pick<HealthOptions, 'store' | 'clock'>): () => Promise<boolean> {
  let probed: { atMs: number; canWrite: Promise<boolean> } | undefined
  return () => {
    const now = clock.now()
    if (!probed || now - probed.atMs >= PROBE_EVERY_MS) {
      const canWrite = store.probe().then(
        () => true,
        () => false,
      )
      probed = { atMs: now, canWrite }
    }
    return probed.canWrite
  }
}

export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  // Nobody signs these: each has a connection of its own, which ends with it.
  app.get('/healthz', async (_request, reply) => reply.header('connection', 'close').send({ status: 'ok' }))
  const canWrite = openProbe(options)
  app.get('/readyz', async (_request, reply) => {
    reply.header('connection', 'close')
    if (options.draining()) return reply.code(503).headers(DRAINING).send({ status: 'draining' })
    if (await canWrite()) return { status: 'ready' }
    return reply.code(503).headers(STORE_FAILING).send({ status: 'the store cannot write' })
  })
}
