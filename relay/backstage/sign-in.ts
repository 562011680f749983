// Signing in with GHES in the place of the GitHub provider's module: bound by the id and the instance that it is of, and by teams as GHES has them now.
import {
  type BackendFeature,
  type ConfigService,
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api'
import { githubAuthenticator } from '@backstage/plugin-auth-backend-module-github-provider'
import {
  authProvidersExtensionPoint,
  createOAuthRouteHandlers,
  OAuthEnvironmentHandler,
  type SignInResolver,
} from '@backstage/plugin-auth-node'
import { catalogServiceRef, type Entity } from '@backstage/plugin-catalog-node'
import { teamsAt } from './teams.ts'

const authModuleCatalogGate: BackendFeature = createBackendModule({
  pluginId: 'auth',
  moduleId: 'catalog-gate-sign-in',
  register(env) {
    env.registerInit({
      deps: {
        providers: authProvidersExtensionPoint,
        config: coreServices.rootConfig,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        logger: coreServices.logger,
      },
      async init({ providers, config, auth, catalog, logger }) {
        const teams = config
          .getOptionalConfig('catalogGate')
          ?.getOptionalConfig('signIn')
          ?.getOptionalStringArray('teams')
        const find: Find = async filter => {
          const credentials = await auth.getOwnServiceCredentials()
          return (await catalog.getEntities({ filter }, { credentials })).items
        }
        providers.registerProvider({
          providerId: 'github',
          factory: context =>
            OAuthEnvironmentHandler.mapConfig(context.config, environment =>
              createOAuthRouteHandlers({
                ...context,
                authenticator: githubAuthenticator,
                config: environment,
                signInResolver: resolver({
                  instance: instanceOf(environment),
                  teams,
                  find,
                  warn: text => logger.warn(text),
                }),
              }),
            ),
        })
      },
    })
  },
})

// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default authModuleCatalogGate

const instanceOf = (environment: ConfigService): string =>
  (environment.getOptionalString('enterpriseInstanceUrl') ?? 'https://github.com').replace(/\/+$/, '')

type Find = (filter: Record<string, string>) => Promise<Entity[]>

type SignInEdges = {
  /** https://ghe.example.com, without a slash at the end. */
  instance: string
  /** ORG/SLUG. Only their members come in; left out, nobody is asked for teams. */
  teams: readonly string[] | undefined
  find: Find
  warn: (text: string) => void
}

/** A User of this instance with this id; errors are sentences, for the person who signs in reads them. */
export function resolver({ instance, teams, find, warn }: SignInEdges): SignInResolver {
  return async ({ result: { fullProfile, session } }, context) => {
    const { nodeId, username = 'somebody' } = fullProfile
    const refuse = (sentence: string) => {
      warn(`catalog-gate: ${username} of ${instance} does not come in: ${sentence}`)
      return new Error(sentence)
    }
    if (nodeId === undefined || nodeId === '') throw refuse(`${instance} does not tell who signs in`)
    // The catalog's filter knows no letter case, ids do; and every instance counts from 1.
    const found = await find({ kind: 'user', [`metadata.annotations.${USER_ID}`]: nodeId })
    const users = found.filter(one => annotation(one, USER_ID) === nodeId && isOf(one, instance))
    const [user, another] = users
    if (user === undefined)
      throw refuse(
        `the catalog has no User of ${hostOf(instance)} with the id ${nodeId}; catalog-gate doctor --sign-in ${username} says why`,
      )
    if (another !== undefined) throw refuse(`the catalog has ${users.length} Users with the id ${nodeId}`)
    const { ownershipEntityRefs } = await context.resolveOwnershipEntityRefs(user)
    const groups = teams === undefined ? [] : await groupsNow(teams)
    return context.issueToken({ claims: { sub: refOf(user), ent: [...ownershipEntityRefs, ...groups] } })

    async function groupsNow(wanted: readonly string[]): Promise<string[]> {
      const asked = await teamsAt(instance, session.accessToken)
      if (asked.result === 'refused') throw refuse(asked.reason)
      const slugs = asked.teams.map(team => team.toLowerCase())
      if (!wanted.some(team => slugs.includes(team.toLowerCase())))
        throw refuse(`${username} is in none of the teams ${wanted.join(', ')} of ${hostOf(instance)}`)
      const all = await Promise.all(slugs.map(team => find({ kind: 'group', [`metadata.annotations.${TEAM}`]: team })))
      return all
        .flat()
        .filter(one => isOf(one, instance) && slugs.includes(annotation(one, TEAM)?.toLowerCase() ?? ''))
        .map(refOf)
    }
  }
}

const USER_ID = 'github.com/user-id'
const TEAM = 'github.com/team-slug'

const annotation = ({ metadata }: Entity, name: string): string | undefined => metadata.annotations?.[name]

const hostOf = (instance: string) => new URL(instance).host

/** The org provider, and a file in a repository, say in the origin which instance an entity is of. */
function isOf(entity: Entity, instance: string): boolean {
  const origin = annotation(entity, 'backstage.io/managed-by-origin-location') ?? ''
  const url = origin.replace(/^url:/, '')
  return URL.canParse(url) && new URL(url).host === hostOf(instance)
}

const refOf = ({ kind, metadata: { namespace = 'default', name } }: Entity) =>
  `${kind}:${namespace}/${name}`.toLowerCase()
