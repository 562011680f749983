// The fixed questions that an installed catalog's processors are asked. Their answers are facts: a new version that answers otherwise is seen.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what templates in YAML look like

export const HOST = 'ghe.example.com'
export const FILE = `https://${HOST}/org/repo/tree/main/svc/catalog-info.yaml`

/** Values of a placeholder in FILE. */
export const URLS = [
  './openapi.yaml',
  '/openapi.yaml',
  '../../../../other/tree/main/openapi.yaml',
  '../../../../repo/tree/main/openapi.yaml',
  './a%252e%252e/%252e%252e/openapi.yaml',
  'https://',
  `https://${HOST}/org/repo/blob/main/openapi.yaml`,
  `https://${HOST}/org/repo/raw/main/openapi.yaml`,
  `https://${HOST}/org/repo/edit/main/openapi.yaml`,
  `https://${HOST}/Org/repo/blob/main/openapi.yaml`,
  `https://${HOST}:8443/org/repo/blob/main/openapi.yaml`,
  `http://${HOST}/org/repo/blob/main/openapi.yaml`,
  `https://${HOST}/org/repo`,
  `https://${HOST}/org/repo/wiki/openapi.yaml`,
  `https://${HOST}/org/other/blob/main/openapi.yaml`,
  `https://${HOST}/org/other`,
  `https://${HOST}/raw/org/repo/main/openapi.yaml`,
  `https://${HOST}/api/v3/repos/org/repo/contents/openapi.yaml`,
  `https://${HOST}/org%252Fother/repo/blob/main/openapi.yaml`,
  'https://github.com/org/repo/blob/main/openapi.yaml',
  'https://gitlab.com/org/other/-/raw/main/openapi.yaml',
  'https://bitbucket.org/org/other/src/main/openapi.yaml',
  'https://dev.azure.com/org/p/_git/other?path=/openapi.yaml',
  'https://storage.cloud.google.com/bucket/openapi.yaml',
  'https://amazonaws.com/bucket/openapi.yaml',
  'https://blob.core.windows.net/c/openapi.yaml',
  'https://raw.githubusercontent.com/org/other/main/openapi.yaml',
  'https://gitea.example.org/org/other/src/branch/main/openapi.yaml',
  'https://files.example.org/a%2525/b/blob/main/openapi.yaml',
  'file:///srv/openapi.yaml',
]

/** What may stand where a placeholder does. */
export const PLACEHOLDERS: readonly unknown[] = [
  { $text: './a' },
  { $text: 1 },
  { $text: null },
  { $text: { $text: './a' } },
  { $text: './a', also: 1 },
  { $TEXT: './a' },
  { $file: './a' },
  { also: 1, $text: './a' },
  [{ $text: './a' }],
  { inside: { $text: './a' } },
]

/** What a file may hold that `$json` or `$yaml` quotes. */
export const CONTENTS = [
  '{}',
  'a: 1',
  '',
  '# comment',
  'null',
  'yes',
  '010',
  'a: 1\n---\nb: 2',
  'a: [',
  'a: 1\na: 2',
  'a: &x 1\nb: *x',
  'a: *x',
  '<<: { a: 1 }',
  '%YAML 1.1\n---\nyes',
  '{"a": 1,}',
  '\ufeff{"a": 1}',
  '{"$text": "./b"}',
]

/** YAML as a catalog file has it. */
export const DOCUMENTS = [
  'a: yes',
  'a: 010',
  'a: 0o10',
  'a: 1_000',
  'a: 2020-01-01',
  'a: .inf',
  'a: 1\na: 2',
  '"a": 1\na: 2',
  '1: a\n"1": b',
  'a: *x',
  'a: &x 1\nb: *x',
  'a: &x { b: 1 }\nc: { <<: *x }',
  '%YAML 1.1\n---\na: yes',
  'a: !x 1',
  'a: !!binary aGk=',
  'a: ${{ b }}',
  'a:\tb',
  '\ta: b',
  '[1]',
  'text',
  '',
  '---\n---\n',
  '# comment',
  'a: b: c',
]

/** By kind, the fields that name other entities. */
export const REFERENCES: Record<string, readonly string[]> = {
  Component: ['owner', 'subcomponentOf', 'providesApis', 'consumesApis', 'dependsOn', 'dependencyOf', 'system'],
  API: ['owner', 'system'],
  Resource: ['owner', 'dependsOn', 'dependencyOf', 'system'],
  System: ['owner', 'domain'],
  Domain: ['owner', 'subdomainOf'],
  Group: ['parent', 'children', 'members'],
  User: ['memberOf'],
}
const LISTS = ['providesApis', 'consumesApis', 'dependsOn', 'dependencyOf', 'children', 'members', 'memberOf']
export const REFS = ['a', 'b/a', 'kind:a', ':a', 'a:', 'a b', 'a:b:c', '/a']

/** The name of the entity that is asked about, and of its owner. */
export const SELF = 'self'
export const OWNER = 'owner'

const SPECS: Record<string, object> = {
  Component: { type: 'service', lifecycle: 'production', owner: OWNER },
  API: { type: 'openapi', lifecycle: 'production', owner: OWNER, definition: 'x' },
  Resource: { type: 'database', owner: OWNER },
  System: { owner: OWNER },
  Domain: { owner: OWNER },
  Group: { type: 'team', children: [] },
  User: { memberOf: [] },
  Location: {},
}

/** A valid one of its kind but for what is changed. */
export function entityOf(kind: string, spec: object = {}, more: object = {}, metadata: object = {}): object {
  const annotations = {
    'backstage.io/managed-by-location': `url:${FILE}`,
    'backstage.io/managed-by-origin-location': `url:${FILE}`,
  }
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: SELF, annotations, ...metadata },
    spec: { ...SPECS[kind], ...spec },
    ...more,
  }
}

