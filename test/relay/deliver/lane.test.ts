// A lane of work by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lane } from '../../../relay/deliver/lane.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { TestClock } from '../clock.ts'

test('a look at any moment is a look: none gets lost while another ends', async () => {
  const lost: number[] = []
  for (let turns = 0; turns < 30; turns++) {
    let claims = 0
    const lane = new Lane<{ lease: string }>(
      {
        name: 'x',
        most: 1,
        target: { allowed: () => 1, openUntilMs: 0, admits: async () => true },
        claim: async () => {
          claims++
          return []
        },
        run: async () => {},
        release: async () => {},
        nextDueAtMs: async () => undefined,
      },
      { now: () => 0, after: () => () => {} },
      openLog({ write() {} }, 'silent'),
    )
    lane.look()
    for (let i = 0; i < turns; i++) await undefined
    const before = claims
    lane.look()
    await new Promise(resolve => setImmediate(resolve))
    if (claims === before) lost.push(turns)
  }
  assert.deepEqual(lost, [])
})

test('what is due and held by another replica is not asked for all the time', async () => {
  const clock = new TestClock()
  let claims = 0
  const lane = new Lane<{ lease: string }>(
    {
      name: 'x',
      most: 1,
      target: { allowed: () => 1, openUntilMs: 0, admits: async () => true },
      claim: async () => {
        claims++
        return []
      },
      run: async () => {},
      release: async () => {},
      nextDueAtMs: async () => clock.now() - 1000,
    },
    clock,
    openLog({ write() {} }, 'silent'),
  )
  lane.look()
  for (let ms = 0; ms < 1000; ms += 1) {
    await new Promise(resolve => setImmediate(resolve))
    clock.pass(1)
  }
  assert.ok(claims > 10 && claims < 110, `${claims} claims in a second`)
  await lane.stop()
})
