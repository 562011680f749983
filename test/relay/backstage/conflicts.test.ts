// Names that files have lost to others: when they are free, and when a file only moves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Conflicts } from '../../../relay/backstage/conflicts.ts'

const location = (name: string) => `url:https://ghe.test/acme/${name}/blob/main/catalog-info.yaml`
const key = (name: string) => location(name).replace('/blob/', '/tree/')

test('who lost a name is read anew when it was missing twice in a row, once more later, and then no longer', async () => {
  const conflicts = new Conflicts()
  const has = new Set(['component:default/x'])
  const looks = async (count: number) => {
    const found: string[][] = []
    for (let n = 0; n < count; n++) found.push(await conflicts.look(async () => has))
    return found.flatMap((keys, n) => (keys.length === 0 ? [] : [[n + 1, ...keys]]))
  }
  assert.deepEqual(await looks(3), [])
  conflicts.note('component:default/x', location('wants'), location('has'))
  conflicts.note('component:default/y', location('swaps'), undefined)
  has.add('component:default/y')
  assert.deepEqual(await looks(3), [])
  has.clear()
  assert.deepEqual(await looks(1), [], 'a file that moves is about to take it')
  has.add('component:default/x')
  assert.deepEqual(await looks(1), [[1, key('swaps')]])
  has.clear()
  assert.deepEqual(await looks(100), [
    [2, key('wants')],
    [13, key('swaps')],
    [15, key('wants')],
  ])
})
