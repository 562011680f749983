// That our module has reported is kept for all replicas, whatever the store says to it first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openModuleSeen } from '../../../relay/deliver/module-seen.ts'

test('what the store does not take is noted with the next report', async () => {
  const notes = new Map<string, string>()
  let fails = 1
  const store = {
    note: async (name: string) => notes.get(name),
    setNote: async (name: string, text: string) => {
      if (fails-- > 0) throw new Error('the store cannot write')
      notes.set(name, text)
    },
  }
  const troubles: unknown[] = []
  const [one, other] = [1, 2].map(() => openModuleSeen(store, error => troubles.push(error)))
  one?.seen()
  await new Promise(setImmediate)
  assert.deepEqual([await one?.hasReported(), await other?.hasReported(), troubles.length], [true, false, 1])
  one?.seen()
  await new Promise(setImmediate)
  assert.deepEqual([await other?.hasReported(), troubles.length], [true, 1])
})
