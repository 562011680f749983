// Sign-in with GHES as app-config has it: where people are sent, whom they become, and who brings the users.
import { isMap } from '../../../schemas/unknown.ts'
import { isOpen } from '../../backstage/app-config.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import { type Inspected, isPlain, listIn, mapsIn, placeOf, textAt } from './inspected.ts'

const CHECK = 'sign-in'
const BY_ID = 'userIdMatchingUserEntityAnnotation'

/** auth.providers.github of the environment that counts; undefined where there is none. */
export function gitHubSignIn({ config }: Inspected): { keys: string[]; map: Record<string, unknown> } | undefined {
  const environment = config.decided('auth', 'environment')?.value
  const of = mapsIn(config.decided('auth', 'providers', 'github')?.value)
  const named = typeof environment === 'string' ? environment : 'development'
  const found = of.find(({ key }) => key === named) ?? (isOpen(environment) ? of[0] : undefined)
  return found && { keys: ['auth', 'providers', 'github', found.key], map: found.map }
}

/** catalog.providers.githubOrg: one, or a list. */
export function orgProviders({ config }: Inspected): Record<string, unknown>[] {
  return listIn(config.decided('catalog', 'providers', 'githubOrg')?.value).filter(isMap)
}

export const resolversOf = (signIn: Record<string, unknown>): Record<string, unknown>[] =>
  listIn(Object(signIn['signIn'])['resolvers']).filter(isMap)

/** Hosts of integrations.github that are no github.com. */
const enterpriseHosts = ({ config }: Inspected): string[] =>
  listIn(config.decided('integrations', 'github')?.value)
    .map(one => textAt(one, 'host'))
    .filter(host => host !== undefined)
    .filter(host => host !== 'github.com' && !isOpen(host))

export function checkAuth(inspected: Inspected): Finding[] {
  const signIn = gitHubSignIn(inspected)
  if (signIn === undefined) {
    const environment = inspected.config.decided('auth', 'environment')?.value ?? 'development'
    const others = mapsIn(inspected.config.decided('auth', 'providers', 'github')?.value).map(({ key }) => key)
    if (others.length === 0) return []
    return [
      wrong(
        CHECK,
        `auth.environment is ${environment}, and auth.providers.github has ${others.join(', ')} only: nobody can sign in with GHES; expected ${environment}`,
        `auth.providers.github.${environment}, or auth.environment: ${others[0]}`,
      ),
    ]
  }
  const { keys, map } = signIn
  const place = placeOf(inspected, ...keys)
  const findings = [
    ...instance(inspected, map, place),
    ...(isOurs(inspected) ? [] : [...resolvers(map, place), ...overlappingIds(inspected)]),
    ...(isPlain(map['clientSecret'])
      ? [
          warning(
            CHECK,
            `${place}.clientSecret is there in plain text; expected a variable`,
            `"\${GHES_OAUTH_CLIENT_SECRET}"`,
          ),
        ]
      : []),
    ...users(inspected, map),
  ]
  return findings.length > 0 ? findings : [ok(CHECK, `${place}: people are bound by their id at GHES`)]
}

function instance(inspected: Inspected, map: Record<string, unknown>, place: string): Finding[] {
  const url = map['enterpriseInstanceUrl']
  const [host, ...more] = enterpriseHosts(inspected)
  if (host === undefined || isOpen(url)) return []
  if (url === undefined)
    return [
      warning(
        CHECK,
        `${place} has no enterpriseInstanceUrl: people are sent to github.com; expected https://${host}`,
        `enterpriseInstanceUrl: https://${host}`,
      ),
    ]
  const given = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (given?.pathname !== '/')
    return [
      wrong(
        CHECK,
        `${place}.enterpriseInstanceUrl is not the address of an instance; expected https://${host}, without a path`,
        `enterpriseInstanceUrl: https://${host}`,
      ),
    ]
  if ([host, ...more].includes(given.host)) return []
  return [
    warning(
      CHECK,
      `${place}.enterpriseInstanceUrl is at ${given.host}, and integrations.github knows ${[host, ...more].join(', ')}: nobody reads the users of that instance; expected the same`,
      'one entry of integrations.github for each instance',
    ),
  ]
}

/** The sign-in of catalog-gate's package binds by id and instance, and needs no resolvers. */
const isOurs = ({ config }: Inspected) => config.decided('catalogGate', 'signIn') !== undefined

