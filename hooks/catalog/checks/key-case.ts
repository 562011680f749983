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
