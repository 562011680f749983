// GET /v1/locations?after=CURSOR: the catalog files of the default branches, for our module in Backstage as their provider. A long poll.
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { registrationUrl } from '../../schemas/location-url.ts'
import { isSignedBy } from '../../schemas/signature.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { LocatedFile, LocationChanges } from '../store/ports/locations.ts'
import { StoreUnavailable } from '../store/store.ts'
import { turnAway } from './answer.ts'
import { readSignature, unauthorized } from './hook.ts'
import { openHookKeys } from './hook-keys.ts'
import type { IntakeOptions } from './intake-options.ts'
import { notStored, type Refusal, shuttingDown } from './refusal.ts'
import { notConfigured } from './verdict-route.ts'

const EMPTY = Buffer.alloc(0)

export function addLocationRoute(app: FastifyInstance, options: IntakeOptions): void {
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
  app.get<{ Querystring: Record<string, unknown> }>('/v1/locations', async (request, reply) => {
    const refusal = refusalOf(request.headers)
    const { backstage } = options
    if (refusal) return turnAway(options, 'locations', request, reply, { refusal, isSigned: false })
    if (backstage === undefined) throw new Error('a request came through without configuration')
    backstage.onProvider()
    const { after } = request.query
    const isGone = () => request.raw.destroyed || options.draining()
    try {
      const changes = await nextChanges(options, typeof after === 'string' ? after : undefined, isGone)
      const answer = answerOf(options, backstage.host, changes)
      options.tell?.({ event: 'request', route: 'locations', status: 200, taken: 'accepted' })
      return { complete: answer.isNotEmpty && (await backstage.listIsWhole()), ...answer.body }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      return turnAway(options, 'locations', request, reply, { refusal: notStored('question'), isSigned: true })
    }
  })
}

/** Waits for something new, for a while. */
async function nextChanges(
  { store }: IntakeOptions,
  cursor: string | undefined,
  isGone: () => boolean,
): Promise<LocationChanges> {
  for (let waitedMs = 0; ; waitedMs += LIMITS.locationLookMs) {
    const changes = await store.locationsAfter(cursor)
    const isNew = changes.isAll || changes.there.length + changes.gone.length > 0
    if (isNew || isGone() || waitedMs >= LIMITS.locationPollMs) return changes
    await wait(LIMITS.locationLookMs)
  }
}

function answerOf({ isCatalogFile }: IntakeOptions, host: string, { isAll, cursor, there, gone }: LocationChanges) {
  // What a Location names is held by that Location.
  const located = (files: LocatedFile[]) => files.filter(({ path }) => isCatalogFile(path))
  const added = located(there).map(file => locationOf(host, file))
  return {
    isNotEmpty: added.length > 0 || !isAll,
    body: { cursor, added, removed: located(gone).map(file => locationOf(host, file)) },
  }
}

const locationOf = (host: string, { repository, ref, path }: LocatedFile) =>
  `url:${registrationUrl({ host, repository, branch: ref.replace(/^refs\/heads\//, ''), path })}`
