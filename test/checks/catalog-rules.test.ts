// catalog.rules: which kinds the catalog takes from a file, and what one that it does not take does to the others of its file.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { type CatalogRule, plainInstallation } from '../../hooks/config/hook-config.ts'
import { terminalReport } from '../../hooks/report/terminal.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'

type About = {
  path?: string
  fullName?: string
  folder?: string
  branches?: string[]
  severities?: Rules['severities']
}

function check(
  yaml: string,
  rules: CatalogRule[],
  { path = 'catalog-info.yaml', severities = {}, ...repository }: About = {},
) {
  const installation = { ...plainInstallation, rules }
  return checkFile(path, Buffer.from(yaml), { profile, installation, repository, severities, helpUrl: '' })
}

const specs: Record<string, object> = {
  Component: { type: 'service', lifecycle: 'x', owner: 'team-a' },
  Resource: { type: 'database', owner: 'team-a' },
  User: { memberOf: [] },
  Group: { type: 'team', children: [] },
  Location: { targets: [] },
}
const entity = (kind: string, spec: object = {}) =>
  JSON.stringify({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: 'a' },
    spec: { ...specs[kind], ...spec },
  })
const file = (...documents: string[]) => documents.join('\n---\n')

const codesOf = (yaml: string, rules: CatalogRule[], about?: About) =>
  check(yaml, rules, about).diagnostics.map(({ code }) => code)
const statuses = (yaml: string, rules: CatalogRule[] = [], about?: About) =>
  check(yaml, rules, about).documents.map(({ status }) => status)

const plain: CatalogRule[] = [{ allow: ['Component', 'API', 'Location'] }]

suite('kinds', () => {
  test('without rules every kind is taken; with them those that one of them names', () => {
    assert.deepEqual(codesOf(entity('User'), []), [])
    assert.deepEqual(codesOf(entity('Component'), plain), [])
    assert.deepEqual(codesOf(entity('User'), plain), ['kind-not-allowed'])
    assert.deepEqual(codesOf(entity('User'), [...plain, { allow: ['user'] }]), [], 'case does not matter')
    assert.deepEqual(codesOf(entity('Component'), [{ allow: [] }]), ['kind-not-allowed'])
  })

  test('by spec.type, as it stands in the file', () => {
    const rules: CatalogRule[] = [{ allow: ['Component', { kind: 'resource', 'spec.type': 'Database' }] }]
    assert.deepEqual(codesOf(entity('Resource'), rules), [])
    assert.deepEqual(codesOf(entity('Resource', { type: 'DATABASE' }), rules), [])
    assert.deepEqual(codesOf(entity('Resource', { type: 'bucket' }), rules), ['kind-not-allowed'])
    assert.deepEqual(codesOf(entity('Resource', { type: { $text: './type' } }), rules), ['kind-not-allowed'])
  })

  test('a slip of the pen is told as that', () => {
    assert.deepEqual(codesOf(entity('Componet', specs['Component']), plain), ['unknown-kind'])
    assert.deepEqual(codesOf(entity('component', specs['Component']), plain), ['unknown-kind'])
  })

  test('words: what is taken here, and the way out', () => {
    const words = (yaml: string, rules: CatalogRule[]) =>
      check(yaml, rules, { folder: '' }).diagnostics.map(({ message, hint }) => [message, hint])[0]
    assert.deepEqual(words(entity('User'), plain), [
      'kind "User" is not accepted from this file; your Backstage accepts Component, API or Location here',
      "users and groups come from elsewhere then, for example from your organisation's directory: remove this document",
    ])
    assert.deepEqual(
      words(entity('Resource', { type: 'bucket' }), [
        { allow: ['Component', { kind: 'Resource', 'spec.type': 'database' }] },
      ]),
      [
        'kind "Resource" with spec.type "bucket" is not accepted from this file; your Backstage accepts Component or Resource (database) here',
        'remove this document, or ask who runs Backstage to allow it under catalog.rules',
      ],
    )
    const elsewhere: CatalogRule = {
      allow: ['Group'],
      locations: [{ type: 'url', exact: 'https://ghe.test/acme/org/blob/main/groups.yaml' }],
    }
    assert.deepEqual(words(entity('Group'), [...plain, elsewhere]), [
      'kind "Group" is not accepted from this file; your Backstage accepts Component, API or Location here',
      'it is accepted from https://ghe.test/acme/org/blob/main/groups.yaml: move it there',
    ])
  })
})

