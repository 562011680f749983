// Commit statuses by a whole relay: switched on in relay.yaml, told at GHES, and nothing of it where they are off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startCatalog } from '../support/catalog.ts'
import {
  BACKSTAGE_KEY,
  BACKSTAGE_SECRET,
  HOOK_SECRET,
  notify,
  signedHeaders,
  startRelayProcess,
} from '../support/relay-process.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { MovableGhes } from './movable-ghes.ts'

test('a push, what the catalog says of it, and what stands beside the commit', async t => {
  const ghes = await new MovableGhes().start()
  const catalog = await startCatalog({ token: 'backstage-token' })
  const relay = await startRelayProcess({
    folder: temporaryFolder('catalog-gate-statuses-'),
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token', ...{ statuses: true } },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    config: { secrets: { hook: [HOOK_SECRET], backstage: [BACKSTAGE_SECRET] } },
  })
  t.after(() => Promise.all([relay.stop(), ghes.stop(), catalog.stop()]))
  const files = [{ path: 'catalog-info.yaml', change: 'modified' as const, entities: ['component:default/x'] }]
  const commits = { before: 'a'.repeat(40), after: 'b'.repeat(40) }
  const push = { version: 1 as const, repository: 'acme/x', ref: 'refs/heads/main', ...commits, files }
  catalog.knowLocation('https://ghe.test/acme/x/blob/main/catalog-info.yaml')
  ghes.land(push)
  assert.equal((await notify(relay.listen, push, 'msg_statuses')).status, 202)
  const told = async (count: number) => {
    for (;;) {
      const found = ghes.requests('ref').filter(({ path }) => path.includes('/statuses/'))
      if (found.length >= count)
        return found.map(({ body }) => JSON.parse(body) as { state: string; description: string })
      await delay(20)
    }
  }
  assert.equal((await told(1))[0]?.state, 'pending')
  const at = new Date().toISOString()
  const location = 'url:https://ghe.test/acme/x/blob/main/catalog-info.yaml'
  const verdicts = [{ location, entity: 'component:default/x', result: 'refused', errors: ['no type'], at }]
  const body = Buffer.from(JSON.stringify({ version: 1, verdicts }))
  const headers = signedHeaders(body, 'msg_verdict', BACKSTAGE_KEY)
  assert.equal((await fetch(`${relay.listen}/v1/verdicts`, { method: 'POST', headers, body })).status, 202)
  const last = (await told(2)).at(-1)
  assert.deepEqual([last?.state, last?.description], ['failure', 'refused by the catalog: catalog-info.yaml: no type'])
  const { json } = await relay.get('/v1/pushes/msg_statuses')
  assert.equal((json as { verdict?: { result: string } }).verdict?.result, 'refused')
  const page = await (await fetch(`${relay.admin}/pushes/msg_statuses`)).text()
  assert.match(page, /Refused by the catalog: catalog-info\.yaml: no type|refused by the catalog/)
  assert.match(
    await (await fetch(`${relay.admin}/metrics`)).text(),
    /catalog_gate_verdicts_total\{result="refused"\} 1/,
  )
})
