// Placeholders: an object whose single key is $text, say, stands for the content of a file (PlaceholderProcessor).
import type { Code } from '../../diagnostics/codes.ts'
import { describe, type Found, isMapValue, type Located } from '../check.ts'
import type { Destination } from '../destination.ts'
import type { Path } from '../position.ts'
import { type QuotedFiles, resolve, resolveBundled } from '../quoted.ts'
import { UNKNOWN } from '../unknown.ts'
import { type Place, readingOf } from './placeholder-url.ts'

/**
 * A file that a placeholder quotes, as it is written: a relative path or a URL. `isOwn`: of the site's own making, so that it may be neither.
 * `file`: where it lies in the tree, as far as that can be told. `state`: whether what it holds was judged. `mayBeData`: where the openapi
 * module is not installed it is a map like any other.
 */
export type Quote = {
  target: string
  path: Path
  isOwn?: true
  mayBeData?: true
  file?: string
  /** Files that that one names in turn. */
  refs?: readonly string[]
  state: 'read' | 'unread' | 'absent'
}

/** `names`: those that the catalog resolves, without "$". `kind`: the entity's. `files`: what is known of quoted files, by their paths in the tree. */
export type Placeholders = {
  names: readonly string[]
  kind: unknown
  place: Place
  found: Found
  quotes: Quote[]
  leadsTo: (target: string) => Destination
  files: QuotedFiles
}

/** The value with every placeholder replaced by what its file holds, or could hold. Both sides of a `$` key are left alone, as in the catalog. */
export function replacePlaceholders(value: unknown, placeholders: Placeholders, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, i) => replacePlaceholders(item, placeholders, [...path, i]))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  if (!entries.some(([key]) => key.startsWith('$'))) {
    return Object.fromEntries(
      entries.map(([key, item]) => [key, replacePlaceholders(item, placeholders, [...path, key])]),
    )
  }
  const [only] = entries
  if (only === undefined || entries.length !== 1 || !placeholders.names.includes(only[0].slice(1))) return value
  // The envelope is looked at before placeholders are.
  if (ENVELOPE.includes(path.join('.'))) return value
  const [placeholder, target] = only
  const at = [...path, placeholder]
  const mayBeData =
    isBundled(placeholder) && !isOnlyText(path.join('.'), placeholders.kind) ? { mayBeData: true as const } : {}
  if (typeof target === 'string') return readPlaceholder(placeholder, { target, path: at, ...mayBeData }, placeholders)
  if (mayBeData.mayBeData) {
    placeholders.quotes.push({ target: describe(target), path: at, ...mayBeData, state: 'absent' })
    return UNREAD_TEXT
  }
  const facts = { placeholder, found: describe(target) }
  placeholders.found({ code: 'placeholder-value', facts, path: at, part: 'value' })
  return standsFor(placeholder)
}

/** No map will do: an API's definition, and but for Locations a map that lacks what is required below spec. */
const isOnlyText = (place: string, kind: unknown) =>
  place === 'spec' ? kind !== 'Location' : place === 'spec.definition' && kind === 'API'

const ENVELOPE = ['', 'apiVersion', 'kind', 'metadata', 'metadata.name', 'metadata.namespace']