export const withReference = (kind: string, field: string, ref: string) =>
  entityOf(kind, { [field]: LISTS.includes(field) ? [ref] : ref })

/** Entities of which one thing is odd. */
export const ENTITIES: Record<string, object> = {
  ...Object.fromEntries(Object.keys(SPECS).map(kind => [kind, entityOf(kind)])),
  'kind in lower case': entityOf('component', SPECS['Component']),
  'kind Template without its module': entityOf('Template', { type: 'x', steps: [] }),
  'kind Foo': entityOf('Foo'),
  'apiVersion backstage.io/v1beta1': entityOf('Component', {}, { apiVersion: 'backstage.io/v1beta1' }),
  'apiVersion v1': entityOf('Component', {}, { apiVersion: 'v1' }),
  'unknown field at the root': entityOf('Component', {}, { extra: 1 }),
  'relations at the root': entityOf('Component', {}, { relations: [] }),
  'status at the root': entityOf('Component', {}, { status: {} }),
  'unknown field in metadata': entityOf('Component', {}, {}, { extra: 1 }),
  'unknown field in spec': entityOf('Component', { extra: 1 }),
  '__proto__ at the root': JSON.parse(JSON.stringify(entityOf('Component')).replace(/}$/, ',"__proto__":{"a":1}}')),
  'no owner': entityOf('Component', { owner: undefined }),
  'owner null': entityOf('Component', { owner: null }),
  'label with a number': entityOf('Component', {}, {}, { labels: { a: 1 } }),
  'Location of type url': entityOf('Location', { type: 'url' }),
  'Location of type file': entityOf('Location', { type: 'file' }),
  'Location of type github': entityOf('Location', { type: 'github' }),
  'Location with presence optional, target absent': entityOf('Location', {
    target: './absent.yaml',
    presence: 'optional',
  }),
  'Location with an absent target': entityOf('Location', { target: './absent.yaml' }),
  'Location with one target of two absent': entityOf('Location', { targets: ['./there.yaml', './absent.yaml'] }),
  'Location with a target by pattern that fits nothing': entityOf('Location', { target: './*.none' }),
}

/** `spec` with keys that may clash. */
export const SPECS_WITH_KEYS = [
  { a: 1, b: 2 },
  { a: 1, A: 2 },
  { list: [{ a: 1 }, { A: 2 }] },
  { in: { a: 1, A: 2 } },
  { a: null, A: null },
]

/** Whole files for svc/catalog-info.yaml. */
export const OWNERS_FILES = [
  '* @org/team',
  '* @user',
  '* a.b@example.com',
  '* plain',
  '* @org/a @org/b',
  '* @org/a\n*.yaml @org/b',
  '* @org/a\n*.yaml',
  '/svc/ @org/a',
  'svc @org/a',
  '/docs/ @org/a',
  '* @org/a # why',
  '*.yaml # nobody',
  '# * @org/a',
  '',
]

/** Whether a rule `config` under `catalog` allows an entity from a place. */
export const RULES: readonly {
  name: string
  config: object
  entity: object
  location: { type: string; target: string }
}[] = [
  ...['Component', 'API', 'Location', 'Resource', 'System', 'Domain', 'Group', 'User', 'Template', 'component'].map(
    kind => ({ name: `without rules, ${kind}`, config: {}, entity: { kind }, location: { type: 'url', target: FILE } }),
  ),
  ...rules('by kind, in another case', { allow: ['user'] }, { kind: 'User' }),
  ...rules(
    'by type, in another case',
    { allow: [{ kind: 'Resource', 'spec.type': 'Database' }] },
    resource('database'),
  ),
  ...rules('by type, another one', { allow: [{ kind: 'Resource', 'spec.type': 'Database' }] }, resource('bucket')),
  ...rules('by type, which is no text', { allow: [{ kind: 'Resource', 'spec.type': '5' }] }, resource(5)),
  ...at('exact', FILE),
  ...at('exact', FILE.replace('svc', 's%76c')),
  ...at('exact', FILE.replace('/tree/', '/blob/')),
  ...at('exact', FILE.replace(HOST, `${HOST}:443`)),
  ...at('exact', FILE.replace('svc', 'SVC')),
  ...at('pattern', `https://${HOST}/org/*/tree/main/svc/*`),
  ...at('pattern', `https://${HOST}/org/**`),
  ...at('pattern', `https://${HOST}/ORG/**`),
  ...at('pattern', `https://${HOST}/*`),
  ...at('pattern', '**'),
  ...at('pattern', `https://${HOST}/org/repo/tree/main/{svc,lib}/*.yaml`),
  ...at('pattern', `https://${HOST}/org/repo/tree/main/**`, FILE.replace('svc', '.hidden')),
  ...rules(
    'by another type of place',
    { allow: ['User'], locations: [{ type: 'file', pattern: '**' }] },
    { kind: 'User' },
  ),
  ...rules('by a type of place alone', { allow: ['User'], locations: [{ type: 'url' }] }, { kind: 'User' }),
]

function resource(type: unknown) {
  return { kind: 'Resource', spec: { type } }
}

function rules(name: string, rule: object, entity: object, target = FILE) {
  return [{ name, config: { rules: [rule] }, entity, location: { type: 'url', target } }]
}

function at(how: 'exact' | 'pattern', text: string, target = FILE) {
  const rule = { allow: ['User'], locations: [{ type: 'url', [how]: text }] }
  return rules(`by ${how} ${text}${target === FILE ? '' : ` at ${target}`}`, rule, { kind: 'User' }, target)
}
