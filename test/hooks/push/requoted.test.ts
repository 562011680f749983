// A push that changes only what an unchanged catalog file quotes: what that does to the entity is told, and nothing else about it. By the built hook.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { buildInto, component, locationOf, runHook } from '../built-hook.ts'
import { countingGit, git, oddGit } from '../odd-git.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()
const tagged = (tags: string) => component('orders').replace('  name: orders', `  name: orders\n  tags: ${tags}`)
const api = (definition: string) =>
  component('orders').replace('Component', 'API').replace('owner: team-a', `owner: team-a, definition: ${definition}`)
const quoting = { 'a/catalog-info.yaml': tagged('{ $yaml: ./b/tags.yaml }'), 'a/b/tags.yaml': '- java\n' }

suite('refused', () => {
  const refused: [string, Record<string, string>, Record<string, string>, string][] = [
    ['a value that the catalog does not take', quoting, { 'a/b/tags.yaml': '- Java\n' }, 'tag "Java" contains'],
    ['no YAML any more', quoting, { 'a/b/tags.yaml': 'a: b: c\n' }, 'which is no YAML: line 1: '],
    [
      'JSON that is none',
      { 'catalog-info.yaml': tagged('{ $json: ./tags.json }'), 'tags.json': '["java"]' },
      { 'tags.json': '["java",]' },
      'is no JSON: ',
    ],
    [
      'a definition that became empty',
      { 'catalog-info.yaml': api('{ $text: ./api.graphql }'), 'api.graphql': 'type Query\n' },
      { 'api.graphql': '' },
      'spec.definition is empty; expected a string (in ./api.graphql)',
    ],
    [
      'a list of targets that names what is not there',
      {
        'catalog-info.yaml': locationOf('x').replace(/targets: .*/, 'targets: { $yaml: ./t.yaml }'),
        't.yaml': '- ./x.yaml\n',
        'x.yaml': component('x'),
      },
      { 't.yaml': '- ./x.yaml\n- ./y.yaml\n' },
      '"./y.yaml" is not in this repository',
    ],
    [
      'a file that is named, and that reads like an entity no more',
      { 'catalog-info.yaml': locationOf('./x.yaml'), 'x.yaml': component('x') },
      { 'x.yaml': component('x').replace(/^.*\n/, '') },
      'x.yaml:1:1: error: apiVersion is missing',
    ],
  ]
  for (const [what, before, change, words] of refused) {
    test(what, async () => {
      const { copy } = await fixture.seeded(before)
      assertRefused(await copy.change(change), words, '1 problem in ')
    })
  }
})

test('refused: whatever the quoted file is called, also beside 60 other branches, of which Node reads the lines', async () => {
  const names = ['x.proto2', 'y.smithy', 'none', 'list.of-tags', 'e.entity', 'link.md', 'tags.json']
  const { copy } = await fixture.seeded({
    'catalog-info.yaml': [
      ...['x.proto2', 'y.smithy', 'none'].map(name => api(`{ $text: ./${name} }`)),
      tagged('{ $yaml: ./list.of-tags }'),
      tagged('{ $json: ./tags.json }'),
      locationOf('./e.entity'),
    ].join('---\n'),
    ...Object.fromEntries(names.map(name => [name, '- java\n'])),
    'tags.json': '["java"]',
    'e.entity': component('e'),
  })
  for (const name of ['y.smithy', 'none']) await copy.remove(name)
  const changed = { 'x.proto2': '', 'list.of-tags': '- Java\n', 'e.entity': component('e f'), 'tags.json': '["Jawa"]' }
  for (const [name, text] of Object.entries(changed)) await copy.write(name, text)
  await copy.commit()
  const words = [
    'spec.definition is empty',
    '"./y.smithy" is removed',
    '"./none" is removed',
    'tag "Java"',
    'tag "Jawa"',
    'e.entity:4:9',
  ]
  assertRefused(await copy.push(), '6 problems', ...words)
  const branches = Array.from({ length: 60 }, (_, i) => `HEAD^:refs/heads/b${i}`)
  assertRefused(await copy.push({ refs: [...branches, 'main'] }), 'tag "Jawa"')
})

