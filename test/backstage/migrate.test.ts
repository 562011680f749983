// Every file that a migration proposes is taken by a real catalog, with all its entities and what they quote; and what it then has is known by its names.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { readLiveNames } from '../../scripts/migrate/live-names.ts'
import { MemoryGhes } from '../scripts/migrate/memory-ghes.ts'
import { addKinds, kinds, MigrateFixture } from '../scripts/migrate/migrate-fixture.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { type Backstage, READER_TOKEN, startBackstage } from './backend.ts'

suite('proposals in a real catalog', { timeout: 300_000 }, () => {
  const memory = new MemoryGhes()
  let fixture: MigrateFixture
  let host: RepositoryHost
  let ghes: Ghes
  let backstage: Backstage
  const refs: { ref: string; repository: string }[] = []

  before(async () => {
    addKinds(memory)
    await memory.stand.start()
    fixture = new MigrateFixture(memory.stand.url)
    await fixture.run({ out: 'proposals' })
    host = await createRepositoryHost()
    const targets: string[] = []
    for (const [repository, { files }] of Object.entries(kinds)) {
      const path = `proposals/${repository}/catalog-info.yaml`
      if (!fixture.has(path)) continue
      const text = fixture.read(path)
      const copy = await (await host.create(repository)).clone()
      await copy.change({ ...files, 'catalog-info.yaml': text })
      targets.push(`https://ghe.test/${repository}/blob/main/catalog-info.yaml`)
      const entities = parseAllDocuments(text).map(one => one.toJS() as { kind: string; metadata: { name: string } })
      refs.push(
        ...entities.map(({ kind, metadata }) => ({
          ref: `${kind}:default/${metadata.name}`.toLowerCase(),
          repository,
        })),
      )
    }
    ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    backstage = await startBackstage({
      directory: host.directory,
      ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' },
      relayToken: 'relay-token-0123456789abcdef',
      locations: targets,
      logLevel: 'warn',
    })
  })
  after(async () => {
    await backstage?.stop()
    await ghes?.stop()
    await host?.remove()
    await memory.stand.stop()
    fixture.remove()
  })

  test('each of their entities is there, without an error', async () => {
    assert.ok(refs.length >= 15, `${refs.length} entities`)
    for (const { ref } of refs) await backstage.until(ref, entity => entity !== undefined)
    for (const { ref } of refs) {
      const errors = (await backstage.entity(ref))?.status?.items?.filter(({ level }) => level === 'error') ?? []
      assert.deepEqual(errors, [], ref)
    }
  })

  test('their names are read back, each with the repository that has it', async () => {
    const names = await readLiveNames(
      { baseUrl: backstage.url, token: () => READER_TOKEN },
      { webUrl: 'https://ghe.test', now: Date.now, patiently: ask => ask(0) },
    )
    assert.ok(names instanceof Map)
    for (const { ref, repository } of refs) assert.equal(names.get(ref)?.by, repository, ref)
  })
})
