// What the catalog makes of a document before it judges it: its own annotations put in, placeholders replaced, merged as lodash does.
import { isMapValue } from './check.ts'
import { type Placeholders, replacePlaceholders } from './checks/placeholder.ts'
import type { Value } from './parse.ts'
import { isUnknown } from './unknown.ts'

/**
 * AnnotateLocationEntityProcessor merges its annotations in by lodash's merge, after the placeholders and before anything judges: a map or
 * list under the key __proto__ is lost by that, at any depth. (A text stays: it is put there as it is.)
 */
const afterMerge = (value: Value): Value => (holdsProto(value) ? (withoutProto(value) as Value) : value)

/** In JSON, such a key, and one of a placeholder: nearly no entity has the former, and most have none of the latter. */
const PROTO = '"__proto__"'
const DOLLAR = '"$'

function holdsProto(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsProto)
}

/** A quoted text is none by then. */
function withoutProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProto)
  if (!isMapValue(value) || isUnknown(value)) return value
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      key !== '__proto__' || item === null || typeof item !== 'object' || Object.keys(item).join() === '$text',
  )
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutProto(item)]))
}

/** Written by the catalog over whatever the file says, before anything judges it. */
const MANAGED_BY = {
  'backstage.io/managed-by-location': 'url:file',
  'backstage.io/managed-by-origin-location': 'url:file',
}

/** `value`: the entity as its own fields are read. `judged`: as the policies see it, annotations a map, through JSON once, placeholders replaced. */
export function openJudged(written: Value): { value: Value; judged: (placeholders: Placeholders) => Value } {
  const json = JSON.stringify(annotated(written))
  const judged = (placeholders: Placeholders) => {
    const plain: unknown = JSON.parse(json)
    const entity = (json.includes(DOLLAR) ? replacePlaceholders(plain, placeholders) : plain) as Value
    // What a quoted file holds may bring one in.
    return json.includes(PROTO) || placeholders.quotes.length > 0 ? afterMerge(entity) : entity
  }
  return { value: json.includes(PROTO) ? afterMerge(written) : written, judged }
}

const annotated = (value: Value): Value =>
  isMapValue(value.metadata)
    ? { ...value, metadata: { ...value.metadata, annotations: managed(value.metadata.annotations || {}) } }
    : value

const managed = (annotations: unknown) => (isMapValue(annotations) ? { ...annotations, ...MANAGED_BY } : annotations)
