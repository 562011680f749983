// The whole way on real parts: git push, built hook, relay, a real Backstage catalog. Only the GHES API is a stand-in.
import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { locationRef } from '../support/catalog.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { type Installation, install, type PushState } from '../support/installation.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import type { StandIn } from '../support/stand-in.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { type Backstage, startBackstage } from './backend.ts'
import { startRecorder } from './recorder.ts'

const token = 'relay-token-0123456789abcdef'
const file = 'catalog-info.yaml'

const component = (name: string, title: string) => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
  title: ${title}
spec:
  type: service
  lifecycle: production
  owner: team-a
`

suite('a push, and what the real catalog shows', { timeout: 300_000 }, () => {
  let host: RepositoryHost
  let ghes: Ghes
  let backstage: Backstage
  let calls: StandIn
  let gate: Installation
  let refuse = ''

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    const ghe = { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' }
    backstage = await startBackstage({ directory: host.directory, ghe, relayToken: token })
    calls = await startRecorder(backstage.url)
    gate = await install({
      directory: host.directory,
      ghe,
      backstage: { baseUrl: calls.url, token },
      relay: { landing: { firstCheckMs: 100, giveUpAfter: '2s' }, retry: { firstMs: 100, maxMs: 500 } },
    })
    await gate.startRelay()
    refuse = join(host.directory, 'refuse')
    await writeFile(refuse, '#!/bin/sh\ncat >/dev/null\necho "error: no pushes on a Friday"\nexit 1\n')
    await chmod(refuse, 0o755)
  })
  after(async () => {
    // Also after a start that failed halfway.
    await gate?.stop()
    await calls?.stop()
    await backstage?.stop()
    await ghes?.stop()
    await host?.remove()
  })
  afterEach(() => {
    assert.equal(gate.relay.ended(), undefined, `the relay ended:\n${gate.relay.output()}`)
  })

  /** A repository whose Location an administrator has registered, with what the catalog shows of it. */
  const registered = async (name: string): Promise<{ bare: BareRepository; copy: WorkingCopy; location: string }> => {
    const bare = await host.create(`acme/${name}`)
    const copy = await bare.clone()
    await copy.change({ [file]: component(name, 'one') })
    await bare.installHooks([gate.hook])
    const target = `https://${ghes.host}/acme/${name}/blob/main/${file}`
    await backstage.register(target)
    await backstage.until(`component:default/${name}`, entity => entity?.metadata.title === 'one')
    return { bare, copy, location: locationRef(target) }
  }

  const shows = (ref: string, title: string, fromMs: number) =>
    backstage.until(ref, entity => entity?.metadata.title === title, { fromMs })

  const refreshesOf = (...refs: string[]) =>
    calls.requests('refresh').filter(({ body }) => refs.some(ref => body.includes(`"${ref}"`)))

  /** The push as the relay tells it, once it is in one of these states. The relay is asked again: it calls nobody. */
  const state = async (id: string, ...wanted: string[]): Promise<PushState> => {
    const fromMs = performance.now()
    let last: PushState | undefined
    while (performance.now() - fromMs < 20_000) {
      last = await gate.push(id)
      if (last && wanted.includes(last.state)) return last
      await delay(50)
    }
    throw new Error(`${id} is not ${wanted.join(' or ')} but ${JSON.stringify(last)}\n${gate.relay.output()}`)
  }

  /** The relay's id of a push; '-' when it was not told of it. */
  const idOf = async (bare: BareRepository, before: string, after: string, ref = 'refs/heads/main') => {
    const pushes = await gate.pushesOf(bare.fullName)
    return pushes.find(push => push.ref === ref && push.before === before && push.after === after)?.id ?? '-'
  }

  const inMs = (t: TestContext, what: string, ms: number) => t.diagnostic(`${what}: ${Math.round(ms)} ms`)

  test('a change is shown', async t => {
    const { bare, copy, location } = await registered('payments')
    const next = calls.next('refresh', ({ body }) => body.includes(location))
    const from = performance.now()
    const push = await copy.change({ [file]: component('payments', 'two') })
    assert.equal(push.exitCode, 0, push.terminal)
    assert.equal(push.remote, '', 'an accepted push says nothing')
    const landedAtMs = await bare.landedAtMs()
    inMs(t, 'landed → refresh call', (await next).atMs - landedAtMs)
    inMs(t, 'git push → the catalog shows it', await shows('component:default/payments', 'two', from))
    assert.deepEqual(
      refreshesOf(location).map(({ status }) => status),
      [200],
    )
  })

  test('a bad file is refused, and the catalog stays as it is', async () => {
    const { bare, copy, location } = await registered('orders')
    const before = await bare.ref('main')
    const contents = ghes.count('contents')
    const push = await copy.change({ [file]: component('orders api', 'two') })
    assert.equal(push.exitCode, 1)
    assert.match(push.remote, /^error: this push was not accepted: 1 problem in catalog-info\.yaml$/m)
    assert.equal(await bare.ref('main'), before)
    const after = await copy.git('rev-parse', 'HEAD')
    assert.equal(await gate.push(await idOf(bare, before ?? '', after)), undefined, 'the relay was told of it')
    assert.equal((await backstage.entity('component:default/orders'))?.metadata.title, 'one')
    assert.deepEqual(refreshesOf(location), [])
    assert.equal(ghes.count('contents'), contents, 'Backstage read the file again')
  })

  test('a push that a later hook refuses: rejected at the relay with its reason, no refresh', async t => {
    const { bare, copy, location } = await registered('billing')
    await bare.installHooks([gate.hook, refuse])
    const before = (await bare.ref('main')) ?? ''
    const push = await copy.change({ [file]: component('billing', 'two') })
    assert.equal(push.exitCode, 1)
    assert.match(push.remote, /no pushes on a Friday/)
    assert.equal(await bare.ref('main'), before)
    const after = await copy.git('rev-parse', 'HEAD')
    const told = await state(await idOf(bare, before, after), 'rejected')
    t.diagnostic(`the relay's reason: ${told.reason}`)
    assert.match(told.reason ?? '', /refused by a later hook/)
    assert.deepEqual(refreshesOf(location, 'component:default/billing'), [])
    assert.equal((await backstage.entity('component:default/billing'))?.metadata.title, 'one')
  })

  test('a new document in the same file appears, and goes when it is removed', async t => {
    const { copy } = await registered('search')
    const one = component('search', 'one')
    const two = `${one}---\n${component('search-index', 'new')}`
    let from = performance.now()
    assert.equal((await copy.change({ [file]: two })).exitCode, 0)
    inMs(t, 'git push → the new entity is there', await shows('component:default/search-index', 'new', from))
    from = performance.now()
    assert.equal((await copy.change({ [file]: one })).exitCode, 0)
    // Backstage takes orphans away every 30 s.
    const gone = { deadlineMs: 60_000, fromMs: from }
    inMs(t, 'git push → it is gone', await backstage.until('component:default/search-index', entity => !entity, gone))
  })

  test('a removed file: its Location says so, the entity stays', async t => {
    const { copy, location } = await registered('legacy')
    await copy.remove(file)
    await copy.commit('Remove')
    const from = performance.now()
    assert.equal((await copy.push()).exitCode, 0)
    const says = await backstage.until(
      location,
      entity => entity?.status?.items?.some(({ level }) => level === 'error') === true,
      { fromMs: from },
    )
    inMs(t, 'git push → the Location has an error', says)
    assert.equal((await backstage.entity('component:default/legacy'))?.metadata.title, 'one')
  })

  test('the relay is killed between 202 and forwarding: the change still arrives', async t => {
    const { bare, copy, location } = await registered('web')
    const before = (await bare.ref('main')) ?? ''
    await calls.goDown()
    const from = performance.now()
    const push = await copy.change({ [file]: component('web', 'two') })
    assert.equal(push.exitCode, 0, push.terminal)
    assert.equal(push.remote, '', 'the hook had its 202')
    const id = await idOf(bare, before, (await bare.ref('main')) ?? '')
    assert.ok(await gate.push(id), 'the relay has it')
    await gate.relay.kill()
    await calls.comeBack()
    assert.deepEqual(refreshesOf(location), [])
    await gate.startRelay()
    inMs(t, 'git push → the catalog shows it, by way of a kill -9', await shows('component:default/web', 'two', from))
    assert.equal((await state(id, 'forwarded')).state, 'forwarded')
  })

  test('two repositories in a row', async t => {
    const [one, other] = [await registered('cart'), await registered('stock')]
    const from = performance.now()
    assert.equal((await one.copy.change({ [file]: component('cart', 'two') })).exitCode, 0)
    assert.equal((await other.copy.change({ [file]: component('stock', 'two') })).exitCode, 0)
    inMs(t, 'acme/cart', await shows('component:default/cart', 'two', from))
    inMs(t, 'acme/stock', await shows('component:default/stock', 'two', from))
    for (const { location } of [one, other]) assert.equal(refreshesOf(location).length, 1)
  })

  test('a branch other than the default: no entity is refreshed', async () => {
    const { bare, copy, location } = await registered('docs')
    const contents = ghes.count('contents')
    await copy.write(file, component('docs', 'branch'))
    const after = await copy.commit()
    const push = await copy.push({ refs: ['HEAD:refs/heads/topic'] })
    assert.equal(push.exitCode, 0, push.terminal)
    const id = await idOf(bare, '0'.repeat(40), after, 'refs/heads/topic')
    // The relay may not be told of it at all; when it is, it has to be through with it.
    if (await gate.push(id)) await state(id, 'unknown', 'rejected')
    assert.deepEqual(refreshesOf(location, 'component:default/docs'), [])
    assert.equal((await backstage.entity('component:default/docs'))?.metadata.title, 'one')
    assert.equal(ghes.count('contents'), contents, 'Backstage read the file again')
  })
})
