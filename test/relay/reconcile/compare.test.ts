// Same blob: nothing. Another, none any more, or one never heard of: a file to refresh, counted as what it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InventoriedRepository } from '../../../relay/clients/ghes/inventory.ts'
import { compareRepository, type ForwardedFile, plainPaths } from '../../../relay/reconcile/compare.ts'

const found = (blobs: Record<string, string>, more: Partial<InventoriedRepository> = {}): InventoriedRepository => ({
  repository: 'acme/svc',
  archived: false,
  branch: 'main',
  head: 'h1',
  blobs: new Map(Object.entries(blobs)),
  about: {},
  ...more,
})
const both = ['catalog-info.yaml', 'catalog-info.yml']
const path = 'catalog-info.yaml'

test('the same blob is nothing to do', () => {
  assert.equal(compareRepository(found({ [path]: 'a' }), [{ path, blob: 'a' }], both), undefined)
})

test('no catalog file and none known is nothing to do', () => {
  assert.equal(compareRepository(found({}), [], both), undefined)
})

const table: [string, Record<string, string>, ForwardedFile[], object][] = [
  [
    'another blob is drift',
    { [path]: 'b' },
    [{ path, blob: 'a' }],
    { drift: 1, firstSeen: 0, files: [{ path, change: 'modified', blob: 'b' }] },
  ],
  [
    'none any more is drift',
    {},
    [{ path, blob: 'a' }],
    { drift: 1, firstSeen: 0, files: [{ path, change: 'removed' }] },
  ],
  [
    'never heard of is first seen',
    { [path]: 'a' },
    [],
    { drift: 0, firstSeen: 1, files: [{ path, change: 'added', blob: 'a' }] },
  ],
  [
    'forwarded by a webhook, so with unknown content: looked at once, and no drift',
    { [path]: 'a' },
    [{ path }],
    { drift: 0, firstSeen: 1, files: [{ path, change: 'modified', blob: 'a' }] },
  ],
  [
    'one file replaced by the other name',
    { 'catalog-info.yml': 'a' },
    [{ path, blob: 'a' }],
    {
      drift: 1,
      firstSeen: 1,
      files: [
        { path, change: 'removed' },
        { path: 'catalog-info.yml', change: 'added', blob: 'a' },
      ],
    },
  ],
]
for (const [what, blobs, forwarded, expected] of table) {
  test(what, () => {
    assert.deepEqual(compareRepository(found(blobs), forwarded, both), {
      repository: 'acme/svc',
      ref: 'refs/heads/main',
      head: 'h1',
      ...expected,
    })
  })
}

test('a known file that was not asked for is not gone', () => {
  assert.equal(compareRepository(found({}), [{ path: 'deep/catalog-info.yaml', blob: 'a' }], both), undefined)
})

test('archived and empty repositories are left alone', () => {
  assert.equal(compareRepository(found({}, { archived: true }), [{ path, blob: 'a' }], both), undefined)
  const empty: InventoriedRepository = { repository: 'acme/e', archived: false, blobs: new Map(), about: {} }
  assert.equal(compareRepository(empty, [{ path, blob: 'a' }], both), undefined)
})

test('of the patterns, what every repository can be asked for', () => {
  const patterns = [
    '**/catalog-info.yaml',
    '**/catalog-info.yml',
    'catalog-info.yaml',
    'docs/c.yaml',
    '**/*.catalog.yaml',
  ]
  assert.deepEqual(plainPaths(patterns), ['catalog-info.yaml', 'catalog-info.yml', 'docs/c.yaml'])
})
