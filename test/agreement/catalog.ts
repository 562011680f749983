// The reference: what Backstage's catalog does with each YAML document of a file.
//
// It calls Backstage's published validators in the order in which plugin-catalog-backend 4.0.5 calls them, and states anew only the few
// steps that are private to the backend; each of those names the file that it follows ("backend: …"). Held against the real backend on
// 20,813 documents without a difference (November 2026).
//
// What a file alone cannot settle is assumed: targets of placeholders exist and contain "{}", Location targets are readable, catalog.rules
// allows every kind, and there are no processors, policies or validators of the site's own.
import { createRequire } from 'node:module'
import { parseAllDocuments } from 'yaml'
import { refusalOf } from './same-repository.ts'

const require = createRequire(import.meta.url)
// The ES module build of catalog-model 1.10.3 does not load in Node ("lodash/isEqual" without an extension): take the CommonJS one.
const model = require('@backstage/catalog-model') as typeof import('@backstage/catalog-model')
const alpha = require('@backstage/catalog-model/alpha') as typeof import('@backstage/catalog-model/alpha')
const scaffolder =
  require('@backstage/plugin-scaffolder-common') as typeof import('@backstage/plugin-scaffolder-common')
const modelRequire = createRequire(require.resolve('@backstage/catalog-model'))

const { merge } = modelRequire('lodash') as { merge: (into: object, from: unknown) => object }

export type ProfileName = 'builtin' | 'model'

/** Where every file is pretended to come from. */
export const REPOSITORY = { host: 'ghe.example.com', fullName: 'org/repo', folder: '' }
const LOCATION_URL = `https://${REPOSITORY.host}/${REPOSITORY.fullName}/tree/main/catalog-info.yaml`
const LOCATION = `url:${LOCATION_URL}`

export type CatalogVerdict =
  | { status: 'accepted' | 'withheld'; ref: string }
  | { status: 'rejected'; stage: Stage; reason: string }
  | { status: 'empty' }
type Stage = 'yaml' | 'envelope' | 'placeholder' | 'policy' | 'schema' | 'kind' | 'location' | 'relation' | 'stitch'

type Json = Record<string, unknown>
type Entity = import('@backstage/catalog-model').Entity & { spec?: Json }

class Rejected extends Error {
  readonly stage: Stage
  constructor(stage: Stage, reason: string) {
    super(reason)
    this.stage = stage
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null
const words = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whatever Backstage's code throws is a rejection at this stage. */
async function at<T>(stage: Stage, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Rejected ? error : new Rejected(stage, words(error))
  }
}

/** Judges the documents of a file one by one, in one of the two wirings of the catalog. */
export function createCatalog(profile: ProfileName): (bytes: Uint8Array) => Promise<CatalogVerdict[]> {
  const findKind = profile === 'builtin' ? builtinKinds() : modelKinds()
  const envelope = model.entityEnvelopeSchemaValidator()
  const entitySchema = model.entitySchemaValidator()
  // backend: CatalogBuilder.buildEntityPolicy
  const policies = model.EntityPolicies.allOf([
    new model.SchemaValidEntityPolicy(),
    new model.DefaultNamespaceEntityPolicy(),
    new model.NoForeignRootFieldsEntityPolicy(),
    new model.FieldFormatEntityPolicy(model.makeValidator({})),
  ])

  async function process(input: Json): Promise<string> {
    await at('envelope', () => envelope(input))
    // backend: AnnotateLocationEntityProcessor, which comes after the placeholders; its merge loses maps and lists under __proto__
    const stored = merge({ metadata: { annotations: {} } }, placeholders(annotated(input))) as Entity
    const entity = (await at('policy', () => policies.enforce(stored))) as Entity
    await at('schema', () => entitySchema(entity))
    const kind = await at('schema', () => findKind(entity))
    const isTemplate = await at('schema', () => scaffolder.templateEntityV1beta3Validator.check(entity))
    if (kind === 'unknown' && !isTemplate) throw new Rejected('kind', 'no processor recognized the entity')
    if (entity.kind === 'Location') locationType(entity)
    await at('relation', () =>
      typeof kind === 'object' ? modelRelations(entity, kind.relationFields) : builtinRelations(entity),
    )
    await at('stitch', () => searchKeys(entity))
    return model.stringifyEntityRef(entity)
  }

  return async bytes => {
    const verdicts: CatalogVerdict[] = []
    for (const document of documents(bytes)) {
      if (document.result !== 'entity') {
        verdicts.push(
          document.result === 'empty'
            ? { status: 'empty' }
            : { status: 'rejected', stage: 'yaml', reason: document.reason },
        )
        continue
      }
      try {
        verdicts.push({ status: 'accepted', ref: await process(document.value) })
      } catch (error) {
        if (!(error instanceof Rejected)) throw error
        verdicts.push({ status: 'rejected', stage: error.stage, reason: error.message })
      }
    }
    // backend: DefaultCatalogProcessingEngine: an error before a document is an entity leaves the catalog as it was.
    const keepsFileOut = verdicts.some(v => v.status === 'rejected' && ['yaml', 'envelope'].includes(v.stage))
    return keepsFileOut ? verdicts.map(v => (v.status === 'accepted' ? { ...v, status: 'withheld' } : v)) : verdicts
  }
}

type Read = { result: 'entity'; value: Json } | { result: 'empty' } | { result: 'broken'; reason: string }

// backend: plugin-catalog-node/processing/parse. Bytes that are no UTF-8 become U+FFFD, documents fail one by one, warnings are ignored.
function* documents(bytes: Uint8Array): Generator<Read> {
  let parsed: ReturnType<typeof parseAllDocuments>
  try {
    parsed = parseAllDocuments(Buffer.from(bytes).toString('utf8'), { merge: false, logLevel: 'silent' })
  } catch (error) {
    yield { result: 'broken', reason: words(error) }
    return
  }
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors
    if (error) {
      yield { result: 'broken', reason: words(error) }
      continue
    }
    let value: unknown
    try {
      value = document.toJSON()
    } catch (cause) {
      // Thrown outside the parser's own try block: this document and all later ones are lost.
      yield { result: 'broken', reason: words(cause) }
      return
    }
    if (value === null) yield { result: 'empty' }
    else if (Object.prototype.toString.call(value) === '[object Object]')
      yield { result: 'entity', value: value as Json }
    else yield { result: 'broken', reason: `expected an object at the root, got ${typeof value}` }
  }
}

