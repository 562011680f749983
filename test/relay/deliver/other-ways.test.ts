// A file that the catalog knows by none of its own names: by its entities, by what names it, by patterns, by what lies beside it; and what proves nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBackstage } from '../../../relay/clients/backstage.ts'
import { type Forwarded, type ForwardOptions, forward } from '../../../relay/deliver/forward.ts'
import { placeIn } from '../../../relay/deliver/location.ts'
import type { RefreshJob } from '../../../relay/store/ports/jobs.ts'
import type { KnownFile } from '../../../relay/store/ports/known-files.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
import { Catalog } from '../../support/catalog.ts'

const at = (path: string, form = 'tree', repository = 'acme/mono') =>
  `https://ghe.test/${repository}/${form}/main/${path}`
const job: RefreshJob = {
  ...{
    kind: 'refresh',
    pushId: 'msg_1',
    repository: 'acme/mono',
    ref: 'refs/heads/main',
    path: 'svc/a/catalog-info.yaml',
  },
  ...{ change: 'modified', entities: [], defaultBranch: true, receivedAtMs: 0, attempts: 0, lease: 'l', flow: 'jane' },
}
const file = job.path
const ref = 'refs/heads/main'

type Scene = {
  what: string
  job?: Partial<RefreshJob>
  /** What the catalog has. */
  catalog?: (catalog: Catalog) => void
  /** The token may refresh and nothing else. */
  refreshOnly?: boolean
  register?: boolean
  locations?: string[]
  known?: Partial<KnownFile>[]
  parents?: string[]
  outcome: string
  did: 'refreshed' | 'registered' | 'unknown' | 'nothing'
  /** Refreshes by name, those of the plain Locations left out. */
  asked?: string[]
}

const knows = (name: string, path: string, location?: string) => (catalog: Catalog) =>
  catalog.knowFrom(`component:default/${name}`, path, location)
const NOT_SHOWN = '(backstage.token is not allowed to look up whether it comes from this file)'
const wildcard = at('**/catalog-info.yaml', 'blob')
const readThroughIt = (catalog: Catalog) => {
  catalog.knowFrom('component:default/b', at('svc/b/catalog-info.yaml'), wildcard)
  catalog.knowLocation(wildcard)
}
const beside: Partial<KnownFile> = { path: 'svc/b/catalog-info.yaml', via: 'component:default/b' }

const SCENES: Scene[] = [
  {
    what: 'an entity that comes from this file',
    job: { entities: ['Component:default/A'], change: 'added' },
    catalog: knows('a', at(file)),
    ...{ did: 'refreshed', outcome: 'refreshed component:default/a' },
  },
  {
    what: 'a new file whose entity another repository holds: unknown, and said so',
    job: { entities: ['component:default/a'], change: 'added' },
    catalog: knows('a', at('catalog-info.yaml', 'blob', 'acme/else')),
    did: 'unknown',
    outcome:
      'unknown to the catalog; component:default/a comes from https://ghe.test/acme/else/blob/main/catalog-info.yaml',
    asked: [],
  },
  {
    what: 'the same, and files are registered: registered, and said so',
    job: { entities: ['component:default/a'], change: 'added' },
    catalog: knows('a', at('catalog-info.yaml')),
    register: true,
    did: 'registered',
    outcome: `registered ${at(file, 'blob')}; component:default/a comes from ${at('catalog-info.yaml')}`,
  },
  {
    what: 'a modified file and a token that is shown nothing: its entity counts, and that it could not be looked up is said',
    job: { entities: ['component:default/a'] },
    catalog: knows('a', at('x/catalog-info.yaml')),
    ...{ refreshOnly: true, did: 'refreshed', outcome: `refreshed component:default/a ${NOT_SHOWN}` },
  },
  {
    what: 'an added file and a token that is shown nothing: its entity is nobody’s proof',
    job: { entities: ['component:default/a'], change: 'added' },
    catalog: catalog => catalog.failNext('by-refs', { status: 200, body: { items: [null] } }),
    ...{ register: true, did: 'registered', outcome: `registered ${at(file, 'blob')}`, asked: [] },
  },
  {
    what: 'of sixty entities the last one is known',
    job: { entities: Array.from({ length: 60 }, (_, n) => `component:default/n${n}`), change: 'added' },
    catalog: knows('n59', at(file)),
    ...{ did: 'refreshed', outcome: 'refreshed component:default/n59', asked: ['component:default/n59'] },
  },
  {
    what: 'its entity has another name now: by its former one',
    job: { entities: ['component:default/new'] },
    known: [{ path: file, entities: ['component:default/old'] }],
    catalog: knows('old', at(file)),
    ...{ did: 'refreshed', outcome: 'refreshed component:default/old' },
  },
  {
    what: 'a Location in another file names it',
    job: { entities: ['component:default/a'], change: 'added' },
    parents: ['catalog-info.yaml'],
    catalog: catalog => void catalog.knowLocation(at('catalog-info.yaml', 'blob')),
    ...{ did: 'refreshed', outcome: 'refreshed catalog-info.yaml, which names it' },
  },
  {
    what: 'files are registered, and a Location names this one: it comes with that, and would be there twice',
    job: { change: 'added' },
    parents: ['catalog-info.yaml'],
    ...{ register: true, did: 'nothing', outcome: 'comes with catalog-info.yaml, which names it' },
  },
  {
    what: 'that file is known by another name itself',
    parents: ['catalog-info.yaml'],
    known: [{ path: 'catalog-info.yaml', via: 'location:default/teams' }],
    catalog: catalog => catalog.know('location:default/teams'),
    ...{ did: 'refreshed', outcome: 'refreshed catalog-info.yaml, which names it', asked: ['location:default/teams'] },
  },
  {
    what: 'a provider with a pattern, which is configured',
    job: { change: 'added', entities: ['component:default/a'] },
    locations: ['catalog/*.yaml', '/**/catalog-info.yaml'],
    catalog: readThroughIt,
    ...{ did: 'refreshed', outcome: `refreshed its Location ${wildcard}`, asked: [locationRef(wildcard)] },
  },
  {
    what: 'a wildcard of Backstage’s stands for no name that begins with a dot',
    job: { path: '.backstage/catalog-info.yaml', change: 'added' },
    locations: ['**/catalog-info.yaml'],
    catalog: readThroughIt,
    ...{ did: 'unknown', outcome: 'unknown to the catalog', asked: [] },
  },
  {
    what: 'a pattern that nobody has configured, found by a file beside it',
    job: { change: 'added' },
    known: [{ path: 'x.yaml' }, { path: 'plain.yaml', via: locationRef(at('plain.yaml', 'blob')) }, beside],
    catalog: readThroughIt,
    register: true,
    ...{ did: 'refreshed', outcome: `refreshed its Location ${wildcard}`, asked: [locationRef(wildcard)] },
  },
  {
    what: 'a pattern in a Location of a file, found by a file beside it',
    job: { change: 'added', path: 'teams/new.yaml' },
    known: [{ path: 'teams/b.yaml', via: 'component:default/b' }],
    catalog: catalog => {
      catalog.knowFrom('component:default/b', at('teams/b.yaml'), at('catalog-info.yaml'))
      catalog.nameFrom('component:default/b', 'teams', at('catalog-info.yaml'), ['./plain.yaml', './teams/*.yaml'])
    },
    did: 'refreshed',
    outcome: `refreshed its Location ${at('teams/*.yaml')}`,
    asked: ['location:default/teams'],
  },
  {
    what: 'a file beside it that comes from a Location of its own proves nothing',
    job: { change: 'added' },
    known: [beside],
    catalog: knows('b', at('svc/b/catalog-info.yaml')),
    ...{ did: 'unknown', outcome: 'unknown to the catalog', asked: [] },
  },
  {
    what: 'a file beside it, and a token that is shown nothing: all that its Locations name is read anew',
    job: { change: 'added' },
    known: [beside],
    catalog: readThroughIt,
    refreshOnly: true,
    did: 'refreshed',
    outcome:
      'refreshed component:default/b of svc/b/catalog-info.yaml, with all that its Locations name (backstage.token is not allowed to look up whether this file is among it)',
  },
  {
    what: 'the same where files are registered: a Location of its own is surer',
    job: { change: 'added' },
    known: [beside],
    catalog: catalog => {
      readThroughIt(catalog)
      catalog.failNext('ancestry', { status: 403, body: { error: { name: 'NotAllowedError', message: '' } } })
    },
    ...{ register: true, did: 'registered', outcome: `registered ${at(file, 'blob')}`, asked: [] },
  },
  {
    what: 'what is known of another branch is of no use',
    job: { change: 'added' },
    known: [{ ...beside, ref: 'refs/heads/next' }],
    catalog: readThroughIt,
    ...{ did: 'unknown', outcome: 'unknown to the catalog' },
  },
]

