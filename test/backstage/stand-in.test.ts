// Holds the stand-in catalog of test/support against the real one: the same calls, the same answers.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Catalog, locationRef, startCatalog } from '../support/catalog.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { type Backstage, startBackstage } from './backend.ts'

const relayToken = 'relay-token-0123456789abcdef'
const target = 'https://ghe.test/acme/payments/blob/main/catalog-info.yaml'
const text =
  'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: payments }\n' +
  'spec: { type: service, lifecycle: production, owner: team-a }\n'

type Call = { method: string; path: string; body?: unknown; token?: string }

suite('the stand-in catalog answers as the real one', { timeout: 180_000 }, () => {
  let host: RepositoryHost
  let ghes: Ghes
  let real: Backstage
  /** Of the two tokens of the real one: the relay's, and one that may do everything. */
  let strict: Catalog
  let free: Catalog

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token: 't' })
    const repository = await host.create('acme/payments')
    await (await repository.clone()).change({ 'catalog-info.yaml': text })
    const ghe = { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 't' }
    real = await startBackstage({ directory: host.directory, ghe, relayToken })
    strict = await startCatalog({ token: relayToken, refreshOnly: true, known: ['component:default/payments'] })
    free = await startCatalog({ token: 'free', known: ['component:default/payments'] })
  })
  after(async () => {
    await strict?.stop()
    await free?.stop()
    await real?.stop()
    await ghes?.stop()
    await host?.remove()
  })

  const answerOf = async (response: Response) => {
    const answer = await response.text()
    const body = answer.startsWith('{') ? (JSON.parse(answer) as { error?: unknown; request?: unknown }) : undefined
    return { status: response.status, ...(body?.error ? body : { hasBody: answer !== '' }) }
  }
  const ask = (url: string, { method, path, body }: Call, token: string | undefined) =>
    fetch(`${url}/api/catalog${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  test('with a token that may do everything', async () => {
    const register = { method: 'POST', path: '/locations', body: { type: 'url', target } }
    const calls: Call[] = [
      { method: 'POST', path: '/refresh', body: { entityRef: locationRef(target) } },
      register,
      register,
      { method: 'POST', path: '/locations', body: { type: 'file', target } },
      { method: 'POST', path: '/locations', body: { type: 'url' } },
      { method: 'GET', path: '/locations/none' },
      { method: 'DELETE', path: '/locations/none' },
      { method: 'GET', path: '/entities/by-name/component/default/none' },
      { method: 'GET', path: '/entities/by-query?limit=0' },
      { method: 'POST', path: '/entities/by-refs', body: { entityRefs: ['component:default/none'] } },
      { method: 'POST', path: '/entities/by-refs', body: {} },
      { method: 'GET', path: '/entities/by-name/component/default/none/ancestry' },
      { method: 'GET', path: '/nothing/here' },
    ]
    for (const call of calls) {
      const expected = await answerOf(await real.call(call.method, call.path, call.body))
      assert.deepEqual(await answerOf(await ask(free.url, call, 'free')), expected, JSON.stringify(call))
    }
  })

  test("with the relay's token, and with wrong ones", async () => {
    await real.until('component:default/payments', entity => entity !== undefined)
    // The Location that the test before has registered
    strict.knowLocation(target)
    const refs = ['component:default/payments', 'Component:Default/PAYMENTS', locationRef(target), 'payments']
    refs.push('component:payments', 'component:default/none', ':::/', '')
    const refresh = (body: unknown, token: string | undefined = relayToken) => ({
      call: { method: 'POST', path: '/refresh', ...(body === undefined ? {} : { body }) },
      token,
    })
    const calls = [
      ...refs.map(entityRef => refresh({ entityRef })),
      refresh({}),
      refresh({ entityRef: 7 }),
      refresh({ keys: ['a'] }),
      refresh({ entityRef: 'component:default/payments' }, 'wrong'),
      {
        call: { method: 'POST', path: '/refresh', body: { entityRef: 'component:default/payments' } },
        token: undefined,
      },
      { call: { method: 'POST', path: '/locations', body: { type: 'url', target } }, token: relayToken },
      { call: { method: 'GET', path: '/locations' }, token: relayToken },
      { call: { method: 'GET', path: '/entities/by-query?limit=0' }, token: relayToken },
      { call: { method: 'GET', path: '/entities/by-query?limit=0' }, token: 'wrong' },
      {
        call: { method: 'POST', path: '/entities/by-refs', body: { entityRefs: ['component:default/payments'] } },
        token: relayToken,
      },
      { call: { method: 'GET', path: '/entities/by-name/component/default/payments/ancestry' }, token: relayToken },
      { call: { method: 'GET', path: '/entities/by-name/component/default/payments' }, token: relayToken },
    ]
    for (const { call, token } of calls) {
      const expected = await answerOf(await ask(real.url, call, token))
      assert.deepEqual(await answerOf(await ask(strict.url, call, token)), expected, `${JSON.stringify(call)} ${token}`)
    }
  })
})
