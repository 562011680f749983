// What a pushed catalog file holds, and whether the catalog shows an entity as the file has it: by that, and by nothing else, it is known that this content was taken in.
import { type Document, isScalar, Lexer, parseAllDocuments, visit } from 'yaml'
import { isMap } from '../../schemas/unknown.ts'
import { isEntityRef } from './whereabouts.ts'

/** `isBroken`: something in it is no entity, so that the catalog takes nothing of the file. By ref in lower case. */
export type Documents = { isBroken: boolean; of: Map<string, Values> }

type Values = Record<string, unknown>

/** Of untrusted text: half of a second for the parser is too long for the loop that takes pushes in. */
const MOST_CHARACTERS = 128 * 1024
/** More than usual YAML has in that: the largest of our public catalog files has 9,421 in 44 kB. Nothing but signs has 130,000, which take the parser three times as long; to count so far takes a fraction of it. */
const MOST_TOKENS = 40_000

/** As the catalog has it, but that the parser compares each key with each (256 kB of them took 6 s, a frame for each of as many errors 14 s), so that we look for doubled keys ourselves. */
const OPTIONS = { merge: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** As Backstage reads it; undefined for what is too large, or beyond the parser. */
export function documentsIn(text: string): Documents | undefined {
  if (text.length > MOST_CHARACTERS || hasTooManyTokens(text)) return undefined
  const found: Documents = { isBroken: false, of: new Map() }
  try {
    for (const document of parseAllDocuments(text, OPTIONS)) {
      if (document.errors.length > 0 || hasDoubledKey(document)) {
        found.isBroken = true
        continue
      }
      const value: unknown = document.toJS()
      const ref = refOf(value)
      // Of two with one name the last counts.
      if (ref !== undefined && isMap(value)) found.of.set(ref, value)
      else if (value !== null) found.isBroken = true
    }
    return found
  } catch {
    return undefined
  }
}

function hasTooManyTokens(text: string): boolean {
  let tokens = 0
  for (const _ of new Lexer().lex(text)) if (++tokens > MOST_TOKENS) return true
  return false
}

function hasDoubledKey(document: Document.Parsed): boolean {
  let isDoubled = false
  visit(document, {
    Map: (_, { items }) => {
      const keys = items.flatMap(({ key }) => (isScalar(key) ? [key.value] : []))
      isDoubled ||= new Set(keys).size < keys.length
      return isDoubled ? visit.BREAK : undefined
    },
  })
  return isDoubled
}

function refOf(value: unknown): string | undefined {
  if (!isMap(value) || !isMap(value['metadata'])) return undefined
  const { kind } = value
  const { name, namespace = 'default' } = value['metadata']
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') return undefined
  const ref = `${kind}:${namespace}/${name}`.toLowerCase()
  return isEntityRef(ref) ? ref : undefined
}

/** `unseen`: where the two may differ, nothing shows it: a placeholder, an owner that the file leaves to CODEOWNERS. `at`: the first place where they do differ. */
export type Sameness = { as: 'same' | 'unseen' } | { as: 'other'; at: string }

export function sameness(document: Values, shown: Values): Sameness {
  const found = [
    ...['apiVersion', 'kind', 'spec'].map(key => compare(document[key], shown[key], key)),
    metadata(document['metadata'], shown['metadata']),
  ]
  return worst(found)
}

/** What the catalog puts there itself. */
const OF_THE_CATALOG = new Set(['uid', 'etag', 'generation', 'annotations', 'namespace'])
const LOCATIONS = /^backstage\.io\/(?:managed-by-|view-url|edit-url|source-location|orphan)/

function metadata(wanted: unknown, shown: unknown): Sameness {
  if (!isMap(wanted) || !isMap(shown)) return { as: 'other', at: 'metadata' }
  const of = (values: Values) => Object.fromEntries(Object.entries(values).filter(([key]) => !OF_THE_CATALOG.has(key)))
  const annotations = isMap(shown['annotations']) ? shown['annotations'] : {}
  // Processors add others to those of the file.
  const own = Object.entries(isMap(wanted['annotations']) ? wanted['annotations'] : {})
    .filter(([key]) => !LOCATIONS.test(key))
    .map(([key, value]) => compare(value, annotations[key], `metadata.annotations.${key}`))
  return worst([compare(of(wanted), of(shown), 'metadata'), ...own])
}

function compare(wanted: unknown, shown: unknown, at: string): Sameness {
  if (isPlaceholder(wanted) || (at === 'spec.owner' && wanted === undefined)) return { as: 'unseen' }
  if (Array.isArray(wanted) && Array.isArray(shown) && wanted.length === shown.length)
    return worst(wanted.map((one, i) => compare(one, shown[i], `${at}[${i}]`)))
  if (isMap(wanted) && isMap(shown)) {
    const keys = new Set([...Object.keys(wanted), ...Object.keys(shown)])
    return worst([...keys].map(key => compare(wanted[key], shown[key], `${at}.${key}`)))
  }
  return wanted === shown ? { as: 'same' } : { as: 'other', at }
}

const isPlaceholder = (value: unknown) => {
  const [key, ...more] = isMap(value) ? Object.keys(value) : []
  return key !== undefined && more.length === 0 && key.startsWith('$')
}

const worst = (found: readonly Sameness[]): Sameness =>
  found.find(({ as }) => as === 'other') ?? found.find(({ as }) => as === 'unseen') ?? { as: 'same' }
