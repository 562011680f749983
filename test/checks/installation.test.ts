// What a site's Backstage has beside its packages decides what is taken: placeholders of modules and of its own.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { type InstallationSettings, plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { profile as model } from '../../schemas/compiled/model.mjs'
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import { ownKind } from '../../scripts/config/own-kinds.ts'

const rulesFor = (installation: Partial<InstallationSettings> = {}, more: Partial<Rules> = {}): Rules => ({
  profile,
  repository: { fullName: 'acme/payments' },
  installation: { ...plainInstallation, ...installation },
  severities: {},
  helpUrl: '',
  ...more,
})

const entity = (kind: string, spec: unknown, metadata: object = {}) =>
  JSON.stringify({ apiVersion: 'backstage.io/v1alpha1', kind, metadata: { name: 'a', ...metadata }, spec })
const api = (definition: unknown) => entity('API', { type: 'openapi', lifecycle: 'x', owner: 'team-a', definition })
const component = (spec: object, metadata: object = {}) =>
  entity('Component', { type: 'service', lifecycle: 'x', owner: 'team-a', ...spec }, metadata)

/** `code: message (hint)` of every error. */
function errors(yaml: string, installation: Partial<InstallationSettings> = {}, more: Partial<Rules> = {}): string[] {
  return checkFile('catalog-info.yaml', Buffer.from(yaml), rulesFor(installation, more))
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`)
}

suite("placeholders of Backstage's openapi module", () => {
  test('are taken unless the setting says that they are not there', () => {
    for (const key of ['$openapi', '$asyncapi']) assert.deepEqual(errors(api({ [key]: './openapi.yaml' })), [])
  })

  test('stand for a text', () => {
    assert.deepEqual(errors(component({}, { tags: { $openapi: './x.yaml' } })), [
      'wrong-type: metadata.tags is the text of another file; expected a list (write the value itself here)',
    ])
  })

  test('are a map like any other where the module is not installed: nothing is certain where one may stand, but of an API', () => {
    const targets = ['file:///x', 'https://github.com/o/r/blob/main/a.yaml', './absent%', 5, null]
    for (const $asyncapi of targets) {
      assert.deepEqual(errors(component({ definition: { $asyncapi } })), [])
      assert.equal(errors(api({ $asyncapi })).length, $asyncapi === './absent%' ? 0 : 1)
      // A text is no map, and a label's key has no "$".
      assert.match(errors(component({}, { labels: { $asyncapi } }))[0] ?? '', /^wrong-type: metadata\.labels /)
    }
  })

  test('not in catalog.placeholders: refused, with the module, the setting, and $text', () => {
    const placeholders = ['text', 'json', 'yaml']
    assert.deepEqual(errors(api({ $openapi: './openapi.yaml' }), { placeholders }), [
      'placeholder-unknown: placeholder "$openapi" comes with the openapi module of Backstage, which the gate is told is not installed (write "$text: ./openapi.yaml", which always works; or, where the module is installed, administrators add openapi to catalog.placeholders in the gate\'s configuration)',
    ])
    assert.deepEqual(
      errors(component({ extra: { $openapi: './x' } }), { placeholders }),
      [],
      'the catalog keeps it as it is',
    )
  })

  test('name a file of another repository, or no text: refused as those of $text', () => {
    assert.match(
      errors(api({ $asyncapi: 'https://github.com/o/r/blob/main/a.yaml' }))[0] ?? '',
      /^placeholder-repository: /,
    )
    assert.match(errors(api({ $openapi: ['./a'] }))[0] ?? '', /^placeholder-value: \$openapi is a list/)
  })
})

suite("placeholders of the site's own", () => {
  const own = { placeholders: [...plainInstallation.placeholders, 'topic'] }

  test('not listed: refused, with the setting, and without a file that is none', () => {
    assert.deepEqual(errors(api({ $topic: 'orders.v1' })), [
      'placeholder-unknown: placeholder "$topic" is not known (if your Backstage has it, administrators add topic to catalog.placeholders in the gate\'s configuration)',
    ])
  })

  test('one cause, one finding, also where a whole map is missing', () => {
    assert.deepEqual(
      errors(entity('Component', { $topic: 'orders.v1' })).map(line => line.slice(0, 40)),
      ['placeholder-unknown: placeholder "$topic'],
    )
    for (const field of ['dependsOn', 'dependencyOf'])
      assert.equal(errors(component({ [field]: [{ $topic: 'a' }, { $topic: 'b' }] })).length, 2)
  })

  test('a slip of $text, and a file under a word that never was one', () => {
    assert.deepEqual(errors(api({ $txt: './openapi.yaml' })), [
      'placeholder-unknown: placeholder "$txt" is not known (did you mean "$text"?)',
    ])
    assert.deepEqual(errors(api({ $file: './openapi.yaml' })), [
      'placeholder-unknown: placeholder "$file" is not known (write "$text: ./openapi.yaml"; or, if your Backstage has it, administrators add file to catalog.placeholders in the gate\'s configuration)',
    ])
  })

  test('listed: the value is not known, and nothing at it or below it is judged', () => {
    const unknown = { $topic: 'orders.v1' }
    for (const yaml of [
      api(unknown),
      entity('Component', unknown),
      entity('Group', { type: 'team', profile: unknown, children: unknown }),
      component({
        type: unknown,
        owner: unknown,
        dependsOn: unknown,
        providesApis: [unknown, 'x'],
        dependencyOf: [unknown],
      }),
      component({}, { tags: unknown, labels: unknown, links: [unknown], title: unknown, description: unknown }),
      component(
        {},
        {
          tags: [unknown],
          labels: { a: unknown },
          annotations: { a: unknown },
          links: [{ url: unknown, title: unknown }],
        },
      ),
      component({ a: unknown, A: 1 }),
      entity('Location', { type: unknown, targets: unknown }),
      entity('Location', unknown),
    ])
      assert.deepEqual(errors(yaml, own), [], yaml)
  })

  test('what stands beside it is judged as ever', () => {
    const unknown = { $topic: 'x' }
    assert.match(
      errors(component({ owner: unknown, lifecycle: 7 }), own).join(),
      /^wrong-type: spec\.lifecycle is a number/,
    )
    assert.match(errors(component({ dependsOn: [unknown, 'x'] }), own).join(), /^entity-ref: spec\.dependsOn/)
    assert.match(errors(component({}, { tags: [unknown, 'A B'] }), own).join(), /^tag-format: /)
    assert.match(errors(entity('System', { domain: unknown }), own).join(), /^missing-field: spec\.owner/)
  })

  test('a key beside it makes it data, as in the catalog; a value that is no text is refused', () => {
    assert.match(errors(api({ $topic: 'x', more: 1 }), own).join(), /^wrong-type: spec\.definition is a map/)
    assert.match(errors(api({ $topic: 7 }), own).join(), /^placeholder-value: \$topic is a number/)
    assert.deepEqual(
      errors(api({ $topic: 'https://github.com/o/r/blob/main/x' }), own),
      [],
      'what it reads is its own affair',
    )
  })

  test('where it decides which schema holds, both may', () => {
    const yaml = (more: object) => entity('API', { type: { $topic: 'x' }, lifecycle: 'x', owner: 'a', ...more })
    assert.deepEqual(errors(yaml({ remotes: [{ type: 'sse', url: 'https://a.test' }] }), own, { profile: model }), [])
    assert.deepEqual(errors(yaml({ definition: 'x' }), own, { profile: model }), [])
    assert.match(errors(yaml({}), own, { profile: model }).join(), /^missing-field: spec\.definition/)
    assert.match(errors(yaml({ remotes: [] }), own).join(), /^missing-field: spec\.definition/)
  })

  test("the organisation's own schemas pass it over, too: choices, conditions, values, lists", async () => {
    const rule = {
      properties: {
        kind: { const: 'Component' },
        spec: {
          properties: {
            tier: { enum: [1, 2] },
            either: { oneOf: [{ type: 'string' }, { type: 'object', required: ['x'] }] },
            set: { uniqueItems: true, items: { type: 'string' }, contains: { const: 'x' } },
            whole: { const: { a: 1 } },
          },
          if: { properties: { type: { const: 'service' } } },
          else: { required: ['why'] },
        },
      },
    }
    const more = { profile: withOwnKinds(profile, [await ownKind(rule)]) }
    const unknown = { $topic: 'x' }
    for (const spec of [
      { tier: unknown },
      { either: unknown },
      { either: { x: unknown } },
      { set: [unknown, 'a'] },
      { whole: { a: unknown } },
      { type: unknown },
    ])
      assert.deepEqual(errors(component(spec), own, more), [], JSON.stringify(spec))
    assert.equal(errors(component({ tier: 3, either: unknown }), own, more).length, 1)
  })
})
