// Which URL a placeholder may name, held to the installed catalog's own processor and URL reader, for each of the five placeholders.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Reading, readingOf } from '../../hooks/catalog/checks/placeholder-url.ts'
import { type InstalledCatalog, installedCatalog } from '../../scripts/maintain/installed-catalog.ts'
import { readingBy, type UrlReading } from '../../scripts/maintain/processor-facts.ts'
import { HERE, SHAPES } from '../agreement/placeholder-shapes.ts'
import { targetOf } from '../agreement/urls.ts'
import { StandIn } from '../support/stand-in.ts'

const location = { type: 'url', target: `https://${HERE.host}/${HERE.fullName}/tree/main/${HERE.file}` }
const KEYS = ['text', 'json', 'yaml', 'openapi', 'asyncapi']

/** A host without an integration: read where backend.reading.allow has it. */
const READINGS: Record<UrlReading, Reading> = {
  read: 'possible',
  'not read': 'possible',
  'another repository': 'other repository',
  'no file': 'no file',
}

/** A GHES that has every file, with `{}` in it. */
const ghes = new StandIn({ kind: () => 'contents', answer: () => ({ status: 200, body: '{}' }) })

suite('what the catalog makes of the URL of a placeholder', () => {
  let catalog: InstalledCatalog
  before(async () => {
    await ghes.start()
    const github = [{ host: HERE.host, apiBaseUrl: ghes.url, token: 'x' }]
    catalog = installedCatalog(import.meta.dirname, { integrations: { github } })
  })
  after(() => ghes.stop())

  const reading = async (key: string, target: string): Promise<Reading> =>
    READINGS[await readingBy(catalog, key, target, location)]

  test('these placeholders are there', () => {
    assert.deepEqual(catalog.placeholders.map(({ key }) => key).sort(), [...KEYS].sort())
  })

  for (const { target, reading: expected } of SHAPES)
    test(`${JSON.stringify(target)}: ${expected}`, async () => {
      for (const key of KEYS) assert.equal(await reading(key, target), expected, `$${key}`)
    })

  test('3,000 URLs made at random', async () => {
    for (let seed = 0; seed < 3000; seed++) {
      const target = targetOf(seed)
      assert.equal(readingOf(target, HERE), await reading('text', target), `seed ${seed}: ${target}`)
    }
  })
})
