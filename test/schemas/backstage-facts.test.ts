// The rules that the installed Backstage packages have are those that were looked at: a newer version fails here, and says what changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesIn, readFacts } from '../../scripts/maintain/facts-files.ts'
import { schemaFacts } from '../../scripts/maintain/schema-facts.ts'

test('nothing changed since schemas/backstage-facts.txt was written', () => {
  const changes = changesIn(readFacts('schemas'), schemaFacts())
  assert.deepEqual(changes, [], 'look at each, follow it in hooks/catalog, then: npm run backstage-facts -- --write')
})

test('a new kind, a field that is required now, and a name rule are told', () => {
  const before = readFacts('schemas')
  const rule = 'names isValidTag "a_b": no'
  assert.ok(before.includes(rule))
  assert.ok(before.includes('builtin Component backstage.io/v1alpha1: spec required "owner"'))
  const after = [
    ...before.filter(
      line => line !== rule && line !== 'builtin Component backstage.io/v1alpha1: spec required "owner"',
    ),
    'names isValidTag "a_b": yes',
    'model Database backstage.io/v1alpha1',
  ]
  assert.deepEqual(changesIn(before, after), [
    '- builtin Component backstage.io/v1alpha1: spec required "owner"',
    '+ model Database backstage.io/v1alpha1',
    '- names isValidTag "a_b": no',
    '+ names isValidTag "a_b": yes',
  ])
})
