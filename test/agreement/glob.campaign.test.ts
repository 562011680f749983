// Our reading of globs is minimatch's, with the options that Backstage's catalog.rules give it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Minimatch, minimatch } from 'minimatch'
import { isGlob, matchGlob, matchTarget } from '../../hooks/catalog/glob.ts'
import { rounds } from '../support/campaign.ts'
import { randomFrom } from './random.ts'

const theirs = (url: string, pattern: string) => minimatch(url, pattern, { nocase: true, dot: true })
const segments = (url: string) => url.split(/\/+/)

const ON_URLS = rounds(6000, 30_000)
const ON_PATHS = rounds(4000, 20_000)

test('globs that people write', () => {
  const url = 'https://ghe.test/acme/org/blob/main/groups/.a/users.yaml'
  const rows: [pattern: string, answer: string][] = [
    ['https://ghe.test/acme/org/blob/main/groups/**', 'matches'],
    ['https://ghe.test/acme/*/blob/main/**/users.yaml', 'matches'],
    ['https://GHE.test/Acme/**/Users.yaml', 'matches'],
    ['https://*.test/**', 'matches'],
    ['**/{users,groups}.y?ml', 'matches'],
    ['**/user[r-t].yaml', 'matches'],
    ['https://ghe.test/acme/*', 'differs'],
    ['https://ghe.test/acme/org/blob/main/groups/.a/users.yaml/**', 'differs'],
    ['#https://ghe.test/**', 'differs'],
    ['https://ghe.test/@(acme|other)/**', 'unread'],
    ['!https://other.test/**', 'unread'],
  ]
  for (const [pattern, answer] of rows) {
    assert.equal(matchGlob(pattern, segments(url)), answer, pattern)
    if (answer !== 'unread') assert.equal(theirs(url, pattern), answer === 'matches', pattern)
  }
})

test('what is not known may match', () => {
  const at = (host?: string, branch?: string) => ['https:', host, 'acme', 'org', 'blob', branch, 'a', 'users.yaml']
  assert.equal(matchGlob('https://ghe.test/acme/**', at()), 'matches')
  assert.equal(matchGlob('https://ghe.test/other/**', at()), 'differs')
  assert.equal(matchGlob('https://ghe.test/acme/org/blob/main/*/users.yaml', at()), 'matches')
  assert.equal(matchGlob('https://ghe.test/acme/org/blob/main/*/users.yaml', at(undefined, 'topic')), 'differs')
  assert.equal(matchGlob('**/groups.yaml', at()), 'differs')
})

test('random patterns on random URLs', () => {
  const random = randomFrom(20261127)
  const pieces = [
    'a',
    'b',
    'A',
    'ab',
    '.',
    '-',
    'é',
    '*',
    '**',
    '?',
    '[ab]',
    '[!a]',
    '[a-c]',
    '[',
    ']',
    '{a,b}',
    '{a,}',
    '{a',
    '}',
    ',',
    '{a/b,c}',
    '$',
    '{b}',
    '{{a,b},c}',
  ]
  const words = ['a', 'b', 'ab', 'abc', 'A', '.a', 'a.b', 'é', 'a-b', '{a}', '[', 'ba', ',']
  const some = (count: number, list: readonly string[]) => Array.from({ length: count }, () => random.pick(list))
  const portion = () => some(random.int(4), pieces).join('') || '*'
  let read = 0
  for (let i = 0; i < ON_URLS; i++) {
    const url = ['https:', '', ...some(1 + random.int(5), words)].join('/')
    const pattern = [
      ...(random.int(3) === 0 ? [] : ['https:', '']),
      ...Array.from({ length: 1 + random.int(5) }, () =>
        random.int(5) === 0 ? '**' : random.int(3) === 0 ? random.pick(words) : portion(),
      ),
    ].join('/')
    const ours = matchGlob(pattern, segments(url))
    if (ours === 'unread') continue
    read++
    assert.equal(
      ours === 'matches',
      theirs(url, pattern),
      `${JSON.stringify(pattern)} on ${JSON.stringify(url)}: we say it ${ours}`,
    )
  }
  assert.ok(read > ON_URLS / 2, `only ${read} patterns were read`)
})

test("patterns of a Location's target on paths of a tree: letter case counts, and a star leaves hidden files alone", () => {
  const rows: [pattern: string, path: string, answer: string][] = [
    ['teams/*.yaml', 'teams/a.yaml', 'matches'],
    ['teams/*.yaml', 'teams/.a.yaml', 'differs'],
    ['teams/.*.yaml', 'teams/.a.yaml', 'matches'],
    ['Teams/*.yaml', 'teams/a.yaml', 'differs'],
    ['teams/[a-c].yaml', 'teams/B.yaml', 'differs'],
    ['**/a.yaml', 'a.yaml', 'matches'],
    ['**/a.yaml', '.github/a.yaml', 'differs'],
    ['.github/**', '.github/a/b.yaml', 'matches'],
    ['teams/**', 'teams/.a/b.yaml', 'differs'],
    ['teams/{a,b}/?.yaml', 'teams/b/c.yaml', 'matches'],
    ['teams/!(a).yaml', 'teams/b.yaml', 'unread'],
  ]
  for (const [pattern, path, answer] of rows) {
    assert.equal(matchTarget(pattern, path), answer, pattern)
    if (answer !== 'unread') assert.equal(new Minimatch(pattern).match(path), answer === 'matches', pattern)
  }
  const random = randomFrom(20261201)
  const pieces = ['a', 'B', '.', '*', '**', '?', '[ab]', '[!a]', '[.a]', '{a,.b}', '{a,}', '-', '.*', '*.', 'é']
  const names = ['a', 'B', '.a', 'ab', '.', 'a.b', 'é', '-', '.ab', 'bB']
  const some = (count: number, list: readonly string[]) => Array.from({ length: count }, () => random.pick(list))
  let read = 0
  for (let i = 0; i < ON_PATHS; i++) {
    const path = Array.from({ length: 1 + random.int(4) }, () => some(1 + random.int(2), names).join('')).join('/')
    const pattern = Array.from({ length: 1 + random.int(4) }, () => some(1 + random.int(3), pieces).join('')).join('/')
    // Git has no such names.
    if (path.split('/').some(part => part === '.' || part === '..')) continue
    const ours = matchTarget(pattern, path)
    if (ours === 'unread') continue
    read++
    const theirs = new Minimatch(pattern).match(path)
    assert.equal(ours === 'matches', theirs, `${JSON.stringify(pattern)} on ${JSON.stringify(path)}: we say it ${ours}`)
  }
  assert.ok(read > ON_PATHS / 2, `only ${read} patterns were read`)
})

test('which targets are patterns (is-glob 4.0.3)', () => {
  const globs = [
    '*',
    'a/*.yaml',
    '!a',
    '[a]',
    'a[bc]d',
    '{a}',
    '{a,b}',
    '@(a)',
    '!(a)',
    '(a|b)',
    'a.?',
    ']?',
    '(?:a)',
    '**',
  ]
  const paths = [
    'a',
    'a/b.yaml',
    'a?',
    'a!',
    '[]',
    '{}',
    '[a',
    '{a',
    'a]',
    '(a)',
    '(|a)',
    '(a|)',
    'a|b',
    '+a',
    '()',
    'a@b',
    '',
  ]
  assert.deepEqual(
    globs.filter(glob => !isGlob(glob)),
    [],
  )
  assert.deepEqual(paths.filter(isGlob), [])
})
