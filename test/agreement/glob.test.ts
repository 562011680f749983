// Our reading of globs is minimatch's, with the options that Backstage's catalog.rules give it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minimatch } from 'minimatch'
import { matchGlob } from '../../hooks/catalog/glob.ts'
import { randomFrom } from './random.ts'

const theirs = (url: string, pattern: string) => minimatch(url, pattern, { nocase: true, dot: true })
const segments = (url: string) => url.split(/\/+/)

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
  for (let i = 0; i < 30_000; i++) {
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
  assert.ok(read > 15_000, `only ${read} patterns were read`)
})