for (const scene of SCENES) {
  test(scene.what, async t => {
    const catalog = await new Catalog({ token: 't', refreshOnly: scene.refreshOnly === true }).start()
    t.after(() => catalog.stop())
    const backstage = openBackstage({ baseUrl: catalog.url, token: () => 't', now: Date.now, timeoutMs: 60_000 })
    t.after(() => backstage.close())
    scene.catalog?.(catalog)
    const asked: RefreshJob = { ...job, ...scene.job }
    const options: ForwardOptions = {
      ...{ host: 'ghe.test', register: scene.register === true, removed: 'refresh', locations: scene.locations ?? [] },
      beforeCall: async () => {},
      fileAtGhes: async () => ({ result: 'there' }),
      known: {
        knownFiles: async () => (scene.known ?? []).map(one => ({ ref, path: '', entities: [], ...one })),
        filesReferencing: async () => scene.parents ?? [],
        moving: async () => [],
      },
    }
    const given: Forwarded = await forward(backstage, asked, options)
    assert.ok(given.result === 'done')
    assert.deepEqual([given.did, given.outcome], [scene.did, scene.outcome])
    const plain = ['blob', 'tree'].map(form => locationRef(at(asked.path, form)))
    const byName = catalog.refreshes().map(({ entityRef }) => entityRef)
    if (scene.asked)
      assert.deepEqual(
        byName.filter(name => !plain.includes(name)),
        scene.asked,
      )
  })
}

test('a URL of the catalog names this file, however it is written', () => {
  const place = { host: 'ghe.test', repository: 'acme/mono', ref: 'refs/heads/team/x' }
  for (const [url, path] of [
    ['https://ghe.test/acme/mono/tree/team/x/a/b.yaml', 'a/b.yaml'],
    ['https://GHE.test/Acme/Mono/blob/team/x/a/b.yaml', 'a/b.yaml'],
    ['https://ghe.test/acme/mono/blob/team/x/s%C3%BC%C3%9F%20%231/b.yaml', 'süß #1/b.yaml'],
    ['https://ghe.test/acme/mono/tree/HEAD/b.yaml', 'b.yaml'],
    ['https://ghe.test/acme/mono/blob/team/x/100%/b.yaml', '100%/b.yaml'],
    ['https://ghe.test/acme/mono/blob/main/b.yaml', undefined],
    ['https://ghe.test/acme/mono2/blob/team/x/b.yaml', undefined],
    ['https://elsewhere.test/acme/mono/blob/team/x/b.yaml', undefined],
    ['file:///b.yaml', undefined],
  ] as const)
    assert.equal(placeIn(url, place), path, url)
})
