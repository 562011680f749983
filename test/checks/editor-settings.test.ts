// The editors' schema is the site's own: its profile, placeholders, CODEOWNERS and catalog.rules decide what it offers and shows.
import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { type EditorSettings, editorSchema } from '../../scripts/build/editor-schema.ts'
import { type LanguageServer, startLanguageServer } from '../support/language-server.ts'

const servers = new Map<string, Promise<LanguageServer>>()
after(async () => {
  for (const server of servers.values()) (await server).stop()
})

/** One for all tests with these settings. */
function serverFor(settings: Partial<EditorSettings> = {}): Promise<LanguageServer> {
  const key = JSON.stringify(settings)
  const server =
    servers.get(key) ?? startLanguageServer(editorSchema({ ...plainInstallation, profile: 'builtin', ...settings }))
  servers.set(key, server)
  return server
}

const entity = (kind: string, spec: object, metadata: object = {}) =>
  JSON.stringify({ apiVersion: 'backstage.io/v1alpha1', kind, metadata: { name: 'a', ...metadata }, spec }, null, 1)
const component = (spec: object = {}, metadata: object = {}) =>
  entity('Component', { type: 'service', lifecycle: 'x', owner: 'team-a', ...spec }, metadata)
const api = (definition: unknown) => entity('API', { type: 'openapi', lifecycle: 'x', owner: 'team-a', definition })

let opened = 0
async function messages(server: LanguageServer, text: string): Promise<string[]> {
  const problems = await server.open(`file-${opened++}`, text)
  return problems.map(({ message }) => message)
}

suite('profile', () => {
  test('builtin offers and takes no kind that only a catalog model knows', async () => {
    const server = await serverFor()
    await server.open('kind', 'apiVersion: backstage.io/v1alpha1\nkind: \n')
    const kinds = await server.complete('kind', 1, 6)
    assert.ok(kinds.includes('Component') && !kinds.includes('AiResource'), kinds.join())
    const found = await messages(server, entity('AiResource', { type: 'skill' }))
    assert.match(found.join(), /^Value is not accepted\. Valid values: "API", /)
  })
})

suite('placeholders', () => {
  test('of the site stand anywhere, those of no text in the place of lists and maps, too', async () => {
    const server = await serverFor({ placeholders: ['text', 'yaml', 'topic'] })
    for (const text of [
      api({ $text: './openapi.yaml' }),
      api({ $topic: 'orders.v1' }),
      component({ dependsOn: { $yaml: './d.yaml' }, providesApis: [{ $topic: 'x' }], dependencyOf: [{ $topic: 'x' }] }),
      component({}, { tags: { $yaml: './t.yaml' }, labels: { a: { $text: './l' } }, links: [{ $yaml: './l' }] }),
      entity('Component', { $yaml: './spec.yaml' }),
      entity('Location', { presence: { $text: './p' }, targets: [{ $text: './p' }] }),
    ])
      assert.deepEqual(await messages(server, text), [], text)
  })
  test('of nobody, of a text where a list belongs, and without a path', async () => {
    const server = await serverFor({ placeholders: ['text', 'yaml'] })
    const known = (names: string) => [`Expected a value, or a placeholder: ${names}.`]
    assert.deepEqual(await messages(server, api({ $topic: 'x' })), known('$text, $yaml'))
    assert.deepEqual(await messages(server, component({}, { tags: { $text: './t' } })), known('$yaml'))
    const path = ['Expected a path from the folder of this file, or a URL.']
    assert.deepEqual(await messages(server, api({ $text: 5 })), path)
    assert.deepEqual(await messages(server, component({ more: { deep: [{ $text: null }] } })), path)
  })
  test('$text is offered below a definition', async () => {
    const server = await serverFor()
    const head = 'apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: a\nspec:\n  type: openapi\n'
    await server.open('definition', `${head}  definition:\n    \n`)
    assert.ok((await server.complete('definition', 7, 4)).includes('$text'))
  })
})

