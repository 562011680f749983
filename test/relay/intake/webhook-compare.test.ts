// A push whose lists were cut off, end to end: asked at a real GHES stand-in once it can answer, and exactly what changed refreshed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
import { notify } from '../../support/relay-process.ts'
import { deliver, pushPayload } from '../../support/webhook.ts'
import { openRepositoriesFixture, type RepositoriesFixture } from '../relay-fixture.ts'

let fixture: RepositoriesFixture
let host: RepositoriesFixture['host']
let ghes: RepositoriesFixture['ghes']
let catalog: RepositoriesFixture['catalog']
let relay: RepositoriesFixture['relay']

before(async () => {
  fixture = await openRepositoriesFixture({
    catalog: { files: ['**/catalog-info.yaml', 'systems/*.yaml'] },
    landing: { firstCheckMs: 20 },
    retry: { firstMs: 20, maxMs: 100, giveUpAfter: '1h' },
  })
  ;({ host, ghes, catalog, relay } = fixture)
})
after(() => fixture?.end())

test('the question waits for GHES, and what it answers is refreshed, and nothing else', async () => {
  const repository = await host.create('acme/many')
  const copy = await repository.clone()
  await copy.change({ 'README.md': 'hello', 'other/catalog-info.yaml': 'kind: API\n' })
  const before = await copy.git('rev-parse', 'HEAD')
  await copy.change({ 'catalog-info.yaml': 'kind: Component\n', 'systems/all.yaml': 'kind: System\n', 'x.yaml': 'x' })
  const after = await copy.git('rev-parse', 'HEAD')
  const locations = ['catalog-info.yaml', 'systems/all.yaml', 'other/catalog-info.yaml', 'x.yaml'].map(path =>
    catalog.knowLocation(`https://ghe.test/acme/many/blob/main/${path}`),
  )
  ghes.failNext('compare', { status: 502 }, 2)
  const refreshed = Promise.all(locations.slice(0, 2).map(location => catalog.nextRefresh(location)))
  const event = { repository: 'acme/many', before, after, more: { size: 2048, commits: [] } }
  assert.equal((await deliver(relay.listen, 'push', pushPayload(event), { id: 'many' })).status, 202)
  await refreshed
  const id = reportId('many')
  await relay.logged(line => line['id'] === `${id}_compared` && line['path'] === 'systems/all.yaml')
  assert.equal(ghes.count('compare'), 3)
  assert.equal(ghes.count('ref'), 0)
  const asked = catalog.refreshes().map(({ entityRef }) => entityRef)
  assert.ok(!asked.includes(locationRef('https://ghe.test/acme/many/blob/main/other/catalog-info.yaml')))
  assert.equal(asked.length, 2)
  const question = (await relay.get(`/v1/pushes/${id}_compare`)).json as { state: string; files: { outcome: string }[] }
  assert.equal(question.state, 'forwarded')
  assert.equal(question.files[0]?.outcome, 'compared at GHES: 2 files to refresh')
})

test('a large push of which not every message comes, and one that a hook of before has cut: the rest is asked for', async () => {
  const paths = Array.from({ length: 330 }, (_, i) => `${'x'.repeat(80)}/${i}/catalog-info.yaml`)
  for (const [name, parts] of [
    [
      'lost',
      [
        { number: 1, of: 3 },
        { number: 3, of: 3 },
      ],
    ],
    ['cut', [undefined]],
  ] as const) {
    const repository = await host.create(`acme/${name}`)
    const copy = await repository.clone()
    await copy.change({ 'README.md': 'hello' })
    const before = await copy.git('rev-parse', 'HEAD')
    await copy.change(Object.fromEntries(paths.map(path => [path, 'kind: Component\n'])))
    const after = await copy.git('rev-parse', 'HEAD')
    const locations = paths.map(path => catalog.knowLocation(`https://ghe.test/acme/${name}/blob/main/${path}`))
    const refreshed = Promise.all(locations.map(location => catalog.nextRefresh(location)))
    const told = (from: number, to: number) => paths.slice(from, to).map(path => ({ path, change: 'added' as const }))
    const change = { version: 1 as const, repository: `acme/${name}`, ref: 'refs/heads/main', before, after }
    for (const [i, part] of parts.entries()) {
      const push = { ...change, ...(part ? { part } : {}), files: told(i * 200, i * 200 + 150) }
      assert.equal((await notify(relay.listen, push, `msg_${name}${i}`)).status, 202)
    }
    await refreshed
    const shown = (await relay.get(`/v1/pushes/msg_${name}${parts.length - 1}`)).json as Record<string, unknown>
    assert.deepEqual(
      [shown['id'], shown['parts']],
      [`msg_${name}0`, parts.length === 1 ? undefined : { here: 2, of: 3 }],
    )
  }
})
