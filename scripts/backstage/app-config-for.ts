// The pieces of app-config.yaml that go with a relay, as lines with their reasons.
import type { Written } from '../../relay/config/written.ts'

/** As Backstage has it put in. */
const variable = (name: string) => `\${${name}}`

export function appConfigFor(relay: Written): string[] {
  const hasPackage = (relay.secrets.backstage ?? []).length > 0
  return [
    `# For app-config.yaml of the Backstage beside the relay of ${relay.ghe.host}. What is in \${…} comes from Backstage's environment.`,
    ...integration(relay),
    ...token(relay),
    ...catalog(relay, hasPackage),
    ...(hasPackage ? packageOf(relay) : []),
    ...events(),
    ...auth(relay),
  ]
}

const integration = ({ ghe }: Written) => [
  'integrations:',
  '  github:',
  `    - host: ${ghe.host} # as in the URLs of files: the relay names them by ghe.host`,
  `      apiBaseUrl: ${ghe.apiBaseUrl} # where Backstage reads the files; the relay only asks it to`,
  `      token: ${variable('GHES_TOKEN')} # reads contents and metadata, of every repository with a catalog file; not the relay's own`,
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

const token = (relay: Written) => [
  'backend:',
  '  auth:',
  '    externalAccess:',
  '      - type: static',
  '        options:',
  `          token: ${variable('CATALOG_GATE_TOKEN')} # the text of backstage.token in relay.yaml; openssl rand -hex 32`,
  '          subject: catalog-gate # its name in the audit log',
  '        accessRestrictions: # whoever has the token can do this, and nothing else',
  '          - plugin: catalog',
  '            permission:',
  ...permissions(relay).map(([permission, why]) => `              - ${permission} # ${why}`),
  'permission:',
  '  enabled: true # without it a restriction to permissions has no effect: the token could do everything',
]

function catalog({ reconcile }: Written, hasPackage: boolean): string[] {
  return [
    'catalog:',
    '  processingInterval: { hours: 24 } # not the 100 s of the default: every change is refreshed by the relay, and its daily reconcile finds what nobody has told of',
    ...(hasPackage
      ? [
          '  # no catalog.providers.github: the package of catalog-gate is the provider, and two of them contradict each other',
        ]
      : providers(reconcile?.organizations ?? [])),
  ]
}

function providers(organizations: readonly string[]): string[] {
  if (organizations.length === 0)
    return [
      '  # no catalog.providers.github: relay.yaml names no organization (reconcile.organizations); files are registered by hand, or by backstage.register',
    ]
  return [
    '  providers:',
    '    github:',
    ...organizations.flatMap(name => [
      `      ${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}: # a name of yours`,
      `        organization: ${name} # reconcile.organizations of relay.yaml`,
      "        catalogPath: '/**/catalog-info.yaml' # put it into backstage.locations of relay.yaml, too: it is in the name of the Location",
      '        schedule: { frequency: { hours: 24 }, timeout: { minutes: 30 } } # it brings new repositories only, never contents; one page of 25 a second',
    ]),
  ]
}

const packageOf = (relay: Written) => [
  'catalogGate: # of the package catalog-backend-module-catalog-gate',
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

const auth = ({ ghe }: Written) => [
  "auth: # sign-in with GHES, by Backstage's own provider (module auth-backend-module-github-provider)",
  '  environment: production',
  '  providers:',
  '    github:',
  '      production:',
  `        clientId: ${variable('GHES_OAUTH_CLIENT_ID')} # of an OAuth app at GHES; its callback URL: BACKEND/api/auth/github/handler/frame`,
  `        clientSecret: ${variable('GHES_OAUTH_CLIENT_SECRET')}`,
  `        enterpriseInstanceUrl: https://${ghe.host} # else github.com is asked`,
  '        signIn:',
  '          resolvers:',
  "            - resolver: userIdMatchingUserEntityAnnotation # by the id that never changes, github.com/user-id of the org provider's users; a login can be given to somebody else",
]
