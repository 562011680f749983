// What every check gets and gives: the entity of one document, and a way to say what is wrong at a path in it.
import type { KindVersion, Profile } from '../../schemas/profile.ts'
import type { Code, Facts } from '../diagnostics/codes.ts'
import { clip } from '../diagnostics/wording.ts'
import type { Value } from './parse.ts'
import type { Path } from './position.ts'
import type { Source } from './source.ts'

/** A finding that still knows its place as a path; `part` says whether the key or the value is meant, `map` the map it is missing from. */
export type Located = {
  [C in Code]: {
    code: C
    facts: Facts[C]
    path: Path
    part: 'key' | 'value' | 'map'
    second?: { path: Path; text: string }
  }
}[Code]

export type Found = (finding: Located) => void

export type Subject = {
  /** As the file has it, after YAML. */
  written: Value
  /** As the catalog judges it: through JSON, annotations a map, placeholders replaced. */
  entity: Value
  profile: Profile
  /** The version of the kind that the entity names, when there is one. */
  version: KindVersion | undefined
  /** What stands in the file at a path. */
  source: Source
}

export const isMapValue = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The map below a key, empty when it is none: another check tells what it is instead. */
export const mapAt = (value: unknown, key: string): Value => {
  const found = isMapValue(value) ? value[key] : undefined
  return isMapValue(found) ? found : {}
}

/** `.inf`, `.nan` and `1e400` are numbers to YAML, and nothing in JSON. */
export const isEndless = (value: unknown, written: string | undefined): boolean =>
  value === null && /^(?:[-+]?\.inf|\.nan|[-+]?\d[\d.]*(?:e\+?\d+)?)$/i.test(written ?? '')

/** What a value is, in words: `a number (5)`; of a scalar, as it stands in the file where that is known. */
export function describe(value: unknown, written?: string): string {
  if (isEndless(value, written)) return `a number (${written})`
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const text = written === undefined || written === '' ? String(value) : written
  if (typeof value === 'boolean') return `a boolean (${clip(text, 40)})`
  if (typeof value === 'number') return `a number (${clip(text, 40)})`
  return `a string (${JSON.stringify(clip(value.toString(), 40))})`
}