/** Every instance counts its users from 1: an id says who only together with the instance. */
function overlappingIds({ config }: Inspected): Finding[] {
  const environments = mapsIn(config.decided('auth', 'providers', 'github')?.value)
  const byId = environments.filter(({ map }) => resolversOf(map).some(one => one['resolver'] === BY_ID))
  const instances = new Set(
    byId.map(({ map }) => String(map['enterpriseInstanceUrl'] ?? 'https://github.com').replace(/\/$/, '')),
  )
  if (instances.size < 2) return []
  return [
    wrong(
      CHECK,
      `auth.providers.github signs in at ${instances.size} instances (${byId.map(({ key }) => key).join(', ')}) by ${BY_ID}: ids of two instances overlap, and a person of one becomes another of the other; expected id and instance`,
      "backend.add(import('backstage-plugin-catalog-backend-module-catalog-gate/sign-in')) in the place of the GitHub provider's module, catalogGate: { signIn: {} }, and no signIn.resolvers",
    ),
  ]
}

function resolvers(map: Record<string, unknown>, place: string): Finding[] {
  const found = resolversOf(map)
  const byId = `signIn: { resolvers: [{ resolver: ${BY_ID} }] }`
  if (found.length === 0 && !isOpen(map['signIn']))
    return [wrong(CHECK, `${place} has no signIn.resolvers: nobody becomes a user; expected ${BY_ID}`, byId)]
  const fallback = found.filter(one => one['dangerouslyAllowSignInWithoutUserInCatalog'] === true)
  const byName = found.filter(one => /^(?:preferredU|u)sernameMatching/.test(String(one['resolver'])))
  return [
    ...fallback.map(one =>
      warning(
        CHECK,
        `${place}: ${one['resolver']} has dangerouslyAllowSignInWithoutUserInCatalog: everybody with an account at the instance comes in, without groups; expected users of the catalog only`,
        'take it out, and let catalog.providers.githubOrg bring the users',
      ),
    ),
    ...byName.map(one =>
      warning(
        CHECK,
        `${place}: ${one['resolver']} binds people by their login, which can be given to somebody else; expected ${BY_ID}`,
        byId,
      ),
    ),
  ]
}

/** Who is to be found by annotation has to be brought with it. */
function users(inspected: Inspected, map: Record<string, unknown>): Finding[] {
  const providers = orgProviders(inspected)
  const open = isOpen(inspected.config.decided('catalog', 'providers', 'githubOrg')?.value)
  if (providers.length === 0) {
    const isById = isOurs(inspected) || resolversOf(map).some(one => one['resolver'] === BY_ID)
    if (!isById || open) return []
    return [
      warning(
        CHECK,
        `${BY_ID} looks for Users with github.com/user-id, and catalog.providers.githubOrg, which brings them, is not there`,
        'catalog-gate backstage config --relay relay.yaml prints it; or write the annotation into Users of your own',
      ),
    ]
  }
  return [...nobody(inspected, providers), ...suspended(inspected, providers)]
}

const providerPlace = (inspected: Inspected, one: Record<string, unknown>) =>
  `${placeOf(inspected, 'catalog', 'providers', 'githubOrg')} (${textAt(one, 'id') ?? 'no id'})`

/** All organizations, where none is named, are those that a GitHub App is installed in. */
function nobody(inspected: Inspected, providers: readonly Record<string, unknown>[]): Finding[] {
  const integrations = listIn(inspected.config.decided('integrations', 'github')?.value)
  const hasApps = integrations.some(one => (isOpen(one) && !isMap(one)) || listIn(Object(one)['apps']).length > 0)
  return providers
    .filter(one => listIn(one['orgs']).length === 0 && !hasApps)
    .map(one =>
      wrong(
        CHECK,
        `${providerPlace(inspected, one)} has no orgs, and there is no GitHub App that would know them: it brings nobody; expected the organizations`,
        'orgs: [acme]',
      ),
    )
}

function suspended(inspected: Inspected, providers: readonly Record<string, unknown>[]): Finding[] {
  return providers
    .filter(one => one['excludeSuspendedUsers'] !== true && !/github\.com\/?$/.test(textAt(one, 'githubUrl') ?? ''))
    .map(one =>
      warning(
        CHECK,
        `${providerPlace(inspected, one)} has no excludeSuspendedUsers: who is suspended at GHES stays a User, and an owner; expected true`,
        'excludeSuspendedUsers: true',
      ),
    )
}
