// What placeholders stand for is read in the pushed tree, by the built hook: judged where it is there, refused where it is not, left alone where it cannot be known.
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { buildInto, component, locationOf, runHook } from '../built-hook.ts'
import { countingGit } from '../odd-git.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

const api = (definition: string) => `apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: orders }
spec:
  type: openapi
  lifecycle: production
  owner: team-a
  definition: ${definition}
`
const tagged = (tags: string) => component('orders').replace('  name: orders', `  name: orders\n  tags: ${tags}`)
const README = { 'README.md': 'x' }

suite('what the file holds is judged', () => {
  const accepted: [string, Record<string, string>][] = [
    ['a list', { 'catalog-info.yaml': tagged('{ $yaml: ./tags.yaml }'), 'tags.yaml': '- java\n- web\n' }],
    ['one line', { 'catalog-info.yaml': tagged('{ $yaml: ./tags.yaml }'), 'tags.yaml': '[java]' }],
    ['JSON', { 'catalog-info.yaml': tagged('{ $json: ./tags.json }'), 'tags.json': '["java"]' }],
    ['a text by $yaml', { 'catalog-info.yaml': api('{ $yaml: ./api.yaml }'), 'api.yaml': '"openapi: 3.0.0"\n' }],
    ['a text by $json', { 'catalog-info.yaml': api('{ $json: ./api.json }'), 'api.json': '"openapi: 3.0.0"' }],
    [
      'all of spec, from the root of the repository',
      {
        'a/catalog-info.yaml': component('orders').replace(/^spec:.*$/m, 'spec: { $yaml: /shared/spec.yaml }'),
        'shared/spec.yaml': 'type: service\nlifecycle: production\nowner: team-a\n',
      },
    ],
    [
      'steps of a template, one by one',
      {
        'catalog-info.yaml': `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: service }
spec: { type: service, steps: [{ $yaml: ./step.yaml }] }
`,
        'step.yaml': 'id: log\naction: debug:log\n',
      },
    ],
    [
      'the target of a Location',
      {
        'catalog-info.yaml': locationOf('./all.yaml').replace(/targets: .*/, 'targets: { $yaml: ./t.yaml }'),
        't.yaml': '- ./x.yaml\n',
        'x.yaml': component('x'),
      },
    ],
  ]
  for (const [what, files] of accepted) {
    test(`accepted: ${what}`, async () => {
      const { copy } = await fixture.seeded(README)
      assertQuiet(await copy.change(files))
    })
  }

  const refused: [string, string, string, string][] = [
    ['a tag in capitals', '{ $yaml: ./tags.yaml }', '- Java\n', 'tag "Java" contains an upper-case letter'],
    ['a map for a list', '{ $yaml: ./tags.yaml }', 'a: b\n', 'is a map; expected a list (in ./tags.yaml)'],
    ['a text for a list', '{ $text: ./tags.yaml }', '- java\n', 'expected a list (in ./tags.yaml)'],
    ['no YAML', '{ $yaml: ./tags.yaml }', 'a: b: c\n', 'which is no YAML: line 1: '],
    ['two documents', '{ $yaml: ./tags.yaml }', '[a]\n---\n[b]\n', 'holds 2 YAML documents; one is expected'],
    ['only a comment', '{ $yaml: ./tags.yaml }', '# none\n', 'holds nothing; one YAML document is expected'],
    ['no JSON', '{ $json: ./tags.yaml }', '["a",]', 'is no JSON: '],
  ]
  for (const [what, tags, text, words] of refused) {
    test(`refused: ${what}`, async () => {
      const { copy } = await fixture.seeded({ 'tags.yaml': text })
      assertRefused(await copy.change({ 'catalog-info.yaml': tagged(tags) }), words, 'catalog-info.yaml:5:')
    })
  }

  test('an empty definition', async () => {
    const { copy } = await fixture.seeded({ 'openapi.yaml': '' })
    const push = await copy.change({ 'catalog-info.yaml': api('{ $text: ./openapi.yaml }') })
    assertRefused(push, 'spec.definition is empty; expected a string (in ./openapi.yaml)')
  })

  test('the same on two branches is told once', async () => {
    const { copy } = await fixture.seeded({ 'tags.yaml': '- Java\n' })
    await copy.git('checkout', '--quiet', '-b', 'topic')
    await copy.write('catalog-info.yaml', tagged('{ $yaml: ./tags.yaml }'))
    await copy.commit()
    await copy.git('branch', '--force', 'main')
    const push = await copy.push({ refs: ['main', 'topic'] })
    assertRefused(push, '1 problem in catalog-info.yaml')
  })
})

