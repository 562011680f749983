// What has not the form of its schema, in words: every problem of a configuration, each naming its setting and what was expected; of a message the first one, with what was found.
import { keysOfPointer } from './json-pointer.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'
import type { SchemaError, Validator } from './profile.ts'
import { cutText } from './text.ts'
import { fieldOf } from './unknown.ts'

type JsonSchema = {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  $ref?: string
  definitions?: Record<string, JsonSchema>
  description?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  pattern?: string
  additionalProperties?: boolean | JsonSchema
}

/** The keys of a setting that a problem of `configProblems` names: `secrets.hook[0]: …` → secrets, hook, 0. */
export const keysOf = (problem: string): string[] =>
  problem
    .slice(0, problem.indexOf(':'))
    .split(/[.[\]]+/)
    .filter(Boolean)

/** Sentences such as `relay.waitMs: expected a whole number`. Empty when the configuration is right. Values are quoted only where they cannot be secrets. */
export function configProblems(validate: Validator, jsonSchema: object, config: unknown): string[] {
  const schema: JsonSchema = jsonSchema
  if (validate(config)) return []
  const errors = validate.errors ?? []
  // Inside a oneOf every branch complains; the oneOf itself is the one to report.
  const choices = errors.filter(e => e.keyword === 'oneOf').map(e => e.schemaPath)
  const causes = errors.filter(
    e => !choices.some(choice => e.schemaPath !== choice && e.schemaPath.startsWith(`${choice}/`)),
  )
  return [...new Set(causes.map(error => problem(error, schema)))]
}

function problem(error: SchemaError, schema: JsonSchema): string {
  const names = keysOfPointer(error.instancePath)
  const here = settingName(names)
  const params = error.params
  const isDescribed = () => at(schema, names).description !== undefined
  const described = () => {
    const description = at(schema, names).description
    return `${here}: ${description ? `expected: ${description}` : limitWords(error)}`
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      const known = Object.keys(at(schema, names).properties ?? {})
      const close = nearest(key, known)[0]
      return `${settingName([...names, key])}: unknown setting; ${close ? `did you mean "${close}"?` : `known here: ${known.join(', ')}`}`
    }
    case 'required':
      return `${settingName([...names, String(params['missingProperty'])])}: missing`
    case 'type':
      // Of a text's form, and of several types, the description knows more.
      return typeof params['type'] === 'string' && !(params['type'] === 'string' && isDescribed())
        ? `${here}: expected ${article(params['type'])}`
        : described()
    case 'enum':
      return `${here}: expected ${oneOf(params['allowedValues'] as unknown[])}`
    default:
      return described()
  }
}

const oneOf = (values: readonly unknown[]) =>
  values
    .map(String)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')

/**
 * The first thing that is wrong with a message of another program, for whoever wrote that: `files[0].change: expected added, modified or removed; found "moved"`. What is found is
 * quoted: no field of a message is a secret. Undefined when it has the form. `name`: what the message is called as a whole.
 */
export function messageProblem(
  validate: Validator,
  jsonSchema: object,
  message: unknown,
  name = 'the body',
): string | undefined {
  if (validate(message)) return undefined
  const errors = validate.errors ?? []
  // Of another version all else may be different, too.
  const error = errors.find(({ instancePath }) => instancePath === '/version') ?? errors[0]
  if (!error) return `${name}: not of the expected form`
  const missing = error.keyword === 'required' ? [String(error.params['missingProperty'])] : []
  const names = [...keysOfPointer(error.instancePath), ...missing]
  const expected = limitOf(error) ?? `expected ${formOf(at(jsonSchema, names))}`
  return `${settingName(names.map(printable), name)}: ${expected}; found ${found(names.reduce(fieldOf, message))}`
}

/** As it is quoted where something else was expected. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  return typeof value === 'object' && value !== null ? 'a map' : String(value)
}

const MOST_QUOTED = 80

const quoted = (text: string) =>
  text.length <= MOST_QUOTED
    ? `"${printable(text)}"`
    : `"${printable(cutText(text, MOST_QUOTED))}…", ${text.length} characters`

/** What a subschema of a message asks for; the description of a pattern says that in words. */
function formOf({ const: only, enum: values, pattern, description, type = 'another form' }: JsonSchema): string {
  if (only !== undefined) return String(only)
  if (values) return oneOf(values)
  return pattern === undefined ? article(type) : (description ?? 'a string of another form')
}

/** Of a limit that the schema does not describe. */
const limitWords = (error: SchemaError) => limitOf(error) ?? error.message ?? 'not valid'

function limitOf({ keyword, params }: SchemaError): string | undefined {
  const limit = Number(params['limit'])
  switch (keyword) {
    case 'minLength':
      return 'expected some text'
    case 'maxLength':
      return `expected at most ${limit} characters`
    case 'minItems':
      return 'expected at least one entry'
    case 'maxItems':
    case 'maxProperties':
      return `expected at most ${limit} entries`
    case 'minimum':
      return `expected ${limit} or more`
    case 'maximum':
      return `expected ${limit} or less`
    default:
      return undefined
  }
}

function at(schema: JsonSchema, names: string[]): JsonSchema {
  let node = deref(schema, schema)
  for (const name of names) {
    const open = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
    node = deref(schema, node.properties?.[name] ?? (/^\d+$/.test(name) ? node.items : open) ?? {})
  }
  return node
}

function deref(schema: JsonSchema, node: JsonSchema): JsonSchema {
  const name = node.$ref?.replace('#/definitions/', '')
  return name ? { ...schema.definitions?.[name], ...node } : node
}

/** `enforce.repositories[0].mode` */
function settingName(names: string[], whole = 'the configuration'): string {
  const text = names.map(name => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('')
  return text.replace(/^\./, '') || whole
}

const article = (type: string) =>
  ({
    object: 'a map',
    array: 'a list',
    integer: 'a whole number',
    boolean: 'true or false',
    string: 'a string',
    number: 'a number',
  })[type] ?? type
