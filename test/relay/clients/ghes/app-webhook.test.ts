// A GitHub App's own webhook: its failed deliveries are asked for again as the App itself, beside those of the organisations' webhooks that it may see.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import { openGhes } from '../../../../relay/clients/ghes/ghes.ts'
import { sweepOrganization } from '../../../../relay/reconcile/sweep.ts'
import { startGhes } from '../../../support/ghes.ts'
import { appKeyPair, GhesApp } from '../../../support/ghes-app.ts'
import { OrganizationHook } from '../../../support/ghes-hooks.ts'
import { createRepositoryHost } from '../../../support/repository.ts'
import { TestClock } from '../../clock.ts'

const { publicKey, privateKey } = appKeyPair()
/** A relay that takes everything. */
const receiver = createServer((_request, response) => response.writeHead(202).end())
let relayUrl = ''
before(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  relayUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/v1/github`
})
after(() => receiver.close())

async function opened(t: TestContext) {
  const host = await createRepositoryHost()
  const app = new GhesApp({ id: '7', publicKey, installations: [{ id: 11, account: 'acme' }] })
  const ghes = await startGhes({ root: host.root, token: 'ghp_of_people', app })
  const client = openGhes({ baseUrl: ghes.apiBaseUrl, app: { id: '7', privateKey: () => privateKey }, now: Date.now })
  t.after(async () => {
    await Promise.all([client.close(), ghes.stop()])
    await host.remove()
  })
  const cursors = {}
  const sweep = () => {
    const patience = { clock: new TestClock(), signal: new AbortController().signal }
    return sweepOrganization(client.hooks, {
      ...{ ...patience, organization: 'acme', cursors, isOurs: url => url === relayUrl },
    })
  }
  return { app, sweep }
}

test('what its own webhook could not deliver is asked for once', async t => {
  const { app, sweep } = await opened(t)
  const hook = new OrganizationHook(5, { url: relayUrl, secret: 's' })
  app.hook = hook
  const lost = [hook.lost('push', { n: 1 }), hook.lost('push', { n: 2 })]
  hook.lost('installation', {})
  assert.deepEqual(await sweep(), { redelivered: 2, notes: [], failures: [] })
  assert.deepEqual((await sweep()).redelivered, 0)
  const again = hook.deliveries.filter(({ redelivery }) => redelivery).map(({ guid }) => guid)
  assert.deepEqual(again.toSorted(), lost.toSorted())
})

test('without a webhook of its own, and not allowed to see the organisation’s: said, and no failure', async t => {
  const { sweep } = await opened(t)
  const { redelivered, notes, failures } = await sweep()
  assert.deepEqual([redelivered, failures], [0, []])
  assert.equal(notes.length, 1)
})

test('a webhook of the App that leads elsewhere is left alone', async t => {
  const { app, sweep } = await opened(t)
  app.hook = new OrganizationHook(5, { url: 'https://ci.example/hook', secret: 's' })
  app.hook.lost('push', {})
  assert.equal((await sweep()).redelivered, 0)
})
