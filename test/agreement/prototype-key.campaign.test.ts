// The key __proto__ at every place of every kind: the catalog loses a map or list under it, where it merges its annotations in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMap, parseDocument, stringify, visit } from 'yaml'
import { rounds } from '../support/campaign.ts'
import { bases } from './bases.ts'
import { compare, PROFILES } from './compare.ts'

/** 6 and the number of values have nothing in common: in the small form, too, each value is tried at some place. */
const EVERY = rounds(6, 1)
const VALUES = ['x', '[x]', '{ x: y }', 'null', '1', '{ $text: ./a }', '{ $text: ./a, x: y }']

test('__proto__ anywhere: the verdict is the catalog’s', async t => {
  let compared = 0
  for (const base of bases) {
    for (const [i, made] of variantsOf(stringify(base)).entries()) {
      if (i % EVERY !== 0) continue
      const text = made()
      for (const profile of PROFILES) {
        const { differences } = await compare(Buffer.from(text), profile)
        assert.deepEqual(differences, [], text)
        compared++
      }
    }
  }
  t.diagnostic(`${compared} documents compared`)
  assert.ok(compared > 500 / EVERY)
})

/** The key put into each map in turn, with each value, with a namespace and without. */
function variantsOf(base: string): (() => string)[] {
  const places = mapsIn(base)
  return [true, false].flatMap(hasNamespace =>
    Array.from({ length: places }, (_, place) => place).flatMap(place =>
      VALUES.map(value => () => {
        const document = parseDocument(base)
        if (hasNamespace) document.setIn(['metadata', 'namespace'], 'team')
        else document.deleteIn(['metadata', 'namespace'])
        let at = 0
        visit(document, {
          Map(_, map) {
            if (at++ === place) map.set('__proto__', parseDocument(value).contents)
          },
        })
        return document.toString()
      }),
    ),
  )
}

function mapsIn(text: string): number {
  let maps = 0
  visit(parseDocument(text), { Map: (_, map) => void (isMap(map) && maps++) })
  return maps
}
