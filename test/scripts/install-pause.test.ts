// The bad day: the whole gate is paused by one commit and goes on by another; every command says so meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAUSE_FILE } from '../../schemas/pause.ts'
import { HOOKS, InstallFixture } from './install-fixture.ts'

const words = (lines: readonly string[]) =>
  lines
    .join('\n')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'NOW')

test('paused and resumed: one commit each, who and why is said, enforcement stays', async t => {
  const fixture = await InstallFixture.open()
  t.after(() => fixture.close())
  fixture.configure({ rollout: [{ name: 'pilot', repositories: ['acme/web'] }] })
  const reason = 'Backstage takes these files, ABC-123'
  const none = await fixture.pause({ reason, apply: true })
  assert.deepEqual(
    [none.code, words(none.err)],
    [2, `error: ${HOOKS} holds no release of catalog-gate; there is nothing to pause`],
  )
  await fixture.install()
  await fixture.promote()
  const old = await fixture.pause({ reason, apply: true })
  assert.match(
    words(old.err),
    /^error: the installed hook \(.*\) knows no pause; catalog-gate promote --undo --apply stops refusing$/,
  )

  // A hook that looks for the file names it.
  fixture.build('two', { 'help.footer': PAUSE_FILE })
  await fixture.install()
  const { hooks: before } = (await fixture.state()) as { hooks: unknown }
  const planned = await fixture.pause({ reason })
  assert.equal(
    words(planned.out),
    `pause on ghe.example.com: 1 change
  ~ repository platform/catalog-gate-hooks: one commit, catalog-gate: paused by admin-mona: Backstage takes these files, ABC-123
      + catalog-gate.paused
note: it holds from the next push on that GHES begins after this
Nothing was changed; --apply does it.`,
  )
  const asked: string[] = []
  fixture.confirm = async question => asked.push(words([question])) > 0
  const paused = await fixture.pause({ reason, apply: true })
  assert.deepEqual([paused.code, paused.out.at(-1)], [0, 'Done, and read back: GHES shows all of it.'])
  assert.deepEqual(asked, [
    'Do this on ghe.example.com? After it no push is refused anywhere, and what is wrong is only told. [y/N] ',
  ])
  const said = `note: the gate is paused, and refuses nothing, by admin-mona, since NOW: ${reason}; catalog-gate resume ends that`
  assert.ok(words((await fixture.pause({ reason: 'again', apply: true })).out).includes(said))
  for (const { out } of [await fixture.install({}), await fixture.promote({})])
    assert.ok(words(out).includes(said), words(out))
  const resumed = await fixture.resume()
  assert.deepEqual([resumed.code, resumed.out.at(-1)], [0, 'Done, and read back: GHES shows all of it.'])
  const { hooks: after, repository } = (await fixture.state()) as { hooks: unknown; repository: { log: string[] } }
  assert.deepEqual(after, before)
  assert.match(
    words(repository.log.slice(0, 1)),
    /^catalog-gate: resumed by admin-mona\n\nIt was paused by admin-mona, since NOW: /,
  )
  assert.match(words((await fixture.resume()).out), /nothing to do, it is not paused/)
})

test('a reason is one line, and an uninstall takes the file along', async t => {
  const fixture = await InstallFixture.open()
  t.after(() => fixture.close())
  fixture.configure({ rollout: [{ name: 'pilot', repositories: ['acme/web'] }] })
  const empty = await fixture.state()
  for (const reason of [' ', 'a\nb', 'x'.repeat(301)]) {
    const { code, err } = await fixture.pause({ reason, apply: true })
    assert.deepEqual([code, /--reason: expected one line/.test(words(err))], [2, true], reason)
  }
  fixture.build('two', { 'help.footer': PAUSE_FILE })
  await fixture.install()
  await fixture.pause({ reason: 'x', apply: true })
  const { code } = await fixture.uninstall({ apply: true, deleteRepository: true })
  assert.deepEqual([code, await fixture.state()], [0, empty])
})
