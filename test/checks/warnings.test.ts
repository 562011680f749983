// Warnings: what fires and, more important, what does not; each with its code, which the configuration can raise or turn off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CheckedFile, checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { mapOf } from '../../hooks/catalog/tree.ts'
import { findInTree } from '../../hooks/catalog/tree-findings.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'

const rules: Rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const entity = (kind: string, spec: string, metadata = '', name = 'x') =>
  `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${metadata}spec:\n${spec}`
const component = (spec = '', metadata = '') =>
  entity('Component', `  type: service\n  lifecycle: production\n  owner: team\n${spec}`, metadata)

const check = (yaml: string, path = 'catalog-info.yaml', more: Partial<Rules> = {}) =>
  checkFile(path, Buffer.from(yaml), { ...rules, ...more })
const codesOf = ({ diagnostics }: CheckedFile) => diagnostics.map(({ code, severity }) => `${severity} ${code}`)

async function inTree(files: CheckedFile[], tree: string[], more: Partial<Rules> = {}) {
  const asked: string[][] = []
  const exists = async (paths: readonly string[]) => {
    asked.push([...paths])
    return mapOf(paths, path => (tree.includes(path) ? 'there' : 'absent'))
  }
  const { files: found } = await findInTree(files, { exists, isKnown: () => false }, { ...rules, ...more })
  return { files: found, asked }
}

const group = entity('Group', '  type: team\n  children: []\n  parents: [a]\n')
for (const [what, yaml, meant] of [
  ['metadata.annotiations', component('', '  annotiations: {}\n'), 'annotations'],
  ['spec.consumesApi', component('  consumesApi: [a]\n'), 'consumesApis'],
  ['spec.produceApis', component('  produceApis: [a]\n'), 'providesApis'],
  ['spec.implementsApis', component('  implementsApis: [a]\n'), 'providesApis'],
  ['spec.systems', component('  systems: [a]\n'), 'system'],
  ['Group.spec.parents', group, 'parent'],
] as const) {
  test(`${what} is told as a near miss of ${meant}`, () => {
    const checked = check(yaml)
    assert.deepEqual(codesOf(checked), ['warning misspelt-field'])
    assert.equal(checked.diagnostics[0]?.hint, `did you mean "${meant}"?`)
    assert.equal(checked.documents[0]?.status, 'accepted')
  })
}

test('a URL of another repository, of which a hook does not know whether it is on its own server', () => {
  const yaml = (url: string) =>
    entity('API', `  type: a\n  lifecycle: a\n  owner: a\n  definition:\n    $text: ${url}\n`)
  const inHook = (url: string) =>
    codesOf(check(yaml(url), 'catalog-info.yaml', { repository: { fullName: 'acme/shop', folder: '' } }))
  assert.deepEqual(inHook('https://ghe.example.com/acme/other/blob/main/a.yaml'), ['warning placeholder-host'])
  assert.deepEqual(inHook('https://ghe.example.com/acme/shop/blob/main/a.yaml'), [])
  assert.deepEqual(inHook('https://files.example.com/a.yaml'), [])
  assert.deepEqual(inHook('https://github.com/acme/shop/blob/main/a.yaml'), ['error placeholder-repository'])
  assert.deepEqual(inHook('../../../other/tree/main/a.yaml'), ['error placeholder-repository'])
  assert.deepEqual(inHook('file:///a.yaml'), ['error placeholder-url'])
})

test('fields that are near to nothing are never told', () => {
  const yaml = component('  team: a\n  sla: 99\n  repo: b\n  id: 1\n  owners: [a]\n', '  costCenter: 5\n  ui: x\n')
  assert.deepEqual(codesOf(check(yaml)), [])
})

test('a document with an error gets no advice on top', () => {
  assert.deepEqual(codesOf(check(component('  consumesApi: [a]\n').replace('  owner: team\n', ''))), [
    'error missing-field',
  ])
})

test('a severity of the configuration: off says nothing, error refuses the document', () => {
  const yaml = component('  consumesApi: [a]\n')
  assert.deepEqual(codesOf(check(yaml, 'catalog-info.yaml', { severities: { 'misspelt-field': 'off' } })), [])
  const refused = check(yaml, 'catalog-info.yaml', { severities: { 'misspelt-field': 'error' } })
  assert.deepEqual(codesOf(refused), ['error misspelt-field'])
  assert.equal(refused.documents[0]?.status, 'rejected')
})

