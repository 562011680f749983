// The questions to a live Backstage: tiny entities, each near a border, and where they are said to lie. Nothing is stored, and nothing is read for them.

export type Probe = {
  id: string
  entity: Record<string, unknown>
  /** The target of the Location that it is said to come from. */
  target: string
}

/** Every Backstage has an integration for this host, configured or not. */
const TARGET = 'https://github.com/catalog-gate/probe/blob/main/catalog-info.yaml'

/** No reader takes a URL of this form, so that whoever wants to read something beside it fails at once, without a call. */
const UNREADABLE = 'https://github.com/catalog-gate/probe/wiki/catalog-info.yaml'

const V1 = 'backstage.io/v1alpha1'
const SPECS: Record<string, object> = {
  API: { type: 'openapi', lifecycle: 'experimental', owner: 'nobody', definition: 'x' },
  Component: { type: 'service', lifecycle: 'experimental', owner: 'nobody' },
  Domain: { owner: 'nobody' },
  Group: { type: 'team', children: [] },
  Location: { targets: [] },
  Resource: { type: 'database', owner: 'nobody' },
  System: { owner: 'nobody' },
  User: { memberOf: [] },
}

const probe = (id: string, kind: string, spec: object = {}, more: object = {}, target = TARGET): Probe => ({
  id,
  entity: {
    apiVersion: V1,
    kind,
    metadata: { name: 'catalog-gate-probe' },
    spec: { ...SPECS[kind], ...spec },
    ...more,
  },
  target,
})

const named = (metadata: object) => ({ metadata: { name: 'catalog-gate-probe', ...metadata } })

/** Kinds that both of the gate's profiles know. */
export const kindProbes: readonly Probe[] = [
  ...Object.keys(SPECS).map(kind => probe(kind, kind)),
  probe('Template', 'Template', { type: 'service', steps: [] }, { apiVersion: 'scaffolder.backstage.io/v1beta3' }),
]

/** What only a catalog model knows. */
export const modelProbes: readonly Probe[] = [
  probe('AiResource', 'AiResource', { type: 'skill', lifecycle: 'experimental', owner: 'nobody' }),
  probe('an API of type mcp-server', 'API', {
    type: 'mcp-server',
    definition: undefined,
    remotes: [{ type: 'sse', url: 'https://mcp.example.com' }],
  }),
]

/** Whoever judges the kinds says its name when it refuses this. */
export const wiringProbe = probe('a lifecycle that is a number', 'Component', { lifecycle: 7 })

/** The module of CODEOWNERS says its name: it cannot read any at this place. */
export const ownerProbe = probe('no owner', 'Component', { owner: undefined }, {}, UNREADABLE)

/** A resolver of Backstage's own refuses what is no text; where there is none, the catalog keeps a field that it does not know. */
export const placeholderProbe = (name: string): Probe =>
  probe(`$${name}: 7`, 'Component', { probe: { [`$${name}`]: 7 } })

/** One that takes anything: then a description is a text, which it is not where there is no resolver. */
export const quietPlaceholderProbe = (name: string): Probe =>
  probe(`$${name} as a description`, 'Component', {}, named({ description: { [`$${name}`]: 'probe' } }), UNREADABLE)

/** Near the border of what any Backstage takes: where the gate says otherwise, this one has rules of its own. */
export const borderProbes: readonly Probe[] = [
  probe('a name with dots and dashes', 'Component', {}, named({ name: 'a..b--c_d' })),
  probe('a name of 64 characters', 'Component', {}, named({ name: 'x'.repeat(64) })),
  probe('a name with a blank', 'Component', {}, named({ name: 'a b' })),
  probe('a namespace in capitals', 'Component', {}, named({ namespace: 'Team-A' })),
  probe('a tag with a capital', 'Component', {}, named({ tags: ['Java'] })),
  probe('a tag with a dot', 'Component', {}, named({ tags: ['node.js'] })),
  probe('a label with a blank', 'Component', {}, named({ labels: { tier: 'one two' } })),
  probe('an annotation without a value', 'Component', {}, named({ annotations: { 'example.com/a': null } })),
  probe('an annotation key with two slashes', 'Component', {}, named({ annotations: { 'example.com/a/b': 'x' } })),
  probe('a link without a scheme', 'Component', {}, named({ links: [{ url: 'example.com' }] })),
  probe('a field at the root', 'Component', {}, { owner: 'nobody' }),
  probe('a dependency without its kind', 'Component', { dependsOn: ['other'] }),
  probe('a dependency with its kind', 'Component', { dependsOn: ['component:other'] }),
  probe('a reference without a name', 'Component', { system: 'system:' }),
  probe('an empty lifecycle', 'Component', { lifecycle: '' }),
  probe('a Group without children', 'Group', { children: undefined }),
  probe('an API without a definition', 'API', { definition: undefined }),
  probe('a kind in lower case', 'component', SPECS['Component']),
  probe('another apiVersion', 'Component', {}, { apiVersion: 'backstage.io/v1' }),
]
