// POST /v1/verdicts: our module in Backstage says what the catalog has made of files. 202 only once it is on disk.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LIMITS } from '../runtime/limits.ts'
import type { JudgedPush } from '../store/ports/verdicts.ts'
import { StoreUnavailable } from '../store/store.ts'
import { type TurnedAway, turnAway } from './answer.ts'
import { continueBody } from './bounded-server.ts'
import { type Envelope, readEnvelope } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { notStored, type Refusal, refuse, shuttingDown } from './refusal.ts'
import { readSignedBody, type SignedBodyOptions } from './signed-body.ts'
import { readVerdicts } from './verdict.ts'

export function addVerdictRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  const keys = openHookKeys(options.backstage?.secrets ?? [])
  const signing = { ...senders, keys, bodyBytes: LIMITS.verdictBodyBytes, whose: 'active Backstage' }
  const envelopeOf = (request: IncomingMessage): Envelope | Refusal => {
    if (options.draining()) return shuttingDown()
    if (options.backstage === undefined) return notConfigured()
    return readEnvelope(request.headers, options.wallMs(), LIMITS.verdictBodyBytes)
  }
  app.post(
    '/v1/verdicts',
    {
      onRequest: (request, reply, done) => {
        const envelope = envelopeOf(request.raw)
        if (envelope.result === 'refused')
          turnAway(options, 'verdicts', request, reply, { refusal: envelope, isSigned: false })
        else done()
      },
    },
    async (request, reply) => {
      const envelope = envelopeOf(request.raw)
      if (envelope.result === 'refused')
        return turnAway(options, 'verdicts', request, reply, { refusal: envelope, isSigned: false })
      continueBody(request.raw, reply.raw)
      const taken = await take({ ...options, ...signing }, request.raw, envelope)
      if ('refusal' in taken) return turnAway(options, 'verdicts', request, reply, taken)
      options.tell?.({ event: 'request', route: 'verdicts', status: 202, taken: 'accepted' })
      for (const judged of taken.judged) told(options, judged)
      return reply.code(202).send({ id: envelope.id })
    },
  )
}

export const notConfigured = (): Refusal => refuse(404, 'the module in Backstage is not configured: secrets.backstage')

async function take(
  options: IntakeOptions & SignedBodyOptions,
  request: IncomingMessage,
  envelope: Envelope,
): Promise<{ judged: JudgedPush[] } | TurnedAway> {
  const { store, log, backstage } = options
  const body = await readSignedBody(request, envelope, options)
  if ('refusal' in body) return body
  const read = readVerdicts(body.bytes, backstage?.host ?? '')
  if (read.result === 'refused') return { refusal: read, isSigned: true }
  if (options.draining()) return { refusal: shuttingDown(), isSigned: true }
  try {
    const judged = await store.recordReadings(read.readings)
    options.onJudged?.(read.readings, read.busy)
    return { judged }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    log.error({ reason: error.message }, 'verdicts refused: the store cannot write')
    return { refusal: notStored('verdicts'), isSigned: true }
  }
}

function told({ log, tell }: IntakeOptions, { id, verdict, isFirst }: JudgedPush): void {
  log.info({ id, step: 'verdict', result: verdict.result, afterMs: verdict.afterMs }, 'the catalog has judged a push')
  if (isFirst) tell?.({ event: 'verdict', result: verdict.result, sinceReceivedMs: verdict.afterMs })
}
