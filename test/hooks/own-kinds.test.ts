// catalog.kinds: an organisation's schemas, read, refused when they are wrong, and applied by the check and by a built hook.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { checkFile } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import { buildHook } from '../../scripts/build/hook-file.ts'
import { loadHookConfig } from '../../scripts/config/hook-config.ts'
import { ownKind } from '../../scripts/config/own-kinds.ts'
import { createRepositoryHost } from '../support/repository.ts'

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-own-kinds-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const about = (kind: string, more: object = {}) => ({ properties: { kind: { const: kind }, ...more } })

/** What is said of a text, as `line:column message [hint] <code>`, with these schemas besides Backstage's. */
async function said(text: string, schemas: object[], severities = {}): Promise<string[]> {
  const own = await Promise.all(schemas.map(ownKind))
  const rules = {
    profile: withOwnKinds(profile, own),
    installation: plainInstallation,
    repository: {},
    severities,
    helpUrl: '',
  }
  const { diagnostics } = checkFile('catalog-info.yaml', Buffer.from(text), rules)
  return diagnostics.map(
    ({ line, column, message, hint, code }) => `${line}:${column} ${message}${hint ? ` [${hint}]` : ''} <${code}>`,
  )
}

const entity = (kind: string, spec: string, metadata = '', apiVersion = 'backstage.io/v1alpha1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: payments\n${metadata}spec:\n${spec}`
const component = (metadata = '', lifecycle = 'production') =>
  entity('Component', `  type: service\n  lifecycle: ${lifecycle}\n  owner: team\n`, metadata)

suite('a kind that Backstage does not know', () => {
  const database = about('Database', { spec: { required: ['engine'], properties: { engine: { enum: ['pg', 'my'] } } } })

  test('is unknown until it is declared', async () => {
    const text = entity('Database', '  engine: pg\n', '', 'acme.com/v1')
    assert.match((await said(text, [])).join(), /unknown-kind/)
    assert.deepEqual(await said(text, [database]), [])
  })

  test("its own rules and Backstage's for every entity hold", async () => {
    assert.deepEqual(await said(entity('Database', '  engine: ora\n', '  title: ""\n', 'acme.com/v1'), [database]), [
      '5:10 metadata.title is empty; expected a string [remove the line, or write its value] <empty-field>',
      '7:11 spec.engine is "ora"; expected pg or my <own-rule>',
    ])
  })

  test('with an apiVersion, another one is unknown', async () => {
    const schema = about('Database', { apiVersion: { const: 'acme.com/v1' } })
    assert.deepEqual(await said(entity('Database', '  a: 1\n', '', 'acme.com/v1'), [schema]), [])
    assert.match((await said(entity('Database', '  a: 1\n'), [schema])).join(), /^1:13 .*<unknown-api-version>$/)
  })

  test('an apiVersion of its own for a known kind leaves the known one alone', async () => {
    const schema = about('Component', { apiVersion: { const: 'acme.com/v1' }, spec: { required: ['tier'] } })
    assert.deepEqual(await said(component(), [schema]), [])
    const [only] = await said(entity('Component', '  a: 1\n', '', 'acme.com/v1'), [schema])
    assert.match(only ?? '', /spec.tier is missing .*<own-rule>$/)
  })
})

suite('stricter rules, in words of their own', () => {
  const centre = { pattern: '^[0-9]{4}$', 'x-message': 'a cost centre has four digits' }
  const metadata = {
    required: ['annotations'],
    'x-message': 'name the cost centre',
    'x-hint': 'ask finance',
    properties: { annotations: { required: ['acme.com/cost'], properties: { 'acme.com/cost': centre } } },
  }
  const schema = about('Component', { metadata })

  const rows: [name: string, metadata: string, expected: string[]][] = [
    ['nothing there', '', ['3:1 name the cost centre [ask finance] <own-rule>']],
    ['annotations without it', '  annotations: {}\n', ['5:3 a cost centre has four digits']],
    ['a wrong value', '  annotations:\n    acme.com/cost: x\n', ['6:20 a cost centre has four digits']],
    ['right', "  annotations:\n    acme.com/cost: '1234'\n", []],
  ]
  for (const [name, text, expected] of rows) {
    test(name, async () => {
      const lines = await said(component(text), [schema])
      assert.deepEqual(
        lines.map(line => expected.find(start => line.startsWith(start)) ?? line),
        expected,
      )
    })
  }

  test('words beside a reference, and of the definition, which are nearer', async () => {
    const definitions = { phase: { enum: ['production'], 'x-message': 'of the definition' }, plain: { enum: ['a'] } }
    const by = (ref: string) => ({
      ...about('Component', {
        spec: { properties: { lifecycle: { $ref: `#/definitions/${ref}`, 'x-hint': 'beside' } } },
      }),
      definitions,
    })
    assert.deepEqual(await said(component('', 'x'), [by('phase')]), ['7:14 of the definition <own-rule>'])
    assert.match((await said(component('', 'x'), [by('plain')])).join(), /\[beside\] <own-rule>$/)
  })

  test('if and then, one of several, names of keys: one finding each', async () => {
    const conditional = {
      ...about('Component'),
      if: { properties: { spec: { properties: { type: { const: 'service' } } } } },
      // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
      then: { properties: { spec: { required: ['tier'] } }, 'x-message': 'services have a tier' },
    }
    assert.match((await said(component(), [conditional])).join('\n'), /^5:1 services have a tier .*<own-rule>$/)
    const oneOf = [{ required: ['tier'] }, { required: ['cost'] }]
    const choice = about('Component', { spec: { oneOf, 'x-message': 'tier or cost' } })
    assert.deepEqual(await said(component(), [choice]), ['6:3 tier or cost <own-rule>'])
    const names = about('Component', { metadata: { properties: { labels: { propertyNames: { pattern: '^acme' } } } } })
    assert.match((await said(component('  labels:\n    other: a\n'), [names])).join('\n'), /^6:5 .*<own-rule>$/)
  })

  test('annotations that only the catalog writes are not seen, and a placeholder is no value', async () => {
    const closed = about('Component', { metadata: { properties: { annotations: { maxProperties: 1 } } } })
    assert.deepEqual(await said(component('  annotations: { a: b }\n'), [closed]), [])
    const api = about('API', { spec: { properties: { definition: { pattern: '^openapi' } } } })
    const spec = '  type: openapi\n  lifecycle: x\n  owner: a\n  definition:\n    $text: ./a.yaml\n'
    assert.deepEqual(await said(entity('API', spec), [api]), [])
  })

  test("what the catalog refuses is told as the catalog's, once", async () => {
    const both = about('Component', { spec: { required: ['owner'], 'x-message': 'no owner' } })
    const lines = await said(entity('Component', '  type: a\n  lifecycle: b\n'), [both])
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /<missing-field>$/)
  })

  test('as a warning the document is accepted, off says nothing', async () => {
    const own = [await ownKind(schema)]
    for (const [setting, status, count] of [
      ['error', 'rejected', 1],
      ['warning', 'accepted', 1],
      ['off', 'accepted', 0],
    ] as const) {
      const rules = {
        profile: withOwnKinds(profile, own),
        repository: {},
        severities: { 'own-rule': setting },
        installation: plainInstallation,
        helpUrl: '',
      }
      const file = checkFile('catalog-info.yaml', Buffer.from(component()), rules)
      assert.equal(file.documents[0]?.status, status)
      assert.equal(file.diagnostics.length, count)
    }
  })
})

