// How long an answer makes us wait: a limit as long as it asks, an outage half a minute at the most.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitMs } from '../../../relay/clients/trouble.ts'

test('what asks for an hour', () => {
  const headers = { 'retry-after': '3600' }
  assert.equal(waitMs({ status: 429, headers }, 0), 3_600_000)
  assert.equal(waitMs({ status: 403, headers }, 0), 3_600_000)
  assert.equal(waitMs({ status: 503, headers }, 0), 30_000)
  assert.equal(waitMs({ status: 503, headers: { 'retry-after': '5' } }, 0), 5000)
  assert.equal(waitMs({ status: 503, headers: {} }, 0), undefined)
})
