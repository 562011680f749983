// When tokens end, as GHES writes it and as a token of Backstage holds it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endInAnswer, endInToken } from '../../../relay/clients/token-end.ts'

test('what GHES says with its answers', () => {
  const of = (text: string) => endInAnswer({ 'github-authentication-token-expiration': text })
  const atMs = Date.UTC(2027, 0, 31, 8)
  assert.deepEqual(['2027-01-31 08:00:00 UTC', '2027-01-31 09:00:00 +0100', '', 'soon'].map(of), [
    atMs,
    atMs,
    undefined,
    undefined,
  ])
  assert.equal(endInAnswer({}), undefined)
})

test('what a token of Backstage holds', () => {
  const of = (claims: string) => `e30.${Buffer.from(claims).toString('base64url')}.x`
  assert.deepEqual(
    [of('{"exp":1800000000}'), of('{"exp":"soon"}'), of('{}'), of('null'), of('{'), 'static-token', 'a.b', ''].map(
      endInToken,
    ),
    [1_800_000_000_000, undefined, undefined, undefined, undefined, undefined, undefined, undefined],
  )
})
