// Moves and splits, in simulated time, against a model of the catalog: what it has in the end, how soon, and what the push says.
import assert from 'node:assert/strict'
import type { NotifiedFile } from '../../../schemas/notification.ts'
import { CatalogModel } from './catalog-model.ts'
import { sha, testWorker } from './worker-fixture.ts'

const [OLD, NEW] = ['catalog-info.yaml', 'svc/catalog-info.yaml']
const X = 'component:default/x'
const ORDERS = ['together', 'new first', 'old first'] as const
const LOCATIONS = { 'by hand': [OLD], 'of a provider': [OLD, NEW], 'with a pattern': ['**/catalog-info.yaml'] }

type Case = {
  where: keyof typeof LOCATIONS
  register: boolean
  removed: 'refresh' | 'unregister'
  /** Reads and deletes; else it may refresh and register only. */
  mayAll: boolean
}
type Expected = { path: string | undefined; withinMs: number; says: RegExp }

const cases: (Case & Expected)[] = (Object.keys(LOCATIONS) as Case['where'][]).flatMap(where =>
  [true, false].flatMap(mayAll =>
    [true, false].flatMap(register =>
      (['unregister', 'refresh'] as const).map(removed => {
        const given = { where, mayAll, register, removed }
        return { ...given, ...expected(given) }
      }),
    ),
  ),
)

function expected({ where, mayAll, register, removed }: Case): Expected {
  const moved = { path: NEW, withinMs: mayAll ? 3000 : 40_000, says: /after .*, and looked at once more/ }
  if (where !== 'by hand') return moved
  if (!mayAll)
    return { path: OLD, withinMs: 0, says: /; the catalog keeps component:default\/x of catalog-info\.yaml until/ }
  if (register) return moved
  if (removed === 'refresh')
    return { path: OLD, withinMs: 0, says: /; the catalog keeps component:default\/x of catalog/ }
  return { path: undefined, withinMs: 3000, says: /the catalog has lost what was in catalog-info\.yaml until/ }
}

for (const { where, register, removed, mayAll, path, withinMs, says } of cases) {
  const token = mayAll ? 'a token that may all' : 'a token that may refresh'
  let catalog: CatalogModel
  testWorker(
    `${where}, ${register ? 'register' : 'no registration'}, removed: ${removed}, ${token}`,
    async ({ clock, store, worker, pass }) => {
      let number = 0
      const push = async (...files: NotifiedFile[]) => {
        for (const { path, change, entities = [] } of files)
          if (change === 'removed') catalog.tree.delete(path)
          else catalog.tree.set(path, [...entities])
        const landed = { repository: 'acme/payments', ref: 'refs/heads/main', before: sha(++number), after: sha(1) }
        const id = `msg_${number}`
        await store.accept({ ...landed, id, files, firstCheckAtMs: clock.now() })
        worker.landingDueAt(clock.now())
        return id
      }
      for (const order of ORDERS) {
        // As it was, some time ago.
        catalog.empty()
        catalog.tree.set(OLD, [X])
        for (const location of LOCATIONS[where]) catalog.add(location, where === 'by hand')
        await push({ path: OLD, change: 'modified', entities: [X] }, { path: NEW, change: 'removed' })
        await pass(200_000)
        const [gone, come]: NotifiedFile[] = [
          { path: OLD, change: 'removed' },
          { path: NEW, change: 'added', entities: [X] },
        ] as const
        assert.ok(gone && come)
        const ids = []
        if (order === 'together') ids.push(await push(come, gone))
        else
          for (const file of order === 'new first' ? [come, gone] : [gone, come])
            ids.push(await push(file), await pass(400))
        const shown = () => catalog.rows.get(X)?.path
        let tookMs = 0
        for (; shown() !== path && tookMs < 90_000; tookMs += 100) await pass(100)
        assert.equal(shown(), path, `${order}: not even after 90 s`)
        assert.ok(tookMs <= withinMs, `${order}: ${tookMs} ms`)
        await pass(40_000)
        assert.equal(shown(), path, `${order}: not for good`)
        const pushes = await Promise.all(ids.filter(id => typeof id === 'string').map(id => store.push(id)))
        const outcomes = pushes.flatMap(told => told?.files.map(({ outcome }) => outcome) ?? [])
        assert.match(outcomes.join('\n'), says, order)
      }
    },
    {
      register,
      removed,
      isThere: path => catalog.tree.has(path),
      // Without reading it cannot be found out.
      locations: mayAll ? [] : LOCATIONS[where].filter(path => path.includes('*')),
      catalog: clock => {
        catalog = new CatalogModel(clock, { read: mayAll })
        return catalog
      },
    },
  )
}

