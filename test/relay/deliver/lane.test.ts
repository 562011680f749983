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
  assert.ok(claims > 5 && claims < 10, `${claims} claims in the first second`)
  await lane.stop()
})

test('what only waits for the store leaves its place at the target to the next, three times as many at the most', async () => {
  let claimed = 0
  const claims: number[] = []
  let calling = 0
  let mostCalling = 0
  const ends: (() => void)[] = []
  const lane = new Lane<{ lease: string }>(
    {
      name: 'x',
      most: 2,
      target: { allowed: most => most, openUntilMs: 0, admits: async () => true },
      claim: async room => {
        // The store's commit: who is answered meanwhile makes room for this claim already.
        await new Promise(resolve => setImmediate(resolve))
        const count = room()
        claims.push(count)
        return Array.from({ length: count }, () => ({ lease: String(++claimed) }))
      },
      run: async ({ lease }, answered) => {
        mostCalling = Math.max(mostCalling, ++calling)
        if (Number(lease) % 2 === 0) await new Promise(resolve => setImmediate(resolve))
        else await undefined
        calling--
        answered()
        await new Promise<void>(end => ends.push(end))
      },
      release: async () => {},
      nextDueAtMs: async () => 0,
    },
    new TestClock(),
    openLog({ write() {} }, 'silent'),
  )
  const turns = async () => {
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  }
  lane.look()
  await turns()
  assert.deepEqual([claimed, mostCalling], [6, 2])
  assert.deepEqual(claims, [2, 2, 2])
  ends.shift()?.()
  await turns()
  assert.deepEqual([claimed, mostCalling], [7, 2])
  const stopped = lane.stop()
  for (const end of ends) end()
  await stopped
})
