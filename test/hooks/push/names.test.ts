// Names that have dropped a ref, or a file, without a word. (What nobody has thought of yet: names.campaign.test.ts.)
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { runGit } from '../../support/git.ts'
import type { WorkingCopy } from '../../support/working-copy.ts'
import { BAD, component, GOOD, runHook, ZERO } from '../built-hook.ts'
import { assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

suite('a branch beside main, whose name has', () => {
  for (const [what, name] of [
    ['a line separator', 'u\u2028v'],
    ['a paragraph separator', '\u2029'],
    ['a next line', 'a\u0085b'],
    ['a byte order mark', '\ufeffa'],
    ['three hundred characters', `a${'/bcdefgh'.repeat(40)}`],
    ['nine hundred characters', `a${'/bcdefgh'.repeat(112)}`],
  ] as const) {
    test(`${what}: main is judged by its own files, and the branch by its own`, async () => {
      const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
      const start = await copy.git('rev-parse', 'HEAD')
      await copy.write('a/catalog-info.yaml', component('fine'))
      const good = await copy.commit()
      await copy.git('reset', '--quiet', '--hard', start)
      await copy.write('b/catalog-info.yaml', BAD)
      const bad = await copy.commit()
      assertRefused(await copy.push({ refs: [`${good}:refs/heads/${name}`, `${bad}:main`] }), 'b/catalog-info.yaml:4:9')
      assertSays(await copy.push({ refs: [`${bad}:refs/heads/${name}`, `${good}:main`] }), /b\/catalog-info\.yaml:4:9/)
    })
  }
})

for (const shell of ['dash', 'bash'])
  test(`a name that breaks off in a character takes no line end with it, under ${shell} in a locale of UTF-8`, async () => {
    const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
    const before = await repository.ref('main')
    await repository.installHooks([])
    await copy.change({ 'catalog-info.yaml': BAD })
    const after = await repository.ref('main')
    const input = [
      Buffer.from(`${ZERO} ${before} refs/heads/half-`),
      Buffer.of(0xe2),
      Buffer.from(`\n${before} ${after} refs/heads/main\n`),
    ]
    const run = await runHook([`/bin/${shell}`, fixture.hook], {
      cwd: repository.directory,
      input: Buffer.concat(input),
      env: { LC_ALL: 'C.UTF-8' },
    })
    assert.equal(run.exitCode, 1, run.stdout)
  })

/** Commits files on top of what is checked out, at paths of any bytes. */
async function commitAt(copy: WorkingCopy, files: [path: Buffer, text: string][]): Promise<void> {
  const quoted = (path: Buffer) => `"${[...path].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`
  const changes = files.map(
    ([path, text]) => `M 100644 inline ${quoted(path)}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  )
  const input = `commit refs/heads/main\ncommitter M <m@example.com> 1790000000 +0000\ndata 0\nfrom refs/heads/main^0\n${changes.join('')}`
  const { exitCode, stderr } = await runGit(copy.directory, ['fast-import', '--quiet'], { input })
  assert.equal(exitCode, 0, stderr)
}

const inFolder = (...bytes: number[]) => Buffer.concat([Buffer.from(bytes), Buffer.from('/catalog-info.yaml')])

for (const [what, texts, shown] of [
  ['the first', [BAD, component('b')], String.raw`\xe4/catalog-info.yaml:4:9`],
  ['the second', [component('a'), BAD], String.raw`\xf6/catalog-info.yaml:4:9`],
] as const)
  test(`two folders that differ in bytes that are no UTF-8: ${what} is bad`, async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' })
    await commitAt(copy, [
      [inFolder(0xe4), texts[0]],
      [inFolder(0xf6), texts[1]],
    ])
    assertRefused(await copy.push(), `1 problem in ${shown.split(':')[0]}`, shown)
  })

test('a file is taken away in a folder with a line break, above which git cannot be asked for catalog files: not called late', async () => {
  const { copy } = await fixture.seeded({ 'a\nb/x.yaml': 'x: 1', 'README.md': 'x' })
  await copy.remove('a\nb/x.yaml')
  await copy.commit()
  const push = await copy.push()
  assert.deepEqual([push.exitCode, push.remote], [0, ''])
})

test('what a file in such a folder quotes is changed: named', async () => {
  const quoting = component('a').replace('metadata:\n', 'metadata:\n  tags: { $yaml: ./tags.yaml }\n')
  const folders = [Buffer.from('a\nb/'), Buffer.of(0x62, 0xe4, 0x2f)]
  const at = (file: string) => folders.map(folder => Buffer.concat([folder, Buffer.from(file)]))
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  await commitAt(
    copy,
    at('catalog-info.yaml').map(path => [path, quoting]),
  )
  await copy.push()
  await commitAt(
    copy,
    at('tags.yaml').map(path => [path, '- Java\n']),
  )
  assertSays(
    await copy.push(),
    /^warning: a\\nb\/catalog-info\.yaml has a line break in its path; it was not checked$/m,
    /^warning: b\\xe4\/catalog-info\.yaml was not checked: its path is no UTF-8, and it may name or quote what was changed$/m,
  )
})

test('what is named beside a file in such a folder is found there', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const documented = component('a').replace(
    'metadata:\n',
    "metadata:\n  annotations: {backstage.io/techdocs-ref: 'dir:.'}\n",
  )
  await commitAt(copy, [[Buffer.concat([Buffer.of(0xe4), Buffer.from('/mkdocs.yml')]), 'site_name: a']])
  assert.equal((await copy.push()).exitCode, 0)
  await commitAt(copy, [[inFolder(0xe4), documented]])
  const push = await copy.push()
  assert.deepEqual([push.exitCode, push.remote], [0, ''])
  await commitAt(copy, [[inFolder(0xf6), documented.replace('name: a', 'name: b')]])
  assertSays(await copy.push(), /\[techdocs-config\]/)
})
