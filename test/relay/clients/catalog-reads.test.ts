// What is read of entities: an author writes them, so that it is bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogReads } from '../../../relay/clients/catalog-reads.ts'

test('of the errors of an entity a few are kept, and not whole', async () => {
  const error = { type: 'backstage.io/catalog-processing', level: 'error', message: 'x'.repeat(100_000) }
  const item = { metadata: {}, status: { items: [{ ...error, level: 'warning' }, ...Array(50).fill(error)] } }
  const answer = await catalogReads({
    ask: async () => ({ status: 200, headers: {}, body: '' }),
    errorOf: () => undefined,
    jsonOf: () => ({ items: [item] }),
    trouble: () => ({ result: 'trouble', kind: 'foreign', reason: 'x' }),
  }).look(['component:default/a'])
  assert.ok(answer.result === 'look')
  const errors = answer.of.get('component:default/a')?.errors ?? []
  assert.deepEqual([errors.length, errors[0]?.length], [5, 500])
})
