// learn reads app-config files: which of them has the last word, and what of them it does not understand.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parse } from 'yaml'
import { LearnFixture } from './learn-fixture.ts'

let fixture: LearnFixture
before(async () => {
  fixture = await LearnFixture.open()
})
after(() => fixture.close())

async function learned(...files: string[]): Promise<{ settings: Record<string, unknown>; out: string }> {
  const appConfig = files.map((text, i) => {
    fixture.file(`${i}.yaml`, text)
    return `${i}.yaml`
  })
  const { code, out, errors } = await fixture.learn({ appConfig }, false)
  assert.deepEqual([code, errors], [0, ''])
  return { out, settings: (parse(out) as { catalog: Record<string, unknown> }).catalog }
}
const rulesIn = async (...files: string[]) => (await learned(...files)).settings['rules']

const plain = { allow: ['Component', 'API', 'Location'] }
/** A variable, as app-config.yaml has them. */
const variable = (name: string) => `\${${name}}`
const url = 'https://ghe.test/acme/org/blob/main/users.yaml'

suite('rules', () => {
  test('in their own form', async () => {
    const rules = [
      { allow: ['Component', { kind: 'Resource', 'spec.type': 'database' }] },
      { allow: ['User'], locations: [{ type: 'url', exact: url }, { type: 'file' }] },
      { allow: ['Group'], locations: [{ type: 'url', pattern: 'https://ghe.test/acme/**' }] },
    ]
    assert.deepEqual(await rulesIn(JSON.stringify({ catalog: { rules } })), rules)
  })

  test("nothing said: Backstage's own default, and where it is from", async () => {
    const { settings, out } = await learned('app: {}\n')
    assert.deepEqual(settings['rules'], [plain])
    assert.match(out, /rules: # Backstage's own default, since 0\.yaml has no catalog\.rules$/m)
  })

  test('of single locations', async () => {
    const locations = [
      { type: 'url', target: url, rules: [{ allow: ['User', 'Group'] }] },
      { type: 'url', target: 'https://ghe.test/b' },
      { type: 'file', target: '../../org.yaml', rules: [{ allow: ['User'] }] },
    ]
    assert.deepEqual(await rulesIn(JSON.stringify({ catalog: { locations } })), [
      plain,
      { allow: ['User', 'Group'], locations: [{ type: 'url', exact: url }] },
    ])
  })

  test('variables are any text; where a kind is one, no rule is printed', async () => {
    const at = (location: object) =>
      JSON.stringify({ catalog: { rules: [{ allow: ['User'], locations: [{ type: 'url', ...location }] }] } })
    const patternOf = async (location: object) =>
      (await rulesIn(at(location))) as { locations: [{ pattern?: string; exact?: string }] }[]
    const [first] = await patternOf({ exact: `${variable('BASE')}/acme/${variable('NAME')}-org/blob/main/users.yaml` })
    assert.deepEqual(first?.locations, [{ type: 'url', pattern: '**/acme/*-org/blob/main/users.yaml' }])
    const [second] = await patternOf({ pattern: `https://${variable('HOST')}/**` })
    assert.deepEqual(second?.locations, [{ type: 'url', pattern: 'https://**/**' }])
    for (const rules of [
      `[{ allow: ["${variable('KIND')}"] }]`,
      '[]',
      '{ $file: rules.yaml }',
      `[{ allow: [User], locations: [{ type: "${variable('TYPE')}" }] }]`,
      '[{ allow: { $env: KINDS } }]',
      '7',
    ]) {
      const { settings, out } = await learned(`catalog: { rules: ${rules} }\n`)
      assert.equal(settings['rules'], undefined, rules)
      assert.match(out, /# - catalog\.rules are left out: /)
    }
  })
})

suite('what is written elsewhere', () => {
  const users = 'rules: [{ allow: [User] }]\n'

  test('is read where it is configuration: rules, all of the catalog, all of the file', async () => {
    fixture.file('catalog.yaml', users)
    fixture.file('all.yaml', 'catalog: { $include: catalog.yaml }\n')
    for (const text of [
      'catalog: { rules: { $include: "catalog.yaml#rules" } }\n',
      'catalog: { $include: catalog.yaml }\n',
      '$include: all.yaml\n',
    ])
      assert.deepEqual(await rulesIn(text), [{ allow: ['User'] }], text)
    fixture.file('a.yaml', 'catalog: { $include: none.yaml }\n')
    const { code, errors } = await fixture.learn({ appConfig: ['a.yaml'] }, false)
    assert.deepEqual([code, errors], [2, 'error: a.yaml: $include: none.yaml: cannot be read (no such file)\n'])
  })

  test('is not known where it is a variable: the catalog as a whole, the type of a location', async () => {
    for (const catalog of ['{ $file: c.yaml }', `{ locations: [{ type: { $env: T }, target: x, rules: [] }] }`]) {
      const { settings, out } = await learned(`catalog: ${catalog}\n`)
      assert.equal(settings?.['rules'], undefined, catalog)
      assert.match(out, /# - catalog\.rules are left out: .* is only known where Backstage runs$/m)
    }
  })

  test('a kind that no entity can have is left out, signs of YAML in an address stand in quotes', async () => {
    const locations = [{ type: 'url', exact: 'https://ghe.test/a: b #c\nd/blob/main/x' }]
    const rules = (allow: string[]) => [{ allow, locations }]
    assert.deepEqual(
      await rulesIn(JSON.stringify({ catalog: { rules: rules(['a: b', '', 'User', '{g}']) } })),
      rules(['User']),
    )
  })
})

suite('several files', () => {
  test('lists: the last one that has it; maps: merged; null takes away', async () => {
    const first = 'catalog: { rules: [{ allow: [API] }] }\ntechdocs: { builder: local, publisher: { type: local } }\n'
    assert.deepEqual(await rulesIn(first, 'catalog: { rules: [{ allow: [User] }] }\n'), [{ allow: ['User'] }])
    assert.deepEqual(await rulesIn('catalog: { rules: [{ allow: [User] }] }\n', first), [{ allow: ['API'] }])
    assert.deepEqual(await rulesIn(first, 'catalog: { locations: [] }\n'), [{ allow: ['API'] }])
    assert.deepEqual(await rulesIn(first, 'catalog: { rules: null }\n'), [plain])
    assert.deepEqual(await rulesIn(first, 'catalog: null\n'), [plain])
    const { settings, out } = await learned(first, 'techdocs: { builder: external }\n')
    assert.equal(settings['techdocs'], 'external')
    assert.match(out, /techdocs: external # 1\.yaml: techdocs\.builder$/m)
    assert.match(out, /rules: # 0\.yaml: catalog\.rules$/m)
  })

  test('one that is no YAML, and one that is no map: told with the line, all of them', async () => {
    fixture.file('a.yaml', 'catalog:\n  rules: [\n')
    fixture.file('b.yaml', '- x\n')
    const { code, errors } = await fixture.learn({ appConfig: ['a.yaml', 'b.yaml'] }, false)
    assert.equal(code, 2)
    assert.match(errors, /^error: a\.yaml: line \d+: /)
    assert.match(errors, /error: b\.yaml: expected a map/)
  })
})

test('processors that are turned off', async () => {
  const off = (name: string, how = 'true') => `catalog: { processorOptions: { ${name}: { disabled: ${how} } } }\n`
  assert.equal((await learned(off('CodeOwnersProcessor', "'Yes'"))).settings['ownerFrom'], 'none')
  assert.equal((await learned(off('CodeOwnersProcessor', "'off'"))).settings['ownerFrom'], undefined)
  assert.match(
    (await learned(off('CodeOwnersProcessor', '{ $env: OFF }'))).out,
    /# - catalog\.processorOptions\.CodeOwnersProcessor\.disabled is only known where Backstage runs: /,
  )
  assert.equal((await learned(off('CodeOwnersProcessor'))).settings['ownerFrom'], 'none')
  assert.deepEqual((await learned(off('PlaceholderProcessor'))).settings['placeholders'], [])
})

test('where docs are built: said, not said, or only known there', async () => {
  assert.equal((await learned('techdocs: { builder: local }\n')).settings['techdocs'], 'local')
  for (const text of [
    'app: {}\n',
    `techdocs: { builder: "${variable('BUILDER')}" }\n`,
    'techdocs: { builder: other }\n',
  ]) {
    const { settings, out } = await learned(text)
    assert.equal(settings['techdocs'], undefined)
    assert.match(out, /# - .*techdocs\.builder.* catalog\.techdocs is left out$/m)
  }
})

test('modules in package.json beside it: what they are, and that none says nothing for certain', async () => {
  const packages = (...names: string[]) =>
    JSON.stringify({ dependencies: Object.fromEntries(names.map(name => [name, '1'])) })
  fixture.file(
    'package.json',
    packages(
      '@backstage/plugin-catalog-backend-module-openapi',
      '@backstage-community/plugin-catalog-backend-module-codeowners',
      '@backstage/plugin-catalog-backend-module-ai-model',
    ),
  )
  const { settings, out } = await learned('app: {}\n')
  assert.deepEqual([settings['profile'], settings['ownerFrom']], ['model', 'codeowners'])
  assert.deepEqual(settings['placeholders'], ['text', 'json', 'yaml', 'openapi', 'asyncapi'])
  assert.match(out, /ownerFrom: codeowners # package\.json: @backstage-community/)
  fixture.file('package.json', packages('react'))
  const { settings: none } = await learned('app: {}\n')
  assert.deepEqual(
    Object.keys(none),
    ['rules'],
    'what is not named may come by another package: a refusal must be certain',
  )
  fixture.file('package.json', '{')
  assert.deepEqual(Object.keys((await learned('app: {}\n')).settings), ['rules'])
})

test('a live Backstage has the last word on what is installed', async () => {
  fixture.file(
    'package.json',
    JSON.stringify({ dependencies: { '@backstage/plugin-catalog-backend-module-openapi': '1' } }),
  )
  fixture.file('0.yaml', 'app: {}\n')
  const { out } = await fixture.learn({ appConfig: ['0.yaml'] })
  assert.match(
    out,
    /placeholders: \[text, json, yaml\] # Backstage: each was asked for; it has no \$openapi, \$asyncapi$/m,
  )
})
