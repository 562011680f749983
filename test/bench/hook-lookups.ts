// What it costs a push to ask the live catalog: the same hook and the same relay, with the question and without.
import { join } from 'node:path'
import { startCatalog } from '../support/catalog.ts'
import { type BenchFixture, PATIENT_MS } from './bench-fixture.ts'
import { type Case, interleave, ratioRow } from './measure.ts'
import { catalogFile, createRepository, preparePush, pushCase } from './push.ts'
import type { Row } from './row.ts'

const ENTITIES = 10_000
const REFERRED = [
  'group:default/team-a',
  'resource:default/payments-db',
  'api:default/payments-api',
  'system:default/shop',
]

export async function benchHookLookups(fixture: BenchFixture): Promise<Row[]> {
  const repository = await createRepository(join(fixture.directory, 'asked.git'), 100)
  const update = await preparePush(repository, { 'catalog-info.yaml': catalogFile('payments', 'Payments 2') }, 'update')
  const catalog = await startCatalog({ token: 'bench-token-0123456789abcdef' })
  for (let i = 0; i < ENTITIES; i++) catalog.knowFrom(`component:default/svc-${i}`, fileOf(`svc-${i}`))
  catalog.knowFrom('component:default/payments', fileOf('payments'))
  for (const ref of REFERRED) catalog.knowFrom(ref, fileOf('others'))
  const relay = await fixture.relay({
    backstage: { baseUrl: catalog.url, token: 'bench-token-0123456789abcdef' },
    lookups: { enabled: true },
  })
  if (relay === undefined) return [{ what: 'a hook that asks the live catalog', note: 'no relay is built' }]
  try {
    const asking = await fixture.relayHook('asking', relay, undefined, PATIENT_MS, 1000)
    const silent = await fixture.relayHook('unasking', relay, undefined, PATIENT_MS, 0)
    const names = {
      silent: 'one catalog file, the relay up, no lookups',
      asking: 'the same with lookups, of 10,000 entities',
    }
    const samples = interleave((round): Case[] => [
      ofOne(pushCase(names.silent, silent, update, round)),
      ofOne(pushCase(names.asking, asking, update, round)),
    ])
    return [ratioRow(samples, names.silent, names.silent), ratioRow(samples, names.asking, names.silent, 1.15)]
  } finally {
    await catalog.stop()
  }
}

/** The catalog knows whose file it is. */
const ofOne = (one: Case): Case => ({ ...one, env: { ...one.env, GITHUB_REPO_NAME: 'acme/payments' } })

const fileOf = (name: string) => `https://ghe.test/acme/${name}/tree/main/catalog-info.yaml`
