// What the installed catalog's processors do is what was looked at: a newer version fails here, and says what changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesIn, readFacts } from '../../scripts/maintain/facts-files.ts'
import { processorFacts } from '../../scripts/maintain/processor-facts.ts'

test('nothing changed since schemas/backstage-processor-facts.txt was written', async () => {
  const changes = changesIn(readFacts('processors'), await processorFacts(import.meta.dirname))
  assert.deepEqual(changes, [], 'look at each, follow it in hooks/catalog, then: npm run backstage-facts -- --write')
})
