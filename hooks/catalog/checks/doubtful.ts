// What the catalog takes and then reads otherwise than its writer thinks: literal merge keys, annotations of its own, YAML 1.1, a file name.
import type { Document } from 'yaml'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'

/** Written by the catalog itself: whatever a file says in them is replaced or misleads (well-known annotations of Backstage). */
const OWN_ANNOTATIONS = [
  'backstage.io/managed-by-location',
  'backstage.io/managed-by-origin-location',
  'backstage.io/orphan',
]

export function checkOwnAnnotations({ written }: Subject, found: Found): void {
  const annotations = mapAt(mapAt(written, 'metadata'), 'annotations')
  for (const key of OWN_ANNOTATIONS) {
    if (!Object.hasOwn(annotations, key)) continue
    found({ code: 'catalog-annotation', facts: { key }, path: ['metadata', 'annotations', key], part: 'key' })
  }
}

/** `<<: *defaults`: the catalog parses with merge off (backstage#31063), so that `<<` stays a key like any other. */
export function checkMergeKeys({ entity }: Subject, found: Found): void {
  const todo: { value: unknown; path: Path }[] = [{ value: entity, path: [] }]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { value, path } = next
    if (Array.isArray(value)) for (const [i, item] of value.entries()) todo.push({ value: item, path: [...path, i] })
    if (!isMapValue(value)) continue
    for (const [key, item] of Object.entries(value)) {
      if (key === '<<' && isMapValue(item))
        found({ code: 'merge-key', facts: { keys: Object.keys(item).slice(0, 4) }, path: [...path, key], part: 'key' })
      else if (typeof item === 'object') todo.push({ value: item, path: [...path, key] })
    }
  }
}

/** `%YAML 1.1` changes what yes, 010 and dates are for this one document. */
export const isYaml11 = (document: Document) =>
  document.directives?.yaml.explicit === true && document.directives.yaml.version === '1.1'

/** The discovery of Backstage looks for `catalog-info.yaml` unless it is told otherwise. */
export function checkFileName(path: string, found: Found): void {
  if (path.split('/').at(-1) === 'catalog-info.yml')
    found({ code: 'file-name', facts: { found: 'catalog-info.yml' }, path: [], part: 'map' })
}