suite('files', () => {
  const write = (name: string, content: unknown) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }

  test('every wrong one is told at once, by its setting', async () => {
    const files: [name: string, content: unknown, problem: RegExp][] = [
      ['broken.json', '{ "a": ', /broken\.json: is neither JSON nor YAML/],
      ['list.json', [1], /list\.json: expected a JSON Schema/],
      ['kindless.json', { properties: { spec: {} } }, /kindless\.json: names no kind/],
      [
        'remote.json',
        about('A', { spec: { $ref: 'https://x.example/s.json' } }),
        /only references into the file itself/,
      ],
      ['dangling.json', about('A', { spec: { $ref: '#/definitions/x' } }), /names nothing in the file/],
      ['circle.json', about('A', { spec: { $ref: '#' } }), /leads back to itself/],
      ['keyword.json', about('A', { spec: { requird: ['a'] } }), /unknown keyword: "requird"/],
      ['type.json', about('A', { spec: { type: 'text' } }), /type\.json: .*type/],
      ['words.json', about('A', { spec: { 'x-message': 5 } }), /properties\/spec\/x-message: expected a string/],
      ['name.json', about('my kind'), /kind "my kind"/],
      [
        'dialect.json',
        { $schema: 'http://json-schema.org/draft-04/schema#', ...about('A') },
        /\$schema: expected one of/,
      ],
    ]
    for (const [name, content] of files) write(name, content)
    write('hook.yaml', { catalog: { kinds: [...files.map(([name]) => name), 'missing.json'] } })
    const loaded = await loadHookConfig(join(folder, 'hook.yaml'))
    assert.equal(loaded.result, 'wrong')
    const problems = loaded.result === 'wrong' ? loaded.problems : []
    assert.equal(problems.length, files.length + 1, problems.join('\n'))
    for (const [i, [, , problem]] of files.entries()) {
      assert.ok(problems[i]?.startsWith(`${join(folder, 'hook.yaml')}: catalog.kinds[${i}]: `), problems[i])
      assert.match(problems[i] ?? '', problem)
    }
    assert.match(problems.at(-1) ?? '', /missing\.json: cannot be read \(no such file\)$/)
  })

  test('a built hook has them in it: formats, both dialects, a kind of its own', async t => {
    write(
      'kinds/database.yaml',
      'properties:\n  kind: { const: Database }\n  spec: { properties: { mail: { format: email } } }\n',
    )
    write('kinds/component.json', {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...about('Component', {
        spec: { dependentRequired: { lifecycle: ['tier'] }, 'x-message': 'Zum Beispiel: größer' },
      }),
    })
    write('good.yaml', { catalog: { kinds: ['kinds/database.yaml', 'kinds/component.json'] } })
    const loaded = await loadHookConfig(join(folder, 'good.yaml'))
    assert.ok(loaded.result === 'config')
    const { config } = loaded
    // Not the time limit is what is tried.
    const patient = { ...loaded, config: { ...config, limits: { ...config.limits, timeMs: 60_000 } } }
    const { text } = await buildHook('catalog-validate', patient)
    await writeFile(join(folder, 'hook'), text, { mode: 0o755 })
    const host = await createRepositoryHost()
    t.after(() => host.remove())
    const bare = await host.create('acme/payments', { hooks: [join(folder, 'hook')] })
    const copy = await bare.clone()
    const database = (mail: string) => entity('Database', `  mail: ${mail}\n`, '', 'acme.com/v1')
    const refused = await copy.change({ 'catalog-info.yaml': `${component()}---\n${database('nobody')}` })
    assert.equal(refused.exitCode, 1, refused.terminal)
    assert.match(refused.remote, /catalog-info\.yaml:6:3: error: Zum Beispiel: größer \[own-rule\]/)
    assert.match(refused.remote, /:15:9: error: spec\.mail must match format "email" \[own-rule\]/)
    const accepted = await copy.change({ 'catalog-info.yaml': database('a@acme.example') })
    assert.equal(accepted.exitCode, 0, accepted.terminal)
    assert.equal(accepted.remote, '')
  })
})
