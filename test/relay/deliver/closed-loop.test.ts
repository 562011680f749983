// The closed loop over a simulated catalog on a fake clock: one that is fast, slow, slower after a while, stalls, loses verdicts, restarts, is gone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedLoop } from '../../../relay/deliver/closed-loop.ts'
import { Pace } from '../../../relay/deliver/pace.ts'
import { nextWindow, WINDOW } from '../../../relay/deliver/window.ts'
import { memoryTokens } from '../../../relay/store/sqlite/memory-tokens.ts'
import { TestClock } from '../clock.ts'

const TICK_MS = 50
/** Between the end of processing and the verdict at the relay. */
const HELD_MS = 300

type Catalog = {
  /** Files a second, at this time. */
  perSecond: (ms: number) => number
  /** Of verdicts, that reach the relay. */
  tells?: (place: string, ms: number) => boolean
  isHeard?: (ms: number) => boolean
}

type Seen = { askedMs: number; doneMs?: number }

/** A backlog of `files`, and a single push each `aloneEveryMs`. The catalog is a FIFO that looks once a second while it is idle. */
async function run(catalog: Catalog, { files, forMs }: { files: number; forMs: number }) {
  const clock = new TestClock()
  const startMs = clock.now()
  const loop = new ClosedLoop(new Pace(memoryTokens(clock), clock, 40), clock)
  const stop = new AbortController()
  const seen = new Map<string, Seen>()
  let queue: string[] = []
  let verdicts: { atMs: number; place: string }[] = []
  const sizes: (number | undefined)[] = []
  let next = 0
  let mostWithout = 0
  const lane = async () => {
    while (next < files && !stop.signal.aborted) {
      const place = `f${next++}`
      await loop.take(stop.signal)
      seen.set(place, { askedMs: clock.now() - startMs })
      queue.push(place)
      loop.settled(1, place)
    }
  }
  const lanes = Array.from({ length: 10 }, () => lane().catch(() => {}))
  let due = 0
  let isBusy = false
  for (let ms = 0; ms < forMs; ms += TICK_MS) {
    for (let i = 0; i < 4; i++) await new Promise(setImmediate)
    // An idle catalog looks once a second.
    if (queue.length > 0 && ms % 1000 === 0) isBusy = true
    if (isBusy) due += (catalog.perSecond(ms) * TICK_MS) / 1000
    while (due >= 1 && queue.length > 0) {
      due--
      const [place = '', ...rest] = queue
      queue = rest
      const one = seen.get(place)
      if (one) one.doneMs = ms
      if (catalog.tells?.(place, ms) ?? true) verdicts.push({ atMs: ms + HELD_MS, place })
    }
    if (queue.length === 0) [due, isBusy] = [0, false]
    const told = verdicts.filter(({ atMs }) => atMs <= ms)
    verdicts = verdicts.filter(({ atMs }) => atMs > ms)
    if (told.length > 0) loop.judged(told.map(({ place }) => place))
    if (ms % 20_000 === 0 && (catalog.isHeard?.(ms) ?? true)) loop.heard()
    mostWithout = Math.max(mostWithout, queue.length)
    sizes.push(loop.size)
    clock.pass(TICK_MS)
  }
  stop.abort(new Error('over'))
  await Promise.all(lanes)
  const done = [...seen.values()].flatMap(({ askedMs, doneMs }) =>
    doneMs === undefined ? [] : [{ doneMs, tookMs: doneMs - askedMs }],
  )
  const between = (fromMs: number, toMs: number) => done.filter(({ doneMs }) => doneMs >= fromMs && doneMs < toMs)
  const rate = (fromMs: number, toMs: number) => (between(fromMs, toMs).length * 1000) / (toMs - fromMs)
  const medianMs = (fromMs: number, toMs: number) =>
    between(fromMs, toMs)
      .map(({ tookMs }) => tookMs)
      .sort((a, b) => a - b)[Math.floor(between(fromMs, toMs).length / 2)] ?? 0
  return { rate, medianMs, sizes, mostWithout, asked: seen.size }
}

test('a catalog that takes 75 a second is asked for nearly as many, and its queue stays short', async () => {
  const { rate, medianMs, mostWithout } = await run({ perSecond: () => 75 }, { files: 10_000, forMs: 40_000 })
  assert.ok(rate(10_000, 40_000) > 68, `${rate(10_000, 40_000)} a second`)
  assert.ok(medianMs(10_000, 40_000) <= 1_700, `${medianMs(10_000, 40_000)} ms`)
  assert.ok(mostWithout < 200, `${mostWithout}`)
})