const FIVE = [1, 2, 3, 4, 5]
const x = (i: number) => `component:default/x${i}`
let folder: CatalogModel
testWorker(
  'a folder of five moves, whose Location with a pattern nobody may register beside: all have come, though it was read amid',
  async ({ clock, store, worker, pass }) => {
    const push = async (id: string, ...files: NotifiedFile[]) => {
      for (const { path, change, entities = [] } of files)
        if (change === 'removed') folder.tree.delete(path)
        else folder.tree.set(path, [...entities])
      const landed = { repository: 'acme/payments', ref: 'refs/heads/main', before: sha(2), after: sha(1) }
      await store.accept({ ...landed, id, files, firstCheckAtMs: clock.now() })
      worker.landingDueAt(clock.now())
    }
    const at = (where: string, change: NotifiedFile['change']) =>
      FIVE.map(i => ({ path: `${where}${i}/${OLD}`, change, ...(change === 'removed' ? {} : { entities: [x(i)] }) }))
    folder.tree.set(OLD, [X])
    for (const { path, entities = [] } of at('a', 'added')) folder.tree.set(path, entities)
    folder.add('**/catalog-info.yaml', false)
    await push('msg_1', { path: OLD, change: 'modified', entities: [X] }, ...at('a', 'modified'))
    await pass(200_000)
    await push('msg_2', ...at('a', 'removed'), ...at('b', 'added'))
    // Somebody asks for another file of it.
    await folder.refresh(X)
    await pass(8000)
    assert.deepEqual(
      FIVE.map(i => folder.rows.get(x(i))?.path),
      FIVE.map(i => `b${i}/${OLD}`),
    )
    assert.equal((await store.push('msg_2'))?.state, 'forwarded')
  },
  { catalog: clock => (folder = new CatalogModel(clock, { read: true })) },
)

const THIRD = 'b/catalog-info.yaml'
let alone: CatalogModel
for (const shownAfterMs of [400, 4000])
  testWorker(
    `the only entity below a pattern moves twice, however soon, and is shown ${shownAfterMs} ms after it was read: it has come, though nothing else of its Location can be taken away`,
    async ({ clock, store, worker, pass }) => {
      let number = 0
      const push = async (...files: NotifiedFile[]) => {
        for (const { path, change, entities = [] } of files)
          if (change === 'removed') alone.tree.delete(path)
          else alone.tree.set(path, [...entities])
        const landed = { repository: 'acme/payments', ref: 'refs/heads/main', before: sha(++number), after: sha(1) }
        await store.accept({ ...landed, id: `msg_${number}`, files, firstCheckAtMs: clock.now() })
        worker.landingDueAt(clock.now())
      }
      const move = (from: string, to: string) =>
        push({ path: from, change: 'removed' }, { path: to, change: 'added', entities: [X] })
      const lost: number[] = []
      for (let pauseMs = 0; pauseMs < 2000; pauseMs += 50 + shownAfterMs / 40) {
        alone.empty()
        alone.tree.set(OLD, [X])
        alone.add('**/catalog-info.yaml', false)
        await push({ path: OLD, change: 'modified', entities: [X] }, { path: THIRD, change: 'removed' })
        await pass(200_000)
        await move(OLD, NEW)
        await pass(pauseMs)
        await move(NEW, THIRD)
        await pass(12_000)
        if (alone.rows.get(X)?.path !== THIRD) lost.push(pauseMs)
      }
      assert.deepEqual(lost, [])
    },
    { catalog: clock => (alone = new CatalogModel(clock, { read: true }, shownAfterMs)) },
  )

let provided: CatalogModel
testWorker(
  'our provider takes the old file away, at once or a little later, and the token reads nothing: the entity is there again soon',
  async ({ clock, store, worker, pass }) => {
    let number = 0
    const push = async (...files: NotifiedFile[]) => {
      const landed = { repository: 'acme/payments', ref: 'refs/heads/main', before: sha(++number), after: sha(1) }
      await store.accept({ ...landed, id: `msg_${number}`, files, firstCheckAtMs: clock.now() })
      worker.landingDueAt(clock.now())
    }
    // Later than that our module in Backstage has the new file read by itself (relay/backstage/conflicts.ts).
    for (const takenAfterMs of [0, 600]) {
      provided.empty()
      provided.tree.set(OLD, [X])
      provided.add(OLD, false)
      await push({ path: OLD, change: 'modified', entities: [X] }, { path: NEW, change: 'removed' })
      await pass(200_000)
      provided.tree.set(NEW, [X])
      provided.add(NEW, false)
      await push({ path: NEW, change: 'added', entities: [X] })
      await pass(400)
      provided.tree.delete(OLD)
      await push({ path: OLD, change: 'removed' })
      await pass(takenAfterMs)
      provided.remove(OLD)
      let tookMs = 0
      for (; provided.rows.get(X)?.path !== NEW && tookMs < 90_000; tookMs += 100) await pass(100)
      assert.ok(tookMs <= 5_000, `taken after ${takenAfterMs} ms: ${tookMs} ms`)
    }
  },
  {
    hasProvider: true,
    isThere: path => provided.tree.has(path),
    catalog: clock => (provided = new CatalogModel(clock, { read: false })),
  },
)
