// What stands on stdin, and repositories in which something is missing.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BAD, component, GOOD, runHook, ZERO } from '../built-hook.ts'
import { REFUSED, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

const cases: [string, (id: string) => string, RegExp][] = [
  ['nothing', () => '', /^$/],
  ['garbage', () => 'what is this\n\u0000\u0001\n', /could not read the pushed refs|^$/],
  ['one word', () => 'word', /could not read the pushed refs/],
  ['a blank line', () => '\n', /could not read the pushed refs/],
  ['letters for ids', () => 'xyz abc refs/heads/main\n', /could not read the pushed refs/],
  ['ids that exist nowhere', () => `${ZERO} ${'a'.repeat(40)} refs/heads/main\n`, /accepted unchecked/],
  ['short ids', () => 'abc abd refs/heads/main\n', /accepted unchecked|^$/],
  ['a line of 200 kB', () => `${'x'.repeat(200_000)}\n`, /could not read the pushed refs/],
  ['a ref that is no branch', id => `${ZERO} ${id} refs/heads/\n`, /^$/],
]
for (const [name, input, expected] of cases) {
  test(`${name}: accepted, one line at the most`, async () => {
    const { repository } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
    const id = (await repository.ref('main')) ?? ''
    const run = await runHook([fixture.hook], { cwd: repository.directory, input: input(id) })
    assert.equal(run.exitCode, 0)
    assert.match(run.stdout, expected)
    assert.ok(run.stdout.split('\n').length <= 2, run.stdout)
    assert.equal(run.stderr, '')
  })
}

test('GIT_DIR is not set and the folder is the repository; the last line has no line end', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await repository.installHooks([])
  const before = await repository.ref('main')
  await copy.change({ 'catalog-info.yaml': BAD })
  const input = `${before} ${await repository.ref('main')} refs/heads/main`
  const run = await runHook([fixture.hook], { cwd: repository.directory, input })
  assert.equal(run.exitCode, 1, run.stdout)
  assert.match(run.stdout, REFUSED)
})

test('Windows line ends: the branch is the default one all the same; a closed input is told', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await repository.installHooks([])
  const before = await repository.ref('main')
  await copy.change({ 'catalog-info.yaml': BAD })
  const line = `${before} ${await repository.ref('main')} refs/heads/main\r\n`
  const many = `${ZERO} ${before} refs/heads/b\r\n`.repeat(50)
  for (const input of [line, many + line]) {
    const run = await runHook([fixture.hook], { cwd: repository.directory, input })
    assert.equal(run.exitCode, 1, run.stdout)
  }
  const closed = await runHook(['/bin/sh', '-c', 'exec "$0" <&-', fixture.hook], { cwd: repository.directory })
  assert.deepEqual([closed.exitCode, closed.stderr], [0, ''])
  assert.match(
    closed.stdout,
    /^warning: catalog-gate: could not read the pushed refs; the push was accepted unchecked\n$/,
  )
})

test('no repository at all', async () => {
  const input = `${'1'.repeat(40)} ${'2'.repeat(40)} refs/heads/main\n`
  const run = await runHook([fixture.hook], { cwd: fixture.host.directory, input })
  assert.equal(run.exitCode, 0)
  assert.match(run.stdout, /^warning: catalog-gate: git could not .*; the push was accepted unchecked\n$/)
  assert.equal(run.stderr, '')
})

test('an object is missing in the repository', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD, 'a/b.yaml': 'x: 1' })
  const tree = await repository.git('rev-parse', 'main^{tree}')
  await rm(join(repository.directory, 'objects', tree.slice(0, 2), tree.slice(2)))
  const push = await copy.change({ 'catalog-info.yaml': BAD })
  assert.match(push.remote, /^warning: catalog-gate: git could not .*; the push was accepted unchecked$/m)
  assert.doesNotMatch(push.terminal, /hook declined/)
})

test('a content is missing in the repository', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await repository.installHooks([])
  const before = await repository.ref('main')
  await copy.change({ 'catalog-info.yaml': BAD, 'second/catalog-info.yaml': component('a b') })
  const blob = await repository.git('rev-parse', 'main:catalog-info.yaml')
  await rm(join(repository.directory, 'objects', blob.slice(0, 2), blob.slice(2)))
  const input = `${before} ${await repository.ref('main')} refs/heads/main\n`
  const run = await runHook([fixture.hook], { cwd: repository.directory, input })
  assert.match(run.stdout, /^warning: catalog-info.yaml could not be read; it was not checked$/m)
  assert.match(run.stdout, /1 problem in second\/catalog-info.yaml/)
  assert.equal(run.exitCode, 1)
})
