// What a pushed file is read of: as much as people write, and no more than the relay's loop has time for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentsIn } from '../../../relay/deliver/file-documents.ts'

const document = (name: string, definition: string) => `apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: ${name}, tags: [java, payments], links: [{ url: "https://a.test", title: A }] }
spec:
  type: openapi
  lifecycle: production
  owner: team-a
  definition: |
    ${definition}
`

test('as much as people write is read: three hundred entities, a definition of a hundred kilobytes; nothing but signs is not', () => {
  const many = Array.from({ length: 300 }, (_, i) => document(`a-${i}`, 'x')).join('---\n')
  assert.equal(documentsIn(many)?.of.size, 300)
  assert.equal(documentsIn(document('a', '{"a": [1, 2, {}]},'.repeat(6_000)))?.of.size, 1)
  for (const sign of ['}\n', '[', '? a\n', '- !x a\n', ': :\n', '---\n', '&a ', '- a #b\n'])
    assert.equal(documentsIn(sign.repeat(Math.floor((128 * 1024) / sign.length))), undefined, sign)
  assert.equal(documentsIn(`a: ${' '.repeat(128 * 1024)}`), undefined)
})
