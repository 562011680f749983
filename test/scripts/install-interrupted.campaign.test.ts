// Every request of every command fails once, refused or done with its answer lost: the same command again comes to the same end.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isWhole } from '../support/campaign.ts'
import type { Failure } from '../support/stand-in.ts'
import { InstallFixture, type Ran } from './install-fixture.ts'

type Scenario = {
  name: string
  prepare: (fixture: InstallFixture) => Promise<void>
  command: (fixture: InstallFixture) => Promise<Ran>
}

const rollout = [
  { name: 'pilot', repositories: ['acme/web*'] },
  { name: 'acme', organizations: ['acme'] },
]
const installed = async (fixture: InstallFixture) => {
  fixture.configure({ rollout })
  assert.equal((await fixture.install({ apply: true, to: 'acme' })).code, 0)
}
const upgraded = async (fixture: InstallFixture) => {
  await installed(fixture)
  fixture.build('two')
  fixture.configure({ rollout }, '2'.repeat(12))
  assert.equal((await fixture.install({ apply: true, to: 'acme' })).code, 0)
}

const scenarios: readonly Scenario[] = [
  {
    name: 'install',
    prepare: async fixture => fixture.configure({ rollout }),
    command: fixture => fixture.install({ apply: true, to: 'acme' }),
  },
  {
    name: 'a third install, which also takes the first environment away',
    prepare: async fixture => {
      await upgraded(fixture)
      fixture.build('three')
      fixture.configure({ rollout }, '3'.repeat(12))
    },
    command: fixture => fixture.install({ apply: true, to: 'acme' }),
  },
  { name: 'promote', prepare: installed, command: fixture => fixture.promote() },
  { name: 'rollback', prepare: upgraded, command: fixture => fixture.rollback() },
  { name: 'uninstall', prepare: upgraded, command: fixture => fixture.uninstall() },
  {
    name: 'uninstall --delete-repository',
    prepare: upgraded,
    command: fixture => fixture.uninstall({ apply: true, deleteRepository: true }),
  },
]
const failures: Record<string, Failure> = {
  'answered 500 and not done': { status: 500, body: { message: 'Server Error' } },
  'done, and the connection reset before the answer': 'lose',
}

/** In the small form some requests of every other command: the first, and more on its way. */
const every = isWhole ? 1 : 40

suite('a command that is cut off at any request', () => {
  for (const { name, prepare, command } of scenarios.filter((_, i) => isWhole || i % 2 === 0)) {
    test(name, async t => {
      const fixture = await InstallFixture.open()
      t.after(() => fixture.close())
      await prepare(fixture)
      const undisturbed = await fixture.copy()
      const { code, err } = await command(undisturbed)
      assert.deepEqual([code, err], [0, []])
      const [wanted, requests] = [await undisturbed.state(), undisturbed.ghes.requests()]
      await undisturbed.close()
      assert.ok(requests.length > 8, `only ${requests.length} requests`)
      let failed = 0
      for (const [n, request] of requests.entries()) {
        for (const [what, failure] of Object.entries(failures)) {
          // A question whose answer is lost is a question that failed.
          if (request.method === 'GET' && failure === 'lose') continue
          if (failed++ % every !== 0) continue
          const at = `request ${n + 1} of ${requests.length}, ${request.method} ${request.path}, ${what}`
          await disturb(fixture, { command, failure, n, at, wanted, isChange: request.method !== 'GET' })
        }
      }
      t.diagnostic(`${requests.length} requests, ${Math.ceil(failed / every)} of ${failed} failures tried`)
    })
  }
})

async function disturb(
  fixture: InstallFixture,
  given: { command: Scenario['command']; failure: Failure; n: number; at: string; wanted: object; isChange: boolean },
): Promise<void> {
  const { command, failure, n, at, wanted, isChange } = given
  const disturbed = await fixture.copy()
  try {
    disturbed.ghes.failNext('*', failure, 1, n)
    const first = await command(disturbed)
    assert.equal(first.code, 1, `${at}: ${first.out.join('\n')}`)
    assert.match(first.err.join('\n'), /^error: .*\nhint: /, at)
    const again = await command(disturbed)
    assert.deepEqual([again.code, again.err], [0, []], at)
    assert.deepEqual(await disturbed.state(), wanted, at)
    if (!isChange) return
    const third = await command(disturbed)
    assert.equal(third.code, 0, at)
    assert.match(third.out[0] ?? '', /nothing to do/, at)
  } finally {
    await disturbed.close()
  }
}