suite('a file that is not there', () => {
  test('is refused, with the name that is nearly the same', async () => {
    const { copy } = await fixture.seeded({ 'docs/openapi.yml': 'openapi: 3.0.0\n' })
    assertRefused(
      await copy.change({ 'catalog-info.yaml': api('{ $text: ./docs/openapi.yaml }') }),
      'the file "./docs/openapi.yaml" is not in this repository; the catalog refuses the entity then [missing-target]',
      'hint: did you mean "./docs/openapi.yml"?',
    )
  })

  test('so is a target of a Location, unless it is optional; a folder is none', async () => {
    const { copy } = await fixture.seeded({ 'Teams/a.yaml': component('a') })
    assertRefused(
      await copy.change({ 'catalog-info.yaml': locationOf('./teams.yaml', './Teams') }),
      '"./teams.yaml" is not in this repository; the catalog then reads none of this Location\'s targets',
      '"./Teams" is a folder; expected a file',
    )
    const optional = `${locationOf('./teams.yaml', './Teams/a.yaml')}  presence: optional\n`
    assertQuiet(await copy.change({ 'catalog-info.yaml': optional }))
  })

  test('$openapi: refused as a definition, a warning where it could be data', async () => {
    const { copy } = await fixture.seeded(README)
    assertRefused(await copy.change({ 'catalog-info.yaml': api('{ $openapi: ./a.yaml }') }), '[missing-target]')
    const data = component('orders').replace('spec: {', 'spec: { definition: { $openapi: ./a.yaml },')
    assertSays(await copy.change({ 'catalog-info.yaml': data }), /\[doubtful-target\]/)
  })

  test('named before, and missing before: a warning that says so; removed by the push: refused', async () => {
    const both = api('{ $text: ./openapi.yaml }')
    const { copy } = await fixture.seeded({ 'catalog-info.yaml': both })
    const touched = both.replace('production', 'experimental')
    assertSays(
      await copy.change({ 'catalog-info.yaml': touched }),
      /, and was not before this push; .*\[long-missing-target\]/,
    )
    const renamed = both.replace('./openapi.yaml', './api.yaml')
    assertRefused(await copy.change({ 'catalog-info.yaml': renamed }), '"./api.yaml" is not in this repository')
  })
})

