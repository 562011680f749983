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

test('what asks for nothing that anybody can read asks for nothing', () => {
  const wait = (status: number, value: string) => waitMs({ status, headers: { 'retry-after': value } }, 0)
  for (const value of ['', '1.5', '-5', 'soon', '10s', '1e9', 'Infinity', '\u0661'])
    assert.deepEqual([wait(429, value), wait(503, value)], [60_000, undefined], value)
  assert.equal(wait(429, 'Thu, 01 Jan 1970 00:00:09 GMT'), 9000)
  assert.equal(wait(429, 'Thursday, 01-Jan-70 00:00:09 GMT'), 9000)
  assert.equal(wait(429, 'Thu Jan  1 00:00:09 1970 GMT'), 9000)
  assert.equal(wait(429, '9'.repeat(400)), 60_000)
})

test('a date that has passed asks for nothing more, and one in a far year for no more than any other', () => {
  const wait = (status: number, date: string) => waitMs({ status, headers: { 'retry-after': date } }, 1_800_000_000_000)
  for (const date of ['Thu, 01 Jan 1970 00:00:00 GMT', 'Tue, 31 Dec 0099 23:59:59 GMT'])
    assert.deepEqual([wait(429, date), wait(403, date), wait(503, date)], [0, 0, 0], date)
  for (const date of ['Fri, 31 Dec 9999 23:59:59 GMT', 'Fri, 31 Dec 275759 23:59:59 GMT'])
    assert.deepEqual([wait(429, date), wait(403, date), wait(503, date)], [3_600_000, 3_600_000, 30_000], date)
})

test('a reset to a part of a millisecond is a whole one', () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9.0001234' }
  assert.equal(waitMs({ status: 403, headers }, 0), 9001)
})
