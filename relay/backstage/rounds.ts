// What the catalog's rounds of processing say: each entity's beginning, and how it ended, become verdicts.
import type { LoggerService } from '@backstage/backend-plugin-api'
import type { CatalogProcessor, Entity, LocationSpec } from '@backstage/plugin-catalog-node'
import type { CatalogVerdict } from '../../schemas/catalog-verdicts.ts'
import { keepLatest } from './keep-latest.ts'
import { type Mark, markOf, type OnRead, refOf, takeMark } from './mark.ts'

const LOCATION = 'backstage.io/managed-by-location'
const MOST_ERRORS = 10
const ERROR_CHARACTERS = 2000
/** Rounds whose end nobody has told. */
const MOST_ROUNDS = 50_000
const SILENT_MS = 60_000

type Round = { location: string; atMs: number; mark?: Mark }
/** `isSame`: the content that was read before. `before`: that one. */
type ReadFile = { atMs: number; mark?: Mark; isBroken?: boolean; isSame?: boolean; before?: string }

export type RoundListener = {
  /** Both Locations as the catalog's topic has them. */
  conflict?: (entity: string, location: string, heldBy: string | undefined) => void
  /** The file of this Location entity could not be read. */
  unread?: (locationRef: string) => void
}

export class Rounds {
  readonly #say: (verdict: CatalogVerdict) => void
  readonly #log: Pick<LoggerService, 'warn'>
  readonly #now: () => number
  readonly #hear: RoundListener
  /** By entity: begun, and not ended. */
  readonly #begun = new Map<string, Round>()
  /** By Location: its latest reading. */
  readonly #read = new Map<string, ReadFile>()
  #hasWarned = false

  constructor(
    say: (verdict: CatalogVerdict) => void,
    log: Pick<LoggerService, 'warn'>,
    now: () => number = Date.now,
    hear: RoundListener = {},
  ) {
    this.#say = say
    this.#log = log
    this.#now = now
    this.#hear = hear
  }