suite('what cannot be known is left alone', () => {
  const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`

  test('a URL, another branch', async () => {
    const { copy } = await fixture.seeded(README)
    for (const target of ['https://files.example.com/tags.yaml', '../dev/tags.yaml']) {
      const push = await copy.change({ 'catalog-info.yaml': tagged(`{ $yaml: ${target} }`) })
      assertSays(push, /^warning: catalog-info\.yaml was not checked as a whole: \S+ is not read here$/m)
      assertQuiet(await copy.change({ 'catalog-info.yaml': api(`{ $text: ${target} }`) }))
    }
  })

  test('a symbolic link, a folder that is one, a submodule, Git LFS, too large: named where it leaves something unchecked', async () => {
    const small = await buildInto(fixture.host.directory, 'small-quoted', { limits: { fileBytes: 2000 } })
    const { copy } = await fixture.seeded(
      { 'real/tags.yaml': '- Java\n', 'lfs.yaml': LFS, 'large.yaml': `- J\n${'# x\n'.repeat(1000)}` },
      { hook: small },
    )
    await copy.git('update-index', '--add', '--cacheinfo', `160000,${await copy.git('rev-parse', 'HEAD')},module`)
    await mkdir(join(copy.directory, 'module'))
    await copy.link('link', 'real')
    await copy.link('tags.yaml', 'real/tags.yaml')
    await copy.commit()
    await copy.push()
    const targets = ['./tags.yaml', './link/tags.yaml', './module/tags.yaml', './lfs.yaml', './large.yaml']
    for (const target of targets) {
      const push = await copy.change({ 'catalog-info.yaml': tagged(`{ $yaml: ${target} }`) })
      assertSays(
        push,
        new RegExp(
          `^warning: catalog-info\\.yaml was not checked as a whole: ${target.replaceAll('.', '\\.')} is `,
          'm',
        ),
      )
      assertQuiet(await copy.change({ 'catalog-info.yaml': api(`{ $text: ${target} }`) }))
    }
    const push = await copy.change({ 'catalog-info.yaml': locationOf('./module/a.yaml', './link/a.yaml') })
    assert.equal(push.exitCode, 0, push.terminal)
    assert.doesNotMatch(push.remote, /missing-target/)
  })
})

test('what it costs: nothing without a reference, one call of git with one, which Node does not wait for, three more where something is missing', async () => {
  const { PATH, calls } = countingGit(join(fixture.host.directory, 'counting-quoted'))
  const { repository, copy } = await fixture.seeded({ 'openapi.yaml': 'openapi: 3.0.0\n', 'tags.yaml': '- a\n' })
  const callsOf = async (text: string, env: Record<string, string> = {}) => {
    const before = await copy.git('rev-parse', 'HEAD')
    await copy.change({ 'catalog-info.yaml': text })
    const after = await copy.git('rev-parse', 'HEAD')
    const input = `${before} ${after} refs/heads/main\n`
    // A refused push left its objects nowhere: the hook is run on what is there.
    await copy.git('push', '--quiet', 'origin', `${after}:refs/keep/${after}`)
    const run = await runHook([fixture.hook], { cwd: repository.directory, input, env: { PATH, ...env } })
    assert.equal(run.stderr, '')
    return calls()
  }
  const usual = await callsOf(component('orders'))
  const one = [...usual, 'cat-file --batch'].sort()
  const CATALOG_GATE_NODE = join(fixture.host.directory, 'without-git')
  await writeFile(CATALOG_GATE_NODE, `#!/bin/sh\nPATH=/nowhere exec '${process.execPath}' "$@"\n`, { mode: 0o755 })
  const withoutGit = { CATALOG_GATE_NODE }
  assert.deepEqual(await callsOf(api('{ $text: ./openapi.yaml }'), withoutGit), one)
  assert.deepEqual(await callsOf(api("\r\n    '$text':   'openapi.yaml' \r"), withoutGit), one)
  assert.deepEqual(await callsOf(tagged('{ $yaml: ./tags.yaml }'), withoutGit), one)
  assert.deepEqual(
    await callsOf(`${tagged('{ $yaml: ./tags.yaml }')}---\n${api('{ $text: ./openapi.yaml }')}`, withoutGit),
    one,
  )
  // Of more than twenty, and of paths that sh does not read, Node asks itself.
  const many = Array.from({ length: 21 }, (_, i) => `${api(`{ $text: ./a${i}.yaml }`)}---\n`.replace('orders', `o${i}`))
  assert.ok((await callsOf(many.join(''))).length > one.length)
  assert.deepEqual(await callsOf(api('{ $text: ./a/../openapi.yaml }')), [...one, 'cat-file --batch'].sort())
  // Whether a link stands in the way, what is nearly called so, and what the file named before.
  assert.deepEqual(await callsOf(api('{ $text: ./none.yaml }')), [...one, 'ls-tree', 'ls-tree'].sort())
})
