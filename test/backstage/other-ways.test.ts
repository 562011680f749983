// Files that the catalog knows by no plain name: what the relay asks for in their place brings them into a real catalog, with a token that may read and with one that may not.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { openBackstage } from '../../relay/clients/backstage.ts'
import { forward } from '../../relay/deliver/forward.ts'
import type { RefreshJob } from '../../relay/store/ports/jobs.ts'
import type { KnownFile } from '../../relay/store/ports/known-files.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { type Backstage, READER_TOKEN, startBackstage } from './backend.ts'

const REFRESH_ONLY = 'relay-token-0123456789abcdef'
const ref = 'refs/heads/main'

const component = (name: string, title = 'one') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name}, title: ${title} }
spec: { type: service, lifecycle: production, owner: team-a }
`
const location = `apiVersion: backstage.io/v1alpha1
kind: Location
metadata: { name: teams }
spec: { targets: [./plain.yaml, './teams/*.yaml'] }
`

type Asked = {
  repository: string
  path: string
  change?: RefreshJob['change']
  entities?: readonly string[]
  token?: string
  locations?: string[]
  known?: Partial<KnownFile>[]
  parents?: string[]
}

suite('other ways to a file', { timeout: 300_000 }, () => {
  let host: RepositoryHost
  let ghes: Ghes
  let backstage: Backstage
  let mono: WorkingCopy
  let teams: WorkingCopy

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    mono = await (await host.create('acme/mono')).clone()
    await mono.change({ 'svc/a/catalog-info.yaml': component('a') })
    teams = await (await host.create('acme/teams')).clone()
    await teams.change({
      ...{ 'catalog-info.yaml': location, 'plain.yaml': component('plain'), 'teams/t1.yaml': component('t1') },
    })
    backstage = await startBackstage({
      directory: host.directory,
      ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' },
      relayToken: REFRESH_ONLY,
      locations: [`https://${ghes.host}/acme/mono/blob/main/**/catalog-info.yaml`],
      logLevel: 'warn',
    })
    await backstage.register(`https://${ghes.host}/acme/teams/blob/main/catalog-info.yaml`)
    for (const name of ['a', 'plain', 't1'])
      await backstage.until(`component:default/${name}`, entity => entity !== undefined)
  })
  after(async () => {
    await backstage?.stop()
    await ghes?.stop()
    await host?.remove()
  })

  async function asked({ change = 'added', entities = [], token = REFRESH_ONLY, ...given }: Asked): Promise<string> {
    const client = openBackstage({ baseUrl: backstage.url, token: () => token, now: Date.now })
    assert.deepEqual(await client.reach(), { result: 'answered' })
    const job: RefreshJob = {
      ...{
        kind: 'refresh',
        pushId: 'msg_1',
        ref,
        defaultBranch: true,
        receivedAtMs: 0,
        attempts: 0,
        lease: 'l',
        flow: 'jane',
      },
      ...{ repository: `acme/${given.repository}`, path: given.path, change, entities: [...entities] },
    }
    const forwarded = await forward(client, job, {
      ...{ host: ghes.host, register: false, removed: 'refresh', locations: given.locations ?? [] },
      beforeCall: async () => {},
      fileAtGhes: async () => ({ result: 'there' }),
      known: {
        knownFiles: async () => (given.known ?? []).map(one => ({ ref, path: '', entities: [], ...one })),
        filesReferencing: async () => given.parents ?? [],
        moving: async () => [],
      },
    })
    await client.close()
    assert.ok(forwarded.result === 'done', JSON.stringify(forwarded))
    return `${forwarded.did}: ${forwarded.outcome}`
  }

  const isShown = (name: string, title = 'one') =>
    backstage.until(`component:default/${name}`, entity => entity?.metadata.title === title)
  const beside = { path: 'svc/a/catalog-info.yaml', via: 'component:default/a' }

  test('a new file of a provider with a pattern, by the pattern', async () => {
    await mono.change({ 'svc/b/catalog-info.yaml': component('b') })
    const given = { repository: 'mono', path: 'svc/b/catalog-info.yaml', entities: ['component:default/b'] }
    assert.match(await asked({ ...given, locations: ['/**/catalog-info.yaml'] }), /^refreshed: .*\/blob\/main\/\*\*\//)
    await isShown('b')
  })

  test('the same by a file beside it: with a token that may read, and one that may not', async () => {
    for (const [name, token, words] of [
      ['c', READER_TOKEN, /^refreshed: refreshed its Location .*\/blob\/main\/\*\*\/catalog-info\.yaml$/],
      ['d', REFRESH_ONLY, /^refreshed: refreshed component:default\/a of .*is not allowed to look up/],
    ] as const) {
      const path = `svc/${name}/catalog-info.yaml`
      await mono.change({ [path]: component(name) })
      const entities = [`component:default/${name}`]
      assert.match(await asked({ repository: 'mono', path, entities, token, known: [beside] }), words)
      await isShown(name)
    }
  })

  test('a renamed entity, by its former name', async () => {
    const path = 'svc/a/catalog-info.yaml'
    for (const [name, former, token] of [
      ['a2', 'a', READER_TOKEN],
      ['a3', 'a2', REFRESH_ONLY],
    ] as const) {
      await mono.change({ [path]: component(name) })
      const known = [{ path, entities: [`component:default/${former}`] }]
      const given = { repository: 'mono', path, change: 'modified', entities: [`component:default/${name}`] } as const
      assert.match(
        await asked({ ...given, token, known }),
        new RegExp(`^refreshed: refreshed component:default/${former}`),
      )
      await isShown(name)
    }
  })

  test('a file that a Location names by a pattern: by the file of the Location, and by one beside it', async () => {
    await teams.change({ 'teams/t2.yaml': component('t2') })
    const t2 = { repository: 'teams', path: 'teams/t2.yaml', entities: ['component:default/t2'] }
    assert.match(
      await asked({ ...t2, parents: ['catalog-info.yaml'] }),
      /^refreshed: .*catalog-info\.yaml, which names it$/,
    )
    await isShown('t2')
    await teams.change({ 'teams/t3.yaml': component('t3') })
    const t3 = { repository: 'teams', path: 'teams/t3.yaml', entities: ['component:default/t3'] }
    const known = [{ path: 'teams/t1.yaml', via: 'component:default/t1' }]
    assert.match(await asked({ ...t3, known, token: READER_TOKEN }), /^refreshed: .*teams\/\*\.yaml$/)
    await isShown('t3')
    await teams.change({ 'plain.yaml': component('plain', 'two') })
    const plain = {
      repository: 'teams',
      path: 'plain.yaml',
      change: 'modified',
      entities: ['component:default/plain'],
    } as const
    assert.equal(await asked({ ...plain, token: READER_TOKEN }), 'refreshed: refreshed component:default/plain')
    await isShown('plain', 'two')
  })

  test('an entity that comes from elsewhere proves nothing', async () => {
    const given = { repository: 'mono', path: 'other/new.yaml', entities: ['component:default/plain'] }
    assert.match(
      await asked({ ...given, token: READER_TOKEN }),
      /^unknown: .*plain comes from .*acme\/teams\/tree\/main\/plain\.yaml$/,
    )
    assert.equal(await asked(given), 'unknown: unknown to the catalog')
  })
})
