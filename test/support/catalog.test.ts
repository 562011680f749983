// The stand-in catalog answers as facts measured on the real one; `npm run test:backstage` compares the two.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Catalog, locationRef, startCatalog } from './catalog.ts'

const token = 'backstage-token'
const target = 'https://ghe.test/acme/svc-00000/blob/main/catalog-info.yaml'

suite('stand-in catalog', () => {
  let catalog: Catalog
  before(async () => {
    catalog = await startCatalog({ token, otherPluginToken: 'other', known: ['component:default/Payments'] })
  })
  after(() => catalog.stop())

  const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${catalog.url}/api/catalog${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return { status: response.status, text, error: text === '' ? undefined : JSON.parse(text).error }
  }
  const refresh = (entityRef: unknown) => call('POST', '/refresh', JSON.stringify({ entityRef }))

  test('refresh: known in any letter case, no defaulting', async () => {
    assert.deepEqual(await refresh('component:default/payments'), { status: 200, text: '', error: undefined })
    assert.equal((await refresh('Component:Default/PAYMENTS')).status, 200)
    for (const entityRef of ['payments', 'component:payments', 'component:default/other', ':::/', '']) {
      assert.deepEqual((await refresh(entityRef)).error?.name, 'NotFoundError', entityRef)
    }
    assert.equal((await refresh('component:default/other')).error.message, 'Entity component:default/other not found')
  })

  test('refresh: wrong bodies and tokens', async () => {
    for (const body of ['{}', '{"entityRef": 7}', '{"keys": ["a"]}', '{', undefined]) {
      assert.equal((await call('POST', '/refresh', body)).status, 400, body)
    }
    const body = '{"entityRef": "component:default/payments"}'
    assert.equal((await call('POST', '/refresh', body, { authorization: '' })).error.message, 'Missing credentials')
    assert.equal((await call('POST', '/refresh', body, { authorization: 'Bearer x' })).status, 401)
    assert.equal((await call('POST', '/refresh', body, { authorization: 'Bearer other' })).status, 403)
  })

  test('locations: 201, 409, 204, 404; the ref is made of the target', async () => {
    assert.equal(locationRef(target), 'location:default/generated-6b72107f54c416420feffab25d3e45f097ac9f82')
    const body = JSON.stringify({ type: 'url', target })
    assert.equal((await refresh(locationRef(target))).status, 404)
    const registered = await call('POST', '/locations', body)
    assert.equal(registered.status, 201)
    const { id } = JSON.parse(registered.text).location
    assert.equal((await refresh(locationRef(target))).status, 200)
    assert.equal((await call('POST', '/locations', body)).error.name, 'ConflictError')
    assert.equal((await call('GET', `/locations/${id}`)).status, 200)
    assert.equal((await call('DELETE', `/locations/${id}`)).status, 204)
    assert.equal((await call('DELETE', `/locations/${id}`)).status, 404)
    assert.equal((await refresh(locationRef(target))).status, 404)
  })

  test('a token that may only refresh can look nothing up', async () => {
    const strict = await startCatalog({ token, refreshOnly: true, known: ['component:default/payments'] })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const status = async (method: string, path: string, body?: string) =>
      (await fetch(`${strict.url}/api/catalog${path}`, { method, headers, ...(body ? { body } : {}) })).status
    assert.equal(await status('POST', '/refresh', '{"entityRef":"component:default/payments"}'), 200)
    assert.equal(await status('POST', '/locations', JSON.stringify({ type: 'url', target })), 403)
    assert.equal(await status('GET', '/entities/by-name/component/default/payments'), 404)
    await strict.stop()
  })

  test('a test can wait for a refresh, and reads when it came', async () => {
    const next = catalog.nextRefresh('component:default/payments')
    const before = Date.now()
    await refresh('component:default/x')
    await refresh('component:default/payments')
    const { entityRef, atMs } = await next
    assert.equal(entityRef, 'component:default/payments')
    assert.ok(atMs >= before - 5 && atMs <= Date.now() + 5)
    assert.deepEqual(catalog.refreshes().at(-2)?.status, 404)
  })
})
