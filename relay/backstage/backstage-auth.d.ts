// What the sign-in uses of Backstage's packages beside those in backstage.d.ts.

declare module '@backstage/plugin-catalog-node' {
  import type { Credentials, ServiceRef } from '@backstage/backend-plugin-api'
  export type CatalogService = {
    getEntities(
      request: { filter: Record<string, string | string[]> },
      options: { credentials: Credentials },
    ): Promise<{ items: Entity[] }>
  }
  export const catalogServiceRef: ServiceRef<CatalogService>
}

declare module '@backstage/plugin-auth-node' {
  import type { ConfigService, ServiceRef } from '@backstage/backend-plugin-api'
  import type { Entity } from '@backstage/plugin-catalog-node'
  export type SignedIn = {
    fullProfile: { nodeId?: string; username?: string }
    session: { accessToken: string }
  }
  export type ResolverContext = {
    issueToken(params: { claims: { sub: string; ent: string[] } }): Promise<{ token: string }>
    resolveOwnershipEntityRefs(entity: Entity): Promise<{ ownershipEntityRefs: string[] }>
  }
  export type SignInResolver = (info: { result: SignedIn }, context: ResolverContext) => Promise<{ token: string }>
  export type ProviderContext = Record<
    'appUrl' | 'baseUrl' | 'isOriginAllowed' | 'cookieConfigurer' | 'providerId' | 'resolverContext',
    unknown
  > & { config: ConfigService }
  export type RouteHandlers = { start: unknown }
  export function createOAuthRouteHandlers(
    options: ProviderContext & { authenticator: unknown; signInResolver: SignInResolver },
  ): RouteHandlers
  export const OAuthEnvironmentHandler: {
    mapConfig(config: ConfigService, handlersOf: (environment: ConfigService) => RouteHandlers): RouteHandlers
  }
  export const authProvidersExtensionPoint: ServiceRef<{
    registerProvider(options: { providerId: string; factory: (context: ProviderContext) => RouteHandlers }): void
  }>
}

declare module '@backstage/plugin-auth-backend-module-github-provider' {
  export const githubAuthenticator: unknown
}
