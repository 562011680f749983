// The verdict comes home: pushes, a relay, and the real catalog with our module in it.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isWhole, rounds } from '../support/campaign.ts'
import type { Entity } from './backend.ts'
import { component, HomeFixture } from './home-fixture.ts'
import { keptWhole } from './home-whole.ts'
import { checkConfig, compileBackend } from './installed-package.ts'

const GOOD = rounds(6, 100)
const REFUSED = rounds(3, 20)
const CONFLICTS = rounds(2, 5)
/** A reconcile asks for webhooks once, too. */
const WEBHOOKS = 1
const NONE: Entity = { kind: '', metadata: { name: '' } }

/** Annotations of ours, without what they begin with. */
const own = ({ annotations = {} }: Pick<Entity['metadata'], 'annotations'>) =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]) =>
      key.startsWith('catalog-gate/') ? [[key.slice('catalog-gate/'.length), value] as const] : [],
    ),
  )

for (const on of isWhole ? (['files', 'postgres'] as const) : (['files'] as const))
  suite(`the verdict comes home: ${on}`, { timeout: 900_000 }, () => {
    let home: HomeFixture
    before(async () => {
      home = await HomeFixture.open(on)
    })
    after(() => home?.close())

    const ref = (name: string) => `component:default/${name}`
    const push = (name: string, text: string | null, entity = name) => home.push(name, text, [ref(entity)])
    const names = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what}-${i}`)
    const results = async (ids: readonly string[]) => Promise.all(ids.map(id => home.verdict(id)))

    test("the package as an app's own tools see it: its configuration, what a browser is given of it, its types", async () => {
      const relay = { url: 'https://relay.test:8443', secret: 'whsec_x' }
      const good = { relay, provider: false, annotations: { prefix: 'gate.example.com' } }
      assert.deepEqual(await checkConfig(home.module, good), { said: '', shown: {} })
      const bad = await checkConfig(home.module, { relay: { url: relay.url }, provider: 'yes' })
      assert.match(bad.said, /required property 'secret'.*boolean/)
      assert.equal(await compileBackend(home.module), '')
    })

    test('good, refused and conflicting pushes have the right verdicts', async t => {
      const ids = []
      for (const name of names('good', GOOD)) ids.push(await push(name, component(name, 'one')))
      const good = await results(ids)
      assert.deepEqual(new Set(good.map(({ result }) => result)), new Set(['accepted']))
      const refused = []
      for (const name of names('bad', REFUSED)) refused.push(await push(name, component(name, 'one', '')))
      for (const { result, files } of await results(refused)) {
        assert.equal(result, 'refused')
        assert.match(files[0]?.errors?.[0] ?? '', /type/)
      }
      const taken = []
      for (const name of names('taker', CONFLICTS)) taken.push(await push(name, component('good-0', 'mine'), 'good-0'))
      for (const { result, files } of await results(taken)) {
        assert.equal(result, 'conflict')
        assert.match(files[0]?.heldBy ?? '', /acme\/good-0\//)
      }
      const after = good.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
      t.diagnostic(`in the catalog after ${after[Math.floor(after.length / 2)]} ms (p50), ${after.at(-1)} ms at most`)
      assert.equal((await home.backstage.entity(ref('good-0')))?.metadata.title, 'one')
    })

    test('files that the catalog has read are refreshed in one request; it names none that it does not know, and none of what is no request', async () => {
      const known = names('good', GOOD)
      const { status, refreshed } = await home.refreshTogether([...known, 'never-pushed'])
      assert.deepEqual([status, refreshed.sort()], [200, known.map(name => home.locationOf(name)).sort()])
      const call = (body: unknown, token?: string) => home.backstage.call('POST', '/catalog-gate/refresh', body, token)
      assert.deepEqual((await home.refreshTogether([])).status, 400)
      assert.equal((await call({ locations: Array(501).fill('x') })).status, 400)
      assert.equal((await call({ locations: ['x'] }, 'no token')).status, 401)
      assert.deepEqual(await (await call({ locations: ["'; DROP TABLE refresh_keys; --", '?'] })).json(), {
        refreshed: [],
        ahead: [],
      })
      const one = home.locationOf(names('good', 1)[0] ?? '')
      const first = await call({ locations: [one], ahead: [one, 'location:default/not-asked-for'] })
      assert.deepEqual(await first.json(), { refreshed: [one], ahead: [one] })
      assert.equal((await call({ locations: [one], ahead: one })).status, 400)
      assert.deepEqual((await home.refreshTogether(known)).refreshed.length, known.length)
    })

    test('a change, a refusal of it, the file gone, and no mark of ours in the catalog', async () => {
      assert.equal((await home.verdict(await push('good-1', component('good-1', 'two')))).result, 'accepted')
      await home.backstage.until(ref('good-1'), entity => entity?.metadata.title === 'two')
      const entity = await home.backstage.entity(ref('good-1'))
      assert.doesNotMatch(JSON.stringify(entity), /catalog-gate\.internal/)
      const broken = await home.verdict(await push('good-1', 'apiVersion: [\n'))
      assert.equal(broken.result, 'unreadable')
      assert.equal((await home.verdict(await push('good-1', component('good-1', 'three')))).result, 'accepted')
      await push('good-1', null)
      await home.backstage.until(ref('good-1'), entity => entity === undefined)
    })

    test('what GHES knows of the repository stands on the entity, at no request; an author and a relay that is away change nothing', async () => {
      home.ghes.describe('acme/good-2', { visibility: 'PRIVATE', topics: ['money', 'java'] })
      await home.reconcile()
      const annotations = async (name: string) => (await home.backstage.entity(ref(name)))?.metadata.annotations ?? {}
      await home.backstage.until(ref('good-2'), ({ metadata } = NONE) => own(metadata)['topics'] === 'java,money')
      const { 'last-push': at = '', ...facts } = own({ annotations: await annotations('good-2') })
      assert.deepEqual(facts, {
        ...{ visibility: 'private', archived: 'false', fork: 'false', 'default-branch': 'main', topics: 'java,money' },
      })
      assert.ok(Math.abs(Date.now() - Date.parse(at)) < 600_000, at)
      const [asked, read] = [home.ghes.count('graphql'), home.ghes.count()]
      home.ghes.describe('acme/good-2', { visibility: 'PUBLIC', topics: [] })
      await home.reconcile()
      await home.backstage.until(ref('good-2'), ({ metadata } = NONE) => own(metadata)['visibility'] === 'public')
      const pages = Math.ceil(home.repositories / 100)
      assert.deepEqual([home.ghes.count('graphql') - asked, home.ghes.count() - read], [pages, pages + WEBHOOKS])
      const ghes = await home.backstage.entity(`location:default/ghes-${home.ghes.host.replace(':', '-')}`)
      assert.deepEqual(own(ghes?.metadata ?? {})['ghes-version'], '3.19.2')

      const mine = component('good-2', 'mine').replace(
        'spec:',
        '  annotations: { catalog-gate/visibility: secret }\nspec:',
      )
      assert.equal((await home.verdict(await push('good-2', mine))).result, 'accepted')
      await home.backstage.until(ref('good-2'), ({ metadata } = NONE) => own(metadata)['visibility'] === 'secret')
      await home.relay.kill('SIGKILL')
      try {
        await home.backstage.kill()
        await home.startBackstage()
        // A new title is the evidence that the entity was processed without the relay.
        for (const [name, text] of [
          ['good-2', mine.replace('title: mine', 'title: alone')],
          ['good-3', component('good-3', 'alone')],
        ] as const) {
          await home.pushUntold(name, { 'catalog-info.yaml': text }, [ref(name)])
          await home.backstage.call('POST', '/refresh', { entityRef: ref(name) })
          await home.backstage.until(ref(name), ({ metadata } = NONE) => metadata.title === 'alone')
        }
        const { 'last-push': _, ...rest } = own({ annotations: await annotations('good-2') })
        assert.deepEqual(rest, { ...facts, visibility: 'secret', topics: '' })
        assert.equal(own({ annotations: await annotations('good-3') })['visibility'], 'internal')
      } finally {
        await home.startRelay()
      }
    })

    test('a file that moves: the entity is there again at once, and the verdict is right', async t => {
      await home.verdict(await push('mover', component('mover', 'old place')))
      await home.backstage.until(ref('mover'), entity => entity?.metadata.title === 'old place')
      const fromMs = performance.now()
      const moved = await home.pushFiles(
        'mover',
        { 'catalog-info.yaml': null, 'svc/catalog-info.yaml': component('mover', 'new place') },
        [ref('mover')],
      )
      const shownMs = await home.backstage.until(ref('mover'), entity => entity?.metadata.title === 'new place', {
        fromMs,
      })
      t.diagnostic(`moved, and shown after ${Math.round(shownMs)} ms`)
      const { result, files } = await home.verdict(moved)
      assert.deepEqual([result, files.map(({ path }) => path)], ['accepted', ['svc/catalog-info.yaml']])
    })

    test('no wrong verdict through restarts of relay and Backstage', async () => {
      const first = await push('good-2', component('good-2', 'while all runs'))
      await home.relay.kill('SIGKILL')
      const [bad, good] = [component('good-2', 'bad', ''), component('good-2', 'good')]
      const told = push('good-2', bad)
      await home.startRelay()
      const second = await told
      await home.backstage.kill()
      const third = await push('good-2', good)
      const added = await push('late', component('late', 'one'))
      await home.startBackstage()
      assert.equal((await home.verdict(third)).result, 'accepted')
      assert.equal((await home.verdict(added)).result, 'accepted')
      await home.backstage.until(ref('good-0'), entity => entity?.metadata.title === 'one')
      const { json } = await home.relay.get(`/v1/pushes/${second}`)
      const verdict = (json as { verdict?: { result: string } }).verdict
      assert.ok(verdict === undefined || verdict.result === 'refused', JSON.stringify(verdict))
      const before = (await home.relay.get(`/v1/pushes/${first}`)).json as { verdict?: { result: string } }
      assert.ok(before.verdict === undefined || before.verdict.result === 'accepted', JSON.stringify(before))
    })

    // What it does to the relay's file.
    if (on === 'files') keptWhole(() => home)
  })
