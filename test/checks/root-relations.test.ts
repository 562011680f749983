// Relations that were copied into a file: whoever does what the hint says loses none of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { obeyed } from '../agreement/hints.ts'

const rules: Rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const check = (text: string) => checkFile('catalog-info.yaml', Buffer.from(text), rules).diagnostics
const SAID = 'remove it: spec names the same entities already'
const GENERAL = 'remove it and name the other entities in spec: owner, system, dependsOn, providesApis'

type Relations = readonly (readonly [type: string, ref: string])[]
const asField = (relations: Relations) =>
  `relations:\n${relations.map(([type, ref]) => `  - { type: ${type}, targetRef: "${ref}" }\n`).join('')}`
const component = (spec = '', metadata = '', kind = 'Component') =>
  `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: shop\n${metadata}spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n${spec}`
const x = ['dependsOn', 'component:default/x'] as const
const z = ['dependsOn', 'resource:default/z'] as const

for (const [name, text, relations] of [
  ['a field that is not there', component(), [x]],
  ['a list that has another', component('  dependsOn: [component:y]\n'), [x]],
  ['a list in lines', component('  dependsOn:\n    - component:y\n    - component:x\n'), [x, z]],
  ['an empty list', component('  dependsOn: []\n'), [x, z, z]],
  [
    'some there, some not, one as part of another',
    component('  providesApis: [a]\n  system: s\n'),
    [
      ['providesApi', 'api:default/a'],
      ['providesApi', 'api:default/b'],
      ['partOf', 'system:default/s'],
      ['partOf', 'component:default/big'],
      ['ownedBy', 'group:default/Team-A'],
    ],
  ],
  ['another namespace', component('  dependsOn: [component:x]\n', '  namespace: pay\n'), [x]],
  ['a domain', component('', '', 'Domain'), [['partOf', 'domain:default/all']]],
] as [string, string, Relations][]) {
  test(`${name}: nothing is lost`, () => {
    const whole = text + asField(relations)
    const [told, ...others] = check(whole)
    assert.ok(told !== undefined && others.length === 0 && told.code === 'root-relations')
    assert.ok(told.hint !== SAID && told.hint !== GENERAL, told.hint)
    const now = obeyed(whole, told) ?? ''
    assert.deepEqual(check(now), [], now)
    assert.deepEqual(
      check(`${now}\n${asField(relations)}`).map(({ hint }) => hint),
      [SAID],
      now,
    )
  })
}

test('what spec says in other words, and nothing at all, is only removed', () => {
  const said = component('  dependsOn: [component:X, resource:default/z]\n') + asField([x, z])
  assert.deepEqual(
    check(said).map(({ hint }) => hint),
    [SAID],
  )
  for (const nothing of ['[]', '{}', '', '""'])
    assert.deepEqual(
      check(`${component()}relations: ${nothing}\n`).map(({ hint }) => hint),
      ['remove it: there is nothing in it'],
    )
})

test('where nobody can tell what spec would say, or which of two is right, nothing is proposed', () => {
  for (const relations of [
    [['hasPart', 'component:default/x']],
    [['dependsOn', 'x']],
    [['__proto__', 'component:x']],
    [['dependsOn', 'component:a, b']],
    [
      ['partOf', 'system:a'],
      ['partOf', 'system:b'],
    ],
    Array.from({ length: 30 }, (_, i) => ['dependsOn', `component:default/x-${i}`] as const),
  ] as Relations[])
    assert.deepEqual(
      check(component() + asField(relations)).map(({ hint }) => hint),
      [GENERAL],
    )
  assert.deepEqual(
    check(component() + asField([['ownedBy', 'group:default/x']])).map(({ hint }) => hint),
    ['remove it and in spec keep "owner: team-a", or write "owner: group:default/x"'],
  )
})
