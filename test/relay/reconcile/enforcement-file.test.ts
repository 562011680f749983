// How GHES runs the hook, from the plan's file: followed, kept where the file is of no use, and told of each repository that it changes.
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type EnforcementOf, followEnforcement } from '../../../relay/reconcile/enforcement-file.ts'
import { KnownRepositories } from '../../../relay/reconcile/repository-facts.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'

const plan = (standing: unknown, host = 'ghe.test') =>
  JSON.stringify({ command: 'install', host, changes: [], standing })

test('it is followed: absent, cut off, another GHES, an older plan, whole, gone', async t => {
  const folder = temporaryFolder('catalog-gate-enforcement-')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'plan.json')
  const clock = new TestClock()
  const troubles: string[] = []
  let of: EnforcementOf | undefined
  let heard = () => {}
  const next = async (write?: string) => {
    if (write !== undefined) writeFileSync(path, write)
    const came = new Promise<void>(resolve => {
      heard = resolve
    })
    // The round before sets its timer after the file was read.
    while (clock.nextTimerAtMs === undefined) await delay(1)
    clock.pass(10_000)
    await came
  }
  const leave = followEnforcement({
    ...{ path, host: 'GHE.test', clock },
    onChange: found => {
      of = found
      heard()
    },
    onTrouble: reason => {
      troubles.push(reason)
      heard()
    },
  })
  t.after(leave)
  await next()
  const whole = plan({ everywhere: 'testing', scopes: { acme: 'enabled', 'acme/legacy': 'disabled', 'acme/odd': 7 } })
  await next(whole.slice(0, -9))
  await next(plan({ everywhere: 'enabled', scopes: {} }, 'other.test'))
  await next(JSON.stringify({ host: 'ghe.test', changes: [] }))
  assert.deepEqual(troubles, [
    'no such file',
    'it is no whole JSON',
    'it is of other.test, and ghe.apiBaseUrl is at GHE.test',
    'it is not what `catalog-gate install --json` prints',
  ])
  assert.equal(of, undefined)
  await next(whole)
  const found = (name: string) => of?.(name)
  assert.deepEqual(['Acme/Web', 'acme/LEGACY', 'other/x', 'acme/odd'].map(found), [
    'enforced',
    'off',
    'testing',
    undefined,
  ])
  rmSync(path)
  await next()
  assert.deepEqual([troubles.at(-1), found('acme/web')], ['no such file', 'enforced'])
})

test('a plan is told of the repositories that it changes, and of those that come later', () => {
  const store = { isShared: false, note: async () => undefined, setNote: async () => {} }
  const known = new KnownRepositories({ store, clock: new TestClock(), version: () => undefined, onTrouble: () => {} })
  known.learn({ repository: 'acme/a' })
  known.learn({ repository: 'acme/b' })
  const { cursor } = known.after(undefined)
  known.enforced(name => (name === 'acme/a' ? 'testing' : undefined))
  const second = known.after(cursor)
  assert.deepEqual(second.repositories, [{ repository: 'acme/a', hookEnforcement: 'testing' }])
  known.enforced(() => 'enforced')
  known.learn({ repository: 'acme/c' })
  assert.deepEqual(
    known
      .after(second.cursor)
      .repositories.map(({ repository, hookEnforcement }) => `${repository} ${hookEnforcement}`),
    ['acme/a enforced', 'acme/b enforced', 'acme/c enforced'],
  )
  const { cursor: last } = known.after(undefined)
  known.enforced(() => 'enforced')
  assert.equal(known.after(last).isNew, false)
})
