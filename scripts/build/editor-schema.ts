// dist/schemas/catalog-info.schema.json: what the gate refuses and a schema can say, for editors. One schema per kind and apiVersion, chosen by if/then.
import { isDeepStrictEqual } from 'node:util'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import { kindsOf } from '../../schemas/compile.mjs'
import { isMap } from '../../schemas/unknown.ts'
import type { OwnKindFile } from '../config/own-kinds.ts'
import { API_VERSION, metadataRules, orEmpty, withRefs } from './editor-formats.ts'
import { belowOrPlaceholder, offersText, orPlaceholder, placeholderDefinitions } from './editor-placeholders.ts'
import { changeProperty, type JsonSchema, propertyOf, when } from './json-schema.ts'

/** The parts of a hook's configuration that say what its Backstage is. */
export type EditorSettings = Pick<HookConfig['catalog'], 'profile' | 'placeholders' | 'ownerFrom' | 'rules'>

type Kinds = ReturnType<typeof kindsOf>
type Version = Kinds[number]['versions'][number]
/** What every kind is made with. */
type Site = Pick<EditorSettings, 'ownerFrom'>

/** With descriptions, for completion and hover. if/then and not anyOf: one typo then shows one problem, not one per kind. */
export function editorSchema(settings: EditorSettings, own: readonly OwnKindFile[] = []): JsonSchema {
  const all = kindsOf(settings.profile)
  const allowed = allowedBy(settings.rules)
  const kinds = all.filter(({ kind }) => allowed.isAllowed(kind))
  const names = [...new Set([...all.map(({ kind }) => kind), ...own.flatMap(schema => schema.kinds)])]
  const isOwn = (name: string) => own.some(schema => schema.kinds.includes(name))
  const known = new Map(names.filter(allowed.isAllowed).map(kind => [kind, versionsOf(kind, kinds, own)] as const))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'catalog-info.schema.json',
    title: 'Backstage catalog file',
    description: 'Entities of a Backstage software catalog, one per YAML document.',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    properties: {
      apiVersion: { type: 'string', description: 'The version of the format of this entity.' },
      kind: { type: 'string', description: 'What this entity is.', enum: [...known.keys()] },
      metadata: metadataRules(metadataOf(all)),
      spec: {},
    },
    // A map or list of this name the catalog loses before it looks at fields of the root.
    patternProperties: { ['^__proto__$']: { type: ['object', 'array'] } },
    additionalProperties: false,
    allOf: [
      apiVersionRules(known),
      ...kinds.flatMap(({ kind, versions }) => versions.map(version => specRules(kind, version, versions, settings))),
      ...[...known.keys()].filter(kind => isOwn(kind)).map(kind => ownSpecRules(kind, all)),
      ...own.map(ownRules),
      ...allowed.types.map(typeRules),
    ],
    definitions: placeholderDefinitions(settings.placeholders),
  }
}

/** It is the same for every kind, so that it can be told before the kind is known. */
function metadataOf(kinds: Kinds): JsonSchema {
  const all = kinds.flatMap(({ versions }) => versions.map(({ schema }) => propertyOf(schema, 'metadata')))
  const [first = {}, ...others] = all
  if (others.some(other => !isDeepStrictEqual(other, first))) throw new Error('kinds of Backstage differ in metadata')
  return first
}

/** A kind of which only these types are taken, in any case. */
type TypesOfKind = { kind: string; types: string[] }
type Allowed = { isAllowed: (kind: string) => boolean; types: TypesOfKind[] }

/** catalog.rules as far as they hold for any file: what no rule takes, wherever the file is. */
function allowedBy(rules: EditorSettings['rules']): Allowed {
  if (rules.length === 0) return { isAllowed: () => true, types: [] }
  const allow = rules
    .filter(({ locations }) => locations === undefined || locations.some(({ type }) => type === 'url'))
    .flatMap(rule => rule.allow.map(one => (typeof one === 'string' ? { kind: one } : one)))
  const byKind = Map.groupBy(allow, ({ kind }) => kind.toLowerCase())
  const types = [...byKind].flatMap(([kind, same]) => {
    const ofSame = same.flatMap(one => ('spec.type' in one && one['spec.type'] !== undefined ? [one['spec.type']] : []))
    return ofSame.length === same.length ? [{ kind, types: ofSame }] : []
  })
  return { isAllowed: kind => byKind.has(kind.toLowerCase()), types }
}

const inAnyCase = (texts: readonly string[]) =>
  `^(?:${texts.map(text => [...text].map(c => (/[a-z]/i.test(c) ? `[${c.toLowerCase()}${c.toUpperCase()}]` : `[${c.replace(/[\\\]^-]/, '\\$&')}]`)).join('')).join('|')})$`

function typeRules({ kind, types }: TypesOfKind): JsonSchema {
  const type = {
    type: 'string',
    pattern: inAnyCase(types),
    errorMessage: `Your Backstage takes only: ${types.join(', ')}.`,
  }
  return when(
    { required: ['kind'], properties: { kind: { type: 'string', pattern: inAnyCase([kind]) } } },
    { properties: { spec: { required: ['type'], properties: { type } } } },
  )
}

