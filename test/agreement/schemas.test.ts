// Backstage's kinds are the ones that were last looked at.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedSummary, summary } from './kinds.ts'

test('the compiled kinds are those of kinds.txt; after a move to another Backstage: npm run agreement -- --update, and read the difference', () => {
  assert.equal(summary(), storedSummary())
})
