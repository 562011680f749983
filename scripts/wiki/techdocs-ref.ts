// The annotation by which Backstage finds the docs, added to the entity of a catalog file; every other byte of it stays.

import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml'

const ANNOTATION = 'backstage.io/techdocs-ref'

export type Added =
  | { result: 'added'; text: string; entity: string }
  /** One of its entities has it. */
  | { result: 'there' }
  | { result: 'not-possible'; reason: string }

/** The first Component, else the first entity that is no Location. */
export function addTechdocsRef(text: string): Added {
  const documents = parseAllDocuments(text, { keepSourceTokens: true, lineCounter: new LineCounter() })
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0))
    return { result: 'not-possible', reason: 'it is no valid YAML' }
  const entities = documents.map(({ contents }): unknown => contents).filter(one => isMap(one))
  if (entities.some(entity => entity.hasIn(['metadata', 'annotations', ANNOTATION]))) return { result: 'there' }
  const kindOf = (entity: YAMLMap) => String(entity.get('kind'))
  const entity = entities.find(one => kindOf(one) === 'Component') ?? entities.find(one => kindOf(one) !== 'Location')
  const metadata = entity?.get('metadata')
  if (!entity || !isMap(metadata)) return { result: 'not-possible', reason: 'it has no entity with metadata' }
  const now = withAnnotation(text, metadata)
  if (now === undefined || !isOnlyAdded(text, now))
    return { result: 'not-possible', reason: 'its metadata are written in a form that is not changed by machine' }
  return { result: 'added', text: now, entity: `${kindOf(entity).toLowerCase()} ${String(metadata.get('name'))}` }
}

function withAnnotation(text: string, metadata: YAMLMap): string | undefined {
  const annotations = metadata.get('annotations', true)
  const target = isMap(annotations) ? annotations : annotations === undefined ? metadata : undefined
  const first = target?.items[0]?.key
  if (target === undefined || target.flow || !isScalar(first) || !first.range) return undefined
  const lineStart = text.lastIndexOf('\n', first.range[0] - 1) + 1
  const indent = text.slice(lineStart, first.range[0])
  // `metadata: &x` and the like have their first key elsewhere than at the beginning of a line.
  if (!/^ +$/.test(indent)) return undefined
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const line = `${ANNOTATION}: dir:.${lineEnd}`
  const lines = target === metadata ? `${indent}annotations:${lineEnd}${indent}  ${line}` : `${indent}${line}`
  // After the name, where a person would write it: before the key that comes next.
  const place = target === metadata ? afterName(text, metadata, lineStart) : lineStart
  return `${text.slice(0, place)}${lines}${text.slice(place)}`
}

function afterName(text: string, metadata: YAMLMap, otherwise: number): number {
  const name = metadata.get('name', true)
  if (!isScalar(name) || !name.range) return otherwise
  const end = text.indexOf('\n', name.range[1])
  return end < 0 ? otherwise : end + 1
}

/** Read again, it is what it was, and the annotation. */
function isOnlyAdded(before: string, after: string): boolean {
  const values = (text: string) => parseAllDocuments(text).map((document): unknown => document.toJS())
  const now = values(after)
  const added = now.filter(value => JSON.stringify(value)?.includes(`"${ANNOTATION}":"dir:."`))
  return added.length === 1 && isDeepStrictEqual(now.map(withoutAnnotation), values(before).map(withoutAnnotation))
}

function withoutAnnotation(value: unknown): unknown {
  const copy = structuredClone(value) as { metadata?: { annotations?: Record<string, unknown> } } | null
  const metadata = copy?.metadata
  if (metadata?.annotations === undefined || metadata.annotations === null) return copy
  delete metadata.annotations[ANNOTATION]
  if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations
  return copy
}
