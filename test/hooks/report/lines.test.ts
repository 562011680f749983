// Lines counted as far as is asked are those of yaml's LineCounter, at every place and in any order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineCounter } from 'yaml'
import { linesOf } from '../../../hooks/diagnostics/lines.ts'

const texts = ['', '\n', 'a', 'a\n', '\n\na\r\nb', `${'x\n'.repeat(63)}y`, `${'ab\r\n\n'.repeat(100)}z`]

for (const text of texts) {
  const counter = new LineCounter()
  counter.addNewLine(0)
  for (const { index } of text.matchAll(/\n/g)) counter.addNewLine(index + 1)
  const offsets = Array.from({ length: text.length + 1 }, (_, i) => i)
  const shuffled = offsets.map(i => (i * 7919) % (text.length + 1))
  test(`of ${JSON.stringify(text.slice(0, 20))}, ${text.length} characters`, () => {
    for (const order of [offsets, offsets.toReversed(), shuffled]) {
      const lines = linesOf(text)
      for (const offset of order) assert.deepEqual(lines.linePos(offset), counter.linePos(offset), `at ${offset}`)
    }
    const all = text.split(/\r?\n/)
    for (const order of [all.keys().toArray(), all.keys().toArray().reverse()]) {
      const lines = linesOf(text)
      for (const i of order) assert.equal(lines.lineAt(i + 1), all[i], `line ${i + 1}`)
      assert.equal(lines.lineAt(all.length + 1), '')
      assert.equal(lines.linePos(0).line, 1)
    }
  })
}
