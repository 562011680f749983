// dist/schemas/catalog-info.schema.json in a real editor's server: yaml-language-server, spoken to over stdio as VS Code does.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { editorSchema } from '../../scripts/build/editor-schema.ts'
import { ownKind } from '../../scripts/config/own-kinds.ts'
import { type LanguageServer, startLanguageServer } from '../support/language-server.ts'

/** With a kind of an organisation's own, and a rule of it for a known one. */
const own = [
  {
    properties: {
      kind: { const: 'Database' },
      apiVersion: { const: 'acme.com/v1' },
      spec: {
        type: 'object',
        required: ['engine'],
        properties: { engine: { enum: ['postgres'], description: 'What the database runs.' } },
      },
    },
  },
  {
    properties: {
      kind: { const: 'System' },
      spec: { properties: { type: { enum: ['product'], 'x-message': 'products only' } } },
    },
  },
]

let server: LanguageServer
before(async () => {
  const settings = { ...plainInstallation, profile: 'model' as const }
  server = await startLanguageServer(editorSchema(settings, await Promise.all(own.map(ownKind))))
})
after(() => server.stop())
const open = (name: string, text: string) => server.open(name, text)

const entity = (kind: string, spec: string, apiVersion = 'backstage.io/v1alpha1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: payments\n  tags: [java]\nspec:\n${spec}`

const good: Record<string, string> = {
  Component: entity(
    'Component',
    '  type: service\n  lifecycle: production\n  owner: team\n  dependsOn: [resource:db]\n',
  ),
  API: entity(
    'API',
    '  type: openapi\n  lifecycle: production\n  owner: team\n  definition:\n    $text: ./openapi.yaml\n',
  ),
  Resource: entity('Resource', '  type: database\n  owner: team\n'),
  System: entity('System', '  owner: team\n'),
  Domain: entity('Domain', '  owner: team\n'),
  Group: entity('Group', '  type: team\n  children: []\n'),
  User: entity('User', '  memberOf: [team]\n'),
  Location: entity('Location', '  targets: [./a.yaml]\n'),
  AiResource: entity('AiResource', '  type: prompt\n  lifecycle: production\n  owner: team\n'),
  'mcp-server API': entity(
    'API',
    '  type: mcp-server\n  lifecycle: production\n  owner: team\n  remotes:\n    - type: sse\n      url: https://mcp.example\n',
  ),
  'Component with empty annotations': entity(
    'Component',
    '  type: service\n  lifecycle: production\n  owner: team\n',
  ).replace('  tags:', '  annotations:\n  tags:'),
  "Database of the organisation's own": entity('Database', '  engine: postgres\n', 'acme.com/v1'),
  Template: entity(
    'Template',
    '  type: service\n  owner: team\n  steps:\n    - action: debug:log\n',
    'scaffolder.backstage.io/v1beta3',
  ),
}

for (const [kind, text] of Object.entries(good)) {
  test(`a good ${kind} has no problem`, async () => {
    assert.deepEqual(await open(`good-${kind.replaceAll(/\W/g, '-')}`, text), [])
  })
}

const bad: [name: string, text: string, line: number, message: RegExp][] = [
  ['a missing lifecycle', entity('Component', '  type: service\n  owner: team\n'), 5, /lifecycle/],
  [
    'an owner that is a number',
    entity('Component', '  type: service\n  lifecycle: x\n  owner: 5\n'),
    8,
    /entity reference/,
  ],
  ['a Group without children', entity('Group', '  type: team\n'), 5, /children/],
  ['a kind that is none', entity('Service', '  type: service\n'), 1, /Component/],
  ['an mcp-server without remotes', entity('API', '  type: mcp-server\n  lifecycle: x\n  owner: a\n'), 5, /remotes/],
  ['a kind of the organisation without its field', entity('Database', '  a: b\n', 'acme.com/v1'), 5, /engine/],
  ["a rule of the organisation's, in its words", entity('System', '  owner: a\n  type: x\n'), 7, /products only/],
  [
    'metadata of an own kind',
    entity('Database', '  engine: postgres\n', 'acme.com/v1').replace('[java]', 'java'),
    4,
    /list/,
  ],
  ['a field at the root', `${good['System']}labels: {}\n`, 7, /labels/],
]

for (const [name, text, line, message] of bad) {
  test(`${name} is one problem, in its place`, async () => {
    const problems = await open(`bad-${name.replaceAll(/\W/g, '-')}`, text)
    assert.equal(problems.length, 1, JSON.stringify(problems))
    assert.match(problems[0]?.message ?? '', message)
    assert.equal(problems[0]?.range.start.line, line, JSON.stringify(problems))
  })
}

test('completion offers the fields of the kind, and only those', async () => {
  const text = `${entity('Component', '  type: service\n')}  \n`
  await open('completion', text)
  const labels = await server.complete('completion', 7, 2)
  for (const field of ['lifecycle', 'owner', 'system', 'dependsOn', 'providesApis'])
    assert.ok(labels.includes(field), labels.join())
  for (const field of ['memberOf', 'targets', 'children', 'steps']) assert.ok(!labels.includes(field), labels.join())
})

test('hover says what a field is', async () => {
  await open('hover', good['Component'] ?? '')
  assert.match(await server.hover('hover', 7, 4), /lifecycle state/i)
})

test('hover knows own kinds, metadata and kinds', async () => {
  await open('hover-own', good["Database of the organisation's own"] ?? '')
  assert.match(await server.hover('hover-own', 6, 4), /What the database runs/)
  assert.match(await server.hover('hover-own', 3, 4), /name of the entity/i)
  assert.match(await server.hover('hover-own', 1, 1), /What this entity is/)
})

test('completion of a kind offers them all, and of an own field its values', async () => {
  await open('completion-kind', 'apiVersion: backstage.io/v1alpha1\nkind: \n')
  const kinds = await server.complete('completion-kind', 1, 6)
  for (const kind of ['Component', 'API', 'AiResource', 'Template', 'Database'])
    assert.ok(kinds.includes(kind), kinds.join())
  await open('completion-own', entity('Database', '  engine: \n', 'acme.com/v1'))
  assert.deepEqual(await server.complete('completion-own', 6, 10), ['postgres'])
})
