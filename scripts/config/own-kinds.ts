// catalog.kinds of hook.yaml: JSON Schema files of an organisation → schemas without references, what they are about, and their own words.
//
// ajv is loaded only when there are any: it costs the command line more than all the rest of a check.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isKind } from '../../hooks/catalog/checks/formats.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { keyOfPart, pointerPart } from '../../schemas/json-pointer.ts'
import type { OwnKind, OwnWords, Validator } from '../../schemas/profile.ts'
import { readYaml } from '../../schemas/read-yaml.ts'
import { fieldsOf } from '../../schemas/schema-fields.mjs'
import { isMap } from '../../schemas/unknown.ts'
import { compilerFor } from './own-kinds-compiler.ts'

type JsonSchema = Record<string, unknown>

/** `schema` is what was compiled, for a build to compile once more as source. */
export type OwnKindFile = OwnKind & { schema: JsonSchema }

/** Beyond it an own message is no line that a pusher reads. */
const MAX_WORDS = 300

/** References to one definition may be many; a definition that grows beyond this was not meant so. */
const MAX_NODES = 20_000

class WrongSchema extends Error {}

/** Reads and compiles all of them. `folder` is that of hook.yaml. Problems name the setting and the file. */
export async function readOwnKinds(
  files: readonly string[],
  folder: string,
): Promise<{ kinds: OwnKindFile[]; problems: string[] }> {
  const kinds: OwnKindFile[] = []
  const problems: string[] = []
  for (const [i, file] of files.entries()) {
    try {
      kinds.push(await ownKind(readSchema(resolve(folder, file))))
    } catch (error) {
      if (!(error instanceof WrongSchema)) throw error
      problems.push(`catalog.kinds[${i}]: ${file}: ${error.message}`)
    }
  }
  return { kinds, problems }
}

/** One schema, compiled. Throws WrongSchema. */
export async function ownKind(written: unknown): Promise<OwnKindFile> {
  if (!isMap(written)) throw new WrongSchema('expected a JSON Schema, a map')
  const { $schema, ...rest } = written
  const flat = withoutRefs(rest)
  const kinds = namedIn(flat, 'kind')
  if (kinds === undefined)
    throw new WrongSchema('names no kind; expected properties.kind with "const" or "enum", say { "const": "Database" }')
  const odd = kinds.find(kind => !isKind(kind))
  if (odd !== undefined) throw new WrongSchema(`kind "${odd}": expected letters and digits, beginning with a letter`)
  const words: Record<string, OwnWords> = {}
  collectWords(flat, '', words)
  const ajv = await compilerFor($schema)
  if (ajv.result === 'wrong') throw new WrongSchema(ajv.problem)
  let validate: Validator
  try {
    validate = ajv.compile(flat)
  } catch (error) {
    throw new WrongSchema(error instanceof Error ? error.message : String(error))
  }
  const schema = { ...($schema === undefined ? {} : { $schema }), ...flat }
  return { kinds, apiVersions: namedIn(flat, 'apiVersion'), validate, words, fields: fieldsOf(flat), schema }
}

function readSchema(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongSchema(`cannot be read (${fileTrouble(error)})`)
  }
  const read = readYaml(text)
  if ('problems' in read) throw new WrongSchema(`is neither JSON nor YAML: ${read.problems[0]}`)
  return read.value
}

/** The values that a root property may have, of the schema itself or a part of its `allOf`. */
function namedIn(schema: JsonSchema, property: string): string[] | undefined {
  const { properties, allOf } = schema
  const sub = isMap(properties) ? properties[property] : undefined
  if (isMap(sub)) {
    const values = 'const' in sub ? [sub['const']] : Array.isArray(sub['enum']) ? sub['enum'] : []
    if (values.length > 0 && values.every(value => typeof value === 'string')) return values
  }
  const parts = Array.isArray(allOf) ? allOf.filter(isMap) : []
  for (const part of parts) {
    const found = namedIn(part, property)
    if (found !== undefined) return found
  }
  return undefined
}

/** Every reference replaced by what it names: then a rule has one place, and its words are found by it. */
function withoutRefs(root: JsonSchema): JsonSchema {
  let nodes = 0
  const flat = (node: unknown, inside: readonly string[]): unknown => {
    if (++nodes > MAX_NODES) throw new WrongSchema(`has more than ${MAX_NODES} parts with its references followed`)
    if (Array.isArray(node)) return node.map(item => flat(item, inside))
    if (!isMap(node)) return node
    const { $ref, ...rest } = node
    const siblings = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, flat(value, inside)]))
    if (typeof $ref !== 'string') return $ref === undefined ? siblings : { ...siblings, $ref: flat($ref, inside) }
    if (inside.includes($ref)) throw new WrongSchema(`$ref "${$ref}" leads back to itself, which is not supported`)
    const target = flat(atPointer(root, $ref), [...inside, $ref])
    const hasWords = Object.keys(siblings).length > 0
    return hasWords ? { ...siblings, allOf: [...[siblings['allOf'] ?? []].flat(), target] } : target
  }
  const { definitions: _definitions, $defs: _defs, ...rest } = root
  return flat(rest, []) as JsonSchema
}

function atPointer(root: JsonSchema, ref: string): unknown {
  if (ref !== '#' && !ref.startsWith('#/'))
    throw new WrongSchema(
      `$ref "${ref}": only references into the file itself ("#/definitions/...") are followed; leave out Backstage's own schemas, they apply anyway`,
    )
  let at: unknown = root
  for (const part of ref.split('/').slice(1)) {
    const key = keyOfPart(decodeURIComponent(part))
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined
  }
  if (at === undefined) throw new WrongSchema(`$ref "${ref}" names nothing in the file`)
  return at
}

/** By the path that ajv gives a rule: names escaped as in a pointer, and as in a URL. */
function collectWords(node: unknown, at: string, words: Record<string, OwnWords>): void {
  if (typeof node !== 'object' || node === null) return
  if (isMap(node)) {
    const message = wordsIn(node, 'x-message', at)
    const hint = wordsIn(node, 'x-hint', at)
    if (message !== undefined || hint !== undefined)
      words[at] = { ...(message === undefined ? {} : { message }), ...(hint === undefined ? {} : { hint }) }
  }
  for (const [key, value] of Object.entries(node)) {
    if (['const', 'enum', 'examples', 'default'].includes(key)) continue
    collectWords(value, `${at}/${encodeURIComponent(pointerPart(key))}`, words)
  }
}

function wordsIn(node: JsonSchema, key: 'x-message' | 'x-hint', at: string): string | undefined {
  const text = node[key]
  if (text === undefined) return undefined
  const where = `${at}/${key}`.slice(1)
  // A property of that name is a schema, not words.
  if (at.endsWith('/properties') && typeof text === 'object') return undefined
  if (typeof text !== 'string' || text.trim() === '') throw new WrongSchema(`${where}: expected a string`)
  const line = text.trim().replaceAll(/\s+/g, ' ')
  if (line.length > MAX_WORDS) throw new WrongSchema(`${where}: expected at most ${MAX_WORDS} characters`)
  return line
}
