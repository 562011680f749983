// What we use of Backstage's packages, in our words: they are the host's, and are not installed here.

declare module '@backstage/backend-plugin-api' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  export type BackendFeature = { $$type: '@backstage/BackendFeature' }
  export type ServiceRef<T> = { id: string; T: T }
  type Registration = {
    registerInit<D extends Record<string, unknown>>(options: {
      deps: { [K in keyof D]: ServiceRef<D[K]> }
      init(deps: D): Promise<void>
    }): void
  }
  export function createBackendModule(options: {
    pluginId: string
    moduleId: string
    register(env: Registration): void
  }): BackendFeature

  export type LoggerService = Record<'error' | 'warn' | 'info' | 'debug', (message: string) => void>
  export type ConfigService = {
    getOptionalConfig(key: string): ConfigService | undefined
    getString(key: string): string
    getOptionalString(key: string): string | undefined
    getOptionalBoolean(key: string): boolean | undefined
    getOptionalStringArray(key: string): string[] | undefined
  }
  /** As far as knex goes with us. */
  export type Knex = {
    raw(text: string, bindings?: readonly (string | number)[]): Promise<unknown>
    client: { config: { client: unknown } }
  }
  export type DatabaseService = { getClient(): Promise<Knex> }
  export type LifecycleService = {
    addStartupHook(hook: () => void | Promise<void>): void
    addShutdownHook(hook: () => void | Promise<void>): void
  }
  /** Express's, as far as it goes with us. */
  export type RouteHandler = (
    request: IncomingMessage & { path: string },
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void
  export type HttpRouterService = { use(handler: RouteHandler): void }
  /** Throws where nobody of those who are allowed has signed in. */
  export type HttpAuthService = {
    credentials(request: IncomingMessage, options: { allow: ('service' | 'user')[] }): Promise<Credentials>
  }
  export type PermissionsService = {
    authorize(
      requests: { permission: object; resourceRef: string }[],
      options: { credentials: Credentials },
    ): Promise<{ result: 'ALLOW' | 'DENY' }[]>
  }
  export type Credentials = { $$type: '@backstage/BackstageCredentials' }
  export type AuthService = { getOwnServiceCredentials(): Promise<Credentials> }
  export const coreServices: {
    httpRouter: ServiceRef<HttpRouterService>
    httpAuth: ServiceRef<HttpAuthService>
    permissions: ServiceRef<PermissionsService>
    auth: ServiceRef<AuthService>
    logger: ServiceRef<LoggerService>
    rootConfig: ServiceRef<ConfigService>
    database: ServiceRef<DatabaseService>
    rootLifecycle: ServiceRef<LifecycleService>
  }
}

declare module '@backstage/plugin-catalog-node' {
  import type { ServiceRef } from '@backstage/backend-plugin-api'
  export type Entity = {
    apiVersion: string
    kind: string
    metadata: { name: string; namespace?: string; annotations?: Record<string, string>; [field: string]: unknown }
    [field: string]: unknown
  }
  export type LocationSpec = { type: string; target: string; presence?: 'required' | 'optional' }
  export type CatalogProcessorResult =
    | { type: 'entity'; entity: Entity; location: LocationSpec }
    | { type: 'refresh'; key: string }
    | { type: 'error' | 'location' | 'relation' }
  export type CatalogProcessorParser = (options: {
    data: Buffer
    location: LocationSpec
  }) => AsyncIterable<CatalogProcessorResult>
  /** What the processor has set in its run of this entity before. */
  export type CatalogProcessorCache = {
    get<T>(key: string): Promise<T | undefined>
    set(key: string, value: unknown): Promise<void>
  }
  export type CatalogProcessor = {
    getProcessorName(): string
    getPriority?(): number
    readLocation?(location: LocationSpec): Promise<boolean>
    preProcessEntity?(
      entity: Entity,
      location: LocationSpec,
      emit: (result: CatalogProcessorResult) => void,
      origin: LocationSpec,
      cache: CatalogProcessorCache,
    ): Promise<Entity>
    postProcessEntity?(entity: Entity, location: LocationSpec): Promise<Entity>
  }
  export type Deferred = { entity: Entity; locationKey: string }
  export type EntityProviderMutation =
    | { type: 'full'; entities: Deferred[] }
    | { type: 'delta'; added: Deferred[]; removed: Deferred[] }
  export type EntityProviderConnection = {
    applyMutation(mutation: EntityProviderMutation): Promise<void>
    /** What has said that it belongs to one of these keys is processed soon. */
    refresh(options: { keys: string[] }): Promise<void>
  }
  export type EntityProvider = {
    getProviderName(): string
    connect(connection: EntityProviderConnection): Promise<void>
  }
  export const catalogProcessingExtensionPoint: ServiceRef<{
    addProcessor(...processors: CatalogProcessor[]): void
    addEntityProvider(...providers: EntityProvider[]): void
  }>
  export function parseEntityYaml(data: Buffer, location: LocationSpec): Iterable<CatalogProcessorResult>
  export function locationSpecToLocationEntity(options: { location: LocationSpec }): Entity
}

declare module '@backstage/plugin-catalog-node/alpha' {
  import type { ServiceRef } from '@backstage/backend-plugin-api'
  import type { CatalogProcessorParser } from '@backstage/plugin-catalog-node'
  export const catalogModelExtensionPoint: ServiceRef<{ setEntityDataParser(parser: CatalogProcessorParser): void }>
}

declare module '@backstage/plugin-events-node' {
  import type { ServiceRef } from '@backstage/backend-plugin-api'
  export const eventsServiceRef: ServiceRef<{
    subscribe(options: {
      id: string
      topics: string[]
      onEvent(event: { topic: string; eventPayload: unknown }): Promise<void>
    }): Promise<void>
  }>
}
