// Every request of every command fails once, refused or done with its answer lost: the same command again comes to the same end.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Failure } from '../support/stand-in.ts'
import { InstallStage, type Ran } from './install-stage.ts'

type Scenario = {
  name: string
  prepare: (stage: InstallStage) => Promise<void>
  command: (stage: InstallStage) => Promise<Ran>
}

const rollout = [
  { name: 'pilot', repositories: ['acme/web*'] },
  { name: 'acme', organizations: ['acme'] },
]
const installed = async (stage: InstallStage) => {
  stage.configure({ rollout })
  assert.equal((await stage.install()).code, 0)
}
const upgraded = async (stage: InstallStage) => {
  await installed(stage)
  stage.build('two')
  stage.configure({ rollout }, '2'.repeat(12))
  assert.equal((await stage.install()).code, 0)
}

const scenarios: readonly Scenario[] = [
  { name: 'install', prepare: async stage => stage.configure({ rollout }), command: stage => stage.install() },
  {
    name: 'a third install, which also takes the first environment away',
    prepare: async stage => {
      await upgraded(stage)
      stage.build('three')
      stage.configure({ rollout }, '3'.repeat(12))
    },
    command: stage => stage.install(),
  },
  { name: 'promote', prepare: installed, command: stage => stage.promote() },
  { name: 'rollback', prepare: upgraded, command: stage => stage.rollback() },
  { name: 'uninstall', prepare: upgraded, command: stage => stage.uninstall() },
  {
    name: 'uninstall --delete-repository',
    prepare: upgraded,
    command: stage => stage.uninstall({ apply: true, deleteRepository: true }),
  },
]
const failures: Record<string, Failure> = {
  'answered 500 and not done': { status: 500, body: { message: 'Server Error' } },
  'done, and the connection reset before the answer': 'lose',
}

suite('a command that is cut off at any request', () => {
  for (const { name, prepare, command } of scenarios) {
    test(name, async t => {
      const stage = await InstallStage.open()
      t.after(() => stage.close())
      await prepare(stage)
      const undisturbed = await stage.copy()
      const { code, err } = await command(undisturbed)
      assert.deepEqual([code, err], [0, []])
      const [wanted, requests] = [await undisturbed.state(), undisturbed.ghes.requests()]
      await undisturbed.close()
      assert.ok(requests.length > 8, `only ${requests.length} requests`)
      let tried = 0
      for (const [n, request] of requests.entries()) {
        for (const [what, failure] of Object.entries(failures)) {
          // A question whose answer is lost is a question that failed.
          if (request.method === 'GET' && failure === 'lose') continue
          tried++
          const at = `request ${n + 1} of ${requests.length}, ${request.method} ${request.path}, ${what}`
          await disturb(stage, { command, failure, n, at, wanted, isChange: request.method !== 'GET' })
        }
      }
      t.diagnostic(`${requests.length} requests, ${tried} failures tried`)
    })
  }
})

async function disturb(
  stage: InstallStage,
  given: { command: Scenario['command']; failure: Failure; n: number; at: string; wanted: object; isChange: boolean },
): Promise<void> {
  const { command, failure, n, at, wanted, isChange } = given
  const disturbed = await stage.copy()
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