suite('catalog.ownerFrom', () => {
  test('codeowners: an owner may be missing or empty', async () => {
    const server = await serverFor({ ownerFrom: 'codeowners' })
    const spec = { type: 'service', lifecycle: 'x' }
    for (const text of [entity('Component', spec), entity('Component', { ...spec, owner: null }), entity('System', {})])
      assert.deepEqual(await messages(server, text), [], text)
    const { spec: _spec, ...system } = JSON.parse(entity('System', {}))
    assert.deepEqual(await messages(server, JSON.stringify(system)), [])
    assert.deepEqual(await messages(server, entity('Component', { type: 'service' })), [
      'Missing property "lifecycle".',
    ])
  })
  test('left out, it is missing', async () => {
    const server = await serverFor()
    assert.deepEqual(await messages(server, entity('System', {})), ['Missing property "owner".'])
  })
})

suite('catalog.rules', () => {
  test('kinds that no rule takes from git are neither offered nor taken; where a rule holds, a schema cannot know', async () => {
    const server = await serverFor({
      rules: [
        { allow: ['component', 'API'] },
        { allow: ['Group'], locations: [{ type: 'url', pattern: 'https://ghe.example.com/acme/org/**' }] },
        { allow: ['User'], locations: [{ type: 'file' }] },
      ],
    })
    assert.deepEqual(await messages(server, component()), [])
    assert.deepEqual(await messages(server, entity('Group', { type: 'team', children: [] })), [])
    const expected = ['Value is not accepted. Valid values: "API", "Component", "Group".']
    assert.deepEqual(await messages(server, entity('User', { memberOf: [] })), expected)
  })
  test('types of a kind, in any case', async () => {
    const server = await serverFor({ rules: [{ allow: [{ kind: 'Component', 'spec.type': 'web.site' }, 'API'] }] })
    assert.deepEqual(await messages(server, component({ type: 'Web.Site' })), [])
    assert.deepEqual(await messages(server, component({ type: 'webXsite' })), ['Your Backstage takes only: web.site.'])
    assert.deepEqual(await messages(server, api('x')), [])
  })
})

suite('formats, each in its own words', () => {
  for (const [what, text, words] of [
    ['name', component({}, { name: 'a b' }), /^Expected a name: letters/],
    ['namespace', component({}, { namespace: 'Team' }), /^Expected a namespace: lower-case/],
    ['tag', component({}, { tags: ['Java'] }), /^Expected a tag: lower-case/],
    ['key of a label', component({}, { labels: { 'Acme.com/a': 'b' } }), /^Expected a key: an optional prefix/],
    ['value of a label', component({}, { labels: { a: 'b@c' } }), /^Expected nothing, or letters/],
    ['key of an annotation', component({}, { annotations: { 'a/b/c': 'd' } }), /^Expected a key/],
    ['URL of a link', component({}, { links: [{ url: 'example.com' }] }), /^Expected an absolute URL/],
    ['reference', component({ owner: 'group:' }), /^Expected an entity reference: \[kind:\]/],
    ['reference without a kind', component({ dependsOn: ['db'] }), /^Expected an entity reference with its kind/],
    [
      'type of a Location',
      entity('Location', { type: 'file', target: './a' }),
      /^Value is not accepted\. Valid values: "url"/,
    ],
  ] as const)
    test(what, async () => {
      const found = await messages(await serverFor(), text)
      assert.equal(found.length, 1, found.join())
      assert.match(found[0] ?? '', words)
    })
  test('also where the kind is not known yet', async () => {
    const found = await messages(await serverFor(), 'apiVersion: backstage.io/v1alpha1\nmetadata:\n  name: a b\n')
    assert.deepEqual(found.map(message => message.slice(0, 20)).sort(), [
      'Expected a name: let',
      'Missing property "ki',
    ])
  })
})
