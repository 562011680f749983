// learn asks a live backend: what it concludes, and what it says where it cannot.
import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { parse } from 'yaml'
import { bakeHookConfig } from '../../../scripts/config/hook-config.ts'
import { LearnFixture, refusal, TOKEN } from './learn-fixture.ts'

let fixture: LearnFixture
before(async () => {
  fixture = await LearnFixture.open()
})
after(() => fixture.close())
afterEach(() => {
  fixture.backstage.clearFailures()
  fixture.installed = {}
})

const settingsIn = (yaml: string) => (parse(yaml) as { catalog: Record<string, unknown> }).catalog
const notesIn = (yaml: string) =>
  yaml.split('\n').flatMap(line => (line.startsWith('# - ') ? [line.slice('# - '.length)] : []))

test('word for word', async () => {
  const { code, out, errors } = await fixture.learn({})
  assert.deepEqual([code, errors], [0, ''])
  assert.equal(
    out,
    `# What this Backstage takes, found out on 2027-01-31 by catalog-gate learn
# from 37 questions to https://backstage.test
# Kinds and rules of your own making cannot be asked for: catalog.kinds and enforce.rules say them.
#
# Not known, or not what the gate expects:
# - no app-config.yaml was given (--app-config): catalog.rules and catalog.techdocs are not known, and left out
catalog:
  profile: builtin # Backstage: BuiltinKindsEntityProcessor judges its kinds
  placeholders: [text, json, yaml] # Backstage: each was asked for; it has no $openapi, $asyncapi
  ownerFrom: none # Backstage: nothing gave an owner to what has none
`,
  )
})

suite('what is installed', () => {
  test('a model, CODEOWNERS and the openapi module', async () => {
    fixture.installed = {
      profile: 'model',
      codeowners: true,
      placeholders: ['text', 'json', 'yaml', 'openapi', 'asyncapi'],
    }
    const { out } = await fixture.learn({})
    assert.deepEqual(settingsIn(out), {
      profile: 'model',
      placeholders: ['text', 'json', 'yaml', 'openapi', 'asyncapi'],
      ownerFrom: 'codeowners',
    })
    assert.deepEqual(notesIn(out).length, 1)
  })

  test('placeholders of their own: asked for by name, also one that takes anything', async () => {
    fixture.installed = { placeholders: ['text', 'json', 'yaml', 'topic', 'any'], quiet: 'any' }
    const { out } = await fixture.learn({ placeholder: ['topic', 'any', 'none'] })
    assert.deepEqual(settingsIn(out)['placeholders'], ['text', 'json', 'yaml', 'topic', 'any'])
    assert.match(out, /it has no \$openapi, \$asyncapi, \$none$/m)
  })

  test('something else than CODEOWNERS gives owners; something else judges kinds', async () => {
    fixture.installed = {
      also: ({ spec }) =>
        spec?.['owner'] === undefined && spec?.['lifecycle'] !== undefined
          ? { status: 200 }
          : spec?.['lifecycle'] === 7
            ? refusal('Processor AcmeProcessor threw an error while validating')
            : undefined,
    }
    const { out } = await fixture.learn({})
    assert.deepEqual(Object.keys(settingsIn(out)), ['placeholders'])
    assert.match(out, /catalog\.profile is left out/)
    assert.match(out, /catalog\.ownerFrom is left out/)
  })

  test('rules that no setting knows: what it takes and the gate refuses, and the other way round', async () => {
    fixture.installed = {
      also: ({ kind, metadata, spec }) =>
        JSON.stringify(metadata['tags']) === '["Java"]'
          ? { status: 200 }
          : kind === 'System' && spec?.['domain'] === undefined
            ? refusal('Policy check failed: a system needs a domain\u001b[31m')
            : kind === 'Template'
              ? refusal('No processor recognized the entity template:default/x as valid')
              : undefined,
    }
    const { out } = await fixture.learn({})
    assert.deepEqual(notesIn(out).slice(0, 3), [
      'it does not know Template; the gate lets these kinds through, unless catalog.rules leave them out',
      'it refuses System, which the gate lets through: "Policy check failed: a system needs a domain\\u001b[31m"',
      'it takes a tag with a capital; enforce.rules can turn tag-format to warning',
    ])
    fixture.file('app-config.yaml', 'catalog: { rules: [{ allow: [Component] }] }\n')
    const { out: ruled } = await fixture.learn({ appConfig: ['app-config.yaml'] })
    assert.deepEqual(
      notesIn(ruled).filter(note => /Template|System/.test(note)),
      [],
      'kinds that the rules leave out',
    )
  })
})

