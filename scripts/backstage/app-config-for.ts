// The pieces of app-config.yaml that go with a relay, as lines with their reasons.
import type { Written } from '../../relay/config/written.ts'

/** As Backstage has it put in. */
const variable = (name: string) => `\${${name}}`

/** One instance of GHES with its relay; `suffix` keeps the variables of several apart. */
type Instance = { relay: Written; suffix: string; environment: string }

export function appConfigFor(relays: readonly Written[], gitHubCom = false): string[] {
  const instances = relays.map(
    (relay, i): Instance => ({
      relay,
      suffix: i === 0 ? '' : `_${nameOf(relay.ghe.host).toUpperCase().replaceAll('-', '_')}`,
      environment: i === 0 ? 'production' : nameOf(relay.ghe.host),
    }),
  )
  const ours = instances.filter(({ relay }) => hasPackage(relay))
  const hosts = relays.map(({ ghe }) => ghe.host).join(' and ')
  return [
    `# For app-config.yaml of the Backstage beside the relay of ${hosts}. What is in \${…} comes from Backstage's environment.`,
    'integrations:',
    '  github:',
    ...instances.flatMap(integration),
    ...(gitHubCom ? gitHubComIntegration : []),
    'backend:',
    '  auth:',
    '    externalAccess:',
    ...instances.flatMap(token),
    'permission:',
    '  enabled: true # without it a restriction to permissions has no effect: the token could do everything',
    ...catalog(instances),
    ...ownSection(ours[0], instances.length > 1 || gitHubCom),
    ...events(),
    ...auth(instances, gitHubCom),
  ]
}

const hasPackage = ({ secrets }: Written) => (secrets.backstage ?? []).length > 0

/** A key of YAML, and part of a variable's name. */
const nameOf = (host: string) => host.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const integration = ({ relay: { ghe }, suffix }: Instance) => [
  `    - host: ${ghe.host} # as in the URLs of files: the relay names them by ghe.host`,
  `      apiBaseUrl: ${ghe.apiBaseUrl} # where Backstage reads the files; the relay only asks it to`,
  `      token: ${variable(`GHES_TOKEN${suffix}`)} # reads contents and metadata of every repository with a catalog file, and members of the organizations (read:org); not the relay's own`,
]

const gitHubComIntegration = [
  '    - host: github.com # the second instance; its addresses are known',
  `      token: ${variable('GITHUB_TOKEN')} # reads there what has to be read`,
]

/** Why the relay needs a permission. */
function permissions({ backstage, lookups }: Written): [permission: string, why: string][] {
  return [
    ['catalog.entity.refresh', 'what the relay is for'],
    ...(lookups?.enabled
      ? [['catalog.entity.read', 'lookups.enabled: which names there are'] as [string, string]]
      : []),
    ...(backstage.register
      ? [['catalog.location.create', 'backstage.register: files that the catalog does not know'] as [string, string]]
      : []),
    ...(backstage.removed === 'unregister'
      ? ([
          ['catalog.location.read', 'backstage.removed: to find the Location of a removed file'],
          ['catalog.location.delete', 'and to take it away'],
        ] as [string, string][])
      : []),
  ]
}

const token = ({ relay, suffix }: Instance) => [
  '      - type: static',
  '        options:',
  `          token: ${variable(`CATALOG_GATE_TOKEN${suffix}`)} # the text of backstage.token in relay.yaml; openssl rand -hex 32`,
  `          subject: catalog-gate${suffix === '' ? '' : `-${nameOf(relay.ghe.host)}`} # its name in the audit log`,
  '        accessRestrictions: # whoever has the token can do this, and nothing else',
  '          - plugin: catalog',
  '            permission:',
  ...permissions(relay).map(([permission, why]) => `              - ${permission} # ${why}`),
]

function catalog(instances: readonly Instance[]): string[] {
  const [first] = instances.filter(({ relay }) => hasPackage(relay))
  return [
    'catalog:',
    '  processingInterval: { hours: 24 } # not the 100 s of the default: every change is refreshed by the relay, and its daily reconcile finds what nobody has told of',
    ...(first
      ? [
          `  # no catalog.providers.github for ${first.relay.ghe.host}: the package of catalog-gate is the provider, and two of them contradict each other`,
        ]
      : []),
    '  providers:',
    ...providers(instances.filter(one => one !== first)),
    ...users(instances),
  ]
}

function providers(instances: readonly Instance[]): string[] {
  const named = instances.flatMap(({ relay }) =>
    (relay.reconcile?.organizations ?? []).map(name => ({ name, host: relay.ghe.host })),
  )
  if (instances.length === 0) return []
  if (named.length === 0)
    return [
      '    # no github: relay.yaml names no organization (reconcile.organizations); files are registered by hand, or by backstage.register',
    ]
  return [
    '    github:',
    ...named.flatMap(({ name, host }, i) => [
      `      ${named.findIndex(one => one.name === name) === i ? nameOf(name) : `${nameOf(name)}-${nameOf(host)}`}: # a name of yours`,
      `        host: ${host} # else github.com is asked`,
      `        organization: ${name} # reconcile.organizations of relay.yaml`,
      "        catalogPath: '/**/catalog-info.yaml' # put it into backstage.locations of relay.yaml, too: it is in the name of the Location",
      '        schedule: { frequency: { hours: 24 }, timeout: { minutes: 30 } } # it brings new repositories only, never contents; one page of 25 a second',
    ]),
  ]
}

