// What Backstage's published schemas and validators say, one fact a line: kinds, fields and rules of both profiles, names, tags, keys, refs.
import { createRequire } from 'node:module'
import { kindsOf } from '../../schemas/compile.mjs'
import { isMap } from '../../schemas/unknown.ts'

/** Finds a package by its name, in one installation or another. */
type Load = (name: string) => unknown

/** Of the packages that the project itself is built with, or of another installation's. */
export function schemaFacts(load: Load = createRequire(import.meta.url)): string[] {
  const kinds = (['builtin', 'model'] as const).flatMap(profile => {
    const all = kindsOf(profile, load)
    const usual = metadataOf(all[0]?.versions[0]?.schema)
    return all.flatMap(({ kind, versions }) =>
      versions.flatMap(({ apiVersion, specType, schema }) => {
        const version = `${profile} ${kind} ${apiVersion}${specType === undefined ? '' : ` (spec.type ${specType})`}`
        const isUsual = metadataOf(schema) === usual
        const of = (line: string) => (isUsual && line.startsWith('metadata') ? `${profile} most kinds` : version)
        return [version, ...ruleLines(schema, '').map(line => `${of(line)}: ${line}`)]
      }),
    )
  })
  return [...new Set([...kinds, ...nameFacts(load)])].sort()
}

/** The same in every kind as a rule, and then told once. */
function metadataOf(schema: Record<string, unknown> | undefined): string {
  const properties = schema?.['properties']
  return JSON.stringify(isMap(properties) ? properties['metadata'] : undefined)
}

/** Words, not rules. */
const WORDS = ['description', 'examples', 'title', 'default', '$schema', '$id']

function ruleLines(schema: unknown, at: string): string[] {
  if (!isMap(schema)) return [`${at} ${JSON.stringify(schema)}`]
  return Object.entries(schema).flatMap(([keyword, value]) => {
    if (WORDS.includes(keyword)) return []
    if (keyword === 'properties' && isMap(value))
      return Object.entries(value).flatMap(([name, sub]) => {
        const path = at === '' ? name : `${at}.${name}`
        return [path, ...ruleLines(sub, path)]
      })
    if (keyword === 'items' && isMap(value)) return ruleLines(value, `${at}[]`)
    const values = Array.isArray(value) && (keyword === 'required' || keyword === 'enum') ? value : [value]
    return values.map(one => `${at || 'the entity'} ${keyword} ${withoutWords(one)}`)
  })
}

/** A property may have the name of a word: then it is a schema, a map. */
const withoutWords = (value: unknown) =>
  JSON.stringify(value, (key, inner: unknown) => (WORDS.includes(key) && !isMap(inner) ? undefined : inner))

const NAMES = [
  'a',
  'A-b_c.d',
  'a..b',
  'a--b',
  '-a',
  'a-',
  'a b',
  'a/b',
  'a:b',
  'größe',
  '',
  'a'.repeat(63),
  'a'.repeat(64),
]
const TAGS = ['java', 'Java', 'c++', 'c#', 'a:b', 'a-b', 'a--b', 'a_b', 'a.b', '', 'a'.repeat(64)]
const KEYS = ['a', 'a.b/c', 'A.b/c', 'a/b/c', '/a', 'a/', 'a b']
const PROBES: Record<string, readonly unknown[]> = {
  isValidApiVersion: ['v1', 'backstage.io/v1alpha1', 'Backstage.io/v1', 'a/b/c', 'a/v-1', ''],
  isValidKind: ['Component', 'component', 'My-Kind', '1Kind', 'a'.repeat(64)],
  isValidEntityName: NAMES,
  isValidNamespace: [...NAMES, 'A'],
  isValidLabelKey: KEYS,
  isValidLabelValue: [...NAMES, 1, true, null],
  isValidAnnotationKey: KEYS,
  isValidAnnotationValue: ['', 'any thing\n', 1, null],
  isValidTag: TAGS,
}
const REFS = ['a', 'b:a', 'b:c/a', 'c/a', ':a', 'b:', 'b:/a', '/a', 'a b', 'a:b:c', '', 'a/b/c']

/** The answers of the package to fixed questions. */
function nameFacts(load: Load): string[] {
  const model = load('@backstage/catalog-model')
  const call = (name: string, ...args: unknown[]): unknown => {
    const found: unknown = isMap(model) ? model[name] : undefined
    if (typeof found !== 'function') return undefined
    return Reflect.apply(found, undefined, args)
  }
  const validators = call('makeValidator')
  const names = Object.entries(PROBES).flatMap(([rule, values]) => {
    const validator = isMap(validators) ? validators[rule] : undefined
    if (typeof validator !== 'function') return [`names ${rule}: is not there`]
    return values.map(value => `names ${rule} ${shortened(value)}: ${validator(value) ? 'yes' : 'no'}`)
  })
  const refs = REFS.map(ref => {
    try {
      return `refs ${JSON.stringify(ref)}: ${JSON.stringify(call('parseEntityRef', ref, { defaultKind: 'Kind', defaultNamespace: 'default' }))}`
    } catch {
      return `refs ${JSON.stringify(ref)}: refused`
    }
  })
  return [...names, ...refs]
}

const shortened = (value: unknown) =>
  typeof value === 'string' && value.length > 40 ? `"${value[0]}" ${value.length} times` : JSON.stringify(value)
