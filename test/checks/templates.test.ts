// Which documents are templates that no catalog reads yet, and what is said of files in which nothing was checked.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkFiles } from '../../hooks/catalog/check-files.ts'
import { type CheckedFile, checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { mapOf, type Tree } from '../../hooks/catalog/tree.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { component } from '../hooks/built-hook.ts'

const rules: Rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const check = (yaml: string, path = 'catalog-info.yaml') => checkFile(path, Buffer.from(yaml), rules)
const statuses = ({ documents }: CheckedFile) => documents.map(({ status }) => status)
const with_ = (line: string) => component('orders').replace('  name: orders', `  name: orders\n  ${line}`)

async function notesOf(files: Record<string, string>, paths = Object.keys(files)) {
  const tree: Tree = {
    read: async asked => {
      return mapOf(asked, path => {
        const text = files[path]
        return text === undefined ? { result: 'absent' } : { result: 'bytes', bytes: Buffer.from(text) }
      })
    },
    exists: async asked => mapOf(asked, () => 'unknown'),
    isKnown: () => false,
  }
  const names = { isCatalogPath: () => true, isIgnored: () => false, baseNames: [], hasWildNames: false }
  const { notes, files: checked } = await checkFiles({ tree, paths, followLocations: true }, rules, names)
  return { notes: notes.map(({ path, text }) => `${path} ${text}`), checked }
}

suite('a hole where structure would stand, or where the catalog would refuse', () => {
  const templates: [string, string, string][] = [
    ['the name', component(`\${{ values.name }}`), `\${{ values.name }}`],
    ['a part of the name', component(`"x-{{ cookiecutter.name }}"`), '{{ cookiecutter.name }}'],
    ['an unquoted name', component('{{ name }}'), '{{ name }}'],
    ['the kind', component('orders').replace('Component', `\${{ values.kind }}`), `\${{ values.kind }}`],
    ['a tag', with_(`tags: ["\${{ values.tag }}"]`), `\${{ values.tag }}`],
    ['all tags', with_(`tags: \${{ values.tags | dump }}`), `\${{ values.tags | dump }}`],
    ['a key', with_(`labels: { "\${{ values.key }}": x }`), `\${{ values.key }}`],
    ['all of spec', component('orders').replace(/^spec:.*$/m, `spec: \${{ values.spec }}`), `\${{ values.spec }}`],
    ['an unquoted value', with_('description: {{ about }}'), '{{ about }}'],
    ['a value that goes on', with_('description: {{ about }} and more'), '{{ about }}'],
    ['a block', component('orders').replace('spec:', '{%- if x %}\nspec:'), '{%- if x %}'],
    [
      'a block among entries',
      with_('tags:\n    {% for t in tags %}\n    - "{{ t }}"\n    {% endfor %}'),
      '{% for t in tags %}',
    ],
    ['a value that is a block', with_('title: {% if x %}a{% endif %}'), '{% if x %}'],
    [
      'a value that breaks its line',
      with_(`title: \${{ values.a ? 'x: y' : 'z' }}`),
      `\${{ values.a ? 'x: y' : 'z' }}`,
    ],
    ['a helm chart', `{{- if .Values.catalog }}\n${component('orders')}{{- end }}\n`, '{{- if .Values.catalog }}'],
  ]
  for (const [what, yaml, hole] of templates) {
    test(what, () => {
      const file = check(yaml)
      assert.deepEqual(statuses(file), ['templated'])
      assert.equal(file.hole?.text, hole)
      assert.deepEqual(file.diagnostics, [])
    })
  }

  const none: [string, string, string][] = [
    ['in a comment', `# {% if x %} {{ y }}\n${component('a b')}`, 'rejected'],
    [
      'in a description',
      component('a b').replace('  name', '  description: use {% if %} and {{ x }}\n  name'),
      'rejected',
    ],
    [
      'in a block of text',
      component('orders').replace('  name', '  description: |\n    {% if x %}\n    {{ y }}\n  name'),
      'accepted',
    ],
    [
      'in a block of text of a broken document',
      component('orders').replace('  name', '  description: |\n    {% if x %}\n    {{ y }}\n  name: a: b\n  x'),
      'rejected',
    ],
    [
      'in a comment behind what is wrong',
      component('orders').replace('  name', '  title: a: b # {{ x }}\n  name'),
      'rejected',
    ],
    ['where the catalog takes any text', component('orders').replace('team-a', `"\${{ values.owner }}"`), 'accepted'],
    [
      'another value is wrong',
      with_(`title: "\${{ values.title }}"`).replace('lifecycle: production, ', ''),
      'rejected',
    ],
    ['a Template', component(`\${{ values.name }}`).replace('kind: Component', 'kind: Template'), 'rejected'],
  ]
  for (const [what, yaml, status] of none)
    test(`none: ${what}`, () => assert.deepEqual(statuses(check(yaml)), [status]))

  test('none: a folder of that name', () => {
    for (const folder of ['templates', 'template', 'content', 'Skeletons'])
      assert.deepEqual(statuses(check(component('a b'), `${folder}/x/catalog-info.yaml`)), ['rejected'])
  })

  test('one document of several', () => {
    assert.deepEqual(
      statuses(check(`${component('a')}---\n${component('{{ b }}')}---\n${component('c d')}`)),
      ['withheld', 'templated', 'rejected'].map(status => (status === 'withheld' ? 'accepted' : status)),
    )
  })
})

suite('one line for a file in which nothing was checked, or not all', () => {
  test('a template, and one among others', async () => {
    const { notes } = await notesOf({
      'a.yaml': component(`\${{ values.name }}`),
      'b.yaml': `${component('b')}---\n${component('"{{ c }}"')}`,
    })
    assert.deepEqual(notes, [
      `a.yaml was not checked: a template, by "\${{ values.name }}" in line 4`,
      'b.yaml was not checked as a whole, 1 document of it: a template, by "{{ c }}" in line 10',
    ])
  })

  test('nothing in it', async () => {
    const { notes } = await notesOf({
      'a.yaml': '',
      'b.yaml': '# to do\n',
      'c.yaml': '---\n---\n',
      'd.yaml': `---\n${component('d')}`,
    })
    assert.deepEqual(notes, ['a.yaml has no entity in it', 'b.yaml has no entity in it', 'c.yaml has no entity in it'])
  })

  test('a pointer of Git LFS: refused as a catalog file, not known as a target', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`
    assert.deepEqual(
      check(pointer).diagnostics.map(({ code, line, severity }) => [code, line, severity]),
      [['lfs-pointer', 1, 'error']],
    )
    const location =
      'apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: x }\nspec: { target: ./a.yaml }\n'
    const { notes, checked } = await notesOf({ 'x.yaml': location, 'a.yaml': pointer }, ['x.yaml'])
    assert.deepEqual(notes, ['a.yaml is a Git LFS pointer; it was not checked'])
    assert.deepEqual(
      checked.flatMap(({ diagnostics }) => diagnostics),
      [],
    )
  })
})
