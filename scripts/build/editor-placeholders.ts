// Placeholders in the editors' schema: wherever a value may stand, `{ $text: ./a.txt }` may, too, and what it stands for no editor knows.
import { isMap } from '../../schemas/unknown.ts'
import { type JsonSchema, when } from './json-schema.ts'

/** What stands for a text, wherever it is. The others may stand for anything that their file holds. */
const OF_TEXT = ['text', 'openapi', 'asyncapi']

const FREE = { $ref: '#/definitions/free' }

/** Definitions that the other functions' results refer to. `names`: those that the catalog resolves, without "$". */
export function placeholderDefinitions(names: readonly string[]): JsonSchema {
  const anyOf = (of: readonly string[]) => ({
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    propertyNames: {
      enum: of.map(name => `$${name}`),
      errorMessage: `Expected a value, or a placeholder: ${of.map(name => `$${name}`).join(', ')}.`,
    },
  })
  return {
    placeholder: anyOf(names),
    filePlaceholder: anyOf(names.filter(name => !OF_TEXT.includes(name))),
    // Any value, with what a placeholder in it has to be.
    free: when(
      { $ref: '#/definitions/placeholder' },
      { $ref: '#/definitions/file' },
      { additionalProperties: FREE, items: FREE },
    ),
    file: {
      additionalProperties: { type: 'string', errorMessage: 'Expected a path from the folder of this file, or a URL.' },
    },
  }
}

/** What it has to be, its definition says. */
const TEXT = { description: 'A file that holds the definition: a path from the folder of this file, or a URL.' }

/**
 * A placeholder of the right kind may take the place of the value that the schema is about, and of every value below it. In three forms, since
 * yaml-language-server completes values by what stands beside `type`, or in an anyOf, and never by an if.
 */
export function orPlaceholder(schema: JsonSchema): JsonSchema {
  const types = [schema['type'] ?? []].flat()
  const rest = belowOrPlaceholder(schema)
  const mayBeText = types.length === 0 || types.includes('string')
  const $ref = `#/definitions/${mayBeText ? 'placeholder' : 'filePlaceholder'}`
  const isSimple = !CHOICES.some(keyword => keyword in schema)
  const words = schema['type'] === 'array' ? 'Expected a list.' : 'Expected a string.'
  if (isSimple && (schema['type'] === 'string' || schema['type'] === 'array'))
    return { errorMessage: words, ...rest, type: [schema['type'], 'object'], allOf: [ofObjects($ref)] }
  if ('enum' in schema || 'const' in schema) return { ...wordsOf(schema), anyOf: [rest, { $ref }] }
  return { ...wordsOf(schema), ...when({ $ref }, { $ref: '#/definitions/file' }, rest) }
}

/** Keywords by which another value than a text or a list might be meant, or a certain one. (A text's `properties` are only offered.) */
const CHOICES = ['enum', 'const', 'allOf', 'anyOf', 'oneOf', 'not', 'if']

const ofObjects = ($ref: string) => when({ type: 'object' }, { allOf: [{ $ref }, { $ref: '#/definitions/file' }] })

const wordsOf = ({ description, title }: JsonSchema) => ({
  ...(description === undefined ? {} : { description }),
  ...(title === undefined ? {} : { title }),
})

/** The same for the values below it alone. */
export function belowOrPlaceholder(schema: JsonSchema): JsonSchema {
  const ofEach = (value: unknown, change: (sub: JsonSchema) => JsonSchema) =>
    isMap(value)
      ? Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, isMap(sub) ? change(sub) : sub]))
      : value
  const changed = Object.entries(schema).map(([keyword, value]) => {
    if (keyword === 'properties' || keyword === 'patternProperties') return [keyword, ofEach(value, orPlaceholder)]
    if (['items', 'additionalProperties'].includes(keyword) && isMap(value)) return [keyword, orPlaceholder(value)]
    if (['then', 'else'].includes(keyword) && isMap(value)) return [keyword, belowOrPlaceholder(value)]
    if (['allOf', 'anyOf', 'oneOf'].includes(keyword) && Array.isArray(value))
      return [keyword, value.map(sub => (isMap(sub) ? belowOrPlaceholder(sub) : sub))]
    return [keyword, value]
  })
  const isOpen = schema['type'] === 'object' && (schema['additionalProperties'] ?? true) === true
  return { ...Object.fromEntries(changed), ...(isOpen ? { additionalProperties: FREE } : {}) }
}

/** Offers `$text` where people look for it. */
export const offersText = (definition: JsonSchema): JsonSchema => ({ ...definition, properties: { $text: TEXT } })
