// The way in (`listen`): notifications of the hooks, webhooks of GHES, health. Everything that is refused is refused as early as can be.

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { LIMITS } from '../runtime/limits.ts'
import { answer } from './answer.ts'
import { BodyBudget } from './body-budget.ts'
import { boundedServer } from './bounded-server.ts'
import { addHealth } from './health.ts'
import { addHookRoute } from './hook-route.ts'
import type { IntakeOptions } from './intake-options.ts'
import { addLocationRoute } from './location-route.ts'
import { addLookupRoute } from './lookup-route.ts'
import { refuse } from './refusal.ts'
import { addRepositoryRoute } from './repository-route.ts'
import { UnsignedConnections } from './unsigned.ts'
import { addVerdictRoute } from './verdict-route.ts'
import { addWebhookRoute } from './webhook-route.ts'

const ALLOWED: Record<string, string> = {
  '/v1/pushes': 'POST',
  '/v1/lookups': 'POST',
  '/v1/github': 'POST',
  '/v1/verdicts': 'POST',
  '/v1/locations': 'GET',
  '/v1/repositories': 'GET',
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
    answer(request.raw, reply, { refusal, isSigned: false })
  })
  const unsigned = new UnsignedConnections(options.budgets?.unsigned ?? LIMITS.unsigned)
  app.server.prependListener('connection', (socket: Socket) => unsigned.admit(socket))
  // A server that closes waits for its connections, also for one that never sends anything: nobody looks at their time any more.
  app.addHook('preClose', async () => unsigned.end())
  const senders = { bodies: new BodyBudget(options.budgets?.bodyBytes ?? LIMITS.unfinishedBodyBytes), unsigned }
  addHookRoute(app, options, senders)
  addLookupRoute(app, options, senders)
  addWebhookRoute(app, options, senders)
  addVerdictRoute(app, options, senders)
  addLocationRoute(app, options, senders)
  addRepositoryRoute(app, options, senders)
  return app
}