test('catalog-info.yml, once for the file; other names are left alone', () => {
  assert.deepEqual(codesOf(check(`${component()}---\n${component()}`, 'a/catalog-info.yml')), ['warning file-name'])
  assert.deepEqual(codesOf(check(component(), 'a/services.yml')), [])
})

test('%YAML 1.1, once where it stands; 1.2 says nothing', () => {
  assert.deepEqual(codesOf(check(`%YAML 1.1\n---\n${component()}---\n${component()}`)), ['warning yaml-version'])
  assert.deepEqual(codesOf(check(`%YAML 1.2\n---\n${component()}`)), [])
})

test('no relative path: the tree is not asked', async () => {
  const { asked, files } = await inTree([check(component())], [])
  assert.deepEqual(asked, [])
  assert.deepEqual(files.flatMap(codesOf), [])
})

test('documentation folders, from the folder of the file', async () => {
  const docs = check(
    component('', '  annotations:\n    backstage.io/techdocs-ref: dir:.\n').replace('name: x', 'name: z'),
    'c/catalog-info.yaml',
  )
  const none = await inTree([docs], [])
  assert.deepEqual(none.asked, [
    [
      ...[
        'c/mkdocs.yml',
        'c/mkdocs.yaml',
        'c/docs/index.md',
        'c/docs/README.md',
        'c/docs/readme.md',
        'c/README.md',
        'c/readme.md',
      ],
    ],
  ])
  assert.deepEqual(none.files.map(codesOf), [['warning techdocs-config']])
  const all = await inTree([docs], ['c/mkdocs.yml'])
  assert.deepEqual(all.files.flatMap(codesOf), [])
  // What has nothing new is the same object: the hook tells a file once by that.
  assert.ok(all.files.every((file, i) => file === [docs][i]))
})

test('documentation: TechDocs makes its own mkdocs.yml where there is a README; kinds without docs, and docs built elsewhere', async () => {
  const ref = '  annotations:\n    backstage.io/techdocs-ref: dir:.\n'
  const codesIn = async (yaml: string, there: string[], more: Partial<Rules> = {}) =>
    (await inTree([check(yaml)], there, more)).files.flatMap(codesOf)
  assert.deepEqual(await codesIn(component('', ref), []), ['warning techdocs-config'])
  for (const name of ['README.md', 'readme.md', 'docs/README.md', 'docs/index.md', 'mkdocs.yaml'])
    assert.deepEqual(await codesIn(component('', ref), [name]), [], name)
  assert.deepEqual(await codesIn(entity('Group', '  type: team\n  children: []\n', ref), []), [])
  const installation = { ...plainInstallation, techdocs: 'external' as const }
  assert.deepEqual(await codesIn(component('', ref), [], { installation }), [])
})

test('the same entity in two files: both places are named; another case is the same entity', async () => {
  const second = check(component().replace('name: x', 'name: X'), 'b/catalog-info.yaml')
  const { files } = await inTree([check(component(), 'a/catalog-info.yaml'), second], [])
  assert.deepEqual(files.map(codesOf), [[], ['warning duplicate-entity']])
  assert.match(
    files[1]?.diagnostics[0]?.message ?? '',
    /"component:default\/x" is also in a\/catalog-info\.yaml:4; where both files are registered,/,
  )
})

test('a refused entity is no double', async () => {
  const { files } = await inTree(
    [check(component().replace('  owner: team\n', ''), 'a.yaml'), check(component(), 'b.yaml')],
    [],
  )
  assert.deepEqual(files.map(codesOf), [['error missing-field'], []])
})

test('a tree rule set to error refuses the document', async () => {
  const severities = { 'techdocs-config': 'error' } as const
  const docs = component('', '  annotations:\n    backstage.io/techdocs-ref: dir:.\n')
  const { files } = await inTree([check(docs)], [], { severities })
  assert.deepEqual(files.flatMap(codesOf), ['error techdocs-config'])
  assert.equal(files[0]?.documents[0]?.status, 'rejected')
})
