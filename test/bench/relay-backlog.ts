// A backlog of 100,000 pushes on 10,000 keys, met at the start of the built relay: how it starts, shows itself and works it off.
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../relay/runtime/clock.ts'
import { openSqliteStore } from '../../relay/store/sqlite/sqlite-store.ts'
import { locationRef } from '../../schemas/entity-ref.ts'
import { locationOf, MovableGhes, numberedPush } from '../relay/movable-ghes.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { messageId } from '../support/message-id.ts'
import { type RelayProcess, startRelayProcess } from '../support/relay-process.ts'
import type { Row } from './row.ts'

/** A smaller one says less of what a large file costs, and is soon done. */
const PUSHES = Number(process.env['BENCH_PUSHES'] ?? 100_000)
const KEYS = PUSHES / 10
const REFRESHES_PER_SECOND = 400
const MOST_SECONDS_TO_DRAIN = 180
const PAGES = ['/', '/v1/status', '/v1/pushes'] as const

/** Looked at twice a second while it works the backlog off. */
type Look = { rssMb: number; pageMs: Record<string, number>; open: number }

export async function benchBacklog(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const ghes = await new MovableGhes().start()
  const catalog = await startCatalog({ token: 'backstage-token' })
  let relay: RelayProcess | undefined
  try {
    await fill(join(folder, 'data'), ghes, catalog)
    const startedMs = performance.now()
    relay = await startRelayProcess({
      folder,
      built: true,
      ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: catalog.url, token: 'backstage-token', refreshesPerSecond: REFRESHES_PER_SECOND },
      env: { LOG_LEVEL: 'info' },
    })
    const startMs = performance.now() - startedMs
    const before = worked(relay.child.pid)
    const looks = await workedOff(relay)
    const after = worked(relay.child.pid)
    return [...rowsOf(startMs, looks, catalog), workOf(before, after)]
  } finally {
    await relay?.kill('SIGTERM')
    await Promise.all([ghes.stop(), catalog.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

/** As an earlier life of the relay has left it: all accepted, none looked at. Every push is where its branch is, or before. */
async function fill(folder: string, ghes: MovableGhes, catalog: Catalog): Promise<void> {
  await mkdir(folder)
  const store = openSqliteStore({ path: join(folder, 'relay.db'), now: systemClock.now })
  for (let from = 1; from <= PUSHES; from += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => {
        const { version: _version, ...push } = numberedPush(from + i, KEYS)
        ghes.land({ version: 1, ...push })
        return store.accept({ ...push, id: messageId(push), firstCheckAtMs: from })
      }),
    )
  }
  for (let key = 0; key < KEYS; key++) catalog.knowLocation(locationOf(numberedPush(key, KEYS)))
  await store.close()
}

async function workedOff(relay: RelayProcess): Promise<Look[]> {
  const looks: Look[] = []
  for (const untilMs = performance.now() + MOST_SECONDS_TO_DRAIN * 1000; performance.now() < untilMs; ) {
    const pageMs: Record<string, number> = {}
    for (const page of PAGES) {
      const fromMs = performance.now()
      const answer = await fetch(`${relay.admin}${page}`)
      await answer.text()
      if (answer.status !== 200) throw new Error(`GET ${page}: ${answer.status}`)
      pageMs[page] = performance.now() - fromMs
    }
    const { pushes } = (await relay.get('/v1/status')).json as { pushes: Record<string, number> }
    const open = (pushes['waiting'] ?? 0) + (pushes['landed'] ?? 0)
    looks.push({ rssMb: rssMb(relay.child.pid), pageMs, open })
    if (open === 0) return looks
    await delay(500)
  }
  throw new Error(`not worked off after ${MOST_SECONDS_TO_DRAIN} s: ${looks.at(-1)?.open} open`)
}

function rssMb(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Milliseconds of the processor: of the thread that does the work, and of all there are. */
type Worked = { threadMs: number; allMs: number }

function worked(pid: number | undefined): Worked {
  const nanoseconds = (thread: string) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  const all = readdirSync(`/proc/${pid}/task`).map(nanoseconds)
  return { threadMs: nanoseconds(String(pid)) / 1e6, allMs: all.reduce((a, b) => a + b) / 1e6 }
}

function workOf(before: Worked, after: Worked): Row {
  const aKey = (of: keyof Worked) => (after[of] - before[of]) / KEYS
  return {
    what: 'relay: processor time of its thread for a key, which is ten pushes',
    figure: `${aKey('threadMs').toFixed(2)} ms`,
    note: `of all its threads ${aKey('allMs').toFixed(2)} ms; ${REFRESHES_PER_SECOND}/s leave ${(1000 / REFRESHES_PER_SECOND).toFixed(1)}`,
  }
}

function rowsOf(startMs: number, looks: Look[], catalog: Catalog): Row[] {
  const refreshes = catalog.refreshes()
  const seconds = ((refreshes.at(-1)?.atMs ?? 0) - (refreshes[0]?.atMs ?? 0)) / 1000
  const perSecond = (refreshes.length - 1) / seconds
  const slowest = (page: string) => Math.max(...looks.map(({ pageMs }) => pageMs[page] ?? Number.NaN))
  const page = slowest('/')
  // Flat: what it takes in the second half is no more than in the first.
  const peak = (some: Look[]) => Math.max(...some.map(look => look.rssMb))
  const [first, second] = [looks.slice(0, looks.length / 2), looks.slice(looks.length / 2)].map(peak)
  const growth = (second ?? Number.NaN) / (first ?? Number.NaN)
  const displaced = furthestFromItsPlace(refreshes.map(({ entityRef }) => entityRef))
  return [
    {
      what: `relay: start with ${PUSHES} pushes on ${KEYS} keys waiting`,
      figure: `${Math.round(startMs)} ms`,
      target: '<= 3000 ms',
      isMet: startMs <= 3000,
    },
    {
      what: 'relay: the slowest status page while it works them off',
      figure: `${Math.round(page)} ms`,
      target: '<= 300 ms',
      isMet: page <= 300,
      note: `${looks.length} looks; /v1/status ${Math.round(slowest('/v1/status'))} ms, /v1/pushes ${Math.round(slowest('/v1/pushes'))} ms`,
    },
    {
      what: 'relay: its memory then, second half to first',
      figure: `${growth.toFixed(2)} x`,
      target: '<= 1.1 x',
      isMet: growth <= 1.1,
      note: `at most ${Math.round(peak(looks))} MB`,
    },
    {
      what: 'relay: refreshes for them',
      figure: `${Math.round(perSecond)}/s`,
      target: `${REFRESHES_PER_SECOND}/s +- 5 %`,
      isMet: Math.abs(perSecond / REFRESHES_PER_SECOND - 1) <= 0.05,
      note: `${refreshes.length} refreshes for ${KEYS} keys, in ${seconds.toFixed(0)} s`,
    },
    {
      what: "relay: furthest from its place in the order of the keys' age",
      figure: `${displaced} places`,
      target: `<= ${KEYS / 100} places`,
      isMet: displaced <= KEYS / 100,
      note: 'at their first refresh',
    },
  ]
}

/** Key 1 has waited longest, key 0 (whose first push is number 10,000) shortest. */
function furthestFromItsPlace(entityRefs: readonly string[]): number {
  const ages = Array.from({ length: KEYS }, (_, i) => locationRef(locationOf(numberedPush(i + 1, KEYS))))
  const placeOf = new Map(ages.map((ref, place) => [ref, place]))
  const first = [...new Set(entityRefs)]
  return Math.max(...first.map((ref, place) => Math.abs((placeOf.get(ref) ?? Number.NaN) - place)))
}

if (import.meta.main) console.log(await benchBacklog())
