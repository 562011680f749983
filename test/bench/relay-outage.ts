// Backstage down for 12 hours at 2 pushes a second, and back: the relay's own worker and store, with a clock that is passed on.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RefreshAnswer } from '../../relay/clients/backstage.ts'
import { Worker } from '../../relay/deliver/worker.ts'
import { openLog } from '../../relay/runtime/log.ts'
import { openSqliteStore } from '../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../relay/store/store.ts'
import { TestClock } from '../relay/clock.ts'
import { numberedPush } from '../relay/movable-ghes.ts'
import { messageId } from '../support/message-id.ts'
import type { Row } from './row.ts'

const HOURS = 12
const PUSHES_PER_SECOND = 2
const KEYS = 2_000
const REFRESHES_PER_SECOND = 40
/** Pushes come in a handful at a time: a step for each would be 86,400 turns of everything. */
const STEP_SECONDS = 15
const MOST_SECONDS_TO_DRAIN = 600

export async function benchOutage(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const clock = new TestClock()
  const store = watched(openSqliteStore({ path: join(folder, 'relay.db'), now: clock.now }))
  const backstage = new Backstage(clock)
  const heads = new Map<string, string>()
  const worker = openWorker(store, backstage, heads, clock)
  try {
    worker.start()
    const pushes = HOURS * 3600 * PUSHES_PER_SECOND
    for (let n = 1; n <= pushes; ) {
      const last = n + STEP_SECONDS * PUSHES_PER_SECOND
      await Promise.all(Array.from({ length: last - n }, () => accept(n++)))
      await passTo(clock, store, clock.now() + STEP_SECONDS * 1000)
    }
    const attempts = backstage.attempts
    const backAtMs = clock.now()
    backstage.isUp = true
    let status = await store.status()
    while (status.pushes.forwarded < pushes && clock.now() < backAtMs + MOST_SECONDS_TO_DRAIN * 1000) {
      await passTo(clock, store, clock.now() + 1000)
      status = await store.status()
    }
    return rowsOf({ pushes, forwarded: status.pushes.forwarded, refreshes: backstage.refreshes, backAtMs, attempts })
  } finally {
    await worker.stop(0)
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }

  async function accept(n: number): Promise<void> {
    const { version: _, ...push } = numberedPush(n, KEYS)
    heads.set(push.repository, push.after)
    const firstCheckAtMs = clock.now() + 250
    await store.accept({ ...push, id: messageId(push), firstCheckAtMs })
    worker.landingDueAt(firstCheckAtMs)
  }
}

type Refresh = { entityRef: string; atMs: number }
type Outcome = { pushes: number; forwarded: number; refreshes: Refresh[]; backAtMs: number; attempts: number }

function rowsOf({ pushes, forwarded, refreshes, backAtMs, attempts }: Outcome): Row[] {
  const keys = new Set(refreshes.map(({ entityRef }) => entityRef)).size
  const lastAtMs = refreshes.at(-1)?.atMs ?? Number.NaN
  const firstAtMs = refreshes[0]?.atMs ?? Number.NaN
  const most = mostInASecond(refreshes.map(({ atMs }) => atMs))
  // The bucket lets a quarter of a second's worth through at once.
  const allowed = REFRESHES_PER_SECOND * 1.25
  return [
    {
      what: `relay: Backstage down for ${HOURS} h: pushes forwarded once it is back`,
      figure: `${forwarded}`,
      target: `${pushes}`,
      isMet: forwarded === pushes,
      note: `simulated, ${PUSHES_PER_SECOND} pushes/s on ${KEYS} keys; ${attempts} careful tries meanwhile`,
    },
    {
      what: 'relay: refreshes for it',
      figure: `${refreshes.length}`,
      target: `${KEYS}, one a key`,
      isMet: refreshes.length === KEYS && keys === KEYS,
      note: `the first ${((firstAtMs - backAtMs) / 1000).toFixed(0)} s after Backstage is back, the last after ${((lastAtMs - backAtMs) / 1000).toFixed(0)} s`,
    },
    {
      what: 'relay: most refreshes in one second then',
      figure: `${most}/s`,
      target: `<= ${allowed}/s`,
      isMet: most <= allowed,
      note: `refreshesPerSecond ${REFRESHES_PER_SECOND}, and a quarter of a second's burst`,
    },
  ]
}

