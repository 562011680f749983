// Backstage is an installation: what is added to the plain one, and the settings by which our checker is told of it.
import { type CatalogRule, type InstallationSettings, plainInstallation } from '../../../hooks/config/hook-config.ts'
import type { ProfileName } from '../../agreement/catalog.ts'

export type Installation = {
  /** Packages whose modules are installed. */
  modules: readonly string[]
  profile: ProfileName
  settings: InstallationSettings
}

const TEMPLATE = '@backstage/plugin-catalog-backend-module-scaffolder-entity-model'
const OPENAPI = '@backstage/plugin-catalog-backend-module-openapi'
const CODEOWNERS = '@backstage-community/plugin-catalog-backend-module-codeowners'
const MODEL = '@backstage/plugin-catalog-backend-module-ai-model'

export const HOST = 'ghe.example.com'
/** Everything is in repositories of this owner, one a case. */
export const OWNER = 'org'

const plain: InstallationSettings = { ...plainInstallation, placeholders: ['text', 'json', 'yaml'], ownerFrom: 'none' }
const withOpenapi = { ...plain, placeholders: plainInstallation.placeholders }

const repositories = (pattern: string) => [{ type: 'url', pattern: `https://${HOST}/${OWNER}/${pattern}` }]

/** As a site writes them: by kind, by type, by exact place, by pattern. The names of the cases end in their number. */
const RULES: CatalogRule[] = [
  { allow: ['Component', 'api', 'Location', 'System', 'Template'] },
  { allow: [{ kind: 'Resource', 'spec.type': 'Database' }] },
  { allow: ['Group'], locations: repositories('*/blob/main/groups/**') },
  { allow: ['Group'], locations: repositories('*[0-4]/**') },
  {
    allow: ['User', { kind: 'Resource', 'spec.type': 'bucket' }],
    locations: repositories('*{1,3,5}/**/catalog-info.yaml'),
  },
  { allow: ['User'], locations: [{ type: 'url', exact: `https://${HOST}/${OWNER}/t7/blob/main/catalog-info.yaml` }] },
  { allow: ['Domain'], locations: repositories('t?[!5]/blob/main/**') },
  { allow: ['AiResource', 'Foo'], locations: [{ type: 'file', pattern: '**' }] },
]

export const INSTALLATIONS = {
  plain: { modules: [TEMPLATE], profile: 'builtin', settings: plain },
  openapi: { modules: [TEMPLATE, OPENAPI], profile: 'builtin', settings: withOpenapi },
  codeowners: { modules: [TEMPLATE, CODEOWNERS], profile: 'builtin', settings: { ...plain, ownerFrom: 'codeowners' } },
  all: {
    modules: [TEMPLATE, OPENAPI, CODEOWNERS],
    profile: 'builtin',
    settings: { ...withOpenapi, ownerFrom: 'codeowners', rules: RULES },
  },
  model: { modules: [TEMPLATE, MODEL], profile: 'model', settings: plain },
} as const satisfies Record<string, Installation>

export type InstallationName = keyof typeof INSTALLATIONS
export const installationNames = Object.keys(INSTALLATIONS) as InstallationName[]

/** Hosts without an integration that this Backstage may read all the same, so that a URL there is no question of the network. */
export const READABLE_HOSTS = [
  `${HOST}:8443`,
  '*.example.com',
  '*.example.org',
  'raw.githubusercontent.com',
  '*.visualstudio.com',
  'example.com',
]
