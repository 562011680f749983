// New branches: what is held against what, up to 1,000 of them at once.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runGit } from '../../support/git.ts'
import { BAD, component, GOOD, runHook, ZERO } from '../built-hook.ts'
import { countingGit } from '../odd-git.ts'
import { ACCEPTED_WITH, assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

/** 200 merge bases at the most (`MAX_NEW_BRANCHES`), and what a push costs anyway. */
const MAX_CALLS = 210

test('a new branch is compared with its merge base: not what main has, nor what main did meanwhile', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': BAD, 'late/catalog-info.yaml': GOOD })
  await copy.git('branch', 'behind')
  await copy.write('late/catalog-info.yaml', component('late two'))
  await copy.commit()
  const installed = await runGit(copy.directory, ['push', 'origin', 'main'])
  assert.equal(installed.exitCode, 1, 'the hook is there')
  await copy.git('checkout', '--quiet', 'behind')
  assertQuiet(await copy.change({ 'README.md': 'x', 'values.yaml': 'a: 1' }))
})

test('a branch behind main: what main changed meanwhile is not its doing', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': BAD })
  await copy.git('branch', 'behind')
  await repository.installHooks([])
  await copy.change({ 'catalog-info.yaml': GOOD })
  await repository.installHooks([fixture.hook])
  await copy.git('checkout', '--quiet', 'behind')
  assertQuiet(await copy.change({ 'values.yaml': 'a: 1' }))
})

test('a new branch with a bad file of its own gets a warning, and the file is told once', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '-b', 'topic')
  const push = await copy.change({ 'catalog-info.yaml': BAD })
  assertSays(push, ACCEPTED_WITH)
  assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1)
})

test('500 refs at once', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const refs = Array.from({ length: 500 }, (_, i) => `HEAD:refs/heads/many-${i}`)
  const push = await copy.push({ refs: [...refs, 'HEAD:main'] })
  assertRefused(push)
  assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1)
})

test('a first push of main and another branch: each with its own files', async () => {
  const { copy } = await fixture.seeded({})
  await copy.write('catalog-info.yaml', GOOD)
  await copy.commit()
  await copy.git('branch', 'another')
  await copy.write('main/catalog-info.yaml', component('on main'))
  await copy.commit()
  await copy.git('checkout', '--quiet', 'another')
  await copy.write('another/catalog-info.yaml', component('on another'))
  await copy.commit()
  const push = await copy.push({ refs: ['another', 'main'] })
  assertRefused(push, 'main/catalog-info.yaml:4:9', 'another/catalog-info.yaml:4:9')
  assert.match(push.remote, /1 problem in main/)
})

for (const [what, file, expected] of [
  ['with a bad catalog file', 'catalog-info.yaml', ACCEPTED_WITH],
  ['without catalog files', 'README.md', /^$/],
] as const) {
  test(`1,000 new branches ${what}, each with a commit of its own, into an empty repository`, async () => {
    const { copy } = await fixture.seeded({})
    await copy.write(file, BAD)
    await copy.commit()
    const tree = await copy.git('rev-parse', 'HEAD^{tree}')
    const commits = Array.from({ length: 1000 }, (_, i) => {
      const text = `branch ${i}`
      return `commit refs/heads/b${i}\ncommitter M <m@example.com> 1790000000 +0000\ndata ${text.length}\n${text}\nM 040000 ${tree} \n\n`
    })
    const imported = await runGit(copy.directory, ['fast-import', '--quiet'], { input: commits.join('') })
    assert.equal(imported.exitCode, 0, imported.stderr)
    // Its own repository stands for the server's: no branch is there before the push, as far as the hook can see.
    await copy.git('symbolic-ref', 'HEAD', 'refs/heads/none')
    const ids = await copy.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads')
    const input = ids.replaceAll(/^/gm, `${ZERO} `)
    const { PATH, calls } = countingGit(join(fixture.host.directory, `counting-${file}`))
    const run = await runHook([fixture.hook], {
      cwd: join(copy.directory, '.git'),
      input: `${input}\n`,
      env: { GIT_DIR: undefined, PATH },
    })
    assert.ok(calls().length <= MAX_CALLS, 'git is called for every branch')
    assert.equal(run.stderr, '')
    assert.equal(run.exitCode, 0)
    assert.match(run.stdout, expected)
  })
}
