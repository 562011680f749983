// The inside (`admin`): states, metrics, redrive. Keep it away from senders.
import type { FastifyInstance } from 'fastify'
import type { Secret } from '../config/secrets.ts'
import type { Worker } from '../deliver/worker.ts'
import { addHealth, boundedServer } from '../intake/server.ts'
import type { Reconciler } from '../reconcile/reconcile.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import type { Store } from '../store/store.ts'
import { addJsonRoutes } from './json-routes.ts'
import type { Metrics } from './metrics.ts'
import { addPages } from './page/routes.ts'
import type { Rate } from './rate.ts'

export type AdminOptions = {
  store: Store
  clock: Clock
  log: Logger
  adminSecret?: Secret
  targetHealth: Worker['targetHealth']
  reconciler: Pick<Reconciler, 'begin' | 'last' | 'running' | 'organizations' | 'dueAtMs'>
  metrics: Metrics
  rate: Rate['read']
  /** Told when dead pushes wait again. */
  onRedriven: () => void
  draining: () => boolean
}

export function openAdmin(options: AdminOptions): FastifyInstance {
  const app = boundedServer(options.log)
  addHealth(app, options)
  addJsonRoutes(app, options)
  addPages(app, options)
  app.get('/metrics', async (_request, reply) => {
    const { store, targetHealth, reconciler, metrics, clock } = options
    const text = await metrics.text({ store, targetHealth, now: clock.now, lastReconcile: () => reconciler.last() })
    return reply.header('content-type', metrics.contentType).send(text)
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }))
  // Redrive needs no body, and takes none of any type.
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
  return app
}
