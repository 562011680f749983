// The envelope: what every entity needs before its kind is looked at, and fields at the root that are none.
import { nearest } from '../../../schemas/nearest.ts'
import { describe, type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Value } from '../parse.ts'
import type { Path } from '../position.ts'
import type { Source } from '../source.ts'
import { otherSignIn, withoutColon, wordsOf } from '../syntax/slips.ts'
import { whatToAdd } from './intent.ts'
import { usualApiVersion } from './kind.ts'
import { METADATA_FIELDS, ROOT_FIELDS, SPEC_FIELDS } from './known-fields.ts'
import { rightForm } from './right-form.ts'
import { unsaidRelations } from './root-relations.ts'

const WRITTEN_BY_CATALOG = ['relations', 'status']

const added = (path: Path) => {
  const add = whatToAdd(path)
  return add === undefined ? {} : { add }
}

/** Unknown root fields and missing ones are one finding where the one is a misspelling of the other. */
export function checkRoot(subject: Subject, found: Found): void {
  const { written } = subject
  const missing = new Set(ROOT_FIELDS.slice(0, 3).filter(field => !Object.hasOwn(written, field)))
  for (const field of Object.keys(written)) {
    if (ROOT_FIELDS.includes(field)) continue
    const close = nearest(field, ROOT_FIELDS).filter(known => !Object.hasOwn(written, known))
    const meant = close.find(known => missing.has(known))
    if (meant !== undefined) {
      missing.delete(meant)
      found({
        code: 'missing-field',
        facts: { field: meant, name: meant, examples: [], nearMiss: field },
        path: [field],
        part: 'key',
      })
    } else if (WRITTEN_BY_CATALOG.includes(field)) {
      const unsaid = field === 'relations' ? unsaidRelations(written[field], subject) : {}
      found({ code: 'root-relations', facts: { field, ...unsaid }, path: [field], part: 'key' })
    } else {
      const belongsIn = METADATA_FIELDS.includes(field) ? 'metadata' : SPEC_FIELDS.includes(field) ? 'spec' : undefined
      const misplaced = belongsIn || close.length > 0 ? [] : nearest(field, METADATA_FIELDS)
      const way = occupied(written, belongsIn ?? 'metadata', belongsIn ? field : misplaced[0], written[field])
      const facts = {
        field,
        where: 'at the root of an entity',
        known: ROOT_FIELDS,
        close: misplaced.length > 0 ? misplaced : close,
        ...(misplaced.length > 0 ? { belongsIn: 'metadata' } : {}),
        ...(belongsIn ? { belongsIn } : {}),
        ...way,
        ...(field.startsWith('//') ? { way: 'write "#" in the place of "//"' } : {}),
        ...(/\S\s+\S+\s+\S/.test(field) && written[field] === null
          ? { way: 'remove the line: it is no part of the YAML' }
          : {}),
        ...(/^x-/i.test(field) ? { way: 'remove it: the catalog accepts no fields of your own here' } : {}),
        ...(field === '$schema' && typeof written[field] === 'string' ? { comment: schemaLine(written[field]) } : {}),
      }
      found({ code: 'unknown-field', facts, path: [field], part: 'key' })
    }
  }
  for (const field of missing) {
    const examples = field === 'apiVersion' ? ['backstage.io/v1alpha1'] : field === 'kind' ? ['Component'] : []
    const facts = { field, name: field, examples, ...added([field]) }
    found({ code: 'missing-field', facts, path: [field], part: 'map' })
  }
}

/** The map in which it belongs has such a field already. */
function occupied(written: Value, belongsIn: string, field: string | undefined, value: unknown): { way?: string } {
  if (field === undefined || !Object.hasOwn(mapAt(written, belongsIn), field)) return {}
  return {
    way:
      Object(value) === value
        ? `move what is below it into ${belongsIn}.${field}`
        : `remove the line: ${belongsIn} has "${field}" already`,
  }
}

/** How an editor is told of the schema. */
const schemaLine = (url: string) => `# yaml-language-server: $schema=${url}`

