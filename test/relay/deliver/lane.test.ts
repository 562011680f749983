// A lane of work by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lane } from '../../../relay/deliver/lane.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { TestClock } from '../clock.ts'

type Leased = { lease: string }

/** A lane that has nothing to do, but for what is given. */
const laneOf = (
  given: Partial<ConstructorParameters<typeof Lane<Leased>>[0]>,
  clock: ConstructorParameters<typeof Lane>[1],
): Lane<Leased> =>
  new Lane<Leased>(
    {
      name: 'x',
      most: 1,
      target: { allowed: most => most, openUntilMs: 0, admits: async () => true },
      claim: async () => [],
      run: async () => {},
      release: async () => {},
      nextDueAtMs: async () => undefined,
      ...given,
    },
    clock,
    openLog({ write() {} }, 'silent'),
  )

test('a look at any moment is a look: none gets lost while another ends', async () => {
  const lost: number[] = []
  for (let turns = 0; turns < 30; turns++) {
    let claims = 0
    const claim = async () => {
      claims++
      return []
    }
    const lane = laneOf({ claim }, { now: () => 0, after: () => () => {} })
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
  const claim = async () => {
    claims++
    return []
  }
  const lane = laneOf({ claim, nextDueAtMs: async () => clock.now() - 1000 }, clock)
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
  const lane = laneOf(
    {
      most: 2,
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
      nextDueAtMs: async () => 0,
    },
    new TestClock(),
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
