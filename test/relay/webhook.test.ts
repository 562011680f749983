// GHES's own word: no polling for what it has reported, and nothing lost of what the hook could not announce.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { locationRef } from '../../schemas/entity-ref.ts'
import { messageId } from '../../schemas/notification.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { notify, type RelayProcess, report, startRelayProcess } from '../support/relay-process.ts'
import { locationOf, MovableGhes, numberedPush } from './stage.ts'

let folder: string
let ghes: MovableGhes
let catalog: Catalog
let relay: RelayProcess

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-webhook-'))
  ghes = await new MovableGhes().start()
  catalog = await startCatalog({ token: 'backstage-token' })
  relay = await startRelayProcess({
    folder,
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    // So late that only a webhook can be what moved the push on.
    config: { landing: { firstCheckMs: 60_000, giveUpAfter: '60s' } },
  })
})
after(async () => {
  await relay?.stop()
  await Promise.all([ghes?.stop(), catalog?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

test('the webhook is proof of landing: refreshed at once, GHES is asked nothing', async () => {
  const push = numberedPush(1, 10)
  const refresh = catalog.nextRefresh(catalog.knowLocation(locationOf(push)))
  await notify(relay.listen, push)
  assert.equal((await report(relay.listen, push, 'd1')).status, 202)
  await refresh
  await relay.logged(line => line['id'] === messageId(push) && line['step'] === 'forwarded')
  assert.equal(ghes.count(), 0)
})

test('what the hook could not announce is refreshed by the webhook alone; a redelivery does nothing more', async () => {
  const push = numberedPush(2, 10)
  const location = catalog.knowLocation(locationOf(push))
  const refresh = catalog.nextRefresh(location)
  await report(relay.listen, push, 'd2')
  await refresh
  await relay.logged(line => line['id'] === messageId(push) && line['step'] === 'forwarded')
  assert.deepEqual(await (await report(relay.listen, push, 'd2')).json(), { status: 'known' })
  assert.deepEqual(await (await report(relay.listen, push, 'd3')).json(), { status: 'accepted', landed: 0 })
  assert.deepEqual(await (await notify(relay.listen, push)).json(), { id: messageId(push) })
  assert.equal(catalog.refreshes().filter(({ entityRef }) => entityRef === locationRef(locationOf(push))).length, 1)
})
