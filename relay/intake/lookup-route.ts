// POST /v1/lookups: what the live catalog knows, for a hook that checks. Signed as a push; nothing is stored.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { lookupRequest } from '../../schemas/compiled/own.mjs'
import { messageProblem } from '../../schemas/config-problems.ts'
import type { LookupRequest } from '../../schemas/lookup.ts'
import schema from '../../schemas/lookup-request.schema.json' with { type: 'json' }
import { parseWellFormed } from '../../schemas/text.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { type TurnedAway, turnAway } from './answer.ts'
import { continueBody } from './bounded-server.ts'
import { type Envelope, readEnvelope } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { cannotSay, noLookups, type Refusal, refuse, shuttingDown } from './refusal.ts'
import { readSignedBody } from './signed-body.ts'

type Answered = Extract<Awaited<ReturnType<Lookups>>, { result: 'answer' }>

export function addLookupRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  const keys = openHookKeys(options.hookSecrets)
  const envelopes = new WeakMap<IncomingMessage, Envelope>()
  app.post(
    '/v1/lookups',
    {
      onRequest: ({ raw, headers }, reply, done) => {
        const envelope = options.draining() ? shuttingDown() : readEnvelope(headers, options.wallMs())
        if (envelope.result === 'refused') {
          turnAway(options, 'lookups', { raw }, reply, { refusal: hidden(envelope, options), isSigned: false })
          return
        }
        envelopes.set(raw, envelope)
        done()
      },
    },
    async ({ raw }, reply) => {
      const envelope = envelopes.get(raw)
      if (!envelope) throw new Error('a request came through without its envelope')
      continueBody(raw, reply.raw)
      const found = await lookUp({ ...options, ...senders, keys }, raw, envelope)
      if ('refusal' in found) {
        const refusal = hidden(found.refusal, options)
        return turnAway(options, 'lookups', { raw }, reply, { ...found, refusal })
      }
      options.tell?.({ event: 'request', route: 'lookups', status: 200, taken: 'answered' })
      return reply.code(200).send(found.answer)
    },
  )
}

/** Where there are no lookups, that is the answer to everybody. */
const hidden = (refusal: Refusal, { lookups }: IntakeOptions) => (lookups === undefined ? noLookups() : refusal)

/** A signed request that cannot be answered keeps its connection: the notification comes on it. */
async function lookUp(
  options: IntakeOptions & Parameters<typeof readSignedBody>[2],
  request: IncomingMessage,
  envelope: Envelope,
): Promise<Answered | TurnedAway> {
  const body = await readSignedBody(request, envelope, options)
  if ('refusal' in body) return body
  const { lookups } = options
  if (lookups === undefined) return { refusal: noLookups(), isSigned: true }
  const read = readLookup(body.bytes)
  if (read.result === 'refused') return { refusal: read, isSigned: true }
  const found = await lookups(read.request)
  return found.result === 'answer' ? found : { refusal: cannotSay(), isSigned: true }
}

function readLookup(body: Buffer): { result: 'lookup'; request: LookupRequest } | Refusal {
  let request: unknown
  try {
    request = parseWellFormed(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse(400, 'the body is not JSON in UTF-8')
  }
  const problem = messageProblem(lookupRequest, schema, request)
  if (problem !== undefined) return refuse(400, problem)
  return { result: 'lookup', request: request as LookupRequest } // its schema has seen it
}
