// What a push does to refs, and what the built hook makes of it: updates, merges, tags, several refs, HEAD.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BAD, component, GOOD } from '../built-hook.ts'
import { ACCEPTED_WITH, assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

test('a first push into an empty repository is judged whole', async () => {
  const { repository, copy } = await fixture.seeded({})
  assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), 'catalog-info.yaml:4:9: ')
  assert.equal(await repository.ref('refs/heads/main'), undefined)
  assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
  assert.ok(await repository.ref('refs/heads/main'))
})

test('an update: only what it changes is judged', async () => {
  const { copy } = await fixture.seeded({ 'old/catalog-info.yaml': BAD, 'catalog-info.yaml': GOOD })
  assertQuiet(await copy.change({ 'README.md': 'x' }))
  assertQuiet(await copy.change({ 'catalog-info.yaml': component('other') }))
  assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), '1 problem in catalog-info.yaml')
})

test('a bad commit that a later one of the same push repairs does not matter', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertQuiet(await copy.change({ 'catalog-info.yaml': component('repaired') }))
})

test('a forced update is held against what the branch had', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  const first = await copy.git('rev-parse', 'HEAD')
  assertQuiet(await copy.change({ 'other/catalog-info.yaml': GOOD }))
  await copy.git('reset', '--quiet', '--hard', first)
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertRefused(await copy.push({ force: true }), 'catalog-info.yaml:4:9')
})

test('a deletion is no business of the gate', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': BAD })
  await copy.push({ refs: ['HEAD:topic'] })
  assertQuiet(await copy.push({ refs: [':topic'] }))
  assert.equal(await repository.ref('refs/heads/topic'), undefined)
})

test('several refs in one push: one bad rejects all, and each has its own mode', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '-b', 'topic')
  await copy.write('catalog-info.yaml', component('on topic'))
  await copy.commit()
  await copy.git('checkout', '--quiet', 'main')
  await copy.write('other/catalog-info.yaml', component('on main'))
  await copy.commit()
  const push = await copy.push({ refs: ['topic', 'main'] })
  assertRefused(push, '1 problem in other/catalog-info.yaml', '"on main"')
  assert.equal(await repository.ref('refs/heads/topic'), undefined)
  assertSays(await copy.push({ refs: ['topic'] }), ACCEPTED_WITH, /"on topic"/)
})

test('a path with different contents on two refs: each frame shows its own line', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '-b', 'topic')
  await copy.write('catalog-info.yaml', component('on topic'))
  await copy.commit()
  await copy.git('checkout', '--quiet', 'main')
  await copy.write('catalog-info.yaml', component('on main'))
  await copy.commit()
  const push = await copy.push({ refs: ['topic', 'main'] })
  assertRefused(push, '4 |   name: on topic', '4 |   name: on main')
})

for (const refs of [
  ['HEAD:a-topic', 'HEAD:main'],
  ['HEAD:main', 'HEAD:z-topic'],
  ['HEAD:a', 'HEAD:main', 'HEAD:z'],
]) {
  test(`the same commit on two refs, ${refs.join(' ')}: the stricter one decides, the file is told once`, async () => {
    const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    const push = await copy.push({ refs })
    assertRefused(push)
    assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1, push.remote)
  })
}

test('tags and notes are ignored', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  await copy.git('tag', 'light')
  await copy.git('tag', '-a', '-m', 'x', 'heavy')
  await copy.git('notes', 'add', '-m', 'x')
  assertQuiet(await copy.push({ refs: ['light', 'heavy', 'refs/notes/commits', 'HEAD:refs/other/thing'] }))
})

test('a tag beside a branch does not hide the branch', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  await copy.git('tag', 'light')
  assertRefused(await copy.push({ refs: ['light', 'main'] }))
})

test('a SHA-256 repository: first push, update, new branch', async () => {
  const { copy } = await fixture.seeded({}, { objectFormat: 'sha256' })
  assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), 'catalog-info.yaml:4:9')
  assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
  assertRefused(await copy.change({ 'catalog-info.yaml': BAD }))
  assertSays(await copy.push({ refs: ['HEAD:topic'] }), ACCEPTED_WITH)
})

test('a branch of unrelated history is judged whole', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '--orphan', 'pages')
  await copy.git('rm', '-rfq', '.')
  assertSays(await copy.change({ 'docs/catalog-info.yaml': BAD }), ACCEPTED_WITH, /docs\/catalog-info\.yaml/)
})

test('a merge commit is judged by its result', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.git('checkout', '--quiet', '-b', 'topic')
  assertSays(await copy.change({ 'new/catalog-info.yaml': BAD }), ACCEPTED_WITH)
  await copy.git('checkout', '--quiet', 'main')
  await copy.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'topic')
  assertRefused(await copy.push(), '1 problem in new/catalog-info.yaml')
  await copy.write('new/catalog-info.yaml', component('new'))
  await copy.git('add', '--all')
  await copy.git('commit', '--quiet', '--amend', '-m', 'Merge, repaired')
  assertQuiet(await copy.push())
  assert.equal(await repository.ref('main'), await copy.git('rev-parse', 'HEAD'))
})

test('main is merged into a topic branch: what came from main is judged like the rest, as a warning', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  assertSays(await copy.push({ refs: ['HEAD:topic'] }))
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertSays(await copy.push({ refs: ['HEAD:topic'] }), ACCEPTED_WITH)
})

test('HEAD points to nothing: no branch is the default one, so nothing is refused', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await repository.git('symbolic-ref', 'HEAD', 'refs/heads/gone')
  assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH)
  await copy.git('checkout', '--quiet', '-b', 'other')
  assertSays(await copy.change({ 'catalog-info.yaml': component('a b') }), ACCEPTED_WITH)
  assertRefused(await copy.push({ refs: ['HEAD:gone'] }))
})

test('a detached HEAD on the server', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await writeFile(join(repository.directory, 'HEAD'), `${await repository.ref('main')}\n`)
  assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH)
})
