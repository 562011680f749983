// Our module in Backstage's own test backend: what it adds to a catalog, and what it says to a configuration that is none.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { BACKSTAGE_SECRET } from '../support/relay-process.ts'
import type { StandIn } from '../support/stand-in.ts'
import { installPackage } from './installed-package.ts'
import { featureOf, type Started, startAlone, startRelayStandIn, startWithCatalog, stopAll } from './module-fixture.ts'

const TARGET = 'https://ghe.test/acme/shop/blob/main/catalog-info.yaml'
const PROCESSORS = ['CatalogGateBefore', 'CatalogGateAfter', 'CatalogGateEnrich']

suite("the module in Backstage's test backend", { timeout: 120_000 }, () => {
  let module: unknown
  let relay: StandIn
  before(async () => {
    module = featureOf((await installPackage()).name)
    relay = await startRelayStandIn([`url:${TARGET}`])
  })
  after(async () => {
    await stopAll()
    await relay?.stop()
  })

  const config = (more: object = {}) => ({
    catalogGate: { relay: { url: relay.url, secret: BACKSTAGE_SECRET }, ...more },
  })
  const hasShop = async ({ url }: Started): Promise<boolean> => {
    const answer = await fetch(`${url}/api/catalog/entities/by-name/component/default/shop`, {
      headers: { authorization: 'Bearer mock-service-token', connection: 'close' },
    })
    assert.ok([200, 404].includes(answer.status), await answer.clone().text())
    return answer.status === 200
  }

  test('what it gives to the catalog, by its configuration', async () => {
    for (const [more, given] of [
      [config(), { processors: PROCESSORS, providers: ['catalog-gate-ghes', 'catalog-gate'] }],
      [config({ provider: false }), { processors: PROCESSORS, providers: ['catalog-gate-ghes'] }],
      [
        config({ annotations: { prefix: 'Not A Prefix' } }),
        { processors: PROCESSORS.slice(0, 2), providers: ['catalog-gate'] },
      ],
      [{}, { processors: [], providers: [] }],
      [{ catalogGate: {} }, { processors: [], providers: [] }],
    ] as const) {
      const started = await startAlone(module, more)
      await started.stop()
      assert.deepEqual(started.given, given, JSON.stringify(more))
    }
  })

  test('a configuration that is none keeps Backstage from starting, and says why', async () => {
    const { url } = relay
    for (const [catalogGate, why] of [
      [{ relay: { secret: BACKSTAGE_SECRET } }, /Missing required config value at 'catalogGate\.relay\.url'/],
      [{ relay: { url } }, /Missing required config value at 'catalogGate\.relay\.secret'/],
      [{ relay: { url, secret: 'hush' } }, /catalogGate\.relay\.secret: .*whsec_/],
      [{ relay: { url: 'relay.example.com', secret: BACKSTAGE_SECRET } }, /catalogGate\.relay\.url: .*https:\/\//],
      [{ relay: { url, secret: BACKSTAGE_SECRET }, provider: 'often' }, /catalogGate\.provider/],
    ] as const)
      await assert.rejects(startAlone(module, { catalogGate }), error => {
        const said = [error, (error as Error).cause].map(String).join('\n')
        assert.match(said, why)
        return true
      })
  })

  test("the relay's Locations come into the catalog, and stay while it is away; without it the backend starts, and asks again", {
    timeout: 60_000,
  }, async () => {
    await relay.goDown()
    const started = await startWithCatalog(module, relay.url, config())
    try {
      assert.equal(await hasShop(started), false)
      const asked = relay.next('locations')
      await relay.comeBack()
      await asked
      while (!(await hasShop(started))) await delay(50)
      await relay.goDown()
      assert.equal(await hasShop(started), true)
      await relay.comeBack()
    } finally {
      await started.stop()
    }
  })

  test('with provider: false the relay is not asked for Locations', async () => {
    relay.forgetRequests()
    const asked = relay.next('repositories')
    const started = await startWithCatalog(module, relay.url, config({ provider: false }))
    await asked
    await started.stop()
    assert.equal(relay.count('locations'), 0)
  })
})
