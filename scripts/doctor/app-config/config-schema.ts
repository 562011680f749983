// app-config against the schemas that the installed packages bring along (`configSchema` in their package.json): wrong forms, and names that are nearly one that is known.
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ErrorObject } from 'ajv'
import { keysOfPointer } from '../../../schemas/json-pointer.ts'
import { nearest } from '../../../schemas/nearest.ts'
import { isMap } from '../../../schemas/unknown.ts'
import { isOpen } from '../../backstage/app-config.ts'
import { type Finding, ok, skipped, warning } from '../finding.ts'
import { type Inspected, readJson, textAt } from './inspected.ts'

const CHECK = 'configSchema'
const MOST_TOLD = 20

type PackageSchema = { name: string; schema: Record<string, unknown> }

export async function checkConfigSchema({ config, root }: Inspected): Promise<Finding[]> {
  if (root === undefined)
    return [
      skipped(
        CHECK,
        'settings were not held against the schemas of the installed packages',
        "--backstage-root, the folder with Backstage's node_modules",
      ),
    ]
  const { schemas, unread } = schemasIn(root)
  const problems = [...(await wrongForms(schemas, config.merged)), ...nearlyKnown(schemas, config.merged)]
  const told = problems.slice(0, MOST_TOLD).map(({ said, remedy }) => warning(CHECK, said, remedy))
  const left = problems.length - told.length
  return [
    ...told,
    ...(left > 0 ? [warning(CHECK, `${left} more of the same kind`, 'mend those above, and look again')] : []),
    ...(problems.length === 0 ? [ok(CHECK, `every setting has the form that ${schemas.length} packages expect`)] : []),
    ...(unread.length > 0
      ? [
          skipped(
            CHECK,
            `not read: the schemas of ${unread.join(', ')}`,
            "backstage-cli config:check, for they are TypeScript's",
          ),
        ]
      : []),
  ]
}

/** Of every package that says so, at the top or in a workspace. */
function schemasIn(root: string): { schemas: PackageSchema[]; unread: string[] } {
  const schemas = new Map<string, PackageSchema>()
  const unread = new Set<string>()
  const places = ['node_modules/*', 'node_modules/@*/*', 'packages/*', 'plugins/*', 'packages/*/node_modules/@*/*']
  for (const path of places.flatMap(place => globSync(`${place}/package.json`, { cwd: root }).sort())) {
    const found = readJson(join(root, path))
    const name = textAt(found, 'name')
    const named = isMap(found) ? found['configSchema'] : undefined
    if (name === undefined || named === undefined || schemas.has(name)) continue
    const schema =
      typeof named === 'string' && named.endsWith('.json') ? readJson(join(root, dirname(path), named)) : named
    if (isMap(schema)) schemas.set(name, { name: `${name} ${textAt(found, 'version') ?? ''}`.trim(), schema })
    else unread.add(name)
  }
  return { schemas: [...schemas.values()], unread: [...unread].filter(name => !schemas.has(name)) }
}

type Problem = { said: string; remedy: string }

/** Values are never quoted: they may be secrets. What is only known where Backstage runs can have any form. */
async function wrongForms(schemas: readonly PackageSchema[], value: unknown): Promise<Problem[]> {
  const { Ajv } = await import('ajv')
  const found = new Map<string, Problem>()
  for (const { name, schema } of schemas) {
    const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false })
    try {
      const validate = ajv.compile(schema)
      if (validate(value)) continue
      for (const error of causes(validate.errors ?? [])) {
        const keys = keysOfPointer(error.instancePath)
        if (isOpen(valueAt(value, keys))) continue
        const problem = problemOf(error, keys, name)
        if (!found.has(problem.said)) found.set(problem.said, problem)
      }
    } catch {
      // A schema that ajv does not take is the package's own business.
    }
  }
  return [...found.values()]
}

/** Where one of several forms is expected every form complains: the deepest complaint is about the form that was meant. */
function causes(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  const outer = choices.filter(one => !choices.some(other => other !== one && isWithin(one, other)))
  const free = errors.filter(one => !choices.some(choice => choice === one || isWithin(one, choice)))
  return [
    ...free,
    ...outer.map(choice => {
      const within = errors.filter(one => isWithin(one, choice) && one.keyword !== 'const')
      const deepest = Math.max(...within.map(one => one.instancePath.split('/').length))
      const [only, ...more] = within.filter(one => one.instancePath.split('/').length === deepest)
      return only && more.length === 0 && only.instancePath !== choice.instancePath ? only : choice
    }),
  ]
}

