// The catalog's own processors, out of an installation of Backstage and without a backend around them: what no published schema shows.
//
// Where they are is private to plugin-catalog-backend (dist/service/CatalogBuilder.cjs.js). A newer one that has them elsewhere throws here.
import { createRequire } from 'node:module'
import { join } from 'node:path'

export const MODULES = ['@backstage/plugin-catalog-backend-module-openapi']

export type Location = { type: string; target: string }
export type Processor = {
  getProcessorName(): string
  preProcessEntity?(entity: object, location: Location, emit: (result: unknown) => void): Promise<object>
}
type Resolver = (params: object) => Promise<unknown>
type Builder = {
  setPlaceholderResolver(key: string, resolver: Resolver): unknown
  buildProcessors(): Processor[]
}

export type InstalledCatalog = {
  /** As a catalog with Backstage's own modules has them, in order. */
  processors: Processor[]
  /** `$text` and the like, without the dollar: which are built in, which come with a module. */
  placeholders: { key: string; from: string }[]
  load: NodeJS.Require
}

/** `folder` holds node_modules; `config` is an app-config. Nothing is read before a processor is called. */
export function installedCatalog(folder: string, config: object): InstalledCatalog {
  const load = createRequire(join(folder, 'package.json'))
  const { ConfigReader } = load('@backstage/config')
  const { UrlReaders } = load('@backstage/backend-defaults/urlReader')
  const builtBy = load(
    join(folder, 'node_modules/@backstage/plugin-catalog-backend/dist/service/CatalogBuilder.cjs.js'),
  )
  const settings = new ConfigReader(config)
  const reader = UrlReaders.default({ config: settings, logger: silent })
  const builder: Builder = new builtBy.CatalogBuilder({ config: settings, logger: silent, reader })
  const ofModules = MODULES.flatMap(name =>
    resolversOf(load(name).default).map(([key, resolver]) => ({ key, resolver, from: name })),
  )
  const keys = keysOf(builder.buildProcessors())
  for (const { key, resolver } of ofModules) builder.setPlaceholderResolver(key, resolver)
  return {
    processors: builder.buildProcessors(),
    placeholders: [...keys.map(key => ({ key, from: '@backstage/plugin-catalog-backend' })), ...ofModules],
    load,
  }
}

/** What a placeholder at `spec.value` becomes; throws as the catalog does. */
export async function placeholderValue(
  { processors }: InstalledCatalog,
  placeholder: object,
  location: Location,
): Promise<unknown> {
  const processor = processors.find(found => found.getProcessorName() === 'PlaceholderProcessor')
  const entity = await processor?.preProcessEntity?.({ kind: 'API', spec: { value: placeholder } }, location, () => {})
  const { spec } = entity as { spec: { value: unknown } }
  return spec.value
}

function keysOf(processors: readonly Processor[]): string[] {
  const found = processors.find(processor => processor.getProcessorName() === 'PlaceholderProcessor')
  return Object.keys((found as unknown as { options: { resolvers: object } }).options.resolvers)
}

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
