// The closed loop over a simulated catalog on a fake clock: one that is fast, slow, slower after a while, stalls, loses verdicts, restarts, is gone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedLoop } from '../../../relay/deliver/closed-loop.ts'
import { Pace } from '../../../relay/deliver/pace.ts'
import { firstRate, nextRate, RATE } from '../../../relay/deliver/rate.ts'
import type { Word, Words } from '../../../relay/store/ports/coordination.ts'
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
  busy?: (ms: number) => number
  /** A single push goes ahead in its queue. */
  overtakes?: boolean
  /** Of so many replicas of the relay; one by default. */
  replicas?: number
  /** Which replica has the verdicts of this time. */
  told?: (ms: number) => number
  /** When the last one starts. */
  joinsAtMs?: number
  /** That work, at this time. */
  alive?: (ms: number) => readonly number[]
}

/** As the store of several replicas has it. */
function memoryWords(clock: TestClock): Words & { exchanges: number } {
  const said = new Map<string, Omit<Word, 'ageMs'> & { atMs: number }>()
  return {
    exchanges: 0,
    async exchange(_topic, mine, keptMs) {
      this.exchanges++
      said.set(mine.from, { ...mine, atMs: clock.now() })
      return [...said.values()].flatMap(({ atMs, ...word }) => {
        const ageMs = clock.now() - atMs
        return word.from === mine.from || ageMs > keptMs ? [] : [{ ...word, ageMs }]
      })
    },
  }
}

type Seen = { askedMs: number; doneMs?: number }

