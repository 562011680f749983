// A wrong configuration in words: every problem at once, each naming its setting and what was expected.
import { keysOfPointer } from './json-pointer.ts'
import { nearest } from './nearest.ts'
import type { SchemaError, Validator } from './profile.ts'

type JsonSchema = {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  $ref?: string
  definitions?: Record<string, JsonSchema>
  description?: string
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
      return `${here}: expected ${(params['allowedValues'] as unknown[])
        .map(String)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}`
    default:
      return described()
  }
}

/** Of a limit that the schema does not describe. */
function limitWords({ keyword, params, message }: SchemaError): string {
  const limit = Number(params['limit'])
  switch (keyword) {
    case 'minLength':
      return 'expected some text'
    case 'maxLength':
      return `expected at most ${limit} characters`
    case 'minItems':
      return 'expected at least one entry'
    case 'minimum':
      return `expected ${limit} or more`
    case 'maximum':
      return `expected ${limit} or less`
    default:
      return message ?? 'not valid'
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
function settingName(names: string[]): string {
  const text = names.map(name => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('')
  return text.replace(/^\./, '') || 'the configuration'
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
