// A hook's question about the live catalog → what it refers to and nobody knows, and what it declares and another file holds. Never a guess: rather nothing.
import type { LookupAnswer, LookupRequest } from '../../schemas/lookup.ts'
import type { Holders } from '../store/ports/holders.ts'
import { type AskerOptions, openAsker } from './asker.ts'
import { type Declared, isOwnFile, type TakenOptions, takenBy } from './taken.ts'

export type LookupOptions = AskerOptions & TakenOptions & { store: Holders }

/** `unavailable`: there is no list of the catalog, or it does not answer; nothing is called unknown then. */
export type LookupResult = { result: 'answer'; answer: LookupAnswer } | { result: 'unavailable' }
export type Lookups = (request: LookupRequest) => Promise<LookupResult>

/** Of more, a person looks at the first ones: what is like them is not looked for. */
const WITH_NEAREST = 20

export function openLookups(options: LookupOptions): Lookups {
  const { copy, host, store } = options
  const ask = openAsker(options)
  return async request => {
    const { asOfMs } = copy
    if (asOfMs === undefined) return { result: 'unavailable' }
    const declared = declaredIn(request)
    const own = new Set(declared.map(({ ref }) => ref))
    // Other forms than kind:namespace/name are no names of entities.
    const wanted = new Map(request.references.map(ref => [ref.toLowerCase(), ref]))
    const missing = [...wanted.keys()].filter(ref => isWhole(ref) && !own.has(ref) && copy.fileOf(ref) === undefined)
    const doubtful = declared.filter(one => !isOwnFile(copy.fileOf(one.ref) ?? '', one, host))
    const live = await ask([...new Set([...missing, ...doubtful.map(({ ref }) => ref)])])
    if (live === undefined) return { result: 'unavailable' }
    const taken: LookupAnswer['taken'] = []
    for (const one of doubtful) {
      const by = await takenBy(live.get(one.ref) ?? '', one, options)
      if (by !== undefined) taken.push({ ref: one.asked, by })
    }
    const absent = missing.filter(ref => !live.has(ref))
    const brought = await store.broughtLately(absent)
    const unknown = absent
      .filter(ref => !brought.has(ref))
      .map((ref, i) => ({ ref: wanted.get(ref) ?? ref, nearest: i < WITH_NEAREST ? copy.nearest(ref) : [] }))
    return { result: 'answer', answer: { unknown, taken, asOf: new Date(asOfMs).toISOString() } }
  }
}

/** An entity that stands in two of its files is both's. */
function declaredIn({ repository, ref: pushed, entities }: LookupRequest): (Declared & { asked: string })[] {
  const branch = pushed.replace(/^refs\/heads\//, '')
  const paths = Map.groupBy(entities, ({ ref }) => ref.toLowerCase())
  return [...paths].flatMap(([ref, places]) =>
    isWhole(ref) ? places.map(({ ref: asked, path }) => ({ repository, branch, ref, path, asked })) : [],
  )
}

const isWhole = (ref: string) => /^[^:/]+:[^:/]+\/[^:/]+$/.test(ref)