suite('elsewhere in the tree, neither in the folder of what is changed nor above it', () => {
  const entity = (name: string) =>
    JSON.stringify({ apiVersion: 'backstage.io/v1alpha1', kind: 'System', metadata: { name }, spec: { owner: 'a' } })
  const files = {
    'a/1/catalog-info.yaml': api('{ $text: ../../shared/api.yaml }'),
    'a/2/catalog-info.yaml': api('{ $openapi: ../../shared/bundled.yaml }'),
    'a/3/catalog-info.yaml': tagged('{ $json: ../../shared/tags.JSON }'),
    'a/4/catalog-info.yaml': tagged('{ $json: "../../shared/m\\x6fre.json" }'),
    'a/5/catalog-info.yaml': api('{ $text: ../../shared/service.wsdl }'),
    'a/6/catalog-info.yaml': locationOf('../../shared/*/*.yaml'),
    'a/7/catalog-info.yaml': locationOf('/b/catalog-info.yaml', '../../shared/system.json', '../../shared/UP.YAML'),
    '\u00e4/8/catalog-info.yaml': locationOf('../../sh\u00e4red/x.yaml'),
    'b/catalog-info.yaml': component('b'),
    'shared/api.yaml': 'openapi: 3.0.0\n',
    'shared/bundled.yaml': 'openapi: 3.0.0\n',
    'shared/tags.JSON': '["java"]',
    'shared/more.json': '["java"]',
    'shared/service.wsdl': '<definitions/>',
    'shared/only/one.yaml': component('one'),
    'shared/system.json': entity('one'),
    'shared/UP.YAML': component('up'),
    'sh\u00e4red/x.yaml': component('x'),
  }
  const removed = ['shared/service.wsdl', 'shared/only/one.yaml', 'b/catalog-info.yaml']

  test('all of it in one push, one of them under a name that git quotes: Node asks for them', async () => {
    const { copy } = await fixture.seeded(files)
    for (const path of removed) await copy.remove(path)
    assertRefused(
      await copy.change({
        'shared/api.yaml': '',
        'shared/bundled.yaml': '# none\n',
        'shared/tags.JSON': '["Java"]',
        'shared/more.json': '["Jawa"]',
        'shared/system.json': entity('o n e'),
        'shared/UP.YAML': component('u p'),
        'sh\u00e4red/x.yaml': component('x y'),
      }),
      '10 problems',
      'spec.definition is empty',
      'holds nothing; one YAML document is expected',
      'tag "Java"',
      'tag "Jawa"',
      '"../../shared/service.wsdl" is removed',
      '"../../shared/*/*.yaml" matches no file',
      '"/b/catalog-info.yaml" is removed',
      'shared/system.json:1:',
      'shared/UP.YAML:4:9',
      'x.yaml:4:9',
    )
  })

  for (const [what, change, words] of [
    ['JSON', { 'shared/tags.JSON': '["Java"]' }, 'tag "Java"'],
    ['JSON in a YAML escape', { 'shared/more.json': '["Java"]' }, 'tag "Java"'],
    ['a text', { 'shared/service.wsdl': '' }, 'spec.definition is empty'],
  ] as const)
    test(`nothing but ${what}`, async () => {
      const { copy } = await fixture.seeded(files)
      assertRefused(await copy.change(change), '1 problem in a/', words)
    })
})

suite('accepted', () => {
  test('a catalog file that is too large to be checked, and may quote what was changed, is named; beside another file it is not', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => `${tagged('{ $yaml: ./tags.yaml }').trimEnd()}${i}`).join(
      '\n---\n',
    )
    const { copy } = await fixture.seeded({
      'catalog-info.yaml': many,
      'tags.yaml': '- java\n',
      'other.yaml': 'a: b\n',
    })
    assertSays(await copy.change({ 'tags.yaml': '- Java\n' }), /catalog-info\.yaml.*was not checked: it is too large/)
    assertQuiet(await copy.change({ 'other.yaml': 'a: c\n' }))
  })

  test('what was wrong before, what is still right, what nobody quotes', async () => {
    const { copy } = await fixture.seeded({
      ...quoting,
      'a/catalog-info.yaml': quoting['a/catalog-info.yaml'].replace('orders', 'o r d e r s'),
      'values.json': '{}',
    })
    assertQuiet(await copy.change({ 'a/b/tags.yaml': '- java\n- web\n', 'values.json': '[' }))
    assertQuiet(await copy.change({ 'values.json': '{' }))
    assertRefused(await copy.change({ 'a/b/tags.yaml': '- Java\n' }), '1 problem in a/catalog-info.yaml', 'tag "Java"')
  })

  test('what it quotes beside that, and cannot be read, is not told again', async () => {
    const files = {
      ...quoting,
      'a/catalog-info.yaml': `${quoting['a/catalog-info.yaml']}more: { $yaml: ./none.yaml }\n`,
    }
    const { copy } = await fixture.seeded(files)
    assertQuiet(await copy.change({ 'a/b/tags.yaml': '- web\n' }))
  })

  test('on a branch that takes it over from the default one, also where that is strict', async () => {
    const hook = await buildInto(fixture.host.directory, 'strict', { enforce: { otherBranches: 'enforce' } })
    const { repository, copy } = await fixture.seeded(quoting, { hook })
    await copy.git('checkout', '--quiet', '-b', 'feature')
    assertQuiet(await copy.change({ 'README.md': 'x' }))
    await copy.git('checkout', '--quiet', 'main')
    await repository.installHooks([])
    await copy.change({ 'a/b/tags.yaml': '- Java\n' })
    await repository.installHooks([hook])
    await copy.git('checkout', '--quiet', 'feature')
    await copy.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'main')
    assertQuiet(await copy.push())
    assertRefused(await copy.change({ 'a/b/tags.yaml': '- JAVA\n' }), 'tag "JAVA"')
  })

  test('a link or a folder now, which nobody can judge: named', async () => {
    const { copy } = await fixture.seeded(quoting)
    const named = (what: string) =>
      new RegExp(`^warning: a/catalog-info\\.yaml was not checked as a whole: \\./b/tags\\.yaml is ${what}`, 'm')
    await copy.git('rm', '--quiet', 'a/b/tags.yaml')
    await copy.link('a/b/tags.yaml', '../x.yaml')
    await copy.commit()
    assertSays(await copy.push(), named('a symbolic link'))
    const { copy: other } = await fixture.seeded(quoting)
    await other.git('rm', '--quiet', 'a/b/tags.yaml')
    assertSays(await other.change({ 'a/b/tags.yaml/x.yaml': '- Java\n' }), named('a folder'))
    // A link that is called like a catalog file, in another folder; and one that the prelude cannot name.
    for (const folder of ['side', 'a side']) {
      await other.link(`${folder}/catalog-info.yaml`, '../values/x.yaml')
      await other.commit()
      await other.push()
      const push = await other.change({ 'values/x.yaml': `${folder}: x\n` })
      assertSays(
        push,
        new RegExp(`^warning: ${folder}/catalog-info\\.yaml is a symbolic link to values/x\\.yaml, which was`, 'm'),
      )
    }
  })

  test('too large now: named', async () => {
    const small = await buildInto(fixture.host.directory, 'small', { limits: { fileBytes: 2000 } })
    const { copy } = await fixture.seeded(quoting, { hook: small })
    const push = await copy.change({ 'a/b/tags.yaml': `- Java\n${'# x\n'.repeat(1000)}` })
    assertSays(push, /^warning: a\/catalog-info\.yaml was not checked as a whole: \.\/b\/tags\.yaml is larger than/m)
  })
})

