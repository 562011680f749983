// Files that move and split, in a real catalog: what is shown at the end, how soon, and what the push says where it cannot be.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isWhole } from '../support/campaign.ts'
import type { RelayProcess } from '../support/relay-process.ts'
import { deliver, repositoryPayload } from '../support/webhook.ts'
import { MovesFixture, type MovingRepository, NEW, OLD, ORDERS, type Settings } from './moves-fixture.ts'

const SETTINGS: Settings[] = [true, false].flatMap(register =>
  (['unregister', 'refresh'] as const).map(removed => ({ register, removed })),
)
const nameOf = ({ register, removed }: Settings) => `${register ? 'register' : 'no'}-${removed}`

/** Of Locations registered by hand: a person's, which stay until somebody takes them away. */
/** Where the new file was pushed first, the catalog may have the entity from there before the old one is gone: then there is nothing to look at once more. */
const ARRIVED = /looked at once more|svc\/catalog-info\.yaml: refreshed its Location \S+\/svc\/catalog-info\.yaml(\n|$)/

const BY_HAND: Record<string, { shown: string; says: RegExp }> = {
  'register-unregister': {
    shown: `two ${NEW}`,
    says: ARRIVED,
  },
  'register-refresh': {
    shown: `two ${NEW}`,
    says: ARRIVED,
  },
  'no-unregister': {
    shown: '-',
    says: /unknown to the catalog; the catalog has lost what was in catalog-info\.yaml until/,
  },
  'no-refresh': {
    shown: `one ${OLD}`,
    says: /unknown to the catalog.*; the catalog keeps component:default\/\S+ of catalog-info/,
  },
}

const idOf = (settings: Settings, order: string, where: string) =>
  `${where}-${nameOf(settings)}-${order.replace(' ', '-')}`

const CASES = SETTINGS.flatMap(settings =>
  ORDERS.flatMap(order => (isWhole ? ['hand', 'provider'] : ['hand']).map(where => ({ settings, order, where }))),
)

const WILD = SETTINGS.filter(({ removed }) => isWhole || removed === 'unregister')
const FIVE = [1, 2, 3, 4, 5]

