// The relay as the provider, and everything that could empty a catalog: a new store, a restored backup, a reconcile that does not end, a relay that is away; and repositories that change their names, owners and files.
import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { test } from 'node:test'
import { isWhole } from '../support/campaign.ts'
import type { Entity } from './backend.ts'
import { component, type HomeFixture } from './home-fixture.ts'

const ref = (name: string) => `component:default/${name}`
const MANAGED_BY = 'backstage.io/managed-by-location'
const isFrom = (repository: string) => (entity: Entity | undefined) =>
  entity?.metadata.annotations?.[MANAGED_BY]?.includes(`/${repository}/`) === true
const isGone = (entity: Entity | undefined) => entity === undefined
const isThere = (entity: Entity | undefined) => entity !== undefined

/** For a suite whose catalog has something in it already. */
export function keptWhole(fixture: () => HomeFixture): void {
  const push = (name: string, entity = name) => fixture().push(name, component(entity, 'one'), [ref(entity)])
  const shown = async (name: string) => {
    await push(name)
    await fixture().backstage.until(ref(name), isThere)
  }

  /** Relay and Backstage start anew, so that everything is asked for; what comes later in the Locations' question has been taken when it shows. */
  async function bothAnew(name: string, between: () => Promise<void>): Promise<void> {
    const home = fixture()
    const before = await home.refs()
    assert.ok(before.size > 10, `the catalog has ${before.size} entities`)
    await home.relay.kill('SIGKILL')
    await home.backstage.kill()
    await between()
    await home.startRelay()
    await home.startBackstage()
    await shown(name)
    assert.deepEqual([...before].filter(isMissingIn(await home.refs())), [])
  }

  /** The relay's list is complete now, and has been taken. */
  async function afterReconcile(name: string, gone: readonly string[] = []): Promise<void> {
    const home = fixture()
    const before = await home.refs()
    home.ghes.clearFailures()
    await home.reconcile()
    await shown(name)
    for (const one of gone) await home.backstage.until(ref(one), isGone)
    const missing = [...before].filter(isMissingIn(await home.refs()))
    assert.deepEqual(missing.filter(one => one.startsWith('component:')).sort(), gone.map(ref).sort())
  }

  test('a relay with a new store, while a reconcile is under way and after it, leaves the catalog whole', async () => {
    const home = fixture()
    home.ghes.failNext('graphql', 'hang', 1000)
    await bothAnew('new-store', () => rm(home.store, { recursive: true }))
    await afterReconcile('new-store-whole')
  })

  test('a relay with a restored backup leaves what has come since, and what has gone goes again', async () => {
    const home = fixture()
    const backup = `${home.host.directory}/backup`
    await shown('before-backup')
    await home.relay.kill('SIGKILL')
    await cp(home.store, backup, { recursive: true })
    await home.startRelay()
    await shown('after-backup')
    await home.push('before-backup', null, [ref('before-backup')])
    await home.backstage.until(ref('before-backup'), isGone)
    home.ghes.failNext('graphql', { status: 502 }, 1000)
    await bothAnew('restored', async () => {
      await rm(home.store, { recursive: true })
      await cp(backup, home.store, { recursive: true })
    })
    await afterReconcile('restored-whole')
    assert.equal(await home.backstage.entity(ref('before-backup')), undefined)
  })

  // In small module.test.ts has it, and the annotations' test in home.test.ts.
  test('a Backstage that starts while the relay is away keeps what it has', { skip: !isWhole }, async () => {
    const home = fixture()
    const before = await home.refs()
    await home.relay.kill('SIGKILL')
    await home.backstage.kill()
    await home.startBackstage()
    while (!home.backstage.output().includes('no Locations of the relay')) await home.backstage.entity(ref('good-0'))
    assert.deepEqual([...before].filter(isMissingIn(await home.refs())), [])
    await home.startRelay()
    await shown('back-again')
    assert.deepEqual([...before].filter(isMissingIn(await home.refs())), [])
  })

  test('an entity moves to another repository: the old file goes first, or the new one comes first', async t => {
    const home = fixture()
    for (const first of ['old', 'new']) {
      const [from, to] = [`from-${first}`, `to-${first}`]
      await shown(from)
      const steps = [() => home.push(from, null, [ref(from)]), () => push(to, from)]
      const last = []
      for (const step of first === 'old' ? steps : steps.reverse()) last.push(await step())
      const ms = await home.backstage.until(ref(from), isFrom(`acme/${to}`))
      t.diagnostic(`${first} first: shown from its new repository after ${Math.round(ms)} ms`)
    }
  })

  test('a file that GHES could not give for a moment is read again; meanwhile a file moves whose name another one wants, and keeps it', async () => {
    const home = fixture()
    await home.verdict(await push('unread'))
    home.ghes.failNext('contents', { status: 502 }, 1000)
    const unread = await home.push('unread', component('unread', 'two'), [ref('unread')])
    assert.equal((await home.verdict(unread)).result, 'unreadable')
    home.ghes.clearFailures()

    await home.verdict(await push('owner'))
    assert.equal((await home.verdict(await push('wants', 'owner'))).result, 'conflict')
    const files = { 'catalog-info.yaml': null, 'svc/catalog-info.yaml': component('owner', 'two') }
    const { result } = await home.verdict(await home.pushFiles('owner', files, [ref('owner')]))
    assert.equal(result, 'accepted')

    const deadlineMs = 60_000
    await home.backstage.until(ref('unread'), entity => entity?.metadata.title === 'two', { deadlineMs })
    while ((await home.verdict(unread)).result !== 'accepted') await home.backstage.entity(ref('unread'))
    assert.ok(isFrom('owner')(await home.backstage.entity(ref('owner'))))
  })

  test('files that are due together are asked for in one request', async () => {
    const home = fixture()
    const names = ['many-a', 'many-b', 'many-c', 'many-d']
    const filesOf = (title: string) =>
      Object.fromEntries(names.map(name => [`${name}/catalog-info.yaml`, component(name, title)]))
    await home.verdict(await home.pushFiles('many', filesOf('one'), names.map(ref)))
    for (const name of names) await home.backstage.until(ref(name), isThere)
    const id = await home.pushFiles('many', filesOf('two'), names.map(ref))
    for (const name of names) await home.backstage.until(ref(name), entity => entity?.metadata.title === 'two')
    assert.equal((await home.verdict(id)).result, 'accepted')
    assert.match(home.backstage.output(), /POST \/api\/catalog\/catalog-gate\/refresh \S+" 200/)
  })

  test('a repository is renamed, transferred, archived', async t => {
    const home = fixture()
    for (const name of ['renamed', 'transferred', 'archived']) await shown(name)
    await home.rename('renamed', 'acme/now-renamed', 'renamed')
    t.diagnostic(`renamed: ${Math.round(await home.backstage.until(ref('renamed'), isFrom('acme/now-renamed')))} ms`)
    await home.rename('transferred', 'other/transferred', 'transferred')
    const ms = await home.backstage.until(ref('transferred'), isFrom('other/transferred'))
    t.diagnostic(`transferred: ${Math.round(ms)} ms`)
    await home.push('now-renamed', component('renamed', 'two'), [ref('renamed')])
    await home.backstage.until(ref('renamed'), entity => entity?.metadata.title === 'two')
    home.ghes.archive('acme/archived')
    await home.tellOf('archived', 'acme/archived')
    t.diagnostic(`archived: ${Math.round(await home.backstage.until(ref('archived'), isGone))} ms`)
  })
}

const isMissingIn = (there: ReadonlySet<string>) => (one: string) => !there.has(one)