test('what it costs: no git that Node waits for where the files are plain, and no Node for JSON that no catalog file knows; where git cannot tell, a line', async () => {
  const { PATH, calls } = countingGit(join(fixture.host.directory, 'counting-requoted'))
  const { repository, copy } = await fixture.seeded({ ...quoting, 'values.yaml': 'x\n', 'a/b/package.json': '{}' })
  let CATALOG_GATE_NODE = 'none'
  const callsOf = async (files: Record<string, string>) => {
    const before = await copy.git('rev-parse', 'HEAD')
    assertQuiet(await copy.change(files))
    const input = `${before} ${await copy.git('rev-parse', 'HEAD')} refs/heads/main\n`
    const run = await runHook([fixture.hook], { cwd: repository.directory, input, env: { PATH, CATALOG_GATE_NODE } })
    assert.equal(run.exitCode, 0, run.stdout)
    return { calls: calls(), startsNode: run.stdout !== '' }
  }
  const looked = { calls: ['diff-tree', 'grep'], startsNode: false }
  assert.deepEqual(await callsOf({ 'README.md': 'x', 'x.txt': '' }), { calls: ['diff-tree'], startsNode: false })
  assert.deepEqual(await callsOf({ 'a/b/package.json': '{ }' }), looked)
  assert.deepEqual(await callsOf({ 'x y/x.json': '{ }', '\u00e4/x.json': '{ }' }), looked)
  // What source code is, and what a text holds, is nobody's business; that one goes is.
  await copy.remove('x.txt')
  assert.deepEqual(await callsOf({ 'README.md': 'y', 'main.go': 'y', LICENSE: 'x' }), looked)
  await copy.remove('main.go')
  const quiet = { calls: ['diff-tree'], startsNode: false }
  assert.deepEqual(await callsOf({ 'README.md': 'z', LICENSE: 'y', 'a/b/empty.py': '' }), quiet)
  assert.deepEqual(await callsOf({ '\u00e4.json': '{ }' }), { calls: ['diff-tree', 'grep'], startsNode: true })
  CATALOG_GATE_NODE = join(fixture.host.directory, 'without-git')
  await writeFile(CATALOG_GATE_NODE, `#!/bin/sh\nPATH=/nowhere exec '${process.execPath}' "$@"\n`, { mode: 0o755 })
  const four = { calls: ['cat-file --batch', 'diff-tree', 'diff-tree', 'grep'], startsNode: false }
  assert.deepEqual(await callsOf({ 'values.yaml': 'y\n' }), four)
  assert.deepEqual(await callsOf({ 'a/b/tags.yaml': '- web\n' }), four)

  const failing = oddGit(
    join(fixture.host.directory, 'failing'),
    `case " $* " in *" grep "*) exit 128 ;; esac\nexec '${git}' "$@"`,
  )
  const from = await copy.git('rev-parse', 'HEAD')
  await copy.change({ 'a/b/package.json': '{  }' })
  const input = `${from} ${await copy.git('rev-parse', 'HEAD')} refs/heads/main\n`
  const run = await runHook([fixture.hook], {
    cwd: repository.directory,
    input,
    env: { PATH: `${failing}:${process.env['PATH']}` },
  })
  assert.equal(run.exitCode, 0)
  assert.match(
    run.stdout,
    /^warning: git could not tell in time which catalog files of other folders name or quote what was changed: they were not checked$/m,
  )
})
