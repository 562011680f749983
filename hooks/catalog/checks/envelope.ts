// The envelope: what every entity needs before its kind is looked at, and fields at the root that are none.
import { nearest } from '../../../schemas/nearest.ts'
import { describe, type Found, isMapValue, mapAt, type Subject } from '../check.ts'

const ROOT_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec']
const WRITTEN_BY_CATALOG = ['relations', 'status']
const SPEC_FIELDS = [
  'type',
  'owner',
  'lifecycle',
  'system',
  'definition',
  'dependsOn',
  'providesApis',
  'consumesApis',
  'subcomponentOf',
  'targets',
  'target',
  'memberOf',
  'children',
  'parent',
  'profile',
]
const METADATA_FIELDS = ['name', 'namespace', 'title', 'description', 'labels', 'annotations', 'tags', 'links']

/** Unknown root fields and missing ones are one finding where the one is a misspelling of the other. */
export function checkRoot({ written }: Subject, found: Found): void {
  const missing = new Set(ROOT_FIELDS.slice(0, 3).filter(field => !Object.hasOwn(written, field)))
  for (const field of Object.keys(written)) {
    if (ROOT_FIELDS.includes(field)) continue
    const close = nearest(field, ROOT_FIELDS).filter(known => !Object.hasOwn(written, known))
    const meant = close.find(known => missing.has(known))
    if (meant !== undefined) {
      missing.delete(meant)
      found({
        code: 'missing-field',
        facts: { field: meant, examples: [], nearMiss: field },
        path: [field],
        part: 'key',
      })
    } else if (WRITTEN_BY_CATALOG.includes(field)) {
      found({ code: 'root-relations', facts: { field }, path: [field], part: 'key' })
    } else {
      const belongsIn = METADATA_FIELDS.includes(field) ? 'metadata' : SPEC_FIELDS.includes(field) ? 'spec' : undefined
      const facts = {
        field,
        where: 'at the root of an entity',
        known: ROOT_FIELDS,
        close,
        ...(belongsIn ? { belongsIn } : {}),
      }
      found({ code: 'unknown-field', facts, path: [field], part: 'key' })
    }
  }
  for (const field of missing) {
    const examples = field === 'apiVersion' ? ['backstage.io/v1alpha1'] : field === 'kind' ? ['Component'] : []
    found({ code: 'missing-field', facts: { field, examples }, path: [field], part: 'map' })
  }
}

/** EntityEnvelope.schema.json: apiVersion, kind, metadata.name and metadata.namespace are texts with something in them. */
export function checkEnvelope({ written, profile }: Subject, found: Found): void {
  const texts: [path: string[], examples: string[]][] = [
    [['apiVersion'], ['backstage.io/v1alpha1']],
    [['kind'], profile.kinds.map(({ kind }) => kind)],
    [['metadata', 'name'], []],
    [['metadata', 'namespace'], ['default']],
  ]
  if (Object.hasOwn(written, 'metadata') && !isMapValue(written.metadata)) {
    const facts = { field: 'metadata', expected: 'a map', found: describe(written.metadata), examples: [] }
    found({ code: 'wrong-type', facts, path: ['metadata'], part: 'value' })
    return
  }
  for (const [path, examples] of texts) {
    const name = path.at(-1) ?? ''
    const parent = path.length > 1 ? mapAt(written, 'metadata') : written
    const field = path.join('.')
    if (!Object.hasOwn(parent, name)) {
      if (field === 'metadata.name' && isMapValue(written.metadata)) {
        found({ code: 'missing-field', facts: { field, examples: [] }, path: [...path], part: 'map' })
      }
      continue
    }
    const value = parent[name]
    if (value === '') found({ code: 'empty-field', facts: { field, examples }, path, part: 'value' })
    else if (typeof value !== 'string') {
      found({
        code: 'wrong-type',
        facts: { field, expected: 'a text', found: describe(value), examples },
        path,
        part: 'value',
      })
    }
  }
}

/** What the catalog replaces when it is empty (null, '', 0 and false pass), and refuses when it is anything else but a map. */
export function checkAnnotations({ written }: Subject, found: Found): void {
  const annotations = mapAt(written, 'metadata').annotations
  if (annotations && !isMapValue(annotations)) {
    const facts = { field: 'metadata.annotations', expected: 'a map', found: describe(annotations), examples: [] }
    found({ code: 'wrong-type', facts, path: ['metadata', 'annotations'], part: 'value' })
  }
}
