// Keys that differ only in letter case: the catalog takes the entity in and then never shows it (stitcher, buildEntitySearch; backstage#30046).
import { type Found, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'

const NOT_SEARCHED = new Set([
  'attachments',
  'relations',
  'status',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.etag',
])

export function checkKeyCase({ entity }: Subject, found: Found): void {
  if (!mayHaveTwins(entity)) return
  const keys = searchKeys(entity)
  const byLower = new Map<string, string>()
  for (const [key, place] of keys) {
    const lower = key.toLowerCase()
    const other = byLower.get(lower)
    if (other === undefined) {
      byLower.set(lower, key)
      continue
    }
    const [path, first] = [pathOf(place), pathOf(keys.get(other))]
    const facts = { key: nameIn(key, path, other, first), other: nameIn(other, first, key, path) }
    found({
      code: 'key-case',
      facts,
      path,
      part: 'key',
      second: { path: first, text: 'the other one' },
    })
  }
}

/**
 * Whether two keys can differ in case alone: between dots, two names would. Nearly every entity ends here, in a fourth of the time that all its keys take
 * (16 us of 400 a file).
 */
function mayHaveTwins(entity: object): boolean {
  const seen = new Set<string>()
  const byLower = new Map<string, string>()
  const isTwin = (text: string) => {
    if (seen.has(text)) return false
    seen.add(text)
    // The other case of a letter beyond ASCII may hang on its neighbours.
    return /[^\0-\x7f]/.test(text) || text.split('.').some(isTwinName)
  }
  const isTwinName = (name: string) => {
    const lower = name.toLowerCase()
    const other = byLower.get(lower)
    byLower.set(lower, name)
    return other !== undefined && other !== name
  }
  const todo: object[] = [{ metadata: { name: '', namespace: '', uid: '' } }, entity]
  for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
    const names = Array.isArray(value) ? value.filter(item => typeof item === 'string') : Object.keys(value)
    if (names.some(isTwin)) return true
    for (const below of Object.values(value)) if (below !== null && typeof below === 'object') todo.push(below)
  }
  return false
}

/** A path from its end: one is made for each key, and needed for nearly none. */
type Place = { part: string | number; above: Place } | undefined

const pathOf = (place: Place): Path => (place === undefined ? [] : [...pathOf(place.above), place.part])

/** The search table's keys of an entity, each with the place that made it: dotted paths, and `path.item` for texts in lists. */
function searchKeys(entity: unknown): Map<string, Place> {
  const above: Place = { part: 'metadata', above: undefined }
  const keys = new Map<string, Place>(['name', 'namespace', 'uid'].map(part => [`metadata.${part}`, { part, above }]))
  const items = new Set<string>()
  const add = (key: string, place: Place) => {
    if (!keys.has(key)) keys.set(key, place)
  }
  // Without a namespace the catalog merges the default in, by lodash's merge, which leaves out a map or list under __proto__ at any depth.
  const keepsProto = Boolean(mapAt(entity, 'metadata').namespace)
  const visit = (key: string, value: unknown, place: Place): void => {
    if (NOT_SEARCHED.has(key)) return
    if (value === null || typeof value !== 'object') {
      add(key, place)
    } else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) {
        visit(key, item, { part: i, above: place })
        // Only then put together: a map with a key "toString" becomes no text.
        if (typeof item !== 'string') continue
        const lower = `${key}.${item}`.toLowerCase()
        if (!items.has(lower)) {
          items.add(lower)
          add(`${key}.${item}`, { part: i, above: place })
        }
      }
    } else
      for (const [name, item] of Object.entries(value)) {
        const isLost = name === '__proto__' && !keepsProto && item !== null && typeof item === 'object'
        if (!isLost) visit(key ? `${key}.${name}` : name, item, { part: name, above: place })
      }
  }
  visit('', entity, undefined)
  return keys
}

/** What tells a key from another, as its writer knows it: `backstage.io/Tier` is one name, whatever its dots. */
function nameIn(key: string, path: Path, other: string, otherPath: Path): string {
  const i = path.findIndex((part, at) => part !== otherPath[at])
  const parts = i === -1 ? [] : path.slice(i)
  return parts.length > 0 && parts.every(part => typeof part === 'string') ? parts.join('.') : lastDifferent(key, other)
}

/** The part of a dotted key that tells it from another. */
function lastDifferent(key: string, other: string): string {
  const parts = key.split('.')
  const others = other.split('.')
  const i = parts.findIndex((part, at) => part !== others[at])
  return i === -1 ? key : parts.slice(i).join('.')
}
