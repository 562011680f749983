// Placeholders: an object whose single key is $text, say, stands for the content of a file (PlaceholderProcessor).
import { describe, type Found, isMapValue } from '../check.ts'
import type { Path } from '../position.ts'
import { isUnknown, UNKNOWN } from '../unknown.ts'
import { type Place, readingOf } from './placeholder-url.ts'

/** A file that a placeholder quotes, as it is written: a relative path or a URL. `isOwn`: of the site's own making, so that it may be neither. */
export type Quote = { target: string; path: Path; isOwn?: true }

/** `names`: those that the catalog resolves, without "$". */
export type Placeholders = { names: readonly string[]; place: Place; found: Found; quotes: Quote[] }

/** The value with every placeholder replaced by what its file could be at best. Both sides of a `$` key are left alone, as in the catalog. */
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
  const [placeholder, target] = only
  readPlaceholder(placeholder, target, placeholders, [...path, placeholder])
  return standsFor(placeholder)
}

function readPlaceholder(
  placeholder: string,
  target: unknown,
  { place, found, quotes }: Placeholders,
  path: Path,
): void {
  if (typeof target !== 'string') {
    found({ code: 'placeholder-value', facts: { placeholder, found: describe(target) }, path, part: 'value' })
    return
  }
  const isOwn = isUnknown(standsFor(placeholder))
  quotes.push({ target, path, ...(isOwn ? { isOwn } : {}) })
  const reading = isOwn ? 'possible' : readingOf(target, place)
  if (reading === 'possible') return
  const code = reading === 'no file' ? 'placeholder-url' : 'placeholder-repository'
  found({ code, facts: { placeholder, target }, path, part: 'value' })
}

/** A text, or a map; what one of the site's own stands for, only that knows. */
function standsFor(placeholder: string): unknown {
  if (['$text', '$openapi', '$asyncapi'].includes(placeholder)) return '{}'
  return ['$json', '$yaml'].includes(placeholder) ? {} : UNKNOWN
}

/** The placeholder that a value was meant to be and is not, since none of this name is known: the catalog keeps it as a map. */
export function unknownPlaceholder(value: unknown): { placeholder: string; target: string } | undefined {
  const [only, ...more] = isMapValue(value) ? Object.entries(value) : []
  const [placeholder, target] = only ?? []
  if (placeholder === undefined || !/^\$[^\s{]/.test(placeholder) || more.length > 0) return undefined
  return typeof target === 'string' ? { placeholder, target } : undefined
}
