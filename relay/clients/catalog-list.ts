// All of the catalog, page by page, and whether some entities are in it at this moment: what lookups are answered from.
import { fieldOf } from '../../schemas/unknown.ts'
import type { Call, HttpAnswer } from './http.ts'
import type { Trouble } from './trouble.ts'

/** `file`: the URL of the file that it comes from, or what else stands there; empty where the catalog does not say. */
type ListedEntity = { ref: string; file: string }

type PageAnswer = { result: 'page'; entities: ListedEntity[]; next?: string } | Trouble
/** Files by ref in lower case, of those that are there. */
type StandingAnswer = { result: 'standing'; of: Map<string, string> } | Trouble

export type CatalogList = {
  /** A page of all entities, from its beginning where there is no cursor. Empty, too, to a token that may not read. */
  page(cursor?: string): Promise<PageAnswer>
  /** Which of these are there now. To a token that may not read, none is. */
  standing(refs: readonly string[]): Promise<StandingAnswer>
}

type Edges = {
  ask: (method: Call['method'], path: string, body?: unknown) => Promise<HttpAnswer>
  jsonOf: (answer: HttpAnswer) => unknown
  trouble: (answer: HttpAnswer) => Trouble
}

/** Some 100 kB of answer. */
const PAGE = 500
/** With all annotations, which the real catalog and every imitation of it can pick out: some 200 kB. */
const REFS_AT_ONCE = 200
const MANAGED_BY = 'backstage.io/managed-by-location'
const FIELDS = ['kind', 'metadata.namespace', 'metadata.name', `metadata.annotations.${MANAGED_BY}`].join(',')

export function catalogList({ ask, jsonOf, trouble }: Edges): CatalogList {
  return {
    async page(cursor) {
      const query = new URLSearchParams({ limit: String(PAGE), fields: FIELDS, ...(cursor ? { cursor } : {}) })
      const answer = await ask('GET', `entities/by-query?${query}`)
      const data = answer.status === 200 ? jsonOf(answer) : undefined
      const items = fieldOf(data, 'items')
      if (!Array.isArray(items)) return trouble(answer)
      const next = fieldOf(fieldOf(data, 'pageInfo'), 'nextCursor')
      return {
        result: 'page',
        entities: items.flatMap(item => listedIn(item) ?? []),
        ...(typeof next === 'string' && next !== '' ? { next } : {}),
      }
    },
    async standing(refs) {
      const of = new Map<string, string>()
      for (let from = 0; from < refs.length; from += REFS_AT_ONCE) {
        const entityRefs = refs.slice(from, from + REFS_AT_ONCE)
        const answer = await ask('POST', 'entities/by-refs', { entityRefs, fields: ['kind', 'metadata.annotations'] })
        const items = answer.status === 200 ? fieldOf(jsonOf(answer), 'items') : undefined
        if (!Array.isArray(items) || items.length !== entityRefs.length) return trouble(answer)
        for (const [i, ref] of entityRefs.entries())
          if (typeof items[i] === 'object' && items[i] !== null) of.set(ref.toLowerCase(), fileOf(items[i]))
      }
      return { result: 'standing', of }
    },
  }
}

function listedIn(item: unknown): ListedEntity | undefined {
  const metadata = fieldOf(item, 'metadata')
  const { kind, namespace, name } = {
    kind: fieldOf(item, 'kind'),
    namespace: fieldOf(metadata, 'namespace') ?? 'default',
    name: fieldOf(metadata, 'name'),
  }
  if (typeof kind !== 'string' || typeof namespace !== 'string' || typeof name !== 'string') return undefined
  return { ref: `${kind}:${namespace}/${name}`.toLowerCase(), file: fileOf(item) }
}

function fileOf(item: unknown): string {
  const location = fieldOf(fieldOf(fieldOf(item, 'metadata'), 'annotations'), MANAGED_BY)
  return typeof location === 'string' ? location.replace(/^url:/, '') : ''
}
