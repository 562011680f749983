// npm run backstage-facts: what changed in Backstage's rules since schemas/backstage-facts.txt was written, one fact a line.
//
//   npm run backstage-facts              what is new (+) and gone (-) in the installed packages; exit code 1 when anything is
//   npm run backstage-facts -- --write   writes the file anew
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { kindsOf } from '../../schemas/compile.mjs'

export const factsFile = join(import.meta.dirname, '../../schemas/backstage-facts.txt')

/** Every kind, field and rule of both profiles, and what Backstage's own code says of names and refs. */
export function backstageFacts(): string[] {
  const kinds = (['builtin', 'model'] as const).flatMap(profile => {
    const all = kindsOf(profile)
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
  return [...new Set([...kinds, ...nameFacts()])].sort()
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

/** The answers of the installed package to fixed questions. */
function nameFacts(): string[] {
  const model: unknown = createRequire(import.meta.url)('@backstage/catalog-model')
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

/** Lines as `diff` has them, in order; empty when nothing changed. */
export function changesBetween(before: readonly string[], after: readonly string[]): string[] {
  const was = new Set(before)
  const is = new Set(after)
  const gone = before.filter(line => !is.has(line)).map(line => ({ line, text: `- ${line}` }))
  const added = after.filter(line => !was.has(line)).map(line => ({ line, text: `+ ${line}` }))
  return [...gone, ...added].sort((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0)).map(({ text }) => text)
}

export const committedFacts = (): string[] => readFileSync(factsFile, 'utf8').split('\n').filter(Boolean)

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

if (process.argv[1] === import.meta.filename) {
  const facts = backstageFacts()
  if (process.argv.includes('--write')) writeFileSync(factsFile, `${facts.join('\n')}\n`)
  const changes = changesBetween(committedFacts(), facts)
  for (const line of changes) console.log(line)
  if (changes.length === 0) console.log(`nothing changed: ${facts.length} facts`)
  process.exitCode = changes.length > 0 ? 1 : 0
}
