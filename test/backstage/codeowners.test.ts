// Our reading of CODEOWNERS is that of the module itself, on files that people write and on files made at random.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { readOwners } from '../../hooks/catalog/codeowners.ts'
import { randomFrom } from '../agreement/random.ts'

const MODULE = '@backstage-community/plugin-catalog-backend-module-codeowners'
const require = createRequire(join(import.meta.dirname, 'package.json'))
const { resolveCodeOwner } = require(join(require.resolve(MODULE), '../codeowners/resolve.cjs.js')) as {
  resolveCodeOwner: (contents: string, url: string) => string | undefined
}

const theirs = (contents: string, path: string) =>
  resolveCodeOwner(contents, `https://ghe.example.com/acme/org/tree/main/${path}`) || undefined

/** False where ours does not read the pattern. */
function hold(contents: string, path: string): boolean {
  const ours = readOwners(contents)(path)
  if (ours.result === 'unknown') return false
  const owner = ours.result === 'owner' ? ours.owner : undefined
  assert.equal(owner, theirs(contents, path), `${JSON.stringify(contents)} for ${path}`)
  return true
}

test('lines that people write', () => {
  const rows: [contents: string, path: string, owner: string | undefined][] = [
    ['* @acme/team-b\n', 'catalog-info.yaml', 'team-b'],
    ['* @jdoe\n', 'a/catalog-info.yaml', 'User:jdoe'],
    ['* jane@example.com\n', 'catalog-info.yaml', 'jane'],
    ['* plain\n', 'catalog-info.yaml', 'plain'],
    ['* @acme/a/b\n', 'catalog-info.yaml', 'a'],
    ['* @acme/\n', 'catalog-info.yaml', undefined],
    ['* @acme/a\ncatalog-info.yaml @acme/b @acme/c\n', 'x/catalog-info.yaml', 'b'],
    ['* @acme/a\ncatalog-info.yaml\n', 'catalog-info.yaml', undefined],
    ['# * @acme/x\n* @acme/y # because\n', 'catalog-info.yaml', 'y'],
    ['/docs/ @acme/x\n', 'docs/catalog-info.yaml', 'x'],
    ['/docs/ @acme/x\n', 'a/docs/catalog-info.yaml', undefined],
    ['docs/* @acme/x\n', 'docs/a/b.yaml', 'x'],
    ['docs/** @acme/x\n', 'docs/a/b.yaml', 'x'],
    ['**/svc/*.yaml @acme/x\n', 'a/svc/catalog-info.yaml', 'x'],
    ['Catalog-Info.YAML @acme/x\n', 'catalog-info.yaml', 'x'],
    ['* @acme/a\n!docs @acme/b\r\n', 'docs/catalog-info.yaml', 'a'],
    ['', 'catalog-info.yaml', undefined],
  ]
  for (const [contents, path, owner] of rows) {
    assert.equal(theirs(contents, path), owner, contents)
    assert.ok(hold(contents, path))
  }
})

test('20,000 made at random', () => {
  const random = randomFrom(20261127)
  const words = [
    'a',
    'b',
    'ab',
    '.a',
    'A',
    'a.b',
    'é',
    '*',
    '**',
    '?',
    'a*',
    '*b',
    '*.yaml',
    'a?',
    'a**',
    '+',
    '(a)',
    '{a}',
    '$',
    '^',
    '|',
  ]
  const owners = ['@acme/a', '@b', 'c@d.e', 'f', '', '@acme/', '@', '@a/b/c', '@g @h', 'x@y', '#', '@i # @j']
  const some = (count: number, list: readonly string[]) => Array.from({ length: count }, () => random.pick(list))
  const pattern = () =>
    `${random.pick(['', '', '/', '**/', '!', './'])}${some(1 + random.int(3), words).join('/')}${random.pick(['', '', '/', '/*', '/**', '//'])}`
  let read = 0
  for (let i = 0; i < 20_000; i++) {
    const lines = Array.from(
      { length: 1 + random.int(3) },
      () => `${pattern()}${random.pick([' ', '\t', '  '])}${random.pick(owners)}`,
    )
    const path = [
      ...some(random.int(3), ['a', 'b', 'ab', '.a', 'A', 'aab']),
      random.pick(['a', 'catalog-info.yaml', 'b.yaml']),
    ].join('/')
    if (hold(lines.join(random.pick(['\n', '\r\n'])), path)) read++
  }
  assert.ok(read > 15_000, `only ${read} were read`)
})
