// Changes are told to whoever brings them into the catalog, and watched there until they show.
import { setTimeout as delay } from 'node:timers/promises'
import type { Backstage } from '../../backstage/backend.ts'
import type { BenchGhes, Change } from './ghes.ts'

/** How the catalog hears of a change: nothing at all for the loop and the scan. */
export type Tell = (change: Change, pusher: string) => Promise<void>

export type Measured = {
  /** Undefined: not within the time. */
  allMs: number | undefined
  visible: number
  p50: number | undefined
  p95: number | undefined
  single: number | undefined
  requests: Record<string, number>
  tookMs: number
}

export type Pace = {
  /** 0: all within a second, ten at a time. */
  perSecond: number
  deadlineMs: number
  /** Once, after all have landed. */
  afterwards?: () => Promise<void>
}

/** What the catalog shows is looked up as often; a time is late by half of it on average. */
const LOOK_MS = 250
const SINGLE_AFTER_MS = 1_000

/** All but the last repository change; the last one is somebody else's single push, a second after the first. */
export async function measure(backstage: Backstage, ghes: BenchGhes, tell: Tell, pace: Pace): Promise<Measured> {
  const names = ghes.names.slice(0, -1)
  const [single = ''] = ghes.names.slice(-1)
  ghes.forgetRequests()
  const watch = new Watch(backstage)
  const watching = watch.run(pace.deadlineMs)
  const from = performance.now()
  const land = async (name: string, pusher = 'release-bot') => {
    const change = ghes.land(name)
    watch.expect(name, change.title)
    await tell(change, pusher)
  }
  const alone = delay(SINGLE_AFTER_MS).then(() => land(single, 'jane'))
  // Where the backend has gone the first that fails is told, and the others are not news.
  for (const other of [alone, watching]) other.catch(() => undefined)
  await (pace.perSecond > 0 ? paced(names, pace.perSecond, name => land(name)) : burst(names, name => land(name)))
  await alone
  await pace.afterwards?.()
  watch.allTold()
  await watching
  const tookMs = performance.now() - from
  await settled(ghes)
  const times = names.flatMap(name => watch.seen.get(name) ?? []).sort((a, b) => a - b)
  const isAll = times.length === names.length
  return {
    allMs: isAll ? watch.lastAt - from : undefined,
    visible: times.length,
    p50: quantile(times, names.length, 0.5),
    p95: quantile(times, names.length, 0.95),
    single: watch.seen.get(single),
    requests: countsOf(ghes),
    tookMs,
  }
}

class Watch {
  /** Milliseconds from the landing to the first look that shows it. */
  readonly seen = new Map<string, number>()
  lastAt = 0
  readonly #waiting = new Map<string, { title: string; atMs: number }>()
  readonly #backstage: Backstage
  #isComplete = false

  constructor(backstage: Backstage) {
    this.#backstage = backstage
  }

  expect(name: string, title: string): void {
    this.#waiting.set(name, { title, atMs: performance.now() })
  }

  allTold(): void {
    this.#isComplete = true
  }

  async run(deadlineMs: number): Promise<void> {
    for (const from = performance.now(); performance.now() - from < deadlineMs; await delay(LOOK_MS)) {
      if (this.#isComplete && this.#waiting.size === 0) return
      if (this.#waiting.size > 0) await this.#look()
    }
  }

  async #look(): Promise<void> {
    const names = [...this.#waiting.keys()]
    const titles = await titlesOf(this.#backstage, names)
    const now = performance.now()
    names.forEach((name, i) => {
      const waiting = this.#waiting.get(name)
      if (waiting === undefined || titles[i] !== waiting.title) return
      this.#waiting.delete(name)
      this.seen.set(name, now - waiting.atMs)
      this.lastAt = now
    })
  }
}

export async function titlesOf(backstage: Backstage, names: readonly string[]): Promise<(string | undefined)[]> {
  const response = await backstage.call('POST', '/entities/by-refs', {
    entityRefs: names.map(name => `component:default/${name}`),
    fields: ['metadata.title'],
  })
  if (response.status !== 200) throw new Error(`by-refs: ${response.status} ${await response.text()}`)
  const { items } = (await response.json()) as { items: ({ metadata?: { title?: string } } | null)[] }
  return items.map(item => item?.metadata?.title)
}

/** Ten at a time, as fast as they are taken. */
export async function burst<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (const item of left) await run(item)
    }),
  )
}

async function paced<T>(items: readonly T[], perSecond: number, run: (item: T) => Promise<void>): Promise<void> {
  const from = performance.now()
  const running: Promise<void>[] = []
  for (const [i, item] of items.entries()) {
    await delay(Math.max(0, from + (i * 1000) / perSecond - performance.now()))
    running.push(run(item))
  }
  await Promise.all(running)
}

/** Nobody has asked GHES for a while. */
export async function settled(ghes: BenchGhes, quietMs = 2_000, mostMs = 20_000): Promise<void> {
  for (const from = performance.now(); performance.now() - from < mostMs; ) {
    const before = ghes.count()
    await delay(quietMs)
    if (ghes.count() === before) return
  }
}

export function countsOf(ghes: BenchGhes): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of ghes.requests()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Of all that changed, those that never showed included: they are later than any. */
function quantile(times: readonly number[], all: number, q: number): number | undefined {
  return times[Math.min(all - 1, Math.floor(all * q))]
}