/** The apiVersions of a kind; undefined: any. */
function versionsOf(name: string, kinds: Kinds, own: readonly OwnKindFile[]): string[] | undefined {
  const ofBackstage = kinds.find(({ kind }) => kind === name)?.versions.map(({ apiVersion }) => apiVersion)
  const ofOwn = own.filter(schema => schema.kinds.includes(name)).map(schema => schema.apiVersions)
  if (ofBackstage === undefined && ofOwn.includes(undefined)) return undefined
  return [...new Set([...(ofBackstage ?? []), ...ofOwn.flatMap(versions => versions ?? [])])]
}

/** Of a known kind its own; before that is written, those of all. */
function apiVersionRules(known: ReadonlyMap<string, string[] | undefined>): JsonSchema {
  const all = [...new Set([...known.values()].flatMap(versions => versions ?? []))]
  const isOpen = [...known.values()].includes(undefined)
  const before = isOpen ? { ...API_VERSION, examples: all } : { enum: all }
  return [...known].reduce<JsonSchema>(
    (otherwise, [kind, versions]) =>
      when(
        { required: ['kind'], properties: { kind: { const: kind } } },
        { properties: { apiVersion: versions === undefined ? API_VERSION : { enum: versions } } },
        otherwise,
      ),
    { properties: { apiVersion: before } },
  )
}

function specRules(kind: string, version: Version, versions: readonly Version[], { ownerFrom }: Site): JsonSchema {
  const { apiVersion, specType, schema, relations } = version
  const condition = {
    required: ['kind', 'apiVersion'],
    properties: {
      kind: { const: kind },
      apiVersion: { const: apiVersion },
      ...(specType === undefined
        ? otherTypes(versions, apiVersion)
        : { spec: { required: ['type'], properties: { type: { const: specType } } } }),
    },
  }
  const isOwnerFound = ownerFrom === 'codeowners'
  const withRelations = changeProperty(withRefs(propertyOf(schema, 'spec'), relations), 'definition', offersText)
  const typed =
    kind === 'Location' ? changeProperty(withRelations, 'type', type => ({ ...type, enum: ['url'] })) : withRelations
  const required = [schema['required'] ?? []].flat().includes('spec') && !(isOwnerFound && OWNER_ALONE.includes(kind))
  return when(condition, {
    ...(required ? { required: ['spec'] } : {}),
    properties: { spec: orPlaceholder(isOwnerFound ? withoutOwner(typed) : typed) },
  })
}

/** Nothing else is required in their spec, so that it may be missing where an owner is found. */
const OWNER_ALONE = ['System', 'Domain']

function otherTypes(versions: readonly Version[], apiVersion: string): object {
  const special = versions.filter(v => v.apiVersion === apiVersion && v.specType !== undefined).map(v => v.specType)
  return special.length === 0 ? {} : { spec: { properties: { type: { not: { enum: special } } } } }
}

/** What CODEOWNERS says takes the place of an owner that is missing or empty. (Kinds whose owner may be left out have no such rule.) */
function withoutOwner(spec: JsonSchema): JsonSchema {
  const required: unknown[] = [spec['required'] ?? []].flat()
  return required.includes('owner')
    ? changeProperty({ ...spec, required: required.filter(field => field !== 'owner') }, 'owner', orEmpty)
    : spec
}

/** An organisation's schema, for the kinds it names. `errorMessage` is what yaml-language-server shows in the place of its own text. */
function ownRules({ kinds, apiVersions, schema }: OwnKindFile): JsonSchema {
  const { $schema: _schema, $id: _id, ...rest } = schema
  const properties = {
    kind: { enum: kinds },
    ...(apiVersions === undefined ? {} : { apiVersion: { enum: apiVersions } }),
  }
  return when({ required: ['kind', 'apiVersion'], properties }, belowOrPlaceholder(withMessages(rest)))
}

/** What holds for a kind or an apiVersion that only the organisation knows. */
function ownSpecRules(name: string, kinds: Kinds): JsonSchema {
  const versions = kinds.find(({ kind }) => kind === name)?.versions ?? []
  const ofBackstage = [...new Set(versions.map(({ apiVersion }) => apiVersion))]
  const apiVersion = versions.length === 0 ? {} : { apiVersion: { not: { enum: ofBackstage } } }
  return when(
    { required: ['kind', 'apiVersion'], properties: { kind: { const: name }, ...apiVersion } },
    { properties: { spec: orPlaceholder({ type: 'object' }) } },
  )
}

function withMessages(node: JsonSchema): JsonSchema
function withMessages(node: unknown): unknown
function withMessages(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withMessages)
  if (!isMap(node)) return node
  const message = node['x-message']
  const shown = typeof message === 'string' ? { errorMessage: message } : {}
  return { ...Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withMessages(value)])), ...shown }
}