/** A backlog of `files`, and a single push each `aloneEveryMs`. The catalog is a FIFO that looks once a second while it is idle. */
async function run(catalog: Catalog, { files, forMs }: { files: number; forMs: number }) {
  const clock = new TestClock()
  const startMs = clock.now()
  const tokens = memoryTokens(clock)
  const words = memoryWords(clock)
  const { replicas = 1, told: toldTo = () => 0, joinsAtMs = 0, alive = () => loops.keys().toArray() } = catalog
  const haveDue = async (many: number) => files - next >= many
  const loops = Array.from(
    { length: replicas },
    () => new ClosedLoop(new Pace(tokens, clock, 40), clock, () => {}, replicas > 1 ? words : undefined, haveDue),
  )
  for (const loop of loops) loop.overtakes(catalog.overtakes ?? false)
  const stop = new AbortController()
  const seen = new Map<string, Seen>()
  let queue: string[] = []
  let verdicts: { atMs: number; place: string }[] = []
  const rates: (number | undefined)[] = []
  const exchanges: number[] = []
  const askedBy = loops.map(() => 0)
  let next = 0
  let mostWithout = 0
  const lane = async (by: number) => {
    const loop = loops[by]
    while (loop && next < files && !stop.signal.aborted) {
      const place = `f${next++}`
      await loop.take(stop.signal)
      // It is gone, and another one has its job again.
      if (!alive(clock.now() - startMs).includes(by)) return loop.stop()
      askedBy[by] = (askedBy[by] ?? 0) + 1
      seen.set(place, { askedMs: clock.now() - startMs })
      queue.push(place)
      loop.settled(1, place)
    }
  }
  const lanesOf = (by: number) => Array.from({ length: 10 }, () => lane(by).catch(() => {}))
  const lanes = loops.flatMap((_, by) => (by > 0 && by === replicas - 1 && joinsAtMs > 0 ? [] : lanesOf(by)))
  let due = 0
  let isBusy = false
  for (let ms = 0; ms < forMs; ms += TICK_MS) {
    for (let i = 0; i < 4; i++) await new Promise(setImmediate)
    if (joinsAtMs > 0 && ms === joinsAtMs) lanes.push(...lanesOf(replicas - 1))
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
    if (told.length > 0)
      loops[toldTo(ms)]?.judged(
        told.map(({ place }) => place),
        catalog.busy?.(ms),
      )
    if (ms % 20_000 === 0 && (catalog.isHeard?.(ms) ?? true)) loops[toldTo(ms)]?.heard()
    mostWithout = Math.max(mostWithout, queue.length)
    rates.push(...loops.map(loop => loop.rate))
    exchanges.push(words.exchanges)
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
  const askedWithin = (ms: number) => [...seen.values()].filter(({ askedMs }) => askedMs < ms).length
  return { askedWithin, rate, medianMs, rates, mostWithout, asked: seen.size, askedBy, exchanges }
}

test('a catalog that takes 75 a second is asked for nearly as many, and its queue stays short', async () => {
  const { rate, medianMs, mostWithout } = await run({ perSecond: () => 75 }, { files: 10_000, forMs: 40_000 })
  assert.ok(rate(10_000, 40_000) > 68, `${rate(10_000, 40_000)} a second`)
  assert.ok(medianMs(10_000, 40_000) <= 1_700, `${medianMs(10_000, 40_000)} ms`)
  // At its most while the rate is found out.
  assert.ok(mostWithout < 450, `${mostWithout}`)
})

test('a fast one is not held back by the setting, a slow one not flooded by it', async () => {
  const fast = await run({ perSecond: () => 400 }, { files: 40_000, forMs: 60_000 })
  assert.ok(fast.rate(40_000, 60_000) > 300, `${fast.rate(40_000, 60_000)} a second`)
  const slow = await run({ perSecond: () => 5 }, { files: 10_000, forMs: 120_000 })
  assert.ok(slow.rate(60_000, 120_000) > 4, `${slow.rate(60_000, 120_000)} a second`)
  assert.ok(slow.medianMs(60_000, 120_000) <= 3_500, `${slow.medianMs(60_000, 120_000)} ms`)
})

test('where a single push goes ahead a thousand are sent at once after a moment, no more than those, and a lane comes free nevertheless', async () => {
  const usual = await run({ perSecond: () => 75 }, { files: 900, forMs: 5_000 })
  assert.ok(usual.askedWithin(4_000) < 300, `${usual.askedWithin(4_000)} by and by`)
  const flood = await run({ perSecond: () => 75, overtakes: true }, { files: 900, forMs: 20_000 })
  assert.ok(flood.askedWithin(1_000) < 120, `${flood.askedWithin(1_500)} while nobody has waited long`)
  assert.equal(flood.askedWithin(4_000), 900)
  assert.ok(Math.abs((flood.rates.at(-1) ?? 0) - 40) < 10, 'and the rate is nearly as it was')
  const few = await run({ perSecond: () => 75, overtakes: true }, { files: 199, forMs: 5_000 })
  assert.ok(few.askedWithin(2_500) < 180, `${few.askedWithin(2_500)} of a few`)
  const slow = await run({ perSecond: () => 5, overtakes: true }, { files: 5_000, forMs: 24_000 })
  assert.ok(slow.mostWithout > 900 && slow.mostWithout <= 1_000, `${slow.mostWithout} in its queue`)
  assert.ok(slow.askedWithin(20_000) > slow.askedWithin(10_000) + 40, 'whoever comes finds a lane')
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
  assert.equal(gone.rates.at(-1), undefined)
  assert.ok(Math.abs(gone.rate(120_000, 150_000) - 40) < 4, `${gone.rate(120_000, 150_000)} a second`)
  const never = await run({ perSecond: () => 200, tells: () => false }, { files: 40_000, forMs: 20_000 })
  assert.ok(never.rates.every(rate => rate === undefined))
  assert.ok(Math.abs(never.rate(5_000, 20_000) - 40) < 4, `${never.rate(5_000, 20_000)} a second`)
})

test('two replicas are as one: what each asks for, and verdicts that come to either, to one, to one that is gone', async () => {
  const each = await run(
    { perSecond: () => 75, replicas: 2, told: ms => Math.floor(ms / 250) % 2 },
    { files: 10_000, forMs: 40_000 },
  )
  assert.ok(each.rate(10_000, 40_000) > 65, `${each.rate(10_000, 40_000)} a second`)
  assert.ok(each.medianMs(10_000, 40_000) <= 1_700, `${each.medianMs(10_000, 40_000)} ms`)
  assert.ok(each.mostWithout < 450, `${each.mostWithout}`)
  const [a = 0, b = 0] = each.askedBy
  assert.ok(Math.min(a, b) > each.asked / 3, `${a} and ${b}`)
  // Of the store, twice a second each, whatever is asked for.
  assert.ok((each.exchanges.at(-1) ?? 0) <= 170, `${each.exchanges.at(-1)} exchanges`)

  const one = await run({ perSecond: () => 75, replicas: 3, told: () => 2 }, { files: 10_000, forMs: 40_000 })
  assert.ok(one.rate(10_000, 40_000) > 60, `${one.rate(10_000, 40_000)} a second`)
  assert.ok(one.medianMs(10_000, 40_000) <= 1_700, `${one.medianMs(10_000, 40_000)} ms`)

  const gone = await run(
    { perSecond: () => 75, replicas: 2, told: ms => (ms < 20_000 ? 0 : 1), alive: ms => (ms < 20_000 ? [0, 1] : [1]) },
    { files: 10_000, forMs: 60_000 },
  )
  assert.ok(gone.rate(30_000, 60_000) > 65, `${gone.rate(30_000, 60_000)} a second`)
})

test('replicas: a slow catalog is not flooded by two, nor by one that joins, and where nothing is to be done the store is left alone', async () => {
  const slow = await run(
    { perSecond: () => 5, replicas: 2, told: ms => Math.floor(ms / 250) % 2 },
    { files: 10_000, forMs: 120_000 },
  )
  assert.ok(slow.rate(60_000, 120_000) > 4, `${slow.rate(60_000, 120_000)} a second`)
  assert.ok(slow.medianMs(60_000, 120_000) <= 3_500, `${slow.medianMs(60_000, 120_000)} ms`)
  const joined = await run({ perSecond: () => 5, replicas: 2, joinsAtMs: 60_000 }, { files: 10_000, forMs: 70_000 })
  const [first = 0, second = 0] = joined.rates.slice((2 * 61_500) / TICK_MS)
  assert.ok(second > 0 && second < 12, `${first} and ${second} a second`)
  const idle = await run({ perSecond: () => 75, replicas: 2 }, { files: 10, forMs: 120_000 })
  const [soon = 0, last = 0] = [idle.exchanges[15_000 / TICK_MS], idle.exchanges.at(-1)]
  // Our module is there, it tells them: at most three times a minute.
  assert.ok(soon > 0 && last - soon <= 8, `${soon}, ${last}`)
})

test('who waits and is stopped takes no room with it', async () => {
  const clock = new TestClock()
  const loop = new ClosedLoop({ perSecond: 1, take: async () => {} }, clock)
  loop.judged([])
  const never = new AbortController().signal
  await loop.take(never)
  const stop = new AbortController()
  const stopped = assert.rejects(loop.take(stop.signal), /enough/)
  const last = loop.take(never)
  stop.abort(new Error('enough'))
  await stopped
  loop.settled(1)
  clock.pass(1_000)
  await last
  await assert.rejects(loop.take(stop.signal), /enough/)
})

test('who goes ahead is let through before those that wait, in the order of asking', async () => {
  const clock = new TestClock()
  const loop = new ClosedLoop(new Pace(memoryTokens(clock), clock, 4), clock)
  loop.judged([])
  const never = new AbortController().signal
  await loop.take(never)
  const through: string[] = []
  const asked = ['other 1', 'other 2', 'ahead 1', 'ahead 2', 'other 3'].map(async who => {
    await loop.take(never, who.startsWith('ahead'))
    through.push(who)
  })
  for (let n = 0; n < asked.length; n++) {
    clock.pass(1_000)
    await new Promise(setImmediate)
  }
  await Promise.all(asked)
  assert.deepEqual(through, ['ahead 1', 'ahead 2', 'other 1', 'other 2', 'other 3'])
})

const MS = { still: 900, middle: 2_100, late: 4_800 }
const round = { latenciesMs: [MS.still], lost: 0, wasFull: true, tookMs: 1_000 }

test('the rate: nothing seen changes nothing, it grows only where somebody waits and the catalog has time, and never leaves its bounds', () => {
  const rate = firstRate(40)
  const perSecond = (...given: Parameters<typeof nextRate>) => nextRate(...given).perSecond
  assert.deepEqual(nextRate(rate, { ...round, latenciesMs: [] }, 40), rate)
  assert.equal(perSecond(rate, { ...round, wasFull: false }, 40), 40)
  assert.ok(perSecond(rate, round, 40) > 43)
  assert.ok(perSecond(rate, { ...round, busy: 0.5 }, 40) > perSecond(rate, round, 40))
  assert.equal(perSecond(rate, { ...round, busy: 0.9 }, 40), 40)
  assert.equal(perSecond({ ...rate, perSecond: 2, took: 3 }, { ...round, busy: 0.1 }, 40), 4)
  assert.equal(perSecond(rate, { ...round, latenciesMs: [MS.middle] }, 40), 40)
  assert.equal(perSecond(rate, { ...round, latenciesMs: Array(30).fill(MS.late) }, 40), 24)
  assert.equal(perSecond(rate, { ...round, latenciesMs: [MS.late] }, 40), 20)
  assert.equal(perSecond({ ...rate, perSecond: RATE.least }, { ...round, latenciesMs: [], lost: 2 }, 40), RATE.least)
  assert.equal(perSecond({ ...rate, perSecond: RATE.most }, round, 40), RATE.most)
})

test('the rate: slower than what is answered, and again only when what was asked for since comes late, too; quick back up to what was answered, and slow beyond', () => {
  const late = { ...round, latenciesMs: Array<number>(30).fill(MS.late) }
  const rates = [firstRate(40)]
  for (let n = 0; n < 5; n++) rates.push(nextRate(rates.at(-1) ?? firstRate(1), late, 40))
  const perSecond = rates.map(rate => Math.round(10 * rate.perSecond) / 10)
  assert.deepEqual(perSecond, [40, 24, 24, 24, 24, 19.2])
  const again = [rates.at(-1) ?? firstRate(1)]
  for (let n = 0; n < 3; n++) again.push(nextRate(again.at(-1) ?? firstRate(1), round, 40))
  assert.deepEqual(
    again.map(rate => Math.round(10 * rate.perSecond) / 10),
    [19.2, 26.9, 30, 32.4],
  )
})

test('the rate: a catalog that is slow by itself is known as such after a while', () => {
  let rate = firstRate(40)
  for (let n = 0; n < 70; n++) rate = nextRate(rate, { ...round, latenciesMs: Array<number>(10).fill(4_000) }, 40)
  assert.equal(rate.usualMs, 4_000)
  assert.ok(rate.perSecond > 10, `${rate.perSecond}`)
})

test('the rate: what was learnt of other work is forgotten in a pause', () => {
  const fast = { ...firstRate(40), perSecond: 120 }
  assert.equal(nextRate(fast, { ...round, latenciesMs: [], wasFull: false }, 40).perSecond, 40)
  assert.equal(nextRate(fast, { ...round, latenciesMs: [MS.middle], tookMs: 9_000 }, 40).perSecond, 40)
  assert.equal(nextRate(fast, { ...round, latenciesMs: [MS.middle] }, 40).perSecond, 120)
})
