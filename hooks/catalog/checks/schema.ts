// A JSON Schema validator's errors in words: what the field is, what was expected, and which values others use.
import { keysOfPointer, pointerPart } from '../../../schemas/json-pointer.ts'
import { nearest } from '../../../schemas/nearest.ts'
import type { KindVersion, SchemaError } from '../../../schemas/profile.ts'
import { fieldName } from '../../diagnostics/wording.ts'
import { describe, type Found, isMapValue, type Located } from '../check.ts'
import type { Value } from '../parse.ts'
import type { Path } from '../position.ts'
import type { Source } from '../source.ts'
import { whatToAdd } from './intent.ts'
import { linkMeant } from './link.ts'
import { keepsFromReading, unknownPlaceholder } from './placeholder.ts'
import { rightForm } from './right-form.ts'

const TYPES: Record<string, string> = {
  string: 'a string',
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
  source: Source,
  found: Found,
): void {
  // The branches of a oneOf or anyOf all complain; the choice itself is the one finding.
  const choices = errors.filter(e => e.keyword === 'oneOf' || e.keyword === 'anyOf')
  const inChoice = (e: SchemaError) => choices.some(c => c !== e && e.schemaPath.startsWith(`${c.schemaPath}/`))
  for (const error of errors) {
    if (inChoice(error)) continue
    if (error.keyword === 'oneOf' || error.keyword === 'anyOf') explainChoice(error, errors, entity, source, found)
    else explain(error, entity, version, source, errors.length > MANY, found)
  }
}

/** With more errors in a document nothing is validated anew for the sake of a hint: that costs as much as all of it, each time. */
const MANY = 50

/** An error with the value that it is about. */
type Broken = {
  error: SchemaError
  path: string[]
  field: string
  value: unknown
  entity: Value
  version: KindVersion
  source: Source
  isMany: boolean
}

function explain(
  error: SchemaError,
  entity: Value,
  version: KindVersion,
  source: Source,
  isMany: boolean,
  found: Found,
): void {
  const path = pathOf(error)
  const value = valueAt(entity, path)
  const unknown = unknownPlaceholder(value)
  if (unknown !== undefined && error.keyword !== 'additionalProperties')
    found({
      code: 'placeholder-unknown',
      facts: { ...unknown, ...fitting(error), ...unreadIn(entity, path) },
      path: [...path, unknown.placeholder],
      part: 'key',
    })
  else found(findingOf({ error, path, field: fieldName(path), value, entity, version, source, isMany }))
}

/** `$text` is a string; where none may be, the others are. */
const fitting = ({ keyword, params }: SchemaError) =>
  keyword === 'required' || (keyword === 'type' && ![params['type']].flat().includes('string'))
    ? { isMap: true as const }
    : {}

function unreadIn(entity: Value, path: readonly string[]): { beside?: string; where?: string } {
  const kept = keepsFromReading(entity, path)
  return kept === undefined ? {} : { beside: kept.key, where: fieldName(kept.above.map(String)) }
}

