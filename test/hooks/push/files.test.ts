// What a push does to files: renamed, removed, with odd names, no files at all, too large, too many.
import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BAD, buildInto, component, GOOD } from '../built-hook.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

test('a renamed catalog file is judged at its new place', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': BAD })
  await copy.git('mv', 'catalog-info.yaml', 'catalog-info.yml')
  await copy.commit()
  assertRefused(await copy.push(), 'catalog-info.yml:4:9')
})

test('a catalog file that is renamed away is none any more', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': BAD })
  await copy.git('mv', 'catalog-info.yaml', 'notes.txt')
  await copy.commit()
  assertQuiet(await copy.push())
})

test('a removed catalog file', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': BAD })
  await copy.remove('catalog-info.yaml')
  await copy.commit()
  assertQuiet(await copy.push())
})

const names: [string, string][] = [
  ['with blanks', 'a b /catalog-info.yaml'],
  ['with quotes', `it's "it"/catalog-info.yaml`],
  ['with a line break', 'two\nlines/catalog-info.yaml'],
  ['with a backslash', 'back\\slash\\n/catalog-info.yaml'],
  ['not ASCII', 'größe/日本/catalog-info.yaml'],
  ['with a leading dash', '-rf/catalog-info.yaml'],
  ['with a tab', 'a\tb/catalog-info.yaml'],
  ['with a colon and a star', 'a:*b/catalog-info.yaml'],
  ['in a dot folder', '.backstage/catalog-info.yaml'],
  ['with a terminal escape', '\u001b[31mred/catalog-info.yaml'],
]
for (const [what, path] of names) {
  test(`a name ${what}`, async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' })
    const shown = path.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\u001b', '\\u001b')
    assertRefused(await copy.change({ [path]: BAD }), `${shown}:4:9: `)
    assertQuiet(await copy.change({ [path]: GOOD }))
  })
}

test('an executable file is a file', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  await copy.write('catalog-info.yaml', BAD)
  await chmod(join(copy.directory, 'catalog-info.yaml'), 0o755)
  await copy.commit()
  assertRefused(await copy.push())
})

test('a symbolic link is not followed', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  await copy.link('catalog-info.yaml', '/etc/passwd')
  await copy.commit()
  assertSays(await copy.push(), /^warning: catalog-info.yaml is a symbolic link; it was not checked$/)
  await copy.link('a/catalog-info.yaml', '../a/b/x.yaml')
  await copy.change({ 'a/b/x.yaml': GOOD })
  const named =
    /^warning: a\/catalog-info.yaml is a symbolic link to a\/b\/x.yaml, which was changed; it was not checked$/
  assertSays(await copy.change({ 'a/b/x.yaml': BAD, 'README.md': 'y' }), named)
  assertQuiet(await copy.change({ 'a/b/y.yaml': BAD }))
})

test('a submodule is not entered', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const id = await copy.git('rev-parse', 'HEAD')
  await copy.git('update-index', '--add', '--cacheinfo', `160000,${id},catalog-info.yaml`)
  await copy.git('commit', '--quiet', '-m', 'Submodule')
  assertSays(await copy.push(), /^warning: catalog-info.yaml is a submodule; it was not checked$/)
})

test('a binary file is refused with a readable text', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  await copy.write('catalog-info.yaml', Buffer.from(Array.from({ length: 2048 }, (_, i) => (i * 7919) % 256)))
  await copy.commit()
  const push = await copy.push()
  assertRefused(push)
  assert.ok(push.remote.split('\n').length < 120)
  assert.doesNotMatch(push.remote, /[\u0000-\u0008\u000b-\u001f]/)
})

test('a file over limits.fileBytes is left alone, its neighbours are not', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const push = await copy.change({
    'a/catalog-info.yaml': component('a', `# ${'x'.repeat(1_100_000)}\n`),
    'b/catalog-info.yaml': BAD,
  })
  assertRefused(
    push,
    'b/catalog-info.yaml:4:9',
    'warning: a/catalog-info.yaml is larger than 1048576 bytes; it was not checked',
  )
})

test('100 MB in one file: neither time nor memory for it', async () => {
  const measured = join(fixture.host.directory, 'measured')
  const measure = join(fixture.host.directory, 'measure.cjs')
  await writeFile(
    measure,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(measured)}, String(process.resourceUsage().maxRSS)))`,
  )
  const node = join(fixture.host.directory, 'measured-node')
  await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' -r '${measure}' "$@"\n`, { mode: 0o755 })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hookEnvironment: { CATALOG_GATE_NODE: node } })
  await copy.git('config', 'core.compression', '1')
  await copy.git('config', 'core.bigFileThreshold', '1m')
  await copy.write('catalog-info.yaml', Buffer.alloc(100_000_000, 'a'))
  await copy.write('b/catalog-info.yaml', BAD)
  await copy.commit()
  const push = await copy.push()
  assertRefused(push, 'b/catalog-info.yaml:4:9', 'warning: catalog-info.yaml is larger than 1048576 bytes')
  assert.ok(Number(await readFile(measured, 'utf8')) < 100_000, 'the file was read')
})

test('300 catalog files in one push, more than are read ahead', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`s${i}/catalog-info.yaml`, component(i === 299 ? 'the last' : `s${i}`)]),
  )
  assertRefused(await copy.change(files), '1 problem in s299/catalog-info.yaml')
})

test('more files than limits.files, and none unlike the others: the rest is accepted, and a line says so', async () => {
  const few = await buildInto(fixture.host.directory, 'few', { limits: { files: 2 } })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: few })
  const files = {
    'a/catalog-info.yaml': component('a'),
    'b/catalog-info.yaml': component('b'),
    'c/catalog-info.yaml': component('c'),
  }
  assertSays(
    await copy.change(files),
    /^warning: only 2 of 3 catalog files in refs\/heads\/main were checked, not c\/catalog-info.yaml$/,
  )
})