test('a fast one is not held back by the setting, a slow one not flooded by it', async () => {
  const fast = await run({ perSecond: () => 400 }, { files: 40_000, forMs: 60_000 })
  assert.ok(fast.rate(40_000, 60_000) > 300, `${fast.rate(40_000, 60_000)} a second`)
  const slow = await run({ perSecond: () => 5 }, { files: 10_000, forMs: 120_000 })
  assert.ok(slow.rate(60_000, 120_000) > 4, `${slow.rate(60_000, 120_000)} a second`)
  assert.ok(slow.medianMs(60_000, 120_000) <= 3_500, `${slow.medianMs(60_000, 120_000)} ms`)
})

test('one that becomes slower has its queue short again within seconds', async () => {
  const { medianMs, rate } = await run({ perSecond: ms => (ms < 30_000 ? 100 : 15) }, { files: 20_000, forMs: 90_000 })
  assert.ok(medianMs(60_000, 90_000) <= 2_500, `${medianMs(60_000, 90_000)} ms`)
  assert.ok(rate(60_000, 90_000) > 13, `${rate(60_000, 90_000)} a second`)
})

test('one that stalls for half a minute is sent little meanwhile, and is back at its pace soon', async () => {
  const stalls = (ms: number) => ms >= 20_000 && ms < 50_000
  const { mostWithout, rate } = await run({ perSecond: ms => (stalls(ms) ? 0 : 75) }, { files: 20_000, forMs: 110_000 })
  assert.ok(mostWithout < 400, `${mostWithout} in its queue`)
  assert.ok(rate(80_000, 110_000) > 60, `${rate(80_000, 110_000)} a second`)
})

test('a tenth of the verdicts lost, and a restart that loses all of some seconds, halt nothing', async () => {
  const tells = (place: string, ms: number) => !place.endsWith('7') && (ms < 20_000 || ms >= 24_000)
  const { rate } = await run({ perSecond: () => 75, tells }, { files: 20_000, forMs: 90_000 })
  assert.ok(rate(5_000, 20_000) > 50, `${rate(5_000, 20_000)} a second before`)
  assert.ok(rate(50_000, 90_000) > 55, `${rate(50_000, 90_000)} a second after`)
})

test('a module that is gone: the setting has the pace again; one that never was: from the beginning', async () => {
  const gone = await run(
    { perSecond: () => 200, tells: (_, ms) => ms < 10_000, isHeard: ms => ms < 10_000 },
    { files: 40_000, forMs: 150_000 },
  )
  assert.equal(gone.sizes.at(-1), undefined)
  assert.ok(Math.abs(gone.rate(120_000, 150_000) - 40) < 4, `${gone.rate(120_000, 150_000)} a second`)
  const never = await run({ perSecond: () => 200, tells: () => false }, { files: 40_000, forMs: 20_000 })
  assert.ok(never.sizes.every(size => size === undefined))
  assert.ok(Math.abs(never.rate(5_000, 20_000) - 40) < 4, `${never.rate(5_000, 20_000)} a second`)
})

test('who waits and is stopped takes no room with it', async () => {
  const clock = new TestClock()
  const loop = new ClosedLoop({ perSecond: 1, take: async () => {} }, clock)
  loop.judged([])
  const never = new AbortController().signal
  for (let i = 0; i < WINDOW.least; i++) await loop.take(never)
  const stop = new AbortController()
  const stopped = assert.rejects(loop.take(stop.signal), /enough/)
  const last = loop.take(never)
  stop.abort(new Error('enough'))
  await stopped
  loop.settled(1)
  await last
  await assert.rejects(loop.take(stop.signal), /enough/)
})

test('the window: nothing seen changes nothing, it grows only where it was full, and never leaves its bounds', () => {
  const window = { size: 40, baseMs: 800 }
  assert.equal(nextWindow(window, { latenciesMs: [], lost: 0, wasFull: true }), window)
  assert.equal(nextWindow(window, { latenciesMs: [900], lost: 0, wasFull: false }).size, 40)
  assert.equal(nextWindow(window, { latenciesMs: [900], lost: 0, wasFull: true }).size, 47)
  assert.equal(nextWindow(window, { latenciesMs: [3_200], lost: 0, wasFull: true }).size, 25)
  assert.equal(nextWindow(window, { latenciesMs: [900], lost: 2, wasFull: true }).size, 20)
  assert.equal(nextWindow({ ...window, size: 10 }, { latenciesMs: [], lost: 2, wasFull: true }).size, WINDOW.least)
  assert.equal(nextWindow({ ...window, size: 2_000 }, { latenciesMs: [1], lost: 0, wasFull: true }).size, WINDOW.most)
})
