// The relay as a GitHub App, as a process: a push goes its way, and a kill while a token is being renewed costs nothing.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PushNotification } from '../../schemas/notification.ts'
import { startCatalog } from '../support/catalog.ts'
import { startGhes } from '../support/ghes.ts'
import { appKeyPair, GhesApp } from '../support/ghes-app.ts'
import { messageId } from '../support/message-id.ts'
import { notify, startRelayProcess } from '../support/relay-process.ts'
import { createRepositoryHost } from '../support/repository.ts'

test('killed while it renews its token: the next start gets its own, and nothing is lost', async t => {
  const { publicKey, privateKey } = appKeyPair()
  const host = await createRepositoryHost()
  const copy = await (await host.create('acme/payments')).clone()
  const app = new GhesApp({ id: '7', publicKey, installations: [{ id: 11, account: 'acme' }] })
  // Every question finds its token ended, or about to.
  app.lifetimeMs = 0
  app.graceMs = 60_000
  const ghes = await startGhes({ root: host.root, token: 'ghp_of_people', app })
  const catalog = await startCatalog({ token: 'backstage-x', known: ['component:default/payments'] })
  t.after(async () => {
    await Promise.all([ghes.stop(), catalog.stop()])
    await host.remove()
  })
  const relayOptions = {
    folder: join(host.directory, 'relay'),
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: '' },
    backstage: { baseUrl: catalog.url, token: 'backstage-x' },
    config: { ghe: { host: 'ghe.test', apiBaseUrl: ghes.apiBaseUrl, app: { id: 7, privateKey } } },
  }
  const pushed = async (): Promise<PushNotification> => {
    await copy.write('catalog-info.yaml', `# ${Math.random()}\n`)
    const after = await copy.commit()
    await copy.push()
    return {
      ...{ version: 1, repository: 'acme/payments', ref: 'refs/heads/main', before: '0'.repeat(40), after },
      ...{ defaultBranch: true, pusher: 'mona' },
      files: [{ path: 'catalog-info.yaml', change: 'modified', entities: ['component:default/payments'] }],
    }
  }
  const first = await startRelayProcess(relayOptions)
  t.after(() => first.stop())
  const one = await pushed()
  assert.equal((await notify(first.listen, one)).status, 202)
  await first.logged(({ id, step }) => id === messageId(one) && step === 'forwarded')

  // GHES does not know the token any more, and gives no other one in time.
  app.tokens.clear()
  ghes.failNext('app-token', 'hang')
  const renewal = ghes.next('app-token')
  const two = await pushed()
  assert.equal((await notify(first.listen, two)).status, 202)
  await renewal
  await first.kill('SIGKILL')
  const second = await startRelayProcess(relayOptions)
  t.after(() => second.stop())
  await second.logged(({ id, step }) => id === messageId(two) && step === 'forwarded')
  assert.doesNotMatch(JSON.stringify([first.log, second.log]), /ghs_|PRIVATE KEY/)
})
