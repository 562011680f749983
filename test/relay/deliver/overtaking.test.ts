// Who goes ahead in the catalog's queue: a person who has asked for little while others have asked for much.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Overtaking } from '../../../relay/deliver/overtaking.ts'

function afterMany(count = 100, flow = 'release-bot') {
  const overtaking = new Overtaking()
  const asked = Array.from({ length: count }, (_, i) => overtaking.asks(`acme/svc-${i}/main/catalog-info.yaml`, flow))
  return { overtaking, asked }
}

test('a single push goes ahead of a thousand of another person, the thousand of nobody', () => {
  const { overtaking, asked } = afterMany()
  assert.deepEqual(new Set(asked), new Set([false]))
  assert.equal(overtaking.asks('acme/alone/main/catalog-info.yaml', 'jane'), true)
  assert.equal(overtaking.asks('acme/more/main/catalog-info.yaml', 'release-bot'), false)
})

test('five of a person do, and the sixth once the catalog has judged one', () => {
  const { overtaking } = afterMany()
  const asked = Array.from({ length: 6 }, (_, i) => overtaking.asks(`acme/own-${i}/main/f.yaml`, 'jane'))
  assert.deepEqual(asked, [true, true, true, true, true, false])
  overtaking.judged('acme/own-0/main/f.yaml')
  overtaking.judged('acme/own-1/main/f.yaml')
  assert.equal(overtaking.asks('acme/own-6/main/f.yaml', 'jane'), true)
})

test('what nobody waits for never does, and nobody does where there is nobody to overtake', () => {
  const { overtaking } = afterMany()
  assert.equal(overtaking.asks('acme/swept/main/f.yaml', ''), false)
  for (let i = 0; i < 100; i++) overtaking.judged(`acme/svc-${i}/main/catalog-info.yaml`)
  assert.equal(overtaking.asks('acme/alone/main/f.yaml', 'jane'), false)
})

test('the same file asked for again counts once, and what is never judged is forgotten', () => {
  const { overtaking } = afterMany()
  for (let i = 0; i < 20; i++) assert.equal(overtaking.asks('acme/own/main/f.yaml', 'jane'), true)
  for (let i = 0; i < 6_000; i++) overtaking.asks(`acme/never-${i}/main/f.yaml`, 'jane')
  for (let i = 0; i < 6_000; i++) overtaking.judged(`acme/never-${i}/main/f.yaml`)
  for (let i = 0; i < 30; i++) overtaking.asks(`acme/svc-${i}/main/f.yaml`, 'release-bot')
  assert.equal(overtaking.asks('acme/own-2/main/f.yaml', 'jane'), true)
})