const isWithin = (one: ErrorObject, choice: ErrorObject) =>
  one.schemaPath !== choice.schemaPath && one.schemaPath.startsWith(`${choice.schemaPath}/`)

function problemOf(error: ErrorObject, keys: readonly string[], name: string): Problem {
  const here = settingName(keys)
  const missing = error.keyword === 'required' ? String(error.params['missingProperty']) : undefined
  if (missing !== undefined)
    return {
      said: `${here} has no ${missing}; expected one, by ${name}`,
      remedy: `set ${settingName([...keys, missing])}`,
    }
  return { said: `${here}: expected ${expectedBy(error)}, by ${name}`, remedy: `correct ${here}, or take it out` }
}

function expectedBy({ keyword, params, message = '' }: ErrorObject): string {
  if (keyword === 'enum') return (params['allowedValues'] as unknown[]).join(' or ')
  if (keyword === 'type') return [params['type']].flat().map(articled).join(' or ')
  if (keyword === 'anyOf' || keyword === 'oneOf') return 'another form'
  return message.replace(/^must (?:be |have |NOT )?/, '')
}

const articled = (type: string) =>
  ({ object: 'a map', array: 'a list', boolean: 'true or false', integer: 'a whole number' })[type] ?? `a ${type}`

const settingName = (keys: readonly string[]) =>
  keys
    .map(key => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '') || 'app-config'

const valueAt = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (Array.isArray(at) ? at[Number(key)] : isMap(at) ? at[key] : undefined), value)

/** Backstage reads over a name that nobody asks for: a slip has no effect, and no line in the log. */
function nearlyKnown(schemas: readonly PackageSchema[], value: unknown): Problem[] {
  const problems: Problem[] = []
  const walk = (at: unknown, nodes: Node[], keys: readonly string[]): void => {
    if (Array.isArray(at)) for (const [i, one] of at.entries()) walk(one, nodes.flatMap(itemsOf), [...keys, String(i)])
    if (!isMap(at)) return
    const known = new Set(
      nodes.flatMap(({ schema }) => (isMap(schema['properties']) ? Object.keys(schema['properties']) : [])),
    )
    for (const [key, one] of Object.entries(at)) {
      const next = nodes.flatMap(node => propertyOf(node, key))
      const [close] = known.has(key) || nodes.some(node => takesAnyName(node, one)) ? [] : nearest(key, known, 3)
      if (close !== undefined && !Object.hasOwn(at, close))
        problems.push({
          said: `${settingName([...keys, key])}: no installed package knows it; expected ${close}?`,
          remedy: `${settingName([...keys, close])}`,
        })
      walk(one, next, [...keys, key])
    }
  }
  walk(
    value,
    schemas.flatMap(({ schema }) => branchesOf({ schema, root: schema })),
    [],
  )
  return problems
}

/** A map of names that are the user's own, of which this can be a value. */
function takesAnyName({ schema }: Node, value: unknown): boolean {
  const any = schema['additionalProperties']
  return isMap(any) && (any['type'] !== 'object' || isMap(value))
}

type Node = { schema: Record<string, unknown>; root: Record<string, unknown> }

/** A schema, with what it refers to and each of the forms that it leaves open. */
function branchesOf(node: Node, depth = 0): Node[] {
  if (depth > 20) return []
  const { schema, root } = node
  const ref = textAt(schema, '$ref')
  const target = ref === undefined ? undefined : valueAt(root, keysOfPointer(decodeURIComponent(ref)))
  const others = ['anyOf', 'oneOf', 'allOf'].flatMap(key => (Array.isArray(schema[key]) ? schema[key] : []))
  return [node, ...[target, ...others].filter(isMap).flatMap(one => branchesOf({ schema: one, root }, depth + 1))]
}

const within = (value: unknown, root: Record<string, unknown>): Node[] =>
  isMap(value) ? branchesOf({ schema: value, root }) : []

const itemsOf = ({ schema, root }: Node): Node[] => within(schema['items'], root)

function propertyOf({ schema, root }: Node, key: string): Node[] {
  const properties = schema['properties']
  const named = isMap(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined
  return within(named ?? schema['additionalProperties'], root)
}
