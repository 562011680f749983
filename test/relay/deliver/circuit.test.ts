// The breaker that replicas share: one opens, all rest; one tries, the others wait; a restart remembers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Circuit } from '../../../relay/deliver/circuit.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { Circuits } from '../../../relay/store/ports/coordination.ts'
import { TestClock } from '../clock.ts'
import { memoryCircuits } from './memory-circuits.ts'

const log = openLog({ write() {} }, 'silent')

function replicas(count: number, clock = new TestClock(), store: Circuits = memoryCircuits(clock)) {
  const circuits = Array.from(
    { length: count },
    () => new Circuit({ store, target: 'backstage', clock, log, firstPauseMs: 1000, longestPauseMs: 30_000 }),
  )
  const admits = () => Promise.all(circuits.map(circuit => circuit.admits()))
  return { clock, store, circuits, admits }
}

test('five failures at one replica, and within a second the others rest too', async () => {
  const { clock, circuits, admits } = replicas(3)
  assert.deepEqual(await admits(), [true, true, true])
  const [one] = circuits
  for (let i = 0; i < 5; i++) one?.failed('Backstage answered 503')
  clock.pass(999)
  assert.equal(one?.state, 'open')
  clock.pass(1)
  one?.pause('Backstage answered 401', 10_000)
  await one?.flushed()
  assert.deepEqual(await admits(), [false, false, false])
  assert.deepEqual(
    circuits.map(({ reason }) => reason),
    ['Backstage answered 401', 'Backstage answered 401', 'Backstage answered 401'],
  )
})

test('half-open: one replica tries; its success opens the way for all', async () => {
  const { clock, circuits, admits } = replicas(3)
  circuits[0]?.pause('Backstage: connect ECONNREFUSED')
  await circuits[0]?.flushed()
  clock.pass(1000)
  const tries = await admits()
  assert.equal(tries.filter(Boolean).length, 1, `${tries}`)
  assert.deepEqual(
    circuits.map(circuit => circuit.allowed(10)).filter(allowed => allowed > 0),
    [1],
    'one call at a time',
  )
  circuits[tries.indexOf(true)]?.succeeded()
  clock.pass(1000)
  assert.deepEqual(await admits(), [true, true, true])
  assert.deepEqual(
    circuits.map(({ state }) => state),
    ['closed', 'closed', 'closed'],
  )
})

test('a try that fails makes all rest again, for longer', async () => {
  const { clock, circuits, admits } = replicas(2)
  circuits[0]?.pause('down')
  await circuits[0]?.flushed()
  clock.pass(1000)
  const tries = await admits()
  circuits[tries.indexOf(true)]?.failed('still down')
  clock.pass(1000)
  assert.deepEqual(await admits(), [false, false])
  assert.deepEqual(
    circuits.map(({ reason }) => reason),
    ['still down', 'still down'],
  )
})

test('a try that found nothing to do stays with its replica', async () => {
  const { clock, circuits } = replicas(1)
  circuits[0]?.pause('down')
  await circuits[0]?.flushed()
  clock.pass(1000)
  assert.equal(await circuits[0]?.admits(), true)
  clock.pass(5000)
  assert.equal(await circuits[0]?.admits(), true)
})

test('a replica that dies while it tries: another tries a minute later', async () => {
  const { clock, circuits, admits } = replicas(2)
  circuits[0]?.pause('down')
  await circuits[0]?.flushed()
  clock.pass(1000)
  const tries = await admits()
  const survivor = circuits[1 - tries.indexOf(true)]
  clock.pass(30_000)
  assert.equal(await survivor?.admits(), false)
  clock.pass(30_000)
  assert.equal(await survivor?.admits(), true)
})

test('a restart remembers', async () => {
  const before = replicas(1)
  before.circuits[0]?.pause('Backstage limits our rate (429)', 60_000)
  await before.circuits[0]?.flushed()
  const { admits, circuits } = replicas(1, before.clock, before.store)
  assert.deepEqual(await admits(), [false])
  assert.equal(circuits[0]?.openUntilMs, before.clock.now() + 60_000)
})

test('a store that cannot write leaves the breaker to itself', async () => {
  const clock = new TestClock()
  const full = () => Promise.reject(new Error('disk full'))
  const store = { ...memoryCircuits(clock), openCircuit: full, closeCircuit: full }
  const { circuits } = replicas(1, clock, store)
  circuits[0]?.pause('down')
  await circuits[0]?.flushed()
  assert.equal(circuits[0]?.state, 'open')
})

test('"Retry-After: 0" again and again is no call after another: each pause is longer', () => {
  const { clock, circuits } = replicas(1)
  const [one] = circuits
  const pauses = [1, 2, 3, 4].map(() => {
    one?.pause('Backstage limits our rate (429)', 0)
    const pauseMs = (one?.openUntilMs ?? 0) - clock.now()
    clock.pass(pauseMs)
    return pauseMs
  })
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000])
})
