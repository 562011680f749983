// Valid entities of every kind, from which the near-valid ones are made.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what templates in YAML look like

export type Value = Record<string, unknown>

const entity = (kind: string, name: string, spec: Value, metadata: Value = {}): Value => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, ...metadata },
  spec,
})

const rich = {
  namespace: 'payments',
  title: 'A title',
  description: 'What it is',
  labels: { team: 'blue', 'example.com/tier': '1' },
  annotations: { 'github.com/project-slug': 'org/repo', 'backstage.io/techdocs-ref': 'dir:.' },
  tags: ['java', 'c++', 'ci:cd'],
  links: [{ url: 'https://example.com', title: 'Home', icon: 'web', type: 'site' }],
}

const templateSpec = {
  type: 'service',
  owner: 'team-a',
  parameters: [
    { title: 'Name', required: ['name'], properties: { name: { type: 'string' } } },
    { title: 'Cloud', when: "${{ parameters.name === 'x' }}", properties: { region: { type: 'string' } } },
  ],
  steps: [
    {
      id: 'fetch',
      name: 'Fetch',
      action: 'fetch:template',
      input: { url: './skeleton', values: { name: '${{ parameters.name }}' } },
    },
  ],
  output: { links: [{ title: 'Repo', url: '${{ steps.publish.output.remoteUrl }}' }] },
}

/** Everything that a Template may have. */
const richTemplateSpec = {
  type: 'service',
  owner: 'user:jane',
  lifecycle: 'production',
  parameters: { title: 'All', 'backstage:permissions': { tags: ['admin'] }, properties: { name: { type: 'string' } } },
  secrets: { schema: { type: 'object', properties: { token: { type: 'string' } } } },
  presentation: { buttonLabels: { backButtonText: 'Back', createButtonText: 'Make', reviewButtonText: 'Look' } },
  EXPERIMENTAL_recovery: { EXPERIMENTAL_strategy: 'startOver' },
  formDecorators: [{ id: 'token', input: { scopes: ['repo'] } }],
  EXPERIMENTAL_formDecorators: [{ id: 'token' }],
  steps: [
    {
      id: 'a',
      name: 'A',
      action: 'debug:log',
      if: true,
      'backstage:permissions': { tags: ['admin'] },
      input: { message: 'Hello: ${{ user.entity.metadata.name }}' },
    },
    { action: 'fetch:plain', if: '${{ parameters.isNew }}', each: '${{ parameters.all }}' },
  ],
  output: {
    url: '${{ steps.a.output.url }}',
    links: [{ title: 'Open', icon: 'catalog', entityRef: '${{ steps.a.output.entityRef }}', if: false }],
    text: [{ title: 'More', icon: 'info', content: 'Read **this**', if: '${{ true }}' }],
  },
}

const DESCRIPTION = `openapi: 3.0.0
info:
  title: "Inline: by hand"
  version: 1.0.0
# a comment
servers:
  - url: https://{env}.example.com
paths:
  /pets/{id}:
    get:
      responses: { '200': { description: OK, content: { application/json: { schema: { $ref: '#/x' } } } } }
`

export const bases: readonly Value[] = [
  entity('Component', 'petstore', { type: 'service', lifecycle: 'production', owner: 'team-a' }),
  entity(
    'Component',
    'pay',
    {
      type: 'service',
      lifecycle: 'production',
      owner: 'user:default/jane',
      system: 'shop',
      subcomponentOf: 'petstore',
      providesApis: ['pay-api'],
      consumesApis: ['other/bank-api'],
      dependsOn: ['resource:db', 'component:default/petstore'],
      dependencyOf: ['component:front'],
    },
    rich,
  ),
  entity('API', 'pay-api', {
    type: 'openapi',
    lifecycle: 'experimental',
    owner: 'group:team-a',
    definition: 'openapi: 3.0.0\ninfo:\n  title: x\n',
  }),
  entity('API', 'ref-api', {
    type: 'openapi',
    lifecycle: 'experimental',
    owner: 'team-a',
    definition: { $text: './openapi.yaml' },
  }),
  entity('API', 'mcp', {
    type: 'mcp-server',
    lifecycle: 'production',
    owner: 'team-a',
    remotes: [{ type: 'streamable-http', url: 'https://example.com/mcp' }],
    definition: 'x',
  }),
  entity('Resource', 'db', { type: 'database', owner: 'team-a', system: 'shop', dependsOn: ['resource:disk'] }, rich),
  entity('System', 'shop', { owner: 'team-a', domain: 'retail', type: 'product' }),
  entity('Domain', 'retail', { owner: 'team-a', subdomainOf: 'all' }),
  entity('Group', 'team-a', {
    type: 'team',
    parent: 'org',
    children: [],
    members: ['jane'],
    profile: { displayName: 'Team A', email: 'a@example.com', picture: 'https://example.com/a.png' },
  }),
  entity('User', 'jane', { profile: { displayName: 'Jane' }, memberOf: ['team-a'] }),
  entity('Location', 'all', {
    targets: ['./a/catalog-info.yaml', 'https://ghe.example.com/org/x/blob/main/catalog-info.yaml'],
  }),
  entity('Location', 'one', { type: 'url', target: './a/catalog-info.yaml', presence: 'optional' }),
  { ...entity('Template', 'new-service', templateSpec), apiVersion: 'scaffolder.backstage.io/v1beta3' },
  { ...entity('Template', 'rich', richTemplateSpec, rich), apiVersion: 'scaffolder.backstage.io/v1beta3' },
  entity('API', 'inline', { type: 'openapi', lifecycle: 'production', owner: 'team-a', definition: DESCRIPTION }, rich),
  entity('AiResource', 'base', { type: 'base', lifecycle: 'production', owner: 'team-a', system: 'shop' }),
  entity('AiResource', 'set', {
    type: 'plugin',
    lifecycle: 'production',
    owner: 'team-a',
    skills: ['design', 'airesource:default/other'],
    version: '1.0.0',
  }),
  entity('AiResource', 'market', {
    type: 'marketplace',
    lifecycle: 'production',
    owner: 'team-a',
    plugins: ['set'],
    version: '1',
  }),
  entity('AiResource', 'design', {
    type: 'skill',
    lifecycle: 'production',
    owner: 'team-a',
    agents: ['sample-tool'],
    dependsOn: ['airesource:base'],
  }),
  entity('AiResource', 'rule', {
    type: 'rule',
    lifecycle: 'production',
    owner: 'team-a',
    category: 'style',
    rationale: 'because',
  }),
]
