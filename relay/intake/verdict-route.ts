// POST /v1/verdicts: our module in Backstage says what the catalog has made of files. 202 only once it is on disk.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { openSignature } from '../../schemas/signature.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { JudgedPush } from '../store/ports/verdicts.ts'
import { StoreUnavailable } from '../store/store.ts'
import { type TurnedAway, turnAway } from './answer.ts'
import { readBody } from './body.ts'
import { continueBody } from './bounded-server.ts'
import { type Envelope, readEnvelope, unauthorized } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { notStored, type Refusal, refuse, shuttingDown } from './refusal.ts'
import { readVerdicts } from './verdict.ts'

export function addVerdictRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  const keys = openHookKeys(options.backstage?.secrets ?? [])
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
      const signature = openSignature(keys(), envelope.id, envelope.timestamp)
      const taken = await take(
        { ...options, ...senders },
        request.raw,
        bytes => signature.update(bytes),
        () => signature.isIn(envelope.signature),
      )
      if ('refusal' in taken) return turnAway(options, 'verdicts', request, reply, taken)
      options.tell?.({ event: 'request', route: 'verdicts', status: 202, taken: 'accepted' })
      for (const judged of taken.judged) told(options, judged)
      return reply.code(202).send({ id: envelope.id })
    },
  )
}

export const notConfigured = (): Refusal => refuse(404, 'the module in Backstage is not configured: secrets.backstage')

async function take(
  options: IntakeOptions & Senders,
  request: IncomingMessage,
  onBytes: (chunk: Buffer) => void,
  isSigned: () => boolean,
): Promise<{ judged: JudgedPush[] } | TurnedAway> {
  const { bodies: budget, unsigned, store, log, backstage } = options
  const onChunk = (chunk: Buffer) => {
    onBytes(chunk)
    unsigned.active(request.socket)
  }
  const body = await readBody(request, LIMITS.verdictBodyBytes, { budget, onChunk })
  if (body.result === 'refused') return { refusal: body, isSigned: false }
  if (!isSigned()) return { refusal: unauthorized('no signature of an active Backstage secret'), isSigned: false }
  unsigned.signed(request.socket)
  const read = readVerdicts(body.bytes(), backstage?.host ?? '')
  if (read.result === 'refused') return { refusal: read, isSigned: true }
  if (options.draining()) return { refusal: shuttingDown(), isSigned: true }
  try {
    const judged = await store.recordReadings(read.readings)
    options.onJudged?.(read.readings)
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
