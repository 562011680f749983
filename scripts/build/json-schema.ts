// Pieces of JSON Schemas as values: looked into and changed without changing the original.
import { isMap } from '../../schemas/unknown.ts'

export type JsonSchema = Record<string, unknown>

/** The schema of a property; empty where there is none. */
export function propertyOf(schema: JsonSchema, name: string): JsonSchema {
  const { properties } = schema
  const found = isMap(properties) ? properties[name] : undefined
  return isMap(found) ? found : {}
}

export const withProperty = (schema: JsonSchema, name: string, property: JsonSchema): JsonSchema => ({
  ...schema,
  properties: { ...(isMap(schema['properties']) ? schema['properties'] : {}), [name]: property },
})

/** The property changed; the schema as it is where it has none of that name. */
export const changeProperty = (schema: JsonSchema, name: string, change: (property: JsonSchema) => JsonSchema) =>
  Object.keys(propertyOf(schema, name)).length === 0
    ? schema
    : withProperty(schema, name, change(propertyOf(schema, name)))

export const when = (condition: JsonSchema, holds: JsonSchema, otherwise?: JsonSchema): JsonSchema => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
  then: holds,
  ...(otherwise === undefined ? {} : { else: otherwise }),
})
