// A JSON Schema validator's errors in words: what the field is, what was expected, and which values others use.
import { keysOfPointer } from '../../../schemas/json-pointer.ts'
import { nearest } from '../../../schemas/nearest.ts'
import type { KindVersion, SchemaError } from '../../../schemas/profile.ts'
import { describe, type Found, isMapValue, type Located } from '../check.ts'
import type { Value } from '../parse.ts'
import { rightForm, whatToAdd } from './intent.ts'
import { unknownPlaceholder } from './placeholder.ts'

const TYPES: Record<string, string> = {
  string: 'a text',
  object: 'a map',
  array: 'a list',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
}

export function explainSchemaErrors(
  errors: readonly SchemaError[],
  entity: Value,
  version: KindVersion,
  found: Found,
): void {
  // The branches of a oneOf or anyOf all complain; the choice itself is the one finding.
  const choices = errors.filter(e => e.keyword === 'oneOf' || e.keyword === 'anyOf')
  const inChoice = (e: SchemaError) => choices.some(c => c !== e && e.schemaPath.startsWith(`${c.schemaPath}/`))
  for (const error of errors) {
    if (inChoice(error)) continue
    if (error.keyword === 'oneOf' || error.keyword === 'anyOf') explainChoice(error, errors, entity, found)
    else explain(error, entity, version, found)
  }
}

/** An error with the value that it is about. */
type Broken = { error: SchemaError; path: string[]; field: string; value: unknown; entity: Value; version: KindVersion }

function explain(error: SchemaError, entity: Value, version: KindVersion, found: Found): void {
  const path = pathOf(error)
  const value = valueAt(entity, path)
  const unknown = unknownPlaceholder(value)
  if (unknown !== undefined && error.keyword !== 'additionalProperties')
    found({ code: 'placeholder-unknown', facts: unknown, path, part: 'value' })
  else found(findingOf({ error, path, field: fieldName(path), value, entity, version }))
}

function findingOf(broken: Broken): Located {
  const { error, path, field, value, version } = broken
  switch (error.keyword) {
    case 'required':
      return missingField(broken)
    case 'type':
      return wrongType(broken)
    case 'minLength': {
      const facts = { field, examples: examplesFor(version, path), ...added(whatToAdd(field)) }
      return { code: 'empty-field', facts, path, part: 'value' }
    }
    case 'enum':
    case 'const': {
      const allowed = [error.params['allowedValues'] ?? error.params['allowedValue']].flat().map(String)
      const facts = { field, found: String(value), allowed, close: nearest(String(value), allowed) }
      return { code: 'wrong-value', facts, path, part: 'value' }
    }
    case 'additionalProperties':
      return unknownField(broken)
    default: {
      const facts = { field, problem: error.message ?? `breaks the rule "${error.keyword}"` }
      return { code: 'schema-rule', facts, path, part: 'value' }
    }
  }
}

function missingField({ error, path, value, entity, version }: Broken): Located {
  const missing = String(error.params['missingProperty'])
  const at = [...path, missing]
  const near = isMapValue(value) ? misspelt(value, missing, version, path) : undefined
  const add = missing === 'spec' && path.length === 0 ? addSpec(version, entity) : whatToAdd(fieldName(at))
  const facts = {
    field: fieldName(at),
    examples: examplesFor(version, at),
    ...(near === undefined ? {} : { nearMiss: near }),
    ...added(add),
  }
  return near === undefined
    ? { code: 'missing-field', facts, path: at, part: 'map' }
    : { code: 'missing-field', facts, path: [...path, near], part: 'key' }
}

function wrongType({ error, path, field, value, entity, version }: Broken): Located {
  const expected = listedTypes([error.params['type']].flat())
  const hint =
    rightForm(field, value, expected) ??
    (value === null ? (field === 'spec' ? addSpec(version, entity) : whatToAdd(field)) : undefined)
  const examples = examplesFor(version, path)
  const facts = { field, expected, found: describe(value), examples, ...(hint === undefined ? {} : { hint }) }
  return { code: 'wrong-type', facts, path, part: 'value' }
}

function unknownField({ error, path, field, version }: Broken): Located {
  const name = String(error.params['additionalProperty'])
  const known = knownBelow(version, path)
  const where = path.length === 0 ? 'at the root of an entity' : `in ${field}`
  const facts = { field: name, where, known, close: nearest(name, known) }
  return { code: 'unknown-field', facts, path: [...path, name], part: 'key' }
}

const added = (add: string | undefined) => (add === undefined ? {} : { add })
const listedTypes = (types: unknown[]) =>
  [...new Set(types.map(type => TYPES[String(type)] ?? String(type)))].join(' or ')

/** `add "spec:" with type, lifecycle and owner`: what a spec of this kind has to have, asked of its schema. */
function addSpec(version: KindVersion, entity: Value): string {
  const errors = version.validate({ ...entity, spec: {} }) ? [] : (version.validate.errors ?? [])
  const names = errors.flatMap(e =>
    e.keyword === 'required' && e.instancePath === '/spec' ? [String(e.params['missingProperty'])] : [],
  )
  if (names.length === 0) return 'add "spec: {}"'
  return `add "spec:" and below it, indented, ${names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`}`
}

/** A value that fits none of several forms: which types these have, or that they have other rules. */
function explainChoice(error: SchemaError, errors: readonly SchemaError[], entity: Value, found: Found): void {
  const path = pathOf(error)
  const field = fieldName(path)
  const value = valueAt(entity, path)
  const below = errors.filter(e => e !== error && e.schemaPath.startsWith(`${error.schemaPath}/`))
  const types = below.filter(e => e.keyword === 'type' && e.instancePath === error.instancePath)
  if (types.length > 0 && types.length === below.length) {
    const expected = listedTypes(types.flatMap(e => [e.params['type']].flat()))
    found({ code: 'wrong-type', facts: { field, expected, found: describe(value), examples: [] }, path, part: 'value' })
    return
  }
  found({
    code: 'schema-rule',
    facts: { field, problem: 'has none of the forms that are allowed here' },
    path,
    part: 'value',
  })
}

const pathOf = ({ instancePath }: SchemaError) => keysOfPointer(instancePath)

/** A key of the map that is not known there and nearly spells the missing one. */
function misspelt(map: Value, missing: string, version: KindVersion, path: string[]): string | undefined {
  const known = knownBelow(version, path)
  const candidates = Object.keys(map).filter(key => !known.includes(key))
  return nearest(missing, candidates)[0]
}

const generic = (path: readonly string[]) =>
  path
    .map(part => (/^\d+$/.test(part) ? '[]' : part))
    .join('.')
    .replaceAll('.[]', '[]')

function knownBelow(version: KindVersion, path: readonly string[]): string[] {
  const prefix = path.length === 0 ? '' : `${generic(path)}.`
  return Object.keys(version.fields).flatMap(field => {
    const rest = field.startsWith(prefix) ? field.slice(prefix.length) : ''
    return rest !== '' && !rest.includes('.') && !rest.includes('/') ? [rest] : []
  })
}

function examplesFor(version: KindVersion, path: readonly string[]): string[] {
  const field = generic(path)
  return Object.hasOwn(version.fields, field) ? (version.fields[field] ?? []) : []
}

/** `metadata.links[0].url` */
function fieldName(path: readonly string[]): string {
  return (
    path
      .map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
      .join('')
      .replace(/^\./, '') || 'the entity'
  )
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at
}