/** EntityEnvelope.schema.json: apiVersion, kind, metadata.name and metadata.namespace are strings with something in them. */
export function checkEnvelope({ written, profile, source }: Subject, found: Found): void {
  if (Object.hasOwn(written, 'metadata') && !isMapValue(written.metadata)) {
    const glued = /^([A-Za-z][\w.-]*):(\S+)$/.exec(String(written.metadata))
    if (typeof written.metadata === 'string' && glued) {
      const spaced = { after: 'the colon', proposal: `${glued[1]}: ${glued[2]}` }
      found({ code: 'yaml-missing-space', facts: spaced, path: ['metadata'], part: 'value' })
    } else {
      const text = source(['metadata'])?.text ?? ''
      const other = otherSignIn(text)
      const facts = other === undefined ? withoutColon(text) : wordsOf(other)
      if (facts === undefined) found(mistyped(['metadata'], written.metadata, 'a map', source))
      else found({ code: 'yaml-syntax', facts, path: ['metadata'], part: 'value' })
    }
  }
  if (isMapValue(written.metadata) && !Object.hasOwn(written.metadata, 'name')) tellMissingName(written.metadata, found)
  const usual = usualApiVersion(profile, written.kind) ?? 'backstage.io/v1alpha1'
  for (const [path, example] of [
    [['apiVersion'], usual],
    [['kind'], 'Component'],
    [['metadata', 'name'], undefined],
    [['metadata', 'namespace'], 'default'],
  ] as const) {
    const [name, ...below] = path.toReversed()
    const parent = below.length > 0 ? mapAt(written, 'metadata') : written
    if (name === undefined || !Object.hasOwn(parent, name)) continue
    const value = parent[name]
    if (value === '') {
      const { hint } = mistyped(path, null, 'a string', source, example).facts
      found({
        code: 'empty-field',
        facts: { field: path.join('.'), expected: 'a string', ...wayOut(hint) },
        path,
        part: 'value',
      })
    } else if (typeof value !== 'string') {
      const finding = mistyped(path, value, 'a string', source, example)
      // Whatever stands there, another string is meant than that in quotes.
      const hint = name === 'apiVersion' ? `write "apiVersion: ${usual}"` : finding.facts.hint
      found({ ...finding, facts: { ...finding.facts, ...wayOut(hint) } })
    }
  }
}

const wayOut = (hint: string | undefined) => (hint === undefined ? {} : { hint })

/** Of the envelope only the namespace and the annotations can be left out. */
function mistyped(path: Path, value: unknown, expected: string, source: Source, example?: string) {
  const isOptional = () => path[1] === 'namespace' || path[1] === 'annotations'
  const facts = {
    field: path.join('.'),
    expected,
    found: describe(value, source(path)?.text),
    ...wayOut(rightForm({ path, value, expected, source, isOptional, example })),
  }
  return { code: 'wrong-type', facts, path, part: 'value' } as const
}

function tellMissingName(metadata: Value, found: Found): void {
  const near = nearest(
    'name',
    Object.keys(metadata)
      .filter(key => !METADATA_FIELDS.includes(key))
      .slice(0, 100),
  )[0]
  const facts = { field: 'metadata.name', name: 'name', examples: [], ...added(['metadata', 'name']) }
  if (near === undefined) found({ code: 'missing-field', facts, path: ['metadata', 'name'], part: 'map' })
  else found({ code: 'missing-field', facts: { ...facts, nearMiss: near }, path: ['metadata', near], part: 'key' })
}

/** What the catalog replaces when it is empty (null, '', 0 and false pass), and refuses when it is anything else but a map. */
export function checkAnnotations({ written, source }: Subject, found: Found): void {
  const annotations = mapAt(written, 'metadata').annotations
  if (annotations && !isMapValue(annotations))
    found(mistyped(['metadata', 'annotations'], annotations, 'a map', source))
}

/** Whether the catalog's collector takes it: without that much it takes nothing of the whole file. */
export function isEnvelope({ apiVersion, kind, metadata }: Value): boolean {
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (!isText(apiVersion) || !isText(kind) || !isMapValue(metadata)) return false
  const { name, namespace = 'default', annotations } = metadata
  return isText(name) && isText(namespace) && (!annotations || isMapValue(annotations))
}
