// Rounds of one replica at a time: one that takes long keeps the lead, and who has lost it does nothing more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lead, leadRounds } from '../../../relay/runtime/rounds.ts'
import { memoryLeads } from '../../../relay/store/sqlite/memory-leads.ts'
import { TestClock } from '../clock.ts'

const LEASE_MS = 20_000

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Two replicas whose rounds end when the test says so. */
function replicas() {
  const clock = new TestClock()
  const leads = memoryLeads(clock)
  /** Whose question the store does not answer. */
  let cutOff: string | undefined
  const rounds: { name: string; lead: Lead; finish: () => void }[] = []
  const start = (name: string) =>
    leadRounds(
      {
        ...{ clock, firstInMs: 0, failed: () => 1000 },
        round: lead => new Promise(resolve => rounds.push({ name, lead, finish: () => resolve(1000) })),
      },
      {
        store: {
          lead: (...asked) => (cutOff === name ? Promise.reject(new Error('away')) : leads.lead(...asked)),
          resign: leads.resign,
        },
        ...{ task: 'reading', leaseMs: LEASE_MS, othersAskMs: 5000 },
      },
    )
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      clock.pass(1000)
      await settle()
    }
  }
  return { clock, rounds, start, pass, cut: (name: string | undefined) => (cutOff = name) }
}

test('a round of ten leases is one of one replica; the next one follows it', async () => {
  const { rounds, start, pass } = replicas()
  const ends = ['one', 'other'].map(start)
  await pass(10 * LEASE_MS)
  assert.deepEqual(
    rounds.map(({ name, lead }) => [name, lead.isNew, lead.isHeld()]),
    [['one', true, true]],
  )
  rounds[0]?.finish()
  await pass(2000)
  assert.deepEqual([rounds.length, rounds[1]?.name, rounds[1]?.lead.isNew], [2, 'one', false])
  for (const end of ends) end()
})

test('who cannot renew the lead knows that another may have it, and begins anew when it has it again', async () => {
  const { rounds, start, pass, cut } = replicas()
  const ends = ['one', 'other'].map(start)
  await pass(1000)
  cut('one')
  await pass(LEASE_MS + 5000)
  assert.deepEqual(
    rounds.map(({ name, lead }) => [name, lead.isHeld()]),
    [
      ['one', false],
      ['other', true],
    ],
  )
  cut(undefined)
  await pass(LEASE_MS)
  assert.equal(rounds[0]?.lead.isHeld(), false, 'in the middle of a round it is not taken again')
  rounds[0]?.finish()
  ends[1]?.()
  rounds[1]?.finish()
  await pass(6000)
  assert.deepEqual([rounds.length, rounds[2]?.name, rounds[2]?.lead.isNew], [3, 'one', true])
  ends[0]?.()
})

test('a process that was frozen does nothing more in its round', async () => {
  const { clock, rounds, start, pass } = replicas()
  const end = start('one')
  await pass(1000)
  clock.pass(LEASE_MS) // timers fire, and nothing that they began has come back yet
  assert.equal(rounds[0]?.lead.isHeld(), false)
  end()
})

test('the lead is given back at the end, after the round that is under way', async () => {
  const { rounds, start, pass } = replicas()
  const end = start('one')
  await pass(1000)
  end()
  assert.equal(rounds[0]?.lead.isHeld(), false)
  const endOther = start('other')
  await pass(10_000)
  assert.equal(rounds.length, 1)
  rounds[0]?.finish()
  await pass(6000)
  assert.equal(rounds[1]?.name, 'other')
  endOther()
})
