// What is called unknown or taken, and what never is: staleness, renames, moves and a token that may not read make nothing false.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RepositoryAnswer } from '../../../relay/clients/ghes/branches.ts'
import { CatalogCopy } from '../../../relay/lookups/catalog-copy.ts'
import { type LookupResult, openLookups } from '../../../relay/lookups/lookups.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { Holders } from '../../../relay/store/ports/holders.ts'
import type { LookupAnswer, LookupRequest } from '../../../schemas/lookup.ts'
import { TestClock } from '../clock.ts'
import { FakeCatalog } from './catalog-fake.ts'

const BILLING = 'https://ghe.test/acme/billing/tree/main/catalog-info.yaml'
const OWN = 'https://ghe.test/acme/payments/tree/main/catalog-info.yaml'
const PAY = 'component:default/payments'

const whole: LookupRequest = {
  ...{ version: 1, repository: 'acme/payments', ref: 'refs/heads/main', entities: [], references: [] },
}
const declares = (path = 'catalog-info.yaml', ref = PAY) => ({ entities: [{ ref, path }] })
const found = (fullName: string): RepositoryAnswer => ({
  ...{ result: 'found', fullName, archived: false, defaultBranch: 'main' },
})

async function open(t: { after(end: () => unknown): void }, entities: Record<string, string>) {
  const clock = new TestClock()
  const catalog = new FakeCatalog()
  for (const [ref, file] of Object.entries(entities)) catalog.entities.set(ref, file)
  const logged: string[] = []
  const copy = new CatalogCopy({ catalog, clock, log: openLog({ write: text => void logged.push(text) }, 'info') })
  const told = { brought: new Set<string>(), left: new Set<string>(), owners: new Set<string>() }
  const store: Holders = {
    broughtLately: async refs => new Set(refs.filter(ref => told.brought.has(ref))),
    hasLeft: async ({ repository, ref, path }, entity) => told.left.has(`${repository} ${ref} ${path} ${entity}`),
    knowsOwnerOf: async repository => told.owners.has(repository.split('/')[0] ?? ''),
  }
  const repositories = new Map<string, RepositoryAnswer>()
  const ghes = {
    repository: async ({ owner, name }: { owner: string; name: string }) =>
      repositories.get(`${owner}/${name}`) ?? found(`${owner}/${name}`),
  }
  const lookups = openLookups({ copy, catalog, store, ghes, clock, host: 'ghe.test' })
  copy.start()
  t.after(() => copy.stop())
  for (let i = 0; i < 50 && copy.asOfMs === undefined; i++) await nextTurn()
  const ask = (request: Partial<LookupRequest>) => lookups({ ...whole, ...request })
  return { ask, catalog, clock, copy, told, repositories, logged }
}

function answerIn(result: LookupResult): LookupAnswer {
  assert.equal(result.result, 'answer')
  return (result as Extract<LookupResult, { result: 'answer' }>).answer
}