suite('moves', { timeout: 300_000, concurrency: 6 }, () => {
  let fixture: MovesFixture
  let moving: Record<string, MovingRepository>
  const relays: Record<string, RelayProcess> = {}

  before(async () => {
    const provided = CASES.filter(({ where }) => where === 'provider')
    const repositories = Object.fromEntries(
      CASES.map(({ settings, order, where }) => {
        const name = idOf(settings, order, where)
        return [name, { [OLD]: { [name]: 'one' } }]
      }),
    )
    const wild = Object.fromEntries(
      WILD.map(settings => {
        const name = `wild-${nameOf(settings)}`
        const five = FIVE.map(i => [`a${i}/${OLD}`, { [`${name}-${i}`]: 'one' }] as const)
        return [name, { [OLD]: { [name]: 'one' }, ...Object.fromEntries(five) }]
      }),
    )
    const renamed = Object.fromEntries(
      SETTINGS.map(settings => [`renamed-${nameOf(settings)}`, { [OLD]: { [`renamed-${nameOf(settings)}`]: 'one' } }]),
    )
    const opened = await MovesFixture.open(
      [
        ...provided.flatMap(({ settings, order, where }) =>
          [OLD, NEW].map(path => `${idOf(settings, order, where)}/${path}`),
        ),
        ...WILD.map(settings => `wild-${nameOf(settings)}/**/${OLD}`),
      ],
      { ...repositories, ...wild, split: { [OLD]: { split: 'one', part: 'one' } }, ...renamed },
    )
    fixture = opened.fixture
    moving = opened.moving
    await Promise.all(
      SETTINGS.map(async settings => {
        relays[nameOf(settings)] = await fixture.relay(nameOf(settings), settings)
      }),
    )
    const byHand = CASES.filter(({ where }) => where === 'hand').map(({ settings, order, where }) =>
      idOf(settings, order, where),
    )
    for (const name of [...byHand, ...Object.keys(renamed), 'split']) await fixture.register(name, OLD)
    const fromMs = Date.now()
    for (const name of Object.keys(moving)) await fixture.until(name, `one ${OLD}`, fromMs)
    for (const { settings, order, where } of CASES)
      await moving[idOf(settings, order, where)]?.tellAll(relayOf(settings))
  })
  after(() => fixture?.close())

  const relayOf = (settings: Settings): RelayProcess => relays[nameOf(settings)] as RelayProcess

  for (const { settings, order, where } of CASES)
    test(`${where}, ${nameOf(settings)}, ${order}`, async t => {
      const name = idOf(settings, order, where)
      const relay = relayOf(settings)
      const told = await (moving[name] as MovingRepository).move(relay, order)
      const last = told.at(-1)
      assert.ok(last)
      const expected = where === 'hand' ? BY_HAND[nameOf(settings)] : { shown: `two ${NEW}`, says: ARRIVED }
      assert.ok(expected)
      const deadlineMs = where === 'hand' ? 20_000 : 60_000
      const ms = await fixture.until(name, expected.shown, last.landedAtMs, deadlineMs).catch(async error => {
        const pushes = await Promise.all(told.map(async ({ id }) => (await relay.get(`/v1/pushes/${id}`)).json))
        throw new Error(`${error.message}: ${JSON.stringify(pushes, null, 1)}`)
      })
      t.diagnostic(`${name}: ${ms} ms`)
      const settled = await Promise.all(told.map(({ id }) => fixture.settled(relay, id, 60_000)))
      assert.match(settled.map(({ outcomes }) => outcomes).join('\n'), expected.says)
      assert.equal(await fixture.shown(name), expected.shown)
    })

  test('a split: what is left stays, what went is shown from its new file', async t => {
    const relay = relayOf({ register: true, removed: 'unregister' })
    const told = await moving['split']?.push(relay, { [OLD]: { split: 'two' }, [NEW]: { part: 'two' } })
    const ms = await fixture.until('part', `two ${NEW}`, told?.landedAtMs ?? 0, 60_000)
    t.diagnostic(`split: ${ms} ms`)
    assert.equal(await fixture.shown('split'), `two ${OLD}`)
    assert.equal((await fixture.settled(relay, told?.id ?? '', 60_000)).state, 'forwarded')
  })

  test('a provider with a pattern: one file is moved, then a folder of five at once', async t => {
    for (const settings of WILD) {
      const relay = relays[nameOf(settings)] as RelayProcess
      const name = `wild-${nameOf(settings)}`
      const repository = moving[name] as MovingRepository
      await fixture.settled(relay, (await repository.tellAll(relay)).id)
      const one = await repository.push(relay, { [OLD]: null, [NEW]: { [name]: 'two' } })
      t.diagnostic(`${name}: ${await fixture.until(name, `two ${NEW}`, one.landedAtMs, 60_000)} ms`)
      await fixture.settled(relay, one.id, 60_000)
      const old = Object.fromEntries(FIVE.map(i => [`a${i}/${OLD}`, null]))
      const moved = Object.fromEntries(FIVE.map(i => [`b${i}/${OLD}`, { [`${name}-${i}`]: 'two' }]))
      const many = await repository.push(relay, { ...old, ...moved })
      for (const i of FIVE) {
        const ms = await fixture.until(`${name}-${i}`, `two b${i}/${OLD}`, many.landedAtMs, 60_000)
        t.diagnostic(`${name}-${i}: ${ms} ms`)
      }
      assert.equal((await fixture.settled(relay, many.id, 60_000)).state, 'forwarded')
    }
  })

  for (const settings of SETTINGS)
    test(`a repository is renamed, then changed: ${nameOf(settings)}`, async t => {
      const name = `renamed-${nameOf(settings)}`
      const repository = moving[name] as MovingRepository
      const relay = relayOf(settings)
      await fixture.settled(relay, (await repository.tellAll(relay)).id)
      const to = settings.register ? `acme/now-${name}` : `other/${name}`
      await repository.rename(fixture.host.root, fixture.ghes, to)
      const changes = settings.register
        ? { repository: { name: { from: name } } }
        : { owner: { from: { organization: { login: 'acme' } } } }
      const action = settings.register ? 'renamed' : 'transferred'
      assert.equal((await deliver(relay.listen, 'repository', repositoryPayload(action, to, changes))).status, 202)
      const told = await repository.push(relay, { [OLD]: { [name]: 'two' } })
      const isLost = nameOf(settings) === 'no-unregister'
      const ms = await fixture.until(name, isLost ? '-' : `two ${OLD}`, told.landedAtMs, 60_000)
      t.diagnostic(`${name}: ${ms} ms`)
      assert.equal((await fixture.settled(relay, told.id, 60_000)).state, isLost ? 'unknown' : 'forwarded')
    })
})