function mostInASecond(atMs: readonly number[]): number {
  let most = 0
  for (let from = 0, to = 0; to < atMs.length; to++) {
    while ((atMs[to] ?? 0) - (atMs[from] ?? 0) >= 1000) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

class Backstage {
  isUp = false
  attempts = 0
  readonly refreshes: Refresh[] = []
  readonly #clock: TestClock

  constructor(clock: TestClock) {
    this.#clock = clock
  }

  refresh = async (entityRef: string): Promise<RefreshAnswer> => {
    this.attempts++
    if (!this.isUp) return { result: 'trouble', kind: 'down', reason: 'Backstage: connection refused' }
    this.refreshes.push({ entityRef, atMs: this.#clock.now() })
    return { result: 'refreshed' }
  }
  register = async () => ({ result: 'known' as const })
  shows = async () => ({ result: 'nothing' as const })
  clearAway = async () => ({ result: 'forbidden' as const })
  registered = async () => ({ result: 'none' as const })
  unregister = async () => ({ result: 'none' as const })
  origins = async () => ({ result: 'origins' as const, of: new Map<string, { uid: string; from: string }>() })
  locationsOf = async () => ({ result: 'hidden' as const })
  reach = async () => ({ result: 'answered' as const })
  close = async () => {}
}

function openWorker(store: Store, backstage: Backstage, heads: Map<string, string>, clock: TestClock): Worker {
  return new Worker({
    store,
    backstage,
    clock,
    log: openLog({ write() {} }, 'silent'),
    ghes: {
      branch: async ({ owner, name }) => {
        const sha = heads.get(`${owner}/${name}`)
        return sha === undefined ? { result: 'none' } : { result: 'at', sha }
      },
      repository: async ({ owner, name }) => ({
        ...{ result: 'found', fullName: `${owner}/${name}`, archived: false, defaultBranch: 'main' },
      }),
      compare: async () => ({ result: 'compared', relation: 'ahead' }),
      file: async () => ({ result: 'there' }),
      reach: async () => ({ result: 'answered' }),
    },
    host: 'ghe.test',
    questions: {
      compare: async () => ({ result: 'done', outcome: 'never asked for' }),
      repository: async () => ({ result: 'done', outcome: 'never asked for' }),
    },
    register: false,
    removed: 'refresh',
    locations: [],
    refreshesPerSecond: REFRESHES_PER_SECOND,
    landing: { giveUpAfterMs: 60_000 },
    retry: { firstMs: 1000, maxMs: 600_000, giveUpAfterMs: 24 * 3_600_000 },
  })
}

/** The store, and when it was last at work: while it is, time must not go on. */
type Watched = Store & { calls: { begun: number; open: number } }

function watched(store: Store): Watched {
  const calls = { begun: 0, open: 0 }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'calls') return calls
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(value, target, args)
        if (!(answer instanceof Promise)) return answer
        calls.begun++
        calls.open++
        return answer.finally(() => {
          calls.open--
        })
      }
    },
  }) as Watched
}

/** Lets time pass from timer to timer, and everything happen that each of them brings about. */
async function passTo(clock: TestClock, store: Watched, untilMs: number): Promise<void> {
  await idle(store)
  for (let atMs = clock.nextTimerAtMs; atMs !== undefined && atMs <= untilMs; atMs = clock.nextTimerAtMs) {
    clock.pass(Math.max(0, atMs - clock.now()))
    await idle(store)
  }
  clock.pass(untilMs - clock.now())
}

async function idle({ calls }: Watched): Promise<void> {
  for (let quiet = 0, begun = -1; quiet < 2; quiet++) {
    await new Promise(resolve => setImmediate(resolve))
    if (calls.open > 0 || calls.begun !== begun) quiet = 0
    begun = calls.begun
  }
}

if (import.meta.main) console.log(await benchOutage())