  /** Before every other processor, so that none sees our mark. */
  before() {
    return {
      getProcessorName: () => 'CatalogGateBefore',
      getPriority: () => -1000,
      readLocation: async ({ type, target }: LocationSpec) => {
        const place = asRead(`${type}:${target}`)
        const known = this.#read.get(place)
        const before = known?.mark?.blob ?? known?.before
        keepLatest(this.#read, place, { atMs: this.#now(), ...(before === undefined ? {} : { before }) }, MOST_ROUNDS)
        return false
      },
      preProcessEntity: async (entity: Entity) => {
        const { entity: own, mark } = takeMark(entity)
        const location = own.metadata.annotations?.[LOCATION]
        const ref = refOf(own)
        if (location !== undefined && typeof ref === 'string')
          keepLatest(this.#begun, ref, { location, atMs: this.#now(), ...(mark ? { mark } : {}) }, MOST_ROUNDS)
        this.#lookForSilence()
        return own
      },
    } satisfies CatalogProcessor
  }

  /** After every other processor. */
  after(): CatalogProcessor {
    return {
      getProcessorName: () => 'CatalogGateAfter',
      getPriority: () => 1000,
      postProcessEntity: async entity => {
        this.#ended(entity)
        return entity
      },
    }
  }

  readonly onRead: OnRead = (target, mark, isBroken) => {
    const place = asRead(`url:${target}`)
    const isSame = this.#read.get(place)?.before === mark.blob
    keepLatest(this.#read, place, { atMs: this.#now(), mark, isBroken, isSame }, MOST_ROUNDS)
  }

  #ended(entity: Entity): void {
    const ref = refOf(entity)
    const round = typeof ref === 'string' ? this.#begun.get(ref) : undefined
    if (typeof ref !== 'string' || !round) return
    this.#begun.delete(ref)
    if (!isOfFile(ref, round)) {
      this.#tell(ref, round.location, round, { result: 'accepted' })
      return
    }
    const read = this.#read.get(asRead(round.location))
    // The entities of what was read anew speak for themselves. Of what is unchanged none is processed again.
    if (!read || read.isBroken) return
    if (read.mark === undefined || read.mark.of === 0) this.#tell(ref, round.location, read, { result: 'accepted' })
    else if (read.isSame) this.#tell(ref, round.location, { atMs: read.atMs }, { result: 'accepted' })
  }

  /** Of the topic experimental.catalog.errors. */
  failed(payload: unknown): void {
    const { entity, location, errors } = payload as { entity?: unknown; location?: unknown; errors?: unknown }
    if (typeof entity !== 'string') return
    const ref = entity.toLowerCase()
    const round = this.#begun.get(ref)
    this.#begun.delete(ref)
    const where = round?.location ?? (typeof location === 'string' ? location : undefined)
    if (where === undefined) return
    const texts = textsOf(errors)
    if (!isOfFile(ref, round)) {
      this.#tell(ref, where, round, { result: 'refused', errors: texts })
      return
    }
    const read = this.#read.get(asRead(where))
    if (read?.mark === undefined) this.#hear.unread?.(ref)
    const result = read?.mark === undefined || read.isBroken ? 'unreadable' : 'refused'
    this.#tell(ref, where, read, { result, errors: texts })
  }

  /** Of the topic experimental.catalog.conflict: a name that another Location has. */
  conflicted(payload: unknown): void {
    const { entityRef, newLocationKey, existingLocationKey, unprocessedEntity } = payload as Record<string, unknown>
    if (typeof entityRef !== 'string' || typeof newLocationKey !== 'string') return
    const mark = markOf(unprocessedEntity)
    const heldBy: { heldBy?: string } = typeof existingLocationKey === 'string' ? { heldBy: existingLocationKey } : {}
    this.#hear.conflict?.(entityRef.toLowerCase(), newLocationKey, heldBy.heldBy)
    this.#tell(entityRef.toLowerCase(), newLocationKey, mark && { atMs: this.#now(), mark }, {
      result: 'conflict',
      ...heldBy,
      errors: [`${entityRef} is declared by ${heldBy.heldBy ?? 'another Location'} already`],
    })
  }

  #tell(
    entity: string,
    location: string,
    about: { atMs: number; mark?: Mark } | undefined,
    what: Pick<CatalogVerdict, 'result' | 'errors' | 'heldBy'>,
  ): void {
    if (!location.startsWith('url:')) return
    // Where the content is named, when it was through; else from when on it was read.
    const atMs = about === undefined || about.mark ? this.#now() : about.atMs
    this.#say({ location, entity, ...what, at: new Date(atMs).toISOString(), ...about?.mark })
  }

  /** A topic may go away with a newer Backstage: what was begun and has no end was refused, though nobody says why. */
  #lookForSilence(): void {
    for (const [ref, round] of this.#begun) {
      if (this.#now() - round.atMs < SILENT_MS) return
      this.#begun.delete(ref)
      const errors = ["the catalog's log says why"]
      this.#tell(ref, round.location, round, { result: isOfFile(ref, round) ? 'unreadable' : 'refused', errors })
      if (!this.#hasWarned)
        this.#log.warn(
          'catalog-gate: the topic experimental.catalog.errors is silent: reasons of refusals are not known',
        )
      this.#hasWarned = true
    }
  }
}

/** The Location of a file itself, not one that an author has written. */
const isOfFile = (ref: string, round: Round | undefined) =>
  ref.startsWith('location:default/generated-') && round?.mark === undefined

/** The catalog reads a file of GHES by its `tree` address, whatever its Location has. */
export const asRead = (location: string) =>
  location.replace(/^(url:https?:\/\/[^/]+\/[^/]+\/[^/]+)\/(?:blob|edit|raw)\//, '$1/tree/')

function textsOf(errors: unknown): string[] {
  if (!Array.isArray(errors)) return []
  return errors.slice(0, MOST_ERRORS).map(error => {
    const text = error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error)
    return text.slice(0, ERROR_CHARACTERS).toWellFormed()
  })
}
