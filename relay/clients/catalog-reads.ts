// What the relay reads in the catalog: from where an entity comes. A token that may only refresh is shown nothing, and that is an answer, too.
import { cutText } from '../../schemas/text.ts'
import { fieldOf } from '../../schemas/unknown.ts'
import type { Call, HttpAnswer } from './http.ts'
import type { Trouble } from './trouble.ts'

/** The URL of the file that each entity comes from, by ref in lower case; left out for what the catalog does not show: unknown, or not for our token. */
type OriginsAnswer = { result: 'origins'; of: Map<string, Origin> } | Trouble
/** `origin`: the Location, as it was registered, by which the catalog came to that file. */
type Origin = { uid: string; from: string; origin?: string }

/** An entity as it is in the catalog now. `from`: the URL of its file; `errors`: what processing has found wrong with it. */
export type Shown = { etag?: string; from?: string; errors: string[]; data: Record<string, unknown> }

/** By ref in lower case; undefined for what is not there, or not for our token. */
type LookAnswer = { result: 'look'; of: Map<string, Shown | undefined> } | Trouble

/** Locations from which an entity comes, with their targets; `hidden`: not for our token. */
type LocationsAnswer =
  | { result: 'locations'; locations: { ref: string; target: string }[] }
  | { result: 'hidden' }
  | Trouble

export type CatalogLook = {
  /** These entities whole, but for their relations. */
  look(refs: readonly string[]): Promise<LookAnswer>
}

export type CatalogReads = {
  origins(refs: readonly string[]): Promise<OriginsAnswer>
  locationsOf(entityRef: string): Promise<LocationsAnswer>
  /** Whether our token is shown anything at all: to one that may not read, the catalog is empty. */
  shows(): Promise<{ result: 'something' } | { result: 'nothing' } | Trouble>
}

type Edges = {
  ask: (method: Call['method'], path: string, body?: unknown) => Promise<HttpAnswer>
  /** The name of the catalog's own error. */
  errorOf: (answer: HttpAnswer) => string | undefined
  jsonOf: (answer: HttpAnswer) => unknown
  trouble: (answer: HttpAnswer) => Trouble
}

/** Some 50 kB of answer. */
const REFS_AT_ONCE = 200
const ORIGIN = 'backstage.io/managed-by-location'
const PROCESSING = 'backstage.io/catalog-processing'
const FIRST_ORIGIN = 'backstage.io/managed-by-origin-location'

/** Of an entity; they are kept, and shown to people. */
const MOST_ERRORS = 5
const ERROR_CHARACTERS = 500

const WHOLE = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

export function catalogReads({ ask, errorOf, jsonOf, trouble }: Edges): CatalogReads & CatalogLook {
  return {
    async look(refs) {
      const answer = await ask('POST', 'entities/by-refs', { entityRefs: refs, fields: WHOLE })
      const of = new Map<string, Shown | undefined>(refs.map(ref => [ref.toLowerCase(), undefined]))
      if (errorOf(answer) === 'NotAllowedError') return { result: 'look', of }
      const items = answer.status === 200 ? fieldOf(jsonOf(answer), 'items') : undefined
      if (!Array.isArray(items) || items.length !== refs.length) return trouble(answer)
      for (const [i, ref] of refs.entries()) of.set(ref.toLowerCase(), shownIn(items[i]))
      return { result: 'look', of }
    },
    async origins(refs) {
      const of = new Map<string, Origin>()
      for (let from = 0; from < refs.length; from += REFS_AT_ONCE) {
        const entityRefs = refs.slice(from, from + REFS_AT_ONCE)
        const answer = await ask('POST', 'entities/by-refs', {
          entityRefs,
          fields: ['metadata.uid', 'metadata.annotations'],
        })
        if (errorOf(answer) === 'NotAllowedError') return { result: 'origins', of }
        const items = answer.status === 200 ? fieldOf(jsonOf(answer), 'items') : undefined
        if (!Array.isArray(items) || items.length !== entityRefs.length) return trouble(answer)
        for (const [i, ref] of entityRefs.entries()) {
          const metadata = fieldOf(items[i], 'metadata')
          const [uid, from] = [fieldOf(metadata, 'uid'), fieldOf(fieldOf(metadata, 'annotations'), ORIGIN)]
          const origin = fieldOf(fieldOf(metadata, 'annotations'), FIRST_ORIGIN)
          if (typeof from === 'string')
            of.set(ref.toLowerCase(), {
              uid: String(uid),
              from: from.replace(/^url:/, ''),
              ...(typeof origin === 'string' ? { origin: origin.replace(/^url:/, '') } : {}),
            })
        }
      }
      return { result: 'origins', of }
    },
    async locationsOf(entityRef) {
      const [, ...names] = /^([^:]+):([^/]+)\/(.+)$/.exec(entityRef) ?? []
      const answer = await ask('GET', `entities/by-name/${names.map(encodeURIComponent).join('/')}/ancestry`)
      const error = errorOf(answer)
      if (error === 'NotAllowedError' || error === 'NotFoundError') return { result: 'hidden' }
      const items = answer.status === 200 ? fieldOf(jsonOf(answer), 'items') : undefined
      if (!Array.isArray(items)) return trouble(answer)
      return { result: 'locations', locations: items.flatMap(item => locationIn(fieldOf(item, 'entity'))) }
    },
    async shows() {
      const answer = await ask('GET', 'entities/by-query?limit=0')
      const total = answer.status === 200 ? fieldOf(jsonOf(answer), 'totalItems') : undefined
      if (typeof total !== 'number') return trouble(answer)
      return { result: total > 0 ? 'something' : 'nothing' }
    },
  }
}

function shownIn(item: unknown): Shown | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const metadata = fieldOf(item, 'metadata')
  const [etag, from] = [fieldOf(metadata, 'etag'), fieldOf(fieldOf(metadata, 'annotations'), ORIGIN)]
  const items = fieldOf(fieldOf(item, 'status'), 'items')
  const wrong = (Array.isArray(items) ? items : []).filter(
    one => fieldOf(one, 'type') === PROCESSING && fieldOf(one, 'level') === 'error',
  )
  const errors = wrong.slice(0, MOST_ERRORS).map(one => cutText(String(fieldOf(one, 'message')), ERROR_CHARACTERS))
  return {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof from === 'string' ? { from: from.replace(/^url:/, '') } : {}),
    errors,
    data: item as Record<string, unknown>,
  }
}

/** One that the catalog has made of a URL, or that stands in a file, whose targets count from there. */
function locationIn(entity: unknown): { ref: string; target: string }[] {
  const metadata = fieldOf(entity, 'metadata')
  const { name, namespace = 'default' } = { name: fieldOf(metadata, 'name'), namespace: fieldOf(metadata, 'namespace') }
  if (fieldOf(entity, 'kind') !== 'Location' || typeof name !== 'string') return []
  const origin = String(fieldOf(fieldOf(metadata, 'annotations'), ORIGIN) ?? '').replace(/^url:/, '')
  const spec = fieldOf(entity, 'spec')
  const targets = [fieldOf(spec, 'target'), ...[fieldOf(spec, 'targets')].flat()]
  return targets.flatMap(target => {
    const url = typeof target === 'string' ? URL.parse(target, origin === '' ? undefined : origin) : null
    return url === null ? [] : [{ ref: `location:${namespace}/${name}`.toLowerCase(), target: url.href }]
  })
}