suite('references', () => {
  test('one that nobody knows, with the nearest name of its kind; others from memory', async t => {
    const { ask, catalog, clock, logged } = await open(t, {
      ...{ 'group:default/payments': '', 'component:default/paymnts': '', 'group:default/team-a': '' },
      ...{ 'group:other/paymnets': '', 'group:default/quite-another': '' },
    })
    assert.match(logged.join(''), /the catalog is listed: lookups are answered/)
    const references = ['group:default/team-a', 'Group:default/Paymnets']
    assert.deepEqual(answerIn(await ask({ references })), {
      unknown: [{ ref: 'Group:default/Paymnets', nearest: ['group:other/paymnets', 'group:default/payments'] }],
      taken: [],
      asOf: new Date(clock.now()).toISOString(),
    })
    assert.equal(catalog.asked.length, 1)
    assert.deepEqual(answerIn(await ask({ references: ['GROUP:Default/Team-A'] })).unknown, [])
    assert.equal(catalog.asked.length, 1, 'answered from memory')
  })

  test('one that has come since the listing, that a push has just brought, and that this push declares', async t => {
    const { ask, catalog, told } = await open(t, { 'group:default/a': '' })
    catalog.entities.set('group:default/new', '')
    told.brought.add('group:default/landed')
    const references = ['group:default/new', 'group:default/landed', 'group:default/own', 'group:default/none']
    const { unknown } = answerIn(await ask({ references, ...declares('a.yaml', 'Group:default/own') }))
    assert.deepEqual(unknown, [{ ref: 'group:default/none', nearest: [] }])
    answerIn(await ask({ references: ['group:default/new'] }))
    assert.equal(catalog.asked.length, 1, 'what was learned is remembered')
  })

  test('what is no whole ref is not asked for', async t => {
    const { ask, catalog } = await open(t, { 'group:default/a': '' })
    assert.deepEqual(answerIn(await ask({ references: ['a', 'group:a', '::/', 'x:y/z/w'] })).unknown, [])
    assert.equal(catalog.asked.length, 0)
  })

  test('a listing brings in what has gone', async t => {
    const { ask, catalog, clock } = await open(t, {
      'group:default/a': '',
      'group:default/b': '',
      'group:default/c': '',
    })
    catalog.entities.delete('group:default/c')
    assert.deepEqual(answerIn(await ask({ references: ['group:default/c'] })).unknown, [], 'as listed')
    clock.pass(180_000)
    for (let i = 0; i < 50; i++) await nextTurn()
    clock.pass(1000)
    for (let i = 0; i < 50; i++) await nextTurn()
    assert.equal(catalog.listings, 2)
    assert.deepEqual(answerIn(await ask({ references: ['group:default/c'] })).unknown, [
      { ref: 'group:default/c', nearest: ['group:default/a', 'group:default/b'] },
    ])
  })
})

suite('what cannot be said', () => {
  test('no list yet, and a catalog that shows nothing at all', async t => {
    const { ask, logged, catalog, clock } = await open(t, {})
    assert.equal((await ask({ references: ['group:default/a'] })).result, 'unavailable')
    assert.match(logged.join(''), /it shows nothing at all: is backstage\.token allowed catalog\.entity\.read\?/)
    catalog.entities.set('group:default/a', '')
    clock.pass(10_000)
    for (let i = 0; i < 50; i++) await nextTurn()
    assert.equal((await ask({ references: ['group:default/a'] })).result, 'answer')
  })

  test('a token that may read no more: nothing is unknown', async t => {
    const { ask, catalog } = await open(t, { 'group:default/a': '' })
    catalog.isReadable = false
    assert.equal((await ask({ references: ['group:default/b'] })).result, 'unavailable')
    assert.equal((await ask({ references: ['group:default/a'] })).result, 'answer', 'that was listed')
  })

  test('a catalog that fails is left alone for a while', async t => {
    const { ask, catalog, clock } = await open(t, { 'group:default/a': '' })
    catalog.isDown = true
    assert.equal((await ask({ references: ['group:default/b'] })).result, 'unavailable')
    catalog.isDown = false
    assert.equal((await ask({ references: ['group:default/b'] })).result, 'unavailable')
    assert.equal(catalog.asked.length, 1)
    clock.pass(5_000)
    assert.equal(answerIn(await ask({ references: ['group:default/b'] })).unknown.length, 1)
  })

  test('one that is silent is waited for a second, and asked four questions at a time', async t => {
    const { ask, catalog, clock } = await open(t, { 'group:default/a': '' })
    catalog.isSilent = true
    const asked = Array.from({ length: 6 }, (_, i) => ask({ references: [`group:default/b${i}`] }))
    await nextTurn()
    assert.equal(catalog.asked.length, 4)
    clock.pass(1_000)
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ result }) => result)), new Set(['unavailable']))
  })
})

