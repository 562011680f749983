// The pace: tokens from a bucket that others share, in the order of asking, and nothing lost with one who stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../relay/deliver/pace.ts'
import type { Tokens } from '../../../relay/store/ports/coordination.ts'
import { memoryTokens } from '../../../relay/store/sqlite/memory-tokens.ts'
import { TestClock } from '../clock.ts'

/** A bucket that counts how often it is asked. */
function bucket(clock: TestClock): Tokens & { asked: number } {
  const tokens = memoryTokens(clock)
  return {
    asked: 0,
    takeTokens(...wish) {
      this.asked++
      return tokens.takeTokens(...wish)
    },
  }
}

const never = new AbortController().signal

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  await settle()
  for (const untilMs = clock.now() + ms; clock.now() < untilMs; ) {
    clock.pass(Math.max(1, Math.min(clock.nextTimerAtMs ?? untilMs, untilMs) - clock.now()))
    await settle()
  }
}

test('a hundred at 20/s: five at once, then one each 50 ms, in the order of asking', async () => {
  const clock = new TestClock()
  const store = bucket(clock)
  const pace = new Pace(store, clock, 20)
  const startMs = clock.now()
  const served: [number, number][] = []
  for (let i = 0; i < 100; i++) void pace.take(never).then(() => served.push([i, clock.now() - startMs]))
  await settle()
  assert.equal(served.length, 5)
  await pass(clock, 5000)
  assert.deepEqual(
    served.map(([i]) => i),
    Array.from({ length: 100 }, (_, i) => i),
  )
  assert.equal(served.at(-1)?.[1], 4750)
  assert.ok(store.asked <= 100, `${store.asked} questions for 100 tokens`)
})

test('three replicas share one bucket', async () => {
  const clock = new TestClock()
  const store = bucket(clock)
  const paces = [0, 1, 2].map(() => new Pace(store, clock, 30))
  let served = 0
  for (const pace of paces) {
    for (let n = 0; n < 1000; n++)
      void pace.take(never).then(
        () => served++,
        () => {},
      )
  }
  await pass(clock, 10_000)
  assert.ok(served >= 295 && served <= 308, `${served} in 10 s at 30/s`)
})

test('one who stops waiting gives its token to the next', async () => {
  const clock = new TestClock()
  const pace = new Pace(bucket(clock), clock, 4)
  await pace.take(never)
  const stop = new AbortController()
  const stopped = assert.rejects(pace.take(stop.signal), /enough/)
  const next = pace.take(never)
  stop.abort(new Error('enough'))
  await stopped
  const startMs = clock.now()
  await pass(clock, 250)
  await next
  assert.equal(clock.now() - startMs, 250)
  await assert.rejects(pace.take(stop.signal), /enough/)
})

test('a store that fails is told to those who wait; the next ones ask again', async () => {
  const clock = new TestClock()
  const good = bucket(clock)
  let broken = true
  const pace = new Pace(
    { takeTokens: (...asked) => (broken ? Promise.reject(new Error('full')) : good.takeTokens(...asked)) },
    clock,
    4,
  )
  await assert.rejects(pace.take(never), /full/)
  broken = false
  await pace.take(never)
})

test('a thousand a second are not a thousand questions', async () => {
  const clock = new TestClock()
  const store = bucket(clock)
  const pace = new Pace(store, clock, 1000)
  let served = 0
  for (let i = 0; i < 1250; i++) void pace.take(never).then(() => served++)
  await pass(clock, 1000)
  assert.equal(served, 1250)
  assert.ok(store.asked <= 210, `${store.asked}`)
})
