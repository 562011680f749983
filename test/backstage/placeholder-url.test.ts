// Which URL a placeholder may name, held to the installed catalog's own processor and URL reader, for each of the five placeholders.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Reading, readingOf } from '../../hooks/catalog/checks/placeholder-url.ts'
import { type InstalledCatalog, installedCatalog, placeholderValue } from '../../scripts/maintain/installed-catalog.ts'
import { HERE, SHAPES } from '../agreement/placeholder-shapes.ts'
import { targetOf } from '../agreement/urls.ts'
import { StandIn } from '../support/stand-in.ts'

const location = { type: 'url', target: `https://${HERE.host}/${HERE.fullName}/tree/main/${HERE.file}` }
const KEYS = ['text', 'json', 'yaml', 'openapi', 'asyncapi']

// The reader of S3 otherwise asks the network for credentials.
process.env['AWS_EC2_METADATA_DISABLED'] = 'true'

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

  const readingBy = async (key: string, target: string): Promise<Reading> => {
    try {
      await placeholderValue(catalog, { [`$${key}`]: target }, location)
      return 'possible'
    } catch (error) {
      const message = String(error)
      if (message.includes('same repository as the entity')) return 'other repository'
      // A host that it has no integration for: read where backend.reading.allow has it.
      const isRefusedHost = /Reading from '.*' is not allowed/.test(message)
      if (isRefusedHost && URL.canParse(target) && new URL(target).host !== '') return 'possible'
      if (message.includes('Could not retrieve file from S3')) return 'possible'
      if (isRefusedHost || /Incorrect URL|could not form a URL|URI malformed|exceeds maximum length/.test(message))
        return 'no file'
      throw error
    }
  }

  test('these placeholders are there', () => {
    assert.deepEqual(catalog.placeholders.map(({ key }) => key).sort(), [...KEYS].sort())
  })

  for (const { target, reading } of SHAPES)
    test(`${JSON.stringify(target)}: ${reading}`, async () => {
      for (const key of KEYS) assert.equal(await readingBy(key, target), reading, `$${key}`)
    })

  test('3,000 URLs made at random', async () => {
    for (let seed = 0; seed < 3000; seed++) {
      const target = targetOf(seed)
      assert.equal(readingOf(target, HERE), await readingBy('text', target), `seed ${seed}: ${target}`)
    }
  })
})