// backend: ProcessorOutputCollector and AnnotateLocationEntityProcessor. Empty annotations (null, '', 0, false) become an object here, and
// the entity is stored as JSON between the two steps.
function annotated(input: Json): unknown {
  const metadata = isObject(input['metadata']) ? input['metadata'] : {}
  const annotations = metadata['annotations'] || {}
  if (!isObject(annotations) || Array.isArray(annotations))
    throw new Rejected('envelope', 'metadata.annotations must be a valid object')
  const managed = { 'backstage.io/managed-by-location': LOCATION, 'backstage.io/managed-by-origin-location': LOCATION }
  const entity = { ...input, metadata: { ...metadata, annotations: { ...annotations, ...managed } } }
  try {
    return JSON.parse(JSON.stringify(entity))
  } catch (error) {
    throw new Rejected('yaml', words(error)) // it holds itself, by an alias, and cannot be stored
  }
}

// backend: processors/PlaceholderProcessor. Replaced is only an object whose single key is $text, $json or $yaml; an object with another
// key that begins with $ is left alone, and so are its children.
function placeholders(value: unknown): unknown {
  if (!isObject(value)) return value
  if (Array.isArray(value)) return value.map(placeholders)
  const keys = Object.keys(value)
  if (!keys.some(key => key.startsWith('$')))
    return Object.fromEntries(keys.map(key => [key, placeholders(value[key])]))
  const [key] = keys
  if (key === undefined || keys.length !== 1 || !['$text', '$json', '$yaml'].includes(key)) return value
  const target = value[key]
  if (typeof target !== 'string') throw new Rejected('placeholder', `placeholder ${key} expected a string`)
  const refusal = refusalOf(target, LOCATION_URL)
  if (refusal !== undefined) throw new Rejected('placeholder', `placeholder ${key} names ${refusal}`)
  return key === '$text' ? '{}' : {}
}

type RelationField = { path: string; defaultKind?: string | undefined }
type FindKind = (entity: Entity) => Promise<'known' | 'unknown' | { relationFields: readonly RelationField[] }>

// backend: processors/BuiltinKindsEntityProcessor
function builtinKinds(): FindKind {
  const validators = [
    model.apiEntityV1alpha1Validator,
    model.componentEntityV1alpha1Validator,
    model.resourceEntityV1alpha1Validator,
    model.groupEntityV1alpha1Validator,
    model.locationEntityV1alpha1Validator,
    model.userEntityV1alpha1Validator,
    model.systemEntityV1alpha1Validator,
    model.domainEntityV1alpha1Validator,
  ]
  return async entity => {
    for (const validator of validators) if (await validator.check(entity)) return 'known'
    return 'unknown'
  }
}

type Validate = ((data: unknown) => boolean) & { errors?: { instancePath: string; message?: string }[] | null }
type AjvClass = new (options: object) => { compile: (schema: object) => Validate }