function findingOf(broken: Broken): Located {
  const { error, path, field, value } = broken
  switch (error.keyword) {
    case 'required':
      return missingField(broken)
    case 'type':
      return wrongType(broken)
    case 'minLength':
      return emptyField(broken)
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
  const { near = isMapValue(value) ? misspelt(value, missing, version, path) : undefined, add: asLink } = linkMeant(
    entity,
    at,
  )
  const add =
    asLink ??
    (missing === 'spec' && path.length === 0
      ? addSpec(version, entity)
      : (addBeside(value, missing, keepsFromReading(entity, at)?.key) ?? whatToAdd(at)))
  const facts = {
    field: fieldName(at),
    name: missing,
    examples: examplesFor(version, at),
    ...(near === undefined ? {} : { nearMiss: near }),
    ...added(add),
  }
  return near === undefined
    ? { code: 'missing-field', facts, path: at, part: 'map' }
    : { code: 'missing-field', facts, path: [...path, near], part: 'key' }
}

/** A definition beside "$text", which is meant to be below it, or beside what keeps its placeholder from being read. */
function addBeside(map: unknown, missing: string, beside: string | undefined): string | undefined {
  if (missing !== 'definition' || beside === undefined) return undefined
  return isMapValue(map) && typeof map['$text'] === 'string' && !Object.keys(map).some(key => /^\$(?!text$)/.test(key))
    ? 'write "definition:" on a line above "$text", and move that line right by 2 spaces'
    : `add "definition:" with its value as a string: beside "${beside}" the catalog reads no "$text"`
}

function wrongType(broken: Broken): Located {
  const { error, path, field, value, source } = broken
  const expected = listedTypes([error.params['type']].flat())
  const written = source(path)
  // Of what a placeholder stands for nothing is in the file but its own name.
  const isQuoted = typeof value === 'string' && (written?.form === 'block' || written?.form === 'flow')
  const facts = isQuoted
    ? { field, expected, found: 'the text of another file', hint: 'write the value itself here' }
    : { field, expected, found: describe(value, written?.text), ...wayOut(broken, expected) }
  // "|" goes behind the key.
  const part = facts.hint?.startsWith('write "definition: |"') ? 'key' : 'value'
  return { code: 'wrong-type', facts, path, part }
}

/** `''`: as good as nothing. */
function emptyField(broken: Broken): Located {
  const { path, field } = broken
  const facts = { field, expected: 'a string', ...wayOut({ ...broken, value: null }, 'a string') }
  return { code: 'empty-field', facts, path, part: 'value' }
}

function wayOut({ path, value, entity, version, source, isMany }: Broken, expected: string): { hint?: string } {
  // What another file holds is not written here, but for a definition, which wants another placeholder.
  if (isPlaceholderAt(path, source) && path.at(-1) !== 'definition') return {}
  if (entity.kind === 'Location' && path.join('.') === 'spec.type') return { hint: 'write "type: url"' }
  const isOptional = () => !isMany && isOptionalIn(version, entity, path)
  const isEmptySpec = value === null && path.length === 1 && path[0] === 'spec'
  const hint = isEmptySpec
    ? addSpec(version, entity).replace('add "spec:" and below it', 'write below "spec:"').replace(/^add/, 'write')
    : rightForm({
        path: indexed(path, entity),
        value,
        expected,
        source,
        isOptional,
        example: examplesFor(version, path)[0],
      })
  return hint === undefined ? {} : { hint }
}

const isPlaceholderAt = (path: readonly string[], source: Source) =>
  ['$text', '$yaml', '$json'].some(name => source([...path, name]) !== undefined)

/** Whether the catalog takes the entity without what stands at a path. */
function isOptionalIn({ validate }: KindVersion, entity: Value, path: readonly string[]): boolean {
  const pointer = path
    .slice(0, -1)
    .map(part => `/${pointerPart(part)}`)
    .join('')
  const isMissing = (e: SchemaError) =>
    e.keyword === 'required' && e.instancePath === pointer && e.params['missingProperty'] === path.at(-1)
  // A map that holds nothing any more is none in YAML.
  const parent = valueAt(entity, path.slice(0, -1))
  if (isMapValue(parent) && Object.keys(parent).length === 1) return false
  return validate(without(entity, path)) || !(validate.errors ?? []).some(isMissing)
}

function without(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value) && part !== undefined)
    return rest.length > 0 ? value.map((item, i) => (String(i) === part ? without(item, rest) : item)) : value
  if (!isMapValue(value) || part === undefined) return value
  if (rest.length > 0) return { ...value, [part]: without(value[part], rest) }
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== part))
}

/** A path with numbers for the indexes of lists. */
function indexed(path: readonly string[], value: unknown): Path {
  let at = value
  return path.map(part => {
    const isIndex = Array.isArray(at)
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined
    return isIndex ? Number(part) : part
  })
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
function explainChoice(
  error: SchemaError,
  errors: readonly SchemaError[],
  entity: Value,
  source: Source,
  found: Found,
): void {
  const path = pathOf(error)
  const field = fieldName(path)
  const value = valueAt(entity, path)
  const below = errors.filter(e => e !== error && e.schemaPath.startsWith(`${error.schemaPath}/`))
  const types = below.filter(e => e.keyword === 'type' && e.instancePath === error.instancePath)
  if (types.length > 0 && types.length === below.length) {
    const expected = listedTypes(types.flatMap(e => [e.params['type']].flat()))
    const facts = { field, expected, found: describe(value, source(path)?.text) }
    found({ code: 'wrong-type', facts, path, part: 'value' })
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

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at
}
