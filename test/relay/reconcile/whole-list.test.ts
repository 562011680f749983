// When the list of catalog files is known to be whole: a new store, a restored backup and a reconcile under way never are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReconcileBegun, Reconciler } from '../../../relay/reconcile/reconcile.ts'
import { emptyReport, type ReconcileReport } from '../../../relay/reconcile/report.ts'
import { followList } from '../../../relay/reconcile/whole-list.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { TestClock } from '../clock.ts'

test('only a complete reconcile that has begun since the start makes it whole; the provider asks for one, and not all the time', async () => {
  const clock = new TestClock()
  let last: ReconcileReport | undefined
  let begun = 0
  const reconciler: Pick<Reconciler, 'last' | 'begin'> = {
    last: async () => last,
    begin: async (): Promise<ReconcileBegun> => {
      begun++
      return { result: 'already running' }
    },
  }
  const list = followList(reconciler, clock, openLog({ write() {} }, 'silent'))
  const turn = () => new Promise(setImmediate)
  assert.equal(await list.isWhole(), false, 'a new store')
  last = emptyReport(clock.now() - 1)
  assert.equal(await list.isWhole(), false, 'of before the start: maybe of a backup')
  last = { ...emptyReport(clock.now() + 1), result: 'partial' }
  assert.equal(await list.isWhole(), false, 'not all was looked at')
  list.wanted()
  list.wanted()
  await turn()
  assert.equal(begun, 1)
  clock.pass(600_000)
  list.wanted()
  await turn()
  assert.equal(begun, 2)
  last = emptyReport(clock.now())
  assert.equal(await list.isWhole(), true)
  clock.pass(600_000)
  list.wanted()
  await turn()
  assert.equal(begun, 2, 'it is whole')
})
