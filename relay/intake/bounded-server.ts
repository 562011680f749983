// An HTTP server with our limits on time, size and number; over TLS when there is a certificate.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerOptions as TlsServerOptions } from 'node:https'
import { Server as TlsServer } from 'node:tls'
import fastify, { type FastifyInstance } from 'fastify'
import type { Tls } from '../config/tls.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import { StoreUnavailable } from '../store/store.ts'
import { endWithAnswer } from './body.ts'
import { STORE_FAILING } from './refusal.ts'

export type ServerTimes = { headersMs: number; requestMs: number; checkMs: number; handshakeMs: number }

const TIMES: ServerTimes = {
  headersMs: LIMITS.headersTimeoutMs,
  requestMs: LIMITS.requestTimeoutMs,
  checkMs: LIMITS.connectionsCheckMs,
  handshakeMs: LIMITS.handshakeTimeoutMs,
}

/** A server with our limits on time, size and number. */
export function boundedServer(
  log: Logger,
  { tls, times }: { tls?: Tls; times?: Partial<ServerTimes> } = {},
): FastifyInstance {
  const { headersMs, requestMs, checkMs, handshakeMs } = { ...TIMES, ...times }
  const http = {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: headersMs,
    connectionsCheckingInterval: checkMs,
    requestTimeout: requestMs,
  }
  const options = {
    logger: false as const,
    requestTimeout: requestMs,
    connectionTimeout: 0,
    keepAliveTimeout: LIMITS.keepAliveMs,
    bodyLimit: LIMITS.hookBodyBytes,
    trustProxy: false,
    // Fastify would answer 503 by itself without Retry-After while it closes.
    return503OnClosing: false,
    forceCloseConnections: 'idle' as const,
  }
  const app = tls
    ? // Routes see no difference; the types of fastify's two servers do.
      (fastify({ ...options, https: { ...http, ...secure(tls, handshakeMs) } }) as unknown as FastifyInstance)
    : fastify({ ...options, http })
  app.server.maxConnections = LIMITS.connections
  // Otherwise Node asks for the body before we have looked at the headers.
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => app.routing(request, response))
  if (tls) followCertificate(app.server, tls, log)
  answerFaults(app, log)
  return app
}

/** The body of a sender that asked first (`Expect: 100-continue`): its headers were right. */
export function continueBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
}

function secure({ first, asksClients }: Tls, handshakeTimeout: number): TlsServerOptions {
  return { ...first, handshakeTimeout, ...(asksClients ? { requestCert: true, rejectUnauthorized: true } : {}) }
}

/** Looked at when somebody connects, before the handshake; connections that stand keep the certificate that they have. */
function followCertificate(server: unknown, tls: Tls, log: Logger): void {
  if (!(server instanceof TlsServer)) throw new Error('a certificate for a server without TLS')
  server.prependListener('connection', () => {
    const changed = tls.changed()
    if (!changed) return
    server.setSecureContext(changed)
    log.info('listen: the certificate was read again')
  })
  server.on('tlsClientError', (error, socket) => {
    log.debug({ reason: error.message, from: socket.remoteAddress }, 'no TLS connection came about')
  })
}

function answerFaults(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    endWithAnswer(request.raw)
    if (error instanceof StoreUnavailable) {
      log.error({ url: request.routeOptions.url, reason: error.message }, 'a request met a store that does not answer')
      void reply
        .code(503)
        .headers({ connection: 'close', ...STORE_FAILING })
        .send({ error: 'the store does not answer' })
      return
    }
    if (status >= 500) log.error({ err: error, url: request.routeOptions.url }, 'a request met a fault of ours')
    void reply
      .code(status >= 400 && status < 600 ? status : 500)
      .header('connection', 'close')
      .send({ error: status < 500 ? String((error as Error).message) : 'our fault' })
  })
}
