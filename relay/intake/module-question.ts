// A question of our module in Backstage: signed, and kept open until there is something new. A long poll.
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { isSignedBy } from '../../schemas/signature.ts'
import { LIMITS } from '../runtime/limits.ts'
import { StoreUnavailable } from '../store/store.ts'
import { turnAway } from './answer.ts'
import { readSignature, unauthorized } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { BackstageEnd, IntakeOptions, Senders } from './intake-options.ts'
import { notStored, type Refusal, shuttingDown } from './refusal.ts'
import { notConfigured } from './verdict-route.ts'

export type ModuleQuestion<T> = {
  path: 'locations' | 'repositories'
  look: (cursor: string | undefined, end: BackstageEnd) => T | Promise<T>
  isNew: (found: T) => boolean
  /** What is sent. */
  answer: (found: T, end: BackstageEnd) => object | Promise<object>
  onAsked?: (end: BackstageEnd) => void
}

const EMPTY = Buffer.alloc(0)

export function addModuleQuestion<T>(
  app: FastifyInstance,
  options: IntakeOptions & Pick<Senders, 'unsigned'>,
  question: ModuleQuestion<T>,
): void {
  const { path } = question
  const keys = openHookKeys(options.backstage?.secrets ?? [])
  const refusalOf = (headers: Parameters<typeof readSignature>[0]): Refusal | undefined => {
    if (options.draining()) return shuttingDown()
    if (options.backstage === undefined) return notConfigured()
    const envelope = readSignature(headers, options.wallMs())
    if (envelope.result === 'refused') return envelope
    return isSignedBy(keys(), envelope.id, envelope.timestamp, EMPTY, envelope.signature)
      ? undefined
      : unauthorized('no signature of an active Backstage secret')
  }
  app.get<{ Querystring: Record<string, unknown> }>(`/v1/${path}`, async (request, reply) => {
    const refusal = refusalOf(request.headers)
    const { backstage } = options
    if (refusal) return turnAway(options, path, request, reply, { refusal, isSigned: false })
    if (backstage === undefined) throw new Error('a request came through without configuration')
    // It waits, and would be the idlest of all.
    options.unsigned.signed(request.raw.socket)
    question.onAsked?.(backstage)
    const { after } = request.query
    const isGone = () => request.raw.destroyed || options.draining()
    try {
      const found = await untilNew(question, typeof after === 'string' ? after : undefined, backstage, isGone)
      const body = await question.answer(found, backstage)
      options.tell?.({ event: 'request', route: path, status: 200, taken: 'accepted' })
      return body
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      return turnAway(options, path, request, reply, { refusal: notStored('question'), isSigned: true })
    }
  })
}

/** Waits for something new, for a while. */
async function untilNew<T>(
  { look, isNew }: ModuleQuestion<T>,
  cursor: string | undefined,
  end: BackstageEnd,
  isGone: () => boolean,
): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += LIMITS.locationLookMs) {
    const found = await look(cursor, end)
    if (isNew(found) || isGone() || waitedMs >= LIMITS.locationPollMs) return found
    await wait(LIMITS.locationLookMs)
  }
}
