// Hooks and deliveries: the stand-in held against GHES's description, and what a token without permission gets.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type GhesApi, openGhes } from '../../../../relay/clients/ghes/ghes.ts'
import { type Ghes, startGhes } from '../../../support/ghes.ts'
import type { OrganizationHook } from '../../../support/ghes-hooks.ts'
import { ghesOpenApi } from '../../../support/ghes-openapi.ts'
import { createRepositoryHost, type RepositoryHost } from '../../../support/repository.ts'

const token = 'ghp_hooks'
let host: RepositoryHost
let ghes: Ghes
let client: GhesApi
let hook: OrganizationHook

before(async () => {
  host = await createRepositoryHost()
  ghes = await startGhes({ root: host.root, token })
  client = openGhes({ baseUrl: ghes.apiBaseUrl, token: () => token, now: Date.now })
  hook = ghes.addHook('acme', { url: 'http://127.0.0.1:1/v1/github', secret: 's' })
})
after(async () => {
  await client.close()
  await ghes.stop()
  await host.remove()
})

test('the stand-in answers as GHES describes', async t => {
  const fits = ghesOpenApi()
  if (!fits) return t.skip('the description is not beside the checkout')
  hook.lost('push', {})
  for (const [described, path] of [
    ['/orgs/{org}/hooks', '/orgs/acme/hooks'],
    ['/orgs/{org}/hooks/{hook_id}/deliveries', '/orgs/acme/hooks/1/deliveries'],
  ] as const) {
    const answer = await fetch(`${ghes.apiBaseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
    assert.deepEqual(fits(described, answer.status, await answer.json()), [])
  }
})

test('hooks, and failed deliveries page by page', async () => {
  for (let i = 0; i < 150; i++) hook.lost('push', { i })
  assert.deepEqual(await client.hooks.list('acme'), {
    result: 'hooks',
    hooks: [
      { id: 1, url: 'http://127.0.0.1:1/v1/github', active: true, events: ['push', 'repository'], contentType: 'json' },
    ],
  })
  const first = await client.hooks.failedDeliveries('acme', 1)
  assert.ok(first.result === 'deliveries')
  assert.equal(first.deliveries.length, 100)
  const second = await client.hooks.failedDeliveries('acme', 1, first.next)
  assert.ok(second.result === 'deliveries')
  assert.equal(second.deliveries.length, hook.deliveries.length - 100)
  assert.equal(second.next, undefined)
  assert.equal(second.deliveries[0]?.guid, hook.deliveries[100]?.guid)
})

test('a redelivery, and one of a delivery that GHES has forgotten', async () => {
  const [latest] = hook.deliveries
  assert.deepEqual(await client.hooks.redeliver('acme', 1, latest?.id ?? 0), { result: 'asked' })
  assert.equal((await client.hooks.redeliver('acme', 1, 42)).result, 'refused')
})

test('a token that may not see hooks is no fault, an outage is', async () => {
  assert.equal((await client.hooks.list('other')).result, 'hidden')
  ghes.failNext('hooks', { status: 403, body: { message: 'Must have admin rights' } })
  const hidden = await client.hooks.list('acme')
  assert.ok(hidden.result === 'hidden')
  assert.match(hidden.reason, /admin:org_hook/)
  ghes.failNext('hooks', { status: 403, body: { message: 'API rate limit exceeded' } })
  assert.equal((await client.hooks.list('acme')).result, 'trouble')
  ghes.failNext('deliveries', { status: 500 })
  assert.equal((await client.hooks.failedDeliveries('acme', 1)).result, 'trouble')
  ghes.failNext('redelivery', { status: 403, body: {} })
  const refused = await client.hooks.redeliver('acme', 1, 42)
  assert.ok(refused.result === 'refused')
  assert.match(refused.reason, /write/)
})
