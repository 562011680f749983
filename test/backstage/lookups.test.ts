// What the gate says of the real catalog: names that nobody has, and names that are another file's; and that what moves or has just come is neither.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { type Installation, install } from '../support/installation.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { type Backstage, startBackstage } from './backend.ts'
import type { Verdict } from './home-fixture.ts'

const token = 'relay-token-0123456789abcdef'
const file = 'catalog-info.yaml'

const component = (name: string, owner = 'payments') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name} }
spec: { type: service, lifecycle: production, owner: ${owner} }
`
/** Without a type the catalog refuses it. */
const changed = (name: string, type = 'type: service, ') =>
  component(name).replace('type: service, ', type).replace('name: ', 'title: two, name: ')
const group = (name: string) => `apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: ${name} }
spec: { type: team, children: [] }
`

suite('the gate knows the real catalog', { timeout: 300_000 }, () => {
  let host: RepositoryHost
  let ghes: Ghes
  let backstage: Backstage
  let gate: Installation

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    const ghe = { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' }
    backstage = await startBackstage({
      ...{ directory: host.directory, ghe, relayToken: token },
      relayMay: ['catalog.entity.refresh', 'catalog.entity.read'],
      catalog: { rules: [{ allow: ['Component', 'Group', 'Location'] }] },
    })
    gate = await install({
      directory: host.directory,
      ghe,
      backstage: { baseUrl: backstage.url, token },
      relay: { lookups: { enabled: true }, landing: { firstCheckMs: 100, giveUpAfter: '5s' } },
    })
  })
  after(async () => {
    // Also after a start that failed halfway.
    await gate?.stop()
    await backstage?.stop()
    await ghes?.stop()
    await host?.remove()
  })

  const created = async (name: string, text: string): Promise<WorkingCopy> => {
    const bare = await host.create(`acme/${name}`)
    const copy = await bare.clone()
    await copy.change({ [file]: text })
    await bare.installHooks([gate.hook])
    await backstage.register(`https://${ghes.host}/acme/${name}/blob/main/${file}`)
    return copy
  }

  test('unknown, taken, moved, and just brought', async () => {
    const billing = await created('billing', component('pay'))
    const teams = await created('teams', group('payments'))
    const shop = await created('shop', component('shop'))
    for (const ref of ['component:default/pay', 'component:default/shop', 'group:default/payments'])
      await backstage.until(ref, entity => entity !== undefined)
    await gate.startRelay()
    for (
      const untilMs = performance.now() + 30_000;
      !gate.relay.output().includes('the catalog is listed');
      await delay(50)
    )
      if (performance.now() > untilMs) throw new Error(`the catalog is not listed:\n${gate.relay.output()}`)

    const wrong = await shop.change({ [file]: component('pay', 'paymnets') })
    assert.equal(wrong.exitCode, 0, wrong.terminal)
    const by = `https://${ghes.host}/acme/billing/blob/main/${file}`
    assert.ok(wrong.remote.includes(`component:default/pay is acme/billing's: ${by};`), wrong.remote)
    assert.match(wrong.remote, /no group:default\/paymnets in the catalog \[unknown-ref\]/)
    assert.match(wrong.remote, /^hint: did you mean "group:default\/payments"\?$/m)

    // Nobody waits for the catalog: from one repository to the other, with an owner that has come this very moment.
    assert.equal((await teams.change({ [file]: `${group('payments')}---\n${group('checkout')}` })).remote, '')
    assert.equal((await billing.change({ [file]: component('billing') })).remote, '')
    const moved = await shop.change({ [file]: component('pay', 'checkout') })
    assert.equal(moved.remote, '', 'nothing is said of what is right')

    // Its own file, however often it is pushed.
    await backstage.until('component:default/billing', entity => entity !== undefined)
    assert.equal((await billing.change({ [file]: `${component('billing')}# again\n` })).remote, '')
  })

  test('without our package, what the catalog has made of pushes is read: 10 good, 3 refused, 2 conflicting', async t => {
    const names = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what}-${i}`)
    const [good, bad, takers] = [names('good', 10), names('bad', 3), names('taker', 2)]
    const copies = new Map<string, WorkingCopy>()
    for (const name of [...good, ...bad, ...takers]) copies.set(name, await created(name, component(name)))
    for (const name of copies.keys()) await backstage.until(`component:default/${name}`, entity => entity !== undefined)
    const pushed = async (name: string, text: string) => {
      const push = await copies.get(name)?.change({ [file]: text }, { pushOptions: ['catalog-gate.skip=tried'] })
      assert.equal(push?.exitCode, 0, push?.terminal)
    }
    for (const name of good) await pushed(name, changed(name))
    for (const name of bad) await pushed(name, changed(name, ''))
    for (const name of takers) await pushed(name, changed('good-0'))
    const seen = async (name: string) => {
      const [push] = await gate.pushesOf(`acme/${name}`)
      const fromMs = performance.now()
      for (; performance.now() - fromMs < 40_000; await delay(100)) {
        const { verdict } = ((push && (await gate.push(push.id))) ?? {}) as { verdict?: Verdict }
        if (verdict) return verdict
      }
      throw new Error(`${name} has no verdict: ${JSON.stringify(push && (await gate.push(push.id)), null, 1)}`)
    }
    const after: number[] = []
    for (const name of good) {
      const { result, by, afterMs } = await seen(name)
      assert.deepEqual([name, result, by], [name, 'accepted', 'reading'])
      after.push(afterMs)
    }
    t.diagnostic(`in the catalog after ${after.toSorted((a, b) => a - b).join(', ')} ms`)
    for (const name of bad) {
      const { result, files } = await seen(name)
      assert.equal(result, 'refused')
      assert.match(files[0]?.errors?.[0] ?? '', /type/)
    }
    for (const name of takers) {
      const { result, files } = await seen(name)
      assert.deepEqual(
        [result, files[0]?.heldBy],
        ['conflict', `url:https://${ghes.host}/acme/good-0/tree/main/${file}`],
      )
    }
  })
})
