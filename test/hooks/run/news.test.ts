// What a branch takes over from the default branch is no news there, also when the branch is moved and not made.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { BAD, buildInto, component, GOOD, runHook } from '../built-hook.ts'
import { countingGit } from '../odd-git.ts'
import { ACCEPTED_WITH, assertQuiet, assertRefused, assertSays, usePushFixture } from '../push/push-fixture.ts'

const fixture = usePushFixture()

/** main holds a bad file from long ago; a feature branch left it before that, and changes something of its own. */
async function behindMain(otherBranches: 'enforce' | 'warn') {
  const hook = await buildInto(fixture.host.directory, `strict-${otherBranches}`, { enforce: { otherBranches } })
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook })
  await copy.git('checkout', '--quiet', '-b', 'feature')
  assertQuiet(await copy.change({ 'README.md': 'x' }))
  await copy.git('checkout', '--quiet', 'main')
  await repository.installHooks([])
  await copy.change({ 'old/catalog-info.yaml': BAD })
  await repository.installHooks([hook])
  await copy.git('checkout', '--quiet', 'feature')
  const merge = () => copy.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'main')
  return { copy, merge }
}

for (const mode of ['enforce', 'warn'] as const)
  suite(`other branches: ${mode}; main is merged into a feature branch`, () => {
    test('what is bad on main already is not told', async () => {
      const { copy, merge } = await behindMain(mode)
      await merge()
      assertQuiet(await copy.push())
    })

    test('the branch has a mistake of its own beside it: that one is told, alone', async () => {
      const { copy, merge } = await behindMain(mode)
      await merge()
      const push = await copy.change({ 'own/catalog-info.yaml': component('o w n') })
      if (mode === 'enforce') assertRefused(push, '1 problem in own/catalog-info.yaml')
      else assertSays(push, ACCEPTED_WITH, /1 problem in own\/catalog-info\.yaml/)
    })

    test('the branch makes it worse: told', async () => {
      const { copy, merge } = await behindMain(mode)
      await merge()
      const push = await copy.change({ 'old/catalog-info.yaml': component('still not right') })
      if (mode === 'enforce') assertRefused(push, '"still not right"')
      else assertSays(push, /"still not right"/)
    })
  })

test('git is asked about it only where something was found: two calls become three then', async () => {
  const { PATH, calls } = countingGit(join(fixture.host.directory, 'counting'))
  const hook = await buildInto(fixture.host.directory, 'counted', { enforce: { otherBranches: 'enforce' } })
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await repository.installHooks([])
  await copy.git('checkout', '--quiet', '-b', 'feature')
  let before = await copy.commit()
  const run = async (files: Record<string, string>) => {
    await copy.change(files)
    const after = await copy.git('rev-parse', 'HEAD')
    const input = `${before} ${after} refs/heads/feature\n`
    before = after
    const { exitCode } = await runHook([hook], { cwd: repository.directory, input, env: { PATH } })
    return { exitCode, calls: calls() }
  }
  await copy.push()
  assert.deepEqual(await run({ 'README.md': 'y' }), { exitCode: 0, calls: ['diff-tree'] })
  const two = ['cat-file --batch', 'diff-tree']
  assert.deepEqual(await run({ 'catalog-info.yaml': component('b') }), { exitCode: 0, calls: two })
  const asked = [...two, 'cat-file --batch-check'].sort()
  assert.deepEqual(await run({ 'catalog-info.yaml': BAD }), { exitCode: 1, calls: asked })
})