suite('locations', () => {
  const at = (location: { exact?: string; pattern?: string }, type = 'url'): CatalogRule[] => [
    { allow: ['User'], locations: [{ type, ...location }] },
  ]
  const about = { fullName: 'acme/org', folder: '', branches: ['main'], path: 'people/users.yaml' }
  const url = 'https://ghe.test/acme/org/blob/main/people/users.yaml'
  const isTaken = (rules: CatalogRule[], more: About = {}) =>
    codesOf(entity('User'), rules, { ...about, ...more }).length === 0

  test('exact: the URL, whatever the host; percent signs and ports as the catalog reads them', () => {
    assert.ok(isTaken(at({ exact: url })))
    assert.ok(isTaken(at({ exact: 'https://ghe.test:443/acme/org/blob/main/%70eople/users.yaml' })))
    assert.ok(
      isTaken(at({ exact: 'https://other.test/Acme/ORG/tree/main/people/users.yaml' })),
      'host, form and case are not known here',
    )
    assert.ok(!isTaken(at({ exact: 'https://ghe.test/acme/org/blob/main/users.yaml' })))
    assert.ok(!isTaken(at({ exact: 'https://ghe.test/acme/org/blob/main/people/Users.yaml' })))
    assert.ok(!isTaken(at({ exact: 'https://ghe.test/acme/other/blob/main/people/users.yaml' })))
    assert.ok(!isTaken(at({ exact: 'https://ghe.test/acme/org/blob/next/people/users.yaml' })))
  })

  test('pattern: over the whole URL, without case', () => {
    for (const pattern of [
      'https://ghe.test/acme/**',
      '**/people/*',
      'https://*/ACME/*/blob/*/**/users.y?ml',
      '!x',
      'https://ghe.test/@(acme|b)/**',
    ])
      assert.ok(isTaken(at({ pattern })), pattern)
    for (const pattern of ['https://ghe.test/other/**', '**/groups/*', 'https://ghe.test/acme/*', '#'])
      assert.ok(!isTaken(at({ pattern })), pattern)
  })

  test('what is not known may be so', () => {
    const { branches: _branches, ...anyBranch } = about
    assert.equal(codesOf(entity('User'), at({ exact: url.replace('main', 'next') }), anyBranch).length, 0)
    assert.ok(isTaken(at({ exact: url }), { branches: ['topic', 'main'] }))
    assert.equal(
      codesOf(entity('User'), at({ exact: url }), { path: about.path }).length,
      0,
      'the name of the repository',
    )
  })

  test('every one of its type; another type, and none at all', () => {
    assert.ok(isTaken(at({})))
    assert.ok(!isTaken(at({}, 'file')))
    assert.ok(!isTaken([{ allow: ['User'], locations: [] }]))
  })
})

suite('one document keeps the whole file out', () => {
  const good = entity('Component')
  test('a YAML error, a bad envelope, a kind outside the rules: the good ones are withheld', () => {
    for (const bad of [
      'a: b: c',
      '[1]',
      'text',
      '{"kind": "Component"}',
      '{"apiVersion": "a", "kind": "Component", "metadata": {}}',
      entity('User'),
      'apiVersion: 1\nkind: Component\nmetadata: { name: a }',
      good.replace('"name"', '"annotations":[],"name"'),
      good.replace('"name"', '"namespace":"","name"'),
    ]) {
      assert.deepEqual(statuses(file(good, bad), plain), ['withheld', 'rejected'], bad)
      assert.deepEqual(statuses(file(bad, good), plain), ['rejected', 'withheld'], bad)
    }
  })

  test('any other error costs its own document alone', () => {
    for (const bad of [
      good.replace('"a"', '"a b"'),
      entity('Component', { owner: 7 }),
      entity('Component', { dependsOn: ['x'] }),
      entity('Component', { a: 1, A: 2 }),
      entity('Component', { owner: { $text: 1 } }),
      `{"x":1,${good.slice(1)}`,
    ])
      assert.deepEqual(statuses(file(good, bad), plain), ['accepted', 'rejected'], bad)
    assert.deepEqual(statuses(file(good, entity('User'))), ['accepted', 'accepted'])
  })

  test('nothing else is withheld: empty, templated, rejected by itself', () => {
    const templated = 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: "{{ name }}" }\n'
    assert.deepEqual(statuses(file('a: b: c', '# none', templated, entity('Component', { owner: 7 }), good), plain), [
      'rejected',
      'empty',
      'templated',
      'rejected',
      'withheld',
    ])
    assert.deepEqual(statuses(file(good, entity('User')), plain, { severities: { 'kind-not-allowed': 'off' } }), [
      'accepted',
      'accepted',
    ])
  })

  test('the report says so, in one line for the file', () => {
    const report = (yaml: string) => {
      const { diagnostics, text } = check(yaml, plain)
      return terminalReport({
        rejected: true,
        diagnostics,
        textOf: () => text,
        notes: [],
        maxProblems: 20,
        short: true,
        footer: [],
      })
    }
    const line = (count: string) => `until then the catalog accepts nothing of this file: ${count} withheld`
    assert.equal(
      report(file(good, entity('User'), good, 'a: b: c'))
        .split('\n')
        .filter(said => said === line('2 good documents are')).length,
      1,
    )
    assert.ok(report(file(good, entity('User'))).includes(`\n${line('1 good document is')}\n`))
    assert.ok(!report(entity('User')).includes('withheld'))
  })
})