// backend: processors/ModelProcessor and SchemaValidator
function modelKinds(): FindKind {
  const Ajv = modelRequire('ajv').default as AjvClass
  const ajv = new Ajv({ allowUnionTypes: true, allErrors: true, addUsedSchema: false })
  modelRequire('ajv-errors')(ajv)
  const compiled = new Map<object, Validate>()
  const catalog = alpha.compileCatalogModel([
    alpha.defaultCatalogEntityModel,
    alpha.aiResourceEntityModel,
    alpha.mcpServerApiEntityModel,
  ])
  return async entity => {
    const kind = catalog.getKind(entity as Parameters<typeof catalog.getKind>[0])
    if (!kind) return 'unknown'
    const validate = compiled.get(kind.jsonSchema) ?? ajv.compile(kind.jsonSchema)
    compiled.set(kind.jsonSchema, validate)
    if (validate(entity)) return kind
    throw new TypeError(
      (validate.errors ?? []).map(error => `${error.instancePath || '<root>'} ${error.message}`).join('; '),
    )
  }
}

// backend: ModelProcessor.postProcessEntity: only strings are looked at.
function modelRelations(entity: Entity, fields: readonly RelationField[]): void {
  const defaultNamespace = entity.metadata.namespace
  for (const { path, defaultKind } of fields) {
    const value = path.split('.').reduce<unknown>((object, key) => (isObject(object) ? object[key] : undefined), entity)
    for (const ref of [value].flat()) if (ref && typeof ref === 'string') parseRef(ref, defaultKind, defaultNamespace)
  }
}

// backend: processors/BuiltinKindsEntityProcessor.postProcessEntity: a field, and the default kind of its refs.
const RELATIONS: Record<string, [field: string, defaultKind?: string][]> = {
  Component: [
    ['owner', 'Group'],
    ['subcomponentOf', 'Component'],
    ['providesApis', 'API'],
    ['consumesApis', 'API'],
    ['dependsOn'],
    ['dependencyOf'],
    ['system', 'System'],
  ],
  API: [
    ['owner', 'Group'],
    ['system', 'System'],
  ],
  Resource: [['owner', 'Group'], ['dependsOn'], ['dependencyOf'], ['system', 'System']],
  User: [['memberOf', 'Group']],
  Group: [
    ['parent', 'Group'],
    ['children', 'Group'],
    ['members', 'User'],
  ],
  System: [
    ['owner', 'Group'],
    ['domain', 'Domain'],
  ],
  Domain: [
    ['owner', 'Group'],
    ['subdomainOf', 'Domain'],
  ],
  Template: [['owner', 'Group']],
}

function builtinRelations(entity: Entity): void {
  for (const [field, defaultKind] of RELATIONS[entity.kind] ?? []) {
    const value = entity.spec?.[field]
    if (value) for (const ref of [value].flat()) parseRef(ref, defaultKind, entity.metadata.namespace)
  }
}

const parseRef = (ref: unknown, defaultKind: string | undefined, defaultNamespace: string | undefined) =>
  model.parseEntityRef(ref as string, {
    ...(defaultKind ? { defaultKind } : {}),
    ...(defaultNamespace ? { defaultNamespace } : {}),
  })

// backend: DefaultCatalogProcessingOrchestrator.runSpecialLocationStep, allowedLocationTypes ["url"]
function locationType(entity: Entity): void {
  const type = entity.spec?.['type'] ?? 'url'
  if (type !== 'url') throw new Rejected('location', 'registered locations must be of an allowed type ["url"]')
}

const NOT_SEARCHED = new Set([
  'attachments',
  'relations',
  'status',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.etag',
])

// backend: database/operations/stitcher/buildEntitySearch: keys that differ only in case end the stitching.
function searchKeys(entity: Entity): void {
  const keys = new Set(['metadata.name', 'metadata.namespace', 'metadata.uid'])
  const items = new Set<string>()
  const visit = (path: string, value: unknown): void => {
    if (NOT_SEARCHED.has(path)) return
    if (!isObject(value)) keys.add(path)
    else if (Array.isArray(value)) {
      for (const item of value) {
        visit(path, item)
        if (typeof item !== 'string') continue
        const lower = `${path}.${item}`.toLowerCase()
        if (items.has(lower)) continue
        items.add(lower)
        keys.add(`${path}.${item}`)
      }
    } else for (const [key, item] of Object.entries(value)) visit(path ? `${path}.${key}` : key, item)
  }
  visit('', entity)
  const lower = new Set<string>()
  const clashes = [...keys].filter(key => lower.size === lower.add(key.toLowerCase()).size)
  if (clashes.length > 0) throw new Error(`keys that vary only in casing: ${clashes.join(', ')}`)
}