test('--out; what is written is a hook.yaml that a build takes', async () => {
  fixture.file(
    'app-config.yaml',
    'catalog: { rules: [{ allow: [Component, { kind: Resource, spec.type: "a: b" }] }] }\n',
  )
  const { code, out } = await fixture.learn({ appConfig: ['app-config.yaml'], out: 'learned.yaml' })
  assert.deepEqual([code, out], [0, 'written to learned.yaml\n'])
  const baked = bakeHookConfig(parse(fixture.read('learned.yaml')))
  assert.ok(baked.result === 'config', JSON.stringify(baked))
  assert.deepEqual(baked.config.catalog.rules, [{ allow: ['Component', { kind: 'Resource', 'spec.type': 'a: b' }] }])
  assert.equal(baked.config.catalog.ownerFrom, 'none')
})

suite('no answer', () => {
  const path = '/api/catalog/validate-entity'
  const forbidden = { status: 403, body: { error: { name: 'NotAllowedError', message: 'no' } } }
  const unknown = { status: 404, body: { error: { name: 'NotFoundError', message: 'no' } } }

  for (const [what, answer, said] of [
    ['a token without the permission', forbidden, /the token is not allowed to ask \(403\): it needs plugin catalog/],
    ['a backend without the question', unknown, /does not know the question \(404/],
  ] as const)
    test(`${what}: said, and what the files say is printed`, async () => {
      fixture.backstage.failNext(path, answer)
      fixture.file('app-config.yaml', 'techdocs: { builder: external }\n')
      const { code, out, errors } = await fixture.learn({ appConfig: ['app-config.yaml'] })
      assert.equal(code, 0)
      assert.match(errors, said)
      assert.match(out, said)
      assert.equal(settingsIn(out)['techdocs'], 'external')
      assert.equal(settingsIn(out)['placeholders'], undefined)
      fixture.backstage.failNext(path, answer)
      assert.deepEqual(
        { ...(await fixture.learn({})), errors: '' },
        { code: 2, out: '', errors: '' },
        'nothing was found out',
      )
    })

  for (const [what, answer, said] of [
    [
      'a wrong token',
      { status: 401, body: { error: { name: 'AuthenticationError', message: 'Illegal token' } } },
      /does not know the token/,
    ],
    [
      'a page in its place',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
      /answers 200 .*not as Backstage does/,
    ],
    ['a proxy', { status: 502, body: 'bad gateway' }, /answers 502/],
    ['a 404 of somebody else', { status: 404, body: 'nothing here' }, /expected the address of the backend/],
    ['an error without a name', { status: 400, body: '{}' }, /answers 400/],
    ['a connection that breaks', 'drop', /does not answer at http/],
  ] as const)
    test(`${what}: exit code 2, and nothing is printed`, async () => {
      fixture.backstage.failNext(path, answer)
      const { code, out, errors } = await fixture.learn({})
      assert.deepEqual([code, out], [2, ''])
      assert.match(errors, said)
      assert.ok(!errors.includes(TOKEN))
    })
})

test('wrong usage, told at once', async () => {
  fixture.file('broken', 'two words\n')
  const rows: [Parameters<LearnFixture['learn']>[0], string][] = [
    [
      { backstage: 'backstage', tokenFile: 'token' },
      'error: --backstage: expected the address of the backend, as https://backstage.example.com\n',
    ],
    [
      { backstage: 'https://a.test' },
      'error: --token-file: missing; expected a file with a token of backend.auth.externalAccess\n',
    ],
    [{}, 'error: expected --backstage URL with --token-file, --app-config FILE, or both\n'],
    [{ appConfig: ['none.yaml'] }, 'error: none.yaml: cannot be read (no such file)\n'],
    [
      { appConfig: ['app-config.yaml'], placeholder: ['$x'] },
      'error: --placeholder: expected a name without "$", not "$x"\n',
    ],
  ]
  for (const [options, said] of rows)
    assert.deepEqual(await fixture.learn(options, false), { code: 2, out: '', errors: said })
  const { code, errors } = await fixture.learn({ backstage: 'https://a.test', tokenFile: 'broken' }, false)
  assert.equal(code, 2)
  assert.match(errors, /^error: --token-file: .*has blanks, line breaks or characters that no token has\n$/)
})
