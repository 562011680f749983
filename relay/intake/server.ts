// The way in (`listen`): notifications of the hooks, webhooks of GHES, health. Everything that is refused is refused as early as can be.
import type { FastifyInstance } from 'fastify'
import { answer } from './answer.ts'
import { boundedServer } from './bounded-server.ts'
import { addHealth } from './health.ts'
import { addHookRoute } from './hook-route.ts'
import type { IntakeOptions } from './intake-options.ts'
import { refuse } from './refusal.ts'
import { addWebhookRoute } from './webhook-route.ts'

const ALLOWED: Record<string, string> = {
  '/v1/pushes': 'POST',
  '/v1/github': 'POST',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
}

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
  addHookRoute(app, options)
  addWebhookRoute(app, options)
  return app
}
