// A push whose lists were cut off, end to end: asked at a real GHES stand-in once it can answer, and exactly what changed refreshed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
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
