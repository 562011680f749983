// The relay as the catalog's provider: what is applied, and that nothing empties a catalog.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node'
import { Conflicts } from '../../../relay/backstage/conflicts.ts'
import { LocationProvider } from '../../../relay/backstage/provider.ts'
import type { LocationsAnswer } from '../../../relay/backstage/relay-client.ts'

const location = (name: string) => `url:https://ghe.test/acme/${name}/blob/main/catalog-info.yaml`
const refOf = (name: string) => `location:default/${name}`
const toEntity = ({ location: { target } }: { location: { target: string } }) => ({
  ...{ apiVersion: 'backstage.io/v1alpha1', kind: 'Location', spec: { target } },
  metadata: { name: target.split('/')[4] ?? '' },
})
const namesIn = (deferred: { entity: { metadata: { name: string } } }[]) =>
  deferred.map(({ entity }) => entity.metadata.name).join(' ')
const inShort = (mutation: EntityProviderMutation) =>
  mutation.type === 'full'
    ? `full: ${namesIn(mutation.entities)}`
    : `delta: +${namesIn(mutation.added)} -${namesIn(mutation.removed)}`

type Step = Partial<Omit<LocationsAnswer, 'added' | 'removed'>> & { added?: string[]; removed?: string[] }

/** What the catalog is told, when the relay gives these answers one after the other and then none. */
async function applied(
  steps: (Step | Error)[],
  held: string[] = [],
): Promise<Record<'told' | 'warned' | 'ahead' | 'said', string[]> & { asked: (string | undefined)[] }> {
  const [told, warned, ahead, said]: [string[], string[], string[], string[]] = [[], [], [], []]
  const asked: (string | undefined)[] = []
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  let cursor = 0
  const provider = new LocationProvider({
    relay: {
      locations: async (after, signal) => {
        asked.push(after)
        const step = steps.shift()
        if (step instanceof Error) throw step
        if (step) {
          const { added = [], removed = [], ...rest } = step
          return {
            complete: true,
            cursor: `c${++cursor}`,
            ...rest,
            added: added.map(location),
            removed: removed.map(location),
          }
        }
        end()
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    },
    log: { info: text => void said.push(text), debug() {}, error() {}, warn: text => void warned.push(text) },
    lease: { take: async () => true, release: async () => {} },
    held: async () => new Set(held.map(refOf)),
    toEntity,
    ahead: async refs => void ahead.push(refs.join(' ')),
  })
  await provider.connect({
    applyMutation: async mutation => void told.push(inShort(mutation)),
    refresh: async () => {},
  })
  await ended
  await provider.stop()
  return { told, asked, warned, ahead, said }
}

test('full at the start, then what changes, from where the last answer ended', async () => {
  const { told, asked } = await applied([
    { added: ['a', 'b'] },
    { added: ['c'], removed: ['a'] },
    {},
    { removed: ['b'] },
  ])
  assert.deepEqual(told, ['full: a b', 'delta: +c -a', 'delta: + -b'])
  assert.deepEqual(asked, [undefined, 'c1', 'c2', 'c3', 'c4'])
})

test('a few new files go ahead of what the catalog was asked for before; all at the start and a hundred do not', async () => {
  const many = Array.from({ length: 100 }, (_, i) => `m${i}`)
  const { ahead } = await applied([{ added: ['a'] }, { added: ['c', 'd'] }, { added: many }, { removed: ['c'] }])
  assert.deepEqual(ahead, [`${refOf('c')} ${refOf('d')}`])
})

test('an unfinished list, as of a new store or while a reconcile is under way, is added and takes nothing away', async () => {
  const { told } = await applied(
    [
      { complete: false, added: ['a'] },
      { complete: false, added: ['b'] },
    ],
    ['x', 'y'],
  )
  assert.deepEqual(told, ['delta: +a -', 'delta: +b -'])
})

test('as soon as an unfinished list is complete, all is asked for again; the log says both', async () => {
  const { told, asked, said } = await applied([
    { complete: false, added: ['a'] },
    { complete: false, added: ['b'] },
    { removed: ['c'] },
    { added: ['a', 'b'] },
    {},
  ])
  assert.deepEqual(told, ['delta: +a -', 'delta: +b -', 'delta: + -c', 'full: a b'])
  assert.deepEqual(asked, [undefined, 'c1', 'c2', undefined, 'c4', 'c5'])
  assert.deepEqual(
    said.map(text => text.replace('catalog-gate: the relay provides ', '')),
    ['1 Locations so far; its list is not complete', '2 Locations'],
  )
})

test('an empty list does nothing, even when it is called complete', async () => {
  assert.deepEqual((await applied([{}, {}], ['x'])).told, [])
})

test('a complete list that lacks what the catalog has, as of a restored backup, takes nothing away but what it names', async () => {
  const { told, warned } = await applied([{ added: ['a'], removed: ['z'] }], ['a', 'x', 'z'])
  assert.deepEqual(told, ['delta: +a -z'])
  assert.match(warned[0] ?? '', /1 Locations of the catalog are not on the relay's list, and stay/)
})

test('a cursor that the relay does not know: everything comes again, and is a change like another', async () => {
  const { told } = await applied([
    { added: ['a', 'b'] },
    { complete: true, added: ['a', 'b', 'c'], removed: ['y'] },
    { added: ['a'] },
  ])
  assert.deepEqual(told, ['full: a b', 'delta: +c -y'])
})

test('where the catalog does not say what it has, nothing is replaced', async () => {
  const told: string[] = []
  const provider = new LocationProvider({
    relay: {
      locations: async (after, signal) =>
        after === undefined
          ? { complete: true, cursor: 'c', added: [location('a')], removed: [] }
          : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
    log: { info() {}, debug() {}, error() {}, warn() {} },
    lease: { take: async () => true, release: async () => {} },
    held: async () => undefined,
    toEntity,
  })
  const first = new Promise<void>(resolve => {
    void provider.connect({
      refresh: async () => {},
      applyMutation: async mutation => {
        told.push(inShort(mutation))
        resolve()
      },
    })
  })
  await first
  await provider.stop()
  assert.deepEqual(told, ['delta: +a -'])
})

test('while the relay is away the catalog keeps what it has, and asks on from there', async () => {
  const { told, asked, warned } = await applied([{ added: ['a'] }, new Error('refused'), { added: ['b'] }])
  assert.deepEqual(told, ['full: a', 'delta: +b -'])
  assert.deepEqual(asked, [undefined, 'c1', 'c1', 'c2'])
  assert.match(warned[0] ?? '', /no Locations of the relay: Error: refused; the catalog keeps what it has/)
})

test('what lost a name is read anew once the file that had it is gone, and not before; not at once where that may have moved', async () => {
  const conflicts = new Conflicts()
  conflicts.note('component:default/x', location('to'), location('from').replace('/blob/', '/tree/'))
  const steps = [
    { added: ['to'], removed: ['else'] },
    { added: ['moved'], removed: ['from'] },
    { added: [], removed: ['from'] },
    { added: [], removed: ['from'] },
  ]
  const told: string[] = []
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const provider = new LocationProvider({
    relay: {
      locations: async (_, signal) => {
        const step = steps.shift()
        if (step) {
          const { added, removed } = step
          return { complete: false, cursor: 'c', added: added.map(location), removed: removed.map(location) }
        }
        end()
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    },
    log: { info() {}, debug() {}, error() {}, warn() {} },
    lease: { take: async () => true, release: async () => {} },
    held: async () => new Set(),
    toEntity,
    freed: removed => conflicts.freed(removed),
  })
  await provider.connect({
    applyMutation: async mutation => void told.push(inShort(mutation)),
    refresh: async ({ keys }) => void told.push(`refresh ${keys.join(' ')}`),
  })
  await ended
  await provider.stop()
  const key = location('to').replace('/blob/', '/tree/')
  assert.deepEqual(told, [
    ...['delta: +to -else', 'delta: +moved -from', 'delta: + -from', `refresh ${key}`],
    'delta: + -from',
  ])
})