/** Users and groups of the organizations, by @backstage/plugin-catalog-backend-module-github-org. */
function users(instances: readonly Instance[]): string[] {
  const several = instances.length > 1
  return [
    '    githubOrg: # users and groups of GHES, by the module catalog-backend-module-github-org: who is no User cannot sign in',
    ...instances.flatMap(({ relay }) => {
      const organizations = relay.reconcile?.organizations ?? []
      return [
        `      - id: ${nameOf(relay.ghe.host)} # a name of yours, kept for good: entities belong to it`,
        `        githubUrl: https://${relay.ghe.host} # as host of integrations.github`,
        organizations.length > 0
          ? `        orgs: [${organizations.join(', ')}] # reconcile.organizations of relay.yaml; with several, groups are in a namespace of the organization's name`
          : '        orgs: [YOUR-ORGANIZATION] # all organizations whose members may sign in; left out, only a GitHub App finds any',
        '        excludeSuspendedUsers: true # who is suspended at GHES is no owner, and does not sign in',
        '        schedule: { frequency: { hours: 1 }, timeout: { minutes: 15 } } # a new colleague can sign in within the hour; one request for 50 members or 25 teams',
      ]
    }),
    ...(several
      ? [
          '      # the same login at both instances is one name, user:default/LOGIN: the second is dropped. setUserTransformer of githubOrgEntityProviderTransformsExtensionPoint can put them apart',
        ]
      : []),
  ]
}

function ownSection(first: Instance | undefined, several: boolean): string[] {
  if (first === undefined && !several) return []
  return [
    'catalogGate: # of the package backstage-plugin-catalog-backend-module-catalog-gate',
    ...(first ? packageOf(first) : []),
    ...(several
      ? [
          `  signIn: {} # ${OURS} in the place of the GitHub provider's module: every instance counts its users from 1, so that the id alone would make a person of one instance another of the other`,
        ]
      : []),
  ]
}

const OURS = "backend.add(import('backstage-plugin-catalog-backend-module-catalog-gate/sign-in'))"

const packageOf = ({ relay }: Instance) => [
  '  relay:',
  `    url: ${addressOf(relay)} # listen of relay.yaml, as Backstage reaches it`,
  `    secret: ${variable('CATALOG_GATE_SECRET')} # one of secrets.backstage in relay.yaml`,
  '  provider: true # the relay says which files there are: no scan, and no permission to register',
]

function addressOf({ listen = '127.0.0.1:8080' }: Written): string {
  return typeof listen === 'string' ? `http://${listen}` : `https://${listen.address}`
}

const events = () => [
  'events: # Backstage need not hear of pushes itself, the relay does; where its route is open, never without the secret:',
  '  http: { topics: [] } # with a topic and no secret, anybody can send events. [github] for other plugins that listen',
  `  modules: { github: { webhookSecret: "${variable('GITHUB_WEBHOOK_SECRET')}" } } # of the webhook at GHES`,
]

function auth(instances: readonly Instance[], gitHubCom: boolean): string[] {
  const resolver = instances.length > 1 || gitHubCom ? [] : byId
  return [
    "auth: # sign-in with GHES, by Backstage's own provider (module auth-backend-module-github-provider)",
    '  environment: production # which of those below the sign-in page uses',
    '  providers:',
    '    github:',
    ...instances.flatMap(({ relay, suffix, environment }, i) => [
      `      ${environment}:${i === 0 ? '' : OTHER}`,
      `        clientId: ${variable(`GHES_OAUTH_CLIENT_ID${suffix}`)} # of an OAuth App at GHES; its callback URL: BACKEND/api/auth/github/handler/frame`,
      `        clientSecret: ${variable(`GHES_OAUTH_CLIENT_SECRET${suffix}`)} # made on the App's page, shown once`,
      `        enterpriseInstanceUrl: https://${relay.ghe.host} # else github.com is asked`,
      ...resolver,
    ]),
    ...(gitHubCom
      ? [
          `      github-com:${OTHER}`,
          `        clientId: ${variable('GITHUB_OAUTH_CLIENT_ID')} # of an OAuth App at github.com; its callback URL is the same`,
          `        clientSecret: ${variable('GITHUB_OAUTH_CLIENT_SECRET')} # made on the App's page, shown once`,
        ]
      : []),
  ]
}

/** Its cookies have the provider's name, not the environment's. */
const OTHER =
  " # the other instance: GithubAuth.create({ environment }) of the app's own API factory; one browser is signed in to one of them at a time"

const byId = [
  '        signIn:',
  '          resolvers:',
  "            - resolver: userIdMatchingUserEntityAnnotation # by the id that never changes, github.com/user-id of the org provider's users; a login can be given to somebody else",
]
