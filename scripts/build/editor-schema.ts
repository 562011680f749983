// dist/schemas/catalog-info.schema.json: Backstage's schemas for editors, one per kind and apiVersion, chosen by if/then.
import { kindsOf } from '../../schemas/compile.mjs'
import type { OwnKindFile } from '../config/own-kinds.ts'

/** With descriptions, for completion and hover. if/then and not anyOf: one typo then shows one problem, not one per kind. */
export async function editorSchema(own: readonly OwnKindFile[] = []): Promise<unknown> {
  const kinds = kindsOf('model')
  const ownKinds = own.flatMap(schema => schema.kinds)
  // An apiVersion that any kind may have cannot be completed, and must not be marked.
  const isOpen = own.some(({ kinds: names, apiVersions }) => apiVersions === undefined && names.some(isUnknown))
  const apiVersions = [
    ...new Set([...kinds.flatMap(k => k.versions.map(v => v.apiVersion)), ...own.flatMap(o => o.apiVersions ?? [])]),
  ]
  function isUnknown(name: string): boolean {
    return !kinds.some(({ kind }) => kind === name)
  }
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
        ...(isOpen ? { examples: apiVersions } : { enum: apiVersions }),
      },
      kind: {
        type: 'string',
        description: 'What this entity is.',
        enum: [...new Set([...kinds.map(({ kind }) => kind), ...ownKinds])],
      },
      metadata: { type: 'object' },
      spec: { type: 'object' },
    },
    allOf: [
      ...backstageRules(kinds),
      ...own.map(schema => ownRules(schema)),
      ...own.flatMap(({ kinds: names }) => names.filter(isUnknown)).map(name => anyKindRules(name, kinds)),
    ],
  }
}

type Kinds = ReturnType<typeof kindsOf>

function backstageRules(kinds: Kinds): object[] {
  return kinds.flatMap(({ kind, versions }) =>
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
      then: withNullAnnotations(withPlaceholders(withoutIds(schema))),
    })),
  )
}

/** An organisation's schema, for the kinds it names. `errorMessage` is what yaml-language-server shows in the place of its own text. */
function ownRules({ kinds, apiVersions, schema }: OwnKindFile): object {
  return {
    if: {
      required: ['kind', 'apiVersion'],
      properties: {
        kind: { enum: kinds },
        ...(apiVersions === undefined ? {} : { apiVersion: { enum: apiVersions } }),
      },
    },
    // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
    then: withMessages(withoutIds(schema)),
  }
}

/** What holds for a kind that only the organisation knows: Backstage's metadata. */
function anyKindRules(name: string, kinds: Kinds): object {
  const properties = kinds[0]?.versions[0]?.schema['properties']
  const metadata = isObject(properties) ? properties['metadata'] : {}
  const root = { apiVersion: {}, kind: {}, metadata, spec: { type: 'object' } }
  return {
    if: { required: ['kind'], properties: { kind: { const: name } } },
    // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
    then: withNullAnnotations({ type: 'object', properties: root, additionalProperties: false }),
  }
}

function withMessages(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withMessages)
  if (!isObject(node)) return node
  const message = node['x-message']
  const shown = typeof message === 'string' ? { errorMessage: message } : {}
  return { ...Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withMessages(value)])), ...shown }
}

/** `annotations:` with nothing behind it is taken by the catalog as none. */
function withNullAnnotations(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties } = schema
  const metadata = isObject(properties) ? properties['metadata'] : undefined
  const fields = isObject(metadata) ? metadata['properties'] : undefined
  const annotations = isObject(fields) ? fields['annotations'] : undefined
  if (!isObject(properties) || !isObject(metadata) || !isObject(fields) || !isObject(annotations)) return schema
  const empty = { ...annotations, type: ['object', 'null'] }
  return {
    ...schema,
    properties: { ...properties, metadata: { ...metadata, properties: { ...fields, annotations: empty } } },
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
function withPlaceholders(schema: Record<string, unknown>): Record<string, unknown> {
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
