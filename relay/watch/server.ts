// The inside (`admin`): states, metrics, redrive. Keep it away from senders.
import type { FastifyInstance } from 'fastify'
import { boundedServer } from '../intake/bounded-server.ts'
import { addHealth } from '../intake/health.ts'
import type { AdminOptions } from './admin-options.ts'
import { hostTest, NOT_OURS } from './hosts.ts'
import { addJsonRoutes } from './json-routes.ts'
import { addPages } from './page/routes.ts'

export function openAdmin(options: AdminOptions): FastifyInstance {
  const app = boundedServer(options.log)
  const isOurs = hostTest(options.hosts)
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (!isOurs(headers.host)) return reply.code(421).send({ error: NOT_OURS })
  })
  addHealth(app, options)
  addJsonRoutes(app, options)
  addPages(app, options)
  app.get('/metrics', async (_request, reply) => {
    const { store, targetHealth, tokenEnds, reconciler, metrics, clock } = options
    const text = await metrics.text({
      store,
      targetHealth,
      tokenEnds,
      now: clock.now,
      lastReconcile: () => reconciler.last(),
    })
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
