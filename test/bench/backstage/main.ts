// npm run bench:backstage: how long changed files take into a real catalog, by each way there is, and what GHES is asked for it. One table, in a bounded time; what was not measured is told as such.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { installBackstage } from '../../backstage/install.ts'
import { machine } from '../machine.ts'
import { BenchGhes } from './ghes.ts'
import { type Measured, measure } from './measure.ts'
import { type Idle, type SetUp, type Stand, WAYS, type Way } from './ways.ts'

const { values } = parseArgs({
  options: {
    repositories: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: '15' },
  },
})
const repositories = Number(values.repositories)
const minutes = Number(values.minutes)
// Locations reach the backend in one variable of its environment, which Linux bounds.
if (!(Number.isInteger(repositories) && repositories >= 2 && repositories <= 1_500 && minutes > 0)) {
  console.error('usage: npm run bench:backstage -- [--repositories 2..1500] [--minutes 15] [--only "package,loop"]')
  process.exit(2)
}
const only = values.only.split(',').map(word => word.trim().toLowerCase())
const ways = WAYS.filter(({ name }) => only.some(word => name.toLowerCase().includes(word)))

type Row = { way: string; measured: Measured; idle: Idle | undefined; note?: string } | { way: string; why: string }

let endAtMs = 0
const rows: Row[] = []
const HEAD = [
  `| way to bring ${repositories.toLocaleString('en')} changed repositories into the catalog | all visible | p50 | p95 | a single push meanwhile | GHES requests | requests per idle day |`,
  '|---|--:|--:|--:|--:|--:|--:|',
]

function add(row: Row): void {
  rows.push(row)
  console.log(lineOf(row))
}

/** Boot, loading and stopping take about as long as the slowest burst. */
async function rowsOf(way: Way): Promise<Row[]> {
  const setUpSeconds = 25 + repositories / 15
  const leftSeconds = () => (endAtMs - performance.now()) / 1000
  if (leftSeconds() < setUpSeconds + way.seconds(repositories))
    return [{ way: way.name, why: `not measured: ${Math.round(leftSeconds())} s were left` }]
  const stand: Stand = { ghes: await new BenchGhes(repositories + 1).start(), ends: [] }
  const done: Row[] = []
  const run = async () => {
    const setUp = await way.setUp(stand)
    for (const pace of way.paces) done.push(await rowAt(way, setUp, stand, pace, leftSeconds()))
    const idle = await setUp.idle().catch(() => undefined)
    return done.map(row => ('measured' in row ? { ...row, idle: row.idle ?? idle } : row))
  }
  try {
    return await within(run(), 1000 * leftSeconds())
  } catch (error) {
    return [
      ...done,
      { way: way.name, why: `not measured: ${error instanceof Error ? error.message.slice(0, 300) : error}` },
    ]
  } finally {
    for (const end of stand.ends.toReversed()) await end().catch(error => console.error(String(error)))
    await stand.ghes.stop()
  }
}

/** What goes on after its time fails by itself: its backend is stopped. */
async function within<T>(run: Promise<T>, ms: number): Promise<T> {
  const over = new AbortController()
  run.catch(() => undefined)
  try {
    const late = delay(ms, undefined, { signal: over.signal, ref: false }).then(() => {
      throw new Error('the time ended in the midst of it')
    })
    late.catch(() => undefined)
    return await Promise.race([run, late])
  } finally {
    over.abort()
  }
}

async function rowAt(way: Way, setUp: SetUp, { ghes }: Stand, perSecond: number, leftSeconds: number): Promise<Row> {
  const name = perSecond === 0 ? way.name : `${way.name}, at ${perSecond} a second`
  const needed = way.seconds(repositories) + (perSecond > 0 ? repositories / perSecond : 0)
  if (leftSeconds < needed) return { way: name, why: `not measured: ${Math.round(leftSeconds)} s were left` }
  const pace = { perSecond, deadlineMs: 1000 * needed, ...(setUp.afterwards ? { afterwards: setUp.afterwards } : {}) }
  const measured = await measure(setUp.backstage, ghes, setUp.tell, pace)
  const isLoop = way.name.startsWith('processing loop')
  return {
    way: name,
    measured,
    idle: isLoop ? extrapolated(measured) : undefined,
    ...(setUp.note === undefined ? {} : { note: setUp.note }),
  }
}

/** The loop asks as much whether something has changed or not. */
function extrapolated({ requests, tookMs }: Measured): Idle {
  const counted = Object.values(requests).reduce((sum, one) => sum + one, 0)
  return {
    requests: Math.round((counted * 86_400_000) / tookMs),
    from: `${counted} in ${Math.round(tookMs / 1000)} s, extrapolated`,
  }
}

function lineOf(row: Row): string {
  if ('why' in row) return `| ${row.way} | ${row.why} | | | | | |`
  const { measured, idle, way } = row
  const { allMs, visible, p50, p95, single, requests, tookMs } = measured
  const all = allMs === undefined ? `never: ${visible} of ${repositories} in ${seconds(tookMs)}` : seconds(allMs)
  const counted = Object.entries(requests)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, n]) => `${n} ${kind}`)
  return `| ${[way, all, late(p50), late(p95), late(single), counted.join(', ') || '0', idle?.requests.toLocaleString('en') ?? '?'].join(' | ')} |`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const late = (ms: number | undefined) => (ms === undefined ? 'never' : seconds(ms))

function notes(): string[] {
  const measured = rows.filter(row => 'measured' in row)
  return [
    'Times are from the landing to the first look (every 250 ms) that shows the change. All changes land within a second, ten at a time, unless the row names a pace; the single push is of another repository, a second after the first.',
    'An idle day: ',
    ...measured.flatMap(({ way, idle }) => (idle ? [`- ${way}: ${idle.from}`] : [])),
    ...measured.flatMap(({ way, note }) => (note === undefined ? [] : [`- ${way}: ${note}`])),
    'Not in here: moves among the changes, and restarts, crashes and outages of Backstage in between (test/backstage/moves.test.ts, moves-killed.test.ts, home.test.ts); webhooks of GHES beside the hook, which the relay hears of as well.',
  ]
}

await installBackstage(line => console.log(line))
endAtMs = performance.now() + minutes * 60_000
console.log(`${machine()}\n${new Date().toISOString()}, ${repositories} repositories, ${minutes} minutes at the most\n`)
for (const way of ways) for (const row of await rowsOf(way)) add(row)
for (const { name } of WAYS.filter(way => !ways.includes(way))) rows.push({ way: name, why: 'not asked for (--only)' })
console.log(`\n${[...HEAD, ...rows.map(lineOf)].join('\n')}\n\n${notes().join('\n')}`)
