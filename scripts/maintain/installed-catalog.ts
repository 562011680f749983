// The catalog's own processors, out of an installation of Backstage and without a backend around them: what no published schema shows.
//
// Where they are is private to plugin-catalog-backend. A newer one that has them elsewhere throws here, or says so in its facts.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const MODULES = ['@backstage/plugin-catalog-backend-module-openapi']
const CATALOG = '@backstage/plugin-catalog-backend'

export type Location = { type: string; target: string }
type Processor = {
  getProcessorName(): string
  preProcessEntity?(entity: object, location: Location, emit: (result: unknown) => void): Promise<object>
  options?: { resolvers?: object }
}
type Resolver = (params: object) => Promise<unknown>
type Builder = {
  allowedLocationType: string[]
  setPlaceholderResolver(key: string, resolver: Resolver): unknown
  buildProcessors(): Processor[]
  buildEntityPolicy(): { policies?: object[] }
}
type Processed = { ok: boolean; errors: { message: string }[]; relations?: Relation[] }
type Name = { kind: string; namespace: string; name: string }
export type Relation = { type: string; source: Name; target: Name }

export type InstalledCatalog = {
  /** As a catalog with Backstage's own modules has them, in order. */
  processors: Processor[]
  /** `$text` and the like, without the dollar: which are built in, which come with a module. */
  placeholders: { key: string; from: string }[]
  policies: string[]
  locationTypes: string[]
  /** All steps that an entity goes through but reading, storing and stitching. */
  process: (entity: object) => Promise<Processed>
  folder: string
  load: NodeJS.Require
  /** A file of plugin-catalog-backend's. */
  loadPrivate: (path: string) => Record<string, unknown>
}

/** `folder` holds node_modules; `config` is an app-config. Nothing is read before a processor is called. */
export function installedCatalog(folder: string, config: object): InstalledCatalog {
  const load = createRequire(join(folder, 'package.json'))
  const loadPrivate = (path: string) => load(join(folder, 'node_modules', CATALOG, 'dist', path))
  const { ConfigReader } = load('@backstage/config')
  const { UrlReaders } = load('@backstage/backend-defaults/urlReader')
  const settings = new ConfigReader(config)
  const env = { config: settings, logger: silent, reader: UrlReaders.default({ config: settings, logger: silent }) }
  const builder: Builder = new (loadPrivate('service/CatalogBuilder.cjs.js').CatalogBuilder)(env)
  const installed = MODULES.filter(name => existsSync(join(folder, 'node_modules', name)))
  const ofModules = installed.flatMap(name =>
    resolversOf(load(name).default).map(([key, resolver]) => ({ key, resolver, from: name })),
  )
  const builtIn = keysOf(builder.buildProcessors())
  for (const { key, resolver } of ofModules) builder.setPlaceholderResolver(key, resolver)
  const processors = builder.buildProcessors()
  const orchestrator = new (loadPrivate(
    'processing/DefaultCatalogProcessingOrchestrator.cjs.js',
  ).DefaultCatalogProcessingOrchestrator)({
    processors,
    integrations: load('@backstage/integration').ScmIntegrations.fromConfig(settings),
    rulesEnforcer: { isAllowed: () => true },
    logger: silent,
    parser: parserOf(load),
    policy: builder.buildEntityPolicy(),
    allowedLocationTypes: builder.allowedLocationType,
  })
  return {
    processors,
    placeholders: [...builtIn.map(key => ({ key, from: CATALOG })), ...ofModules],
    policies: (builder.buildEntityPolicy().policies ?? []).map(policy => policy.constructor.name),
    locationTypes: builder.allowedLocationType,
    process: entity => orchestrator.process({ entity, state: {} }),
    folder,
    load,
    loadPrivate,
  }
}

/** What a placeholder at `spec.value` becomes; throws as the catalog does. */
export async function placeholderValue(
  { processors }: InstalledCatalog,
  placeholder: unknown,
  location: Location,
): Promise<unknown> {
  const processor = processors.find(found => found.getProcessorName() === 'PlaceholderProcessor')
  const entity = await processor?.preProcessEntity?.({ kind: 'API', spec: { value: placeholder } }, location, () => {})
  const { spec } = entity as { spec: { value: unknown } }
  return spec.value
}

/** As `defaultEntityDataParser`. */
const parserOf = (load: NodeJS.Require) =>
  async function* ({ data, location }: { data: Buffer; location: Location }) {
    yield* load('@backstage/plugin-catalog-node').parseEntityYaml(data, location)
  }

const keysOf = (processors: readonly Processor[]): string[] =>
  Object.keys(processors.find(({ options }) => options?.resolvers)?.options?.resolvers ?? {})

/** What a module adds, found out by letting it register itself. */
function resolversOf(feature: { getRegistrations(): Registration[] }): [string, Resolver][] {
  const added: [string, Resolver][] = []
  const anything: object = new Proxy(() => anything, {
    get: (_, name) =>
      name === 'addPlaceholderResolver' ? (key: string, resolver: Resolver) => added.push([key, resolver]) : anything,
  })
  for (const { init } of feature.getRegistrations())
    void init.func(Object.fromEntries(Object.keys(init.deps).map(name => [name, anything])))
  return added
}
type Registration = { init: { deps: object; func(deps: object): unknown } }

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
