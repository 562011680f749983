// dist/schemas/catalog-info.schema.json: Backstage's schemas for editors, one per kind and apiVersion, chosen by if/then.
import { kindsOf } from '../../schemas/compile.mjs'

/** With descriptions, for completion and hover. if/then and not anyOf: one typo then shows one problem, not one per kind. */
export async function editorSchema(): Promise<unknown> {
  const kinds = kindsOf('model')
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'catalog-info.schema.json',
    title: 'Backstage catalog file',
    description: 'Entities of a Backstage software catalog, one per YAML document.',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    properties: {
      apiVersion: {
        type: 'string',
        description: 'The version of the format of this entity.',
        enum: [...new Set(kinds.flatMap(k => k.versions.map(v => v.apiVersion)))],
      },
      kind: { type: 'string', description: 'What this entity is.', enum: kinds.map(({ kind }) => kind) },
      metadata: { type: 'object' },
      spec: { type: 'object' },
    },
    allOf: kinds.flatMap(({ kind, versions }) =>
      versions.map(({ apiVersion, specType, schema }) => ({
        if: {
          required: ['kind', 'apiVersion'],
          properties: {
            kind: { const: kind },
            apiVersion: { const: apiVersion },
            ...(specType === undefined
              ? otherTypes(versions, apiVersion)
              : { spec: { required: ['type'], properties: { type: { const: specType } } } }),
          },
        },
        // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
        then: withPlaceholders(withoutIds(schema)),
      })),
    ),
  }
}

type Version = ReturnType<typeof kindsOf>[number]['versions'][number]

function otherTypes(versions: readonly Version[], apiVersion: string): object {
  const special = versions.filter(v => v.apiVersion === apiVersion && v.specType !== undefined).map(v => v.specType)
  return special.length === 0 ? {} : { spec: { properties: { type: { not: { enum: special } } } } }
}

function withoutIds({ $schema: _schema, $id: _id, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest
}

/** `definition: { $text: ./openapi.yaml }` is read before the schema is applied; an editor sees it as it is written. */
function withPlaceholders(schema: Record<string, unknown>): object {
  const { properties } = schema
  const spec = isObject(properties) ? properties['spec'] : undefined
  const fields = isObject(spec) ? spec['properties'] : undefined
  const definition = isObject(fields) ? fields['definition'] : undefined
  if (!isObject(properties) || !isObject(spec) || !isObject(fields) || !isObject(definition)) return schema
  const $text = {
    type: 'string',
    description: 'A file that holds the definition: a path from the folder of this file, or a URL.',
  }
  const either = {
    ...definition,
    type: ['string', 'object'],
    properties: { $text },
    required: ['$text'],
    additionalProperties: false,
  }
  return { ...schema, properties: { ...properties, spec: { ...spec, properties: { ...fields, definition: either } } } }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
