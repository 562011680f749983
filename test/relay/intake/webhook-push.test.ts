// What a push event of GHES says about files: the net change of all its commits, which of them matter, and when it does not say all.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { catalogPathTest } from '../../../relay/intake/catalog-paths.ts'
import { filesOf } from '../../../relay/intake/refreshed-files.ts'
import { changesOf, readPushEvent } from '../../../relay/intake/webhook-push.ts'
import { CATALOG_DEFAULTS } from '../../../schemas/catalog-globs.ts'
import { type CommitLists, ids, type PushEvent, pushPayload } from '../../support/webhook.ts'

const netOf = (...commits: CommitLists[]) => Object.fromEntries(changesOf(commits))
const [added, modified, removed] = (['added', 'modified', 'removed'] as const).map(change => (path: string) => ({
  [change]: [path],
})) as [(path: string) => CommitLists, (path: string) => CommitLists, (path: string) => CommitLists]

suite('the net change over all commits of a push', () => {
  const rows: [string, CommitLists[], string][] = [
    ['added, then modified', [added('x'), modified('x')], 'added'],
    ['added, then removed', [added('x'), modified('x'), removed('x')], 'passing'],
    ['modified, then removed', [modified('x'), removed('x')], 'removed'],
    ['removed, then added', [removed('x'), added('x')], 'modified'],
    ['removed, added, removed', [removed('x'), added('x'), removed('x')], 'removed'],
    ['added, removed, added', [added('x'), removed('x'), added('x')], 'added'],
  ]
  for (const [what, commits, net] of rows) test(what, () => assert.deepEqual(netOf(...commits), { x: net }))

  test('renamed: one path went, another came', () =>
    assert.deepEqual(netOf({ removed: ['old.yaml'], added: ['new.yaml'] }), {
      'old.yaml': 'removed',
      'new.yaml': 'added',
    }))

  test('what cannot be a path is left out', () =>
    assert.deepEqual(
      netOf({ added: ['/x', '../x', 'a//b', '', 'a/./b', 7, null] as string[], modified: 'x' as unknown as string[] }),
      {},
    ))
})

function incompleteOf(event: PushEvent) {
  const read = readPushEvent(pushPayload(event))
  assert.ok(read.result === 'push', JSON.stringify(read))
  return read.push.incomplete
}

suite('when the lists do not say all', () => {
  const commits = [modified('README.md')]
  test('they do', () => {
    assert.equal(incompleteOf({ commits }), undefined)
    assert.equal(incompleteOf({ commits, more: { size: 1, distinct_size: 1 } }), undefined)
    assert.equal(incompleteOf({ before: ids.nothing }), undefined)
    assert.equal(incompleteOf({ after: ids.nothing, forced: true }), undefined)
  })
  const truncated: Record<string, PushEvent> = {
    '2048 commits, the most that GitHub lists': { commits: Array.from({ length: 2048 }, () => modified('x')) },
    'size says more': { commits, more: { size: 2 } },
    'distinct_size says more': { commits, more: { distinct_size: 3 } },
    'a commit without lists': { more: { commits: [{ id: '1', message: 'x' }] } },
    'a commit of thousands of files': { commits: [{ added: Array.from({ length: 3000 }, (_, i) => `${i}.txt`) }] },
    'no list of commits': { more: { commits: undefined } },
    'a branch that moved without a commit': { commits: [] },
  }
  for (const [what, event] of Object.entries(truncated))
    test(what, () => assert.equal(incompleteOf(event), 'truncated'))
  test('forced', () => assert.equal(incompleteOf({ commits, forced: true }), 'forced'))
})

suite('which files are refreshed', () => {
  const isCatalogFile = catalogPathTest(CATALOG_DEFAULTS)
  const filesBy = (
    changes: CommitLists[],
    {
      known = [],
      referencing = [],
      kind = 'updated',
    }: { known?: string[]; referencing?: string[]; kind?: 'created' | 'updated' | 'deleted' } = {},
  ) =>
    Object.fromEntries(
      filesOf(
        { kind, changes: changesOf(changes) },
        { isCatalogFile, known: known.map(path => ({ ref: 'refs/heads/main', path, entities: [] })), referencing },
      ).map(file => [file.path, file.change]),
    )

  test('by pattern, leading dots and all, without what is ignored', () =>
    assert.deepEqual(
      filesBy([
        added('.backstage/catalog-info.yml'),
        added('a/b/catalog-info.yaml'),
        added('template/skeleton/catalog-info.yaml'),
        added('node_modules/x/catalog-info.yaml'),
        added('catalog-info.yaml.bak'),
        added('openapi.yaml'),
      ]),
      { '.backstage/catalog-info.yml': 'added', 'a/b/catalog-info.yaml': 'added' },
    ))

  test('a file of another name that was forwarded before', () =>
    assert.deepEqual(filesBy([modified('systems/all.yaml')], { known: ['systems/all.yaml'] }), {
      'systems/all.yaml': 'modified',
    }))

  test('a file that came and went leaves nothing, unless it was known', () => {
    const commits = [added('catalog-info.yaml'), removed('catalog-info.yaml')]
    assert.deepEqual(filesBy(commits), {})
    assert.deepEqual(filesBy(commits, { known: ['catalog-info.yaml'] }), { 'catalog-info.yaml': 'removed' })
  })

  test('a file that quotes what has changed, once', () => {
    assert.deepEqual(filesBy([modified('openapi.yaml')], { referencing: ['catalog-info.yaml'] }), {
      'catalog-info.yaml': 'modified',
    })
    const both = [{ modified: ['openapi.yaml'], removed: ['catalog-info.yaml'] }]
    assert.deepEqual(filesBy(both, { referencing: ['catalog-info.yaml'] }), { 'catalog-info.yaml': 'removed' })
  })

  test('of a branch that is deleted, what is known is removed; of one that is made anew, it may be another', () => {
    const known = ['catalog-info.yaml']
    assert.deepEqual(filesBy([], { known, kind: 'deleted' }), { 'catalog-info.yaml': 'removed' })
    assert.deepEqual(filesBy([], { known, kind: 'created' }), { 'catalog-info.yaml': 'modified' })
  })
})