suite('names', () => {
  const taken = [{ ref: PAY, by: 'https://ghe.test/acme/billing/blob/main/catalog-info.yaml' }]

  test('another repository, another path, another host, and what is no file', async t => {
    const { ask, catalog, copy } = await open(t, { [PAY]: BILLING, 'group:default/a': '' })
    assert.deepEqual(answerIn(await ask(declares())).taken, taken)
    const at = async (file: string) => {
      catalog.entities.set(PAY, file)
      copy.learn(PAY, file)
      return answerIn(await ask(declares())).taken.map(({ by }) => by)
    }
    assert.deepEqual(await at(OWN.replace('main/', 'main/svc/')), [
      'https://ghe.test/acme/payments/blob/main/svc/catalog-info.yaml',
    ])
    assert.deepEqual(await at(OWN.replace('ghe.test', 'github.com')), [OWN.replace('ghe.test', 'github.com')])
    assert.deepEqual(await at('https://ghe.test/orgs/acme'), ['https://ghe.test/orgs/acme'])
    assert.deepEqual(await at(''), [])
  })

  test('its own file: whatever the letter case of repository, host and ref, and whatever the branch', async t => {
    const { ask, catalog, copy, repositories } = await open(t, { [PAY]: OWN, 'group:default/a': '' })
    for (const [file, path = 'catalog-info.yaml'] of [
      [OWN],
      [OWN.replace('acme/payments', 'Acme/Payments')],
      [OWN.replace('ghe.test', 'GHE.test').replace('tree', 'blob')],
      [OWN.replace('main', 'trunk')],
      [OWN.replace('main', 'HEAD')],
      [OWN.replace('main', 'release/1.x')],
      [OWN.replace('catalog-info', 'a%20b/c'), 'a b/c.yaml'],
    ] as const) {
      catalog.entities.set(PAY, file)
      copy.learn(PAY, file)
      repositories.set('acme/payments', found('acme/payments'))
      for (const ref of ['refs/heads/main', 'refs/heads/feature/x'])
        assert.deepEqual(answerIn(await ask({ ...declares(path, 'Component:Default/Payments'), ref })).taken, [], file)
    }
  })

  test('gone from there since the listing', async t => {
    const { ask, catalog } = await open(t, { [PAY]: BILLING, 'group:default/a': '' })
    catalog.entities.set(PAY, OWN)
    assert.deepEqual(answerIn(await ask(declares())).taken, [])
    const again = await open(t, { [PAY]: BILLING, 'group:default/a': '' })
    again.catalog.entities.delete(PAY)
    assert.deepEqual(answerIn(await again.ask(declares())).taken, [])
  })

  test('gone from there by a push that the catalog has not heard of', async t => {
    const { ask, told } = await open(t, { [PAY]: BILLING, 'group:default/a': '' })
    told.left.add(`acme/billing refs/heads/main catalog-info.yaml ${PAY}`)
    assert.deepEqual(answerIn(await ask(declares())).taken, [])
  })

  test('a repository that has another name now, and one that is gone', async t => {
    const { ask, repositories, told } = await open(t, { [PAY]: BILLING, 'group:default/a': '' })
    const { result: _, ...to } = found('acme/payments') as Extract<RepositoryAnswer, { result: 'found' }>
    repositories.set('acme/billing', { result: 'moved', to })
    assert.deepEqual(answerIn(await ask(declares())).taken, [], 'it is this one')
    repositories.set('acme/billing', { result: 'moved', to: { ...to, fullName: 'acme/bills' } })
    told.left.add(`acme/bills refs/heads/main catalog-info.yaml ${PAY}`)
    assert.deepEqual(answerIn(await ask(declares())).taken, [], 'it has left it under its new name')
    told.left.clear()
    assert.deepEqual(answerIn(await ask(declares())).taken, taken)
    repositories.set('acme/billing', { result: 'none' })
    assert.deepEqual(answerIn(await ask(declares())).taken, taken, 'hidden from our token')
    told.owners.add('acme')
    assert.deepEqual(answerIn(await ask(declares())).taken, [], 'deleted')
    repositories.set('acme/billing', { result: 'trouble', kind: 'down', reason: 'GHES answered 502' })
    assert.deepEqual(answerIn(await ask(declares())).taken, taken, 'as the catalog says')
  })
})