/** What it stands for. Of what cannot be read nothing is judged; a text is one all the same. */
function readPlaceholder(placeholder: string, named: Omit<Quote, 'state'>, given: Placeholders): unknown {
  const { found, quotes } = given
  const { target, path, mayBeData } = named
  const unread = standsFor(placeholder)
  const isOwn = !RESOLVERS.includes(placeholder)
  const reading = isOwn ? 'possible' : readingOf(target, given.place)
  if (reading !== 'possible') {
    quotes.push({ ...named, state: mayBeData ? 'absent' : 'unread' })
    if (mayBeData) return unread
    const code = reading === 'no file' ? 'placeholder-url' : 'placeholder-repository'
    found({ code, facts: { placeholder, target }, path, part: 'value' })
    return unread
  }
  const destination = given.leadsTo(target)
  const file = destination.to === 'file' ? { file: destination.path } : {}
  const quote = { ...named, ...file, ...(isOwn ? { isOwn } : {}) }
  const held = file.file === undefined ? undefined : given.files.get(file.file)
  if (held?.result !== 'text' || isOwn) {
    // Of a folder GHES gives the list of its files, which is a text to a placeholder.
    quotes.push({ ...quote, state: !isOwn && held?.result === 'absent' ? 'absent' : 'unread' })
    return unread
  }
  const bundled = isBundled(placeholder)
  const resolved = bundled ? resolveBundled(held) : resolve(placeholder.slice(1), held.text)
  const refs = bundled && held.refs !== undefined ? { refs: held.refs } : {}
  quotes.push({ ...quote, ...refs, state: resolved.result === 'value' && !bundled ? 'read' : 'unread' })
  if (resolved.result === 'value') return bundled ? unread : resolved.value
  if (resolved.result === 'refused' && !mayBeData) {
    const facts = { placeholder, target, problem: resolved.problem }
    found({ code: 'placeholder-content', facts, path, part: 'value' })
  }
  return unread
}

const RESOLVERS = ['$text', '$json', '$yaml', '$openapi', '$asyncapi']
/** What their file becomes, with what it names in turn, is not read here. */
const isBundled = (placeholder: string) => ['$openapi', '$asyncapi'].includes(placeholder)

/** A text for certain, or not known. */
const standsFor = (placeholder: string): unknown =>
  ['$text', '$openapi', '$asyncapi'].includes(placeholder) ? UNREAD_TEXT : UNKNOWN

/** Of a quoted text that was not read only this is certain: that it is one. What it breaks by its letters is not. */
const UNREAD_TEXT = '{}'

const OF_LETTERS: readonly Code[] = [
  ...(['name-format', 'namespace-format', 'label-value', 'tag-format', 'link-url', 'link-text'] as const),
  ...(['entity-ref', 'wrong-value', 'empty-field', 'schema-rule', 'location-type', 'key-case'] as const),
]

/** Whether what is found is certain: not where it depends on the letters of a text that was not read. */
export function isCertain({ code, path, facts }: Located, quotes: readonly Quote[]): boolean {
  if (code === 'wrong-type' && facts.expected === 'a map') {
    // As data it would be a map, but one with a key that no label may have.
    const isOfLabels = path.join('.') === 'metadata.labels'
    return (
      isOfLabels ||
      !quotes.some(quote => quote.mayBeData && quote.path.length === path.length + 1 && isBelow(path, quote))
    )
  }
  if (!OF_LETTERS.includes(code)) return true
  return !quotes.some(quote => quote.state !== 'read' && isBelow(path, quote))
}

/** Whether a place is in what a quote stands for. */
export function isBelow(path: Path, quote: Quote): boolean {
  const place = quote.path.slice(0, -1)
  return path.length >= place.length && place.every((part, i) => String(part) === String(path[i]))
}

/** A key with "$" beside others: below its map the catalog resolves nothing. `above`: the way to that map. */
export function keepsFromReading(entity: unknown, path: Path): { key: string; above: Path } | undefined {
  let at = entity
  for (const [i, part] of path.entries()) {
    if (typeof at !== 'object' || at === null) return undefined
    const keys = Array.isArray(at) ? [] : Object.keys(at)
    const key = keys.length > 1 ? keys.find(one => one.startsWith('$') && one !== part) : undefined
    if (key !== undefined) return { key, above: path.slice(0, i) }
    at = Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined
  }
  return undefined
}

/** The placeholder that a value was meant to be and is not, since none of this name is known: the catalog keeps it as a map. */
export function unknownPlaceholder(value: unknown): { placeholder: string; target: string } | undefined {
  const [only, ...more] = isMapValue(value) ? Object.entries(value) : []
  const [placeholder, target] = only ?? []
  if (placeholder === undefined || !/^\$[^\s{]/.test(placeholder) || more.length > 0) return undefined
  return typeof target === 'string' ? { placeholder, target } : undefined
}
