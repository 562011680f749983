// The form of a report: what each finding says of itself, what is alike in one group, and counts that fit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile } from '../../../hooks/catalog/file.ts'
import { plainInstallation } from '../../../hooks/config/hook-config.ts'
import type { Bypass } from '../../../hooks/push/options.ts'
import type { JudgedRef } from '../../../hooks/run/check-refs.ts'
import { verdict } from '../../../hooks/run/verdict.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'

const rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const GOOD = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
spec:
  type: service
  lifecycle: production
  owner: team-a
`
const file = (path: string, text: string) => checkFile(path, Buffer.from(text), rules)
const bad = (path: string, name = 'a b') => file(path, GOOD.replace('name: shop', `name: ${name}`))
const doubtful = (path: string) => file(path, GOOD.replace('owner:', 'systm: x\n  owner:'))

function ref(branch: string, mode: 'enforce' | 'warn', files: JudgedRef['files']): JudgedRef {
  const pushed = { ref: `refs/heads/${branch}`, isDefaultBranch: branch === 'main', kind: 'updated', changes: [] }
  return { plan: { pushed, mode, isGated: true, files: [], others: [] }, files } as unknown as JudgedRef
}

function report(refs: JudgedRef[], bypass: Bypass = { result: 'none' }, refusesDefault = true) {
  const settings = { maxProblems: 20, pushOption: undefined, footer: '', isByWeb: false, refusesDefault }
  const { text } = verdict(refs, bypass, [], { ...settings, wasThere: ({ path }) => path.startsWith('old/') })
  return text.split('\n').filter(line => !/^ *\d* \||^ +\|/.test(line) && line !== '')
}
const NAME = 'contains a space; expected letters, digits, "-", "_" or "." [name-format]'

test('an error and a warning: each line says which, and the counts fit', () => {
  assert.deepEqual(report([ref('main', 'enforce', [bad('a.yaml'), doubtful('b.yaml')])]), [
    'error: this push was not accepted: 1 problem in a.yaml, and 1 warning',
    `a.yaml:4:9: error: name "a b" ${NAME}`,
    'hint: try "a-b"',
    'b.yaml:8:3: warning: "systm" is not a field of spec; the catalog keeps it and does nothing with it [misspelt-field]',
    'hint: did you mean "system"?',
  ])
})

test('several branches: each finding says which it is on', () => {
  const shared = bad('c.yaml')
  const refs = [ref('main', 'enforce', [bad('a.yaml'), shared]), ref('topic', 'warn', [bad('a.yaml'), shared])]
  assert.deepEqual(
    report(refs).filter(line => line.includes('.yaml:')),
    [
      `a.yaml:4:9: error: on main: name "a b" ${NAME}`,
      `c.yaml:4:9: error: on main and topic: name "a b" ${NAME}`,
      `a.yaml:4:9: warning: on topic: name "a b" ${NAME}`,
    ],
  )
})

test('a topic branch: the default branch will refuse it, where it does', () => {
  const one = [ref('topic', 'warn', [bad('a.yaml')])]
  assert.deepEqual(report(one).slice(0, 2), [
    'warning: this push was accepted with 1 problem in a.yaml',
    'warning: the default branch will refuse this',
  ])
  assert.match(report([ref('topic', 'warn', [bad('a.yaml'), doubtful('b.yaml')])])[1] ?? '', /will refuse 1 of them$/)
  assert.doesNotMatch(report(one, { result: 'none' }, false).join('\n'), /default branch/)
  assert.doesNotMatch(report([ref('topic', 'warn', [doubtful('b.yaml')])]).join('\n'), /default branch/)
})

test('thirty files with one mistake are a group, and another mistake is not lost among them', () => {
  const many = Array.from({ length: 30 }, (_, i) => bad(`s${i}/catalog-info.yaml`, `a ${i}`))
  const other = file('other.yaml', GOOD.replace('kind: Component', 'kind: Componet'))
  const lines = report([ref('main', 'enforce', [...many, other])])
  assert.deepEqual(lines, [
    'error: this push was not accepted: 31 problems in 31 files',
    ...[0, 1, 2].flatMap(i => [`s${i}/catalog-info.yaml:4:9: error: name "a ${i}" ${NAME}`, `hint: try "a-${i}"`]),
    'and 27 more like these [name-format], in 27 files',
    'other.yaml:2:7: error: kind "Componet" is not known; expected Component [unknown-kind]',
    'hint: did you mean "Component"?',
  ])
})

test('a bypass shows what it lets through', () => {
  assert.deepEqual(report([ref('main', 'enforce', [bad('a.yaml')])], { result: 'bypass', reason: 'a fire' }), [
    'warning: catalog-gate was bypassed: a fire',
    'warning: this push was accepted with 1 problem in a.yaml',
    `a.yaml:4:9: warning: name "a b" ${NAME}`,
    'hint: try "a-b"',
  ])
})

test('what was there before this push says so', () => {
  const lines = report([ref('main', 'enforce', [bad('old/a.yaml'), bad('b.yaml')])])
  assert.deepEqual(
    lines.filter(line => /yaml:|before/.test(line)),
    [
      `old/a.yaml:4:9: error: name "a b" ${NAME}`,
      'it was there before this push',
      `b.yaml:4:9: error: name "a b" ${NAME}`,
    ],
  )
})

test('a caret stands under what it means, behind wide letters and letters with marks', () => {
  const text = GOOD.replace('name: shop', '{"title": "\u652f\u4ed8 e\u0301", "name": "a b"}').replace(
    'metadata:\n  {',
    'metadata: {',
  )
  const settings = { maxProblems: 20, pushOption: undefined, footer: '', isByWeb: false, refusesDefault: true }
  const one = [ref('main', 'enforce', [file('a.yaml', text)])]
  const lines = verdict(one, { result: 'none' }, [], { ...settings, wasThere: () => false }).text.split('\n')
  const [source = '', caret = ''] = lines.slice(3, 5)
  // Two letters of two cells each, and a mark of none: one cell more than UTF-16 units.
  assert.equal(caret.indexOf('^'), source.indexOf('"a b"') + 1)
})
