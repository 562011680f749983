// The order in which many files are judged: what is unlike the others first, and a few as they are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rarestFirst } from '../../../hooks/run/rarest.ts'
import { component } from '../built-hook.ts'

const many = Array.from({ length: 1001 }, (_, i) => component(`service-${i}`))
const firstOf = (texts: readonly string[]) => rarestFirst(texts, text => Buffer.from(text))[0]

for (const [what, odd] of [
  ['a blank in its name', component('payments api')],
  ['another kind', component('payments').replace('Component', 'Componentt')],
  ['a key that is misspelt', component('payments').replace('lifecycle', 'lifecyle')],
  ['a line too few', component('payments').replace(/^metadata:\n/m, '')],
  ['a letter outside ASCII', component('zürich')],
] as const)
  test(`of a thousand files, the one with ${what}`, () => {
    for (const at of [0, 500, 1001]) assert.equal(firstOf([...many.slice(0, at), odd, ...many.slice(at)]), odd)
  })

test('of equally rare ones the shortest, and a file that could not be read does not disturb', () => {
  const long = component('payments api', '# more\n')
  const texts = [...many, long, component('payments api')]
  assert.deepEqual(rarestFirst(texts, text => Buffer.from(text)).slice(0, 2), [texts[1002], long])
  const unread = rarestFirst([...texts, 'unread'], text => (text === 'unread' ? undefined : Buffer.from(text)))
  assert.equal(unread.length, texts.length + 1)
})

test('a few large ones: there is not time for all of them either', () => {
  const large = many.slice(0, 150).map(text => `${text}# ${'x'.repeat(40_000)}\n`)
  const odd = component('payments api')
  assert.equal(firstOf([...large, odd]), odd)
})

test('where not all are looked at, a few are ordered, too', () => {
  const odd = component('payments api')
  assert.equal(rarestFirst([...many.slice(0, 20), odd], text => Buffer.from(text), 'none')[0], odd)
})

test('a few stay in their order', () => {
  const few = [...many.slice(0, 100), 'odd', ...many.slice(100, 150)]
  assert.deepEqual(
    rarestFirst(few, text => Buffer.from(text)),
    few,
  )
})
