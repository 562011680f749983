// Moves under load while relays are killed between their steps: one on SQLite, one of two on PostgreSQL. What a real catalog shows in the end, and how soon.
import assert from 'node:assert/strict'
import { loadavg } from 'node:os'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { rounds } from '../support/campaign.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import type { RelayProcess } from '../support/relay-process.ts'
import {
  type Listening,
  MovesFixture,
  type MovingRepository,
  NEW,
  OLD,
  ORDERS,
  type Settings,
  type Told,
} from './moves-fixture.ts'

const SETTINGS: Settings = { register: true, removed: 'unregister' }
const MOVES = rounds(4, 100)
const LOADS = 5
/** From a start on, in turn: amid the old file, the new one, the second look. */
const KILLED_AFTER_MS = [150, 900, 2700, 400]
const STORES = ['sqlite', 'postgres'] as const

/** So many moves are under way at once, so many of the slowest are told of. */
const AT_ONCE = 4
const SLOWEST = 5
/** Nothing that is only slow is missing: the time is printed, and is no verdict. */
const GIVEN_UP_AFTER_MS = 120_000

type Timed = { name: string; ms: number; told: Told[] }

/** What was done for a move, in milliseconds after it had landed. */
async function timeline(relay: RelayProcess, { name, ms, told }: Timed, work: { kills: number[]; starts: number[] }) {
  const fromMs = told.at(-1)?.landedAtMs ?? 0
  const steps = await Promise.all(
    told.map(async ({ id }) => {
      const { json } = await relay.get(`/v1/pushes/${id}`)
      return (json as { history: { at: string; step: string; detail: string }[] }).history.map(
        step => [Date.parse(step.at), `${step.step} ${step.detail}`] as const,
      )
    }),
  )
  const marked = (times: number[], words: string) => times.map(at => [at, words] as const)
  const all = [...steps.flat(), ...marked(work.kills, 'KILL'), ...marked(work.starts, 'up')]
  const during = all.filter(([at]) => at > fromMs - 2000 && at < fromMs + ms + 500).toSorted(([a], [b]) => a - b)
  return [`${name}: ${ms} ms`, ...during.map(([at, words]) => `  ${at - fromMs} ${words}`)].join('\n')
}

suite('moves with kills', { timeout: 1_800_000 }, () => {
  let fixture: MovesFixture
  let moving: Record<string, MovingRepository>
  let postgres: Postgres

  const names = (store: string) => Array.from({ length: MOVES }, (_, i) => `${store}-moved-${i}`)
  const loads = Array.from({ length: LOADS }, (_, i) => `load-${i}`)

  before(async () => {
    const all = [...STORES.flatMap(names), ...loads]
    const repositories = Object.fromEntries(all.map(name => [name, { [OLD]: { [name]: 'one' } }]))
    ;[{ fixture, moving }, postgres] = await Promise.all([MovesFixture.open([], repositories), startPostgres()])
    for (const name of all) await fixture.register(name, OLD)
    const fromMs = Date.now()
    for (const name of all) await fixture.until(name, `one ${OLD}`, fromMs, 60_000)
  })
  after(async () => {
    await fixture?.close()
    await postgres?.remove()
  })

  for (const store of STORES)
    test(`${store}: none is missing at the end`, async t => {
      const config = store === 'sqlite' ? {} : { store: await postgres.database() }
      const start = (i: number) => fixture.relay(`${store}-${i}`, SETTINGS, config, true)
      const relays = await Promise.all((store === 'sqlite' ? [0] : [0, 1]).map(start))
      const listening: Listening = {
        get listen() {
          return relays.find(({ child }) => child.signalCode === null)?.listen ?? 'http://127.0.0.1:1'
        },
      }
      const work = { isDone: false, kills: [] as number[], starts: [] as number[] }
      const killing = (async () => {
        while (!work.isDone) {
          await delay(KILLED_AFTER_MS[work.kills.length % KILLED_AFTER_MS.length])
          const i = work.kills.length % relays.length
          work.kills.push(Date.now())
          await (relays[i] as RelayProcess).kill('SIGKILL')
          relays[i] = await start(i)
          work.starts.push(Date.now())
        }
      })()
      const load = (async () => {
        for (let i = 0; !work.isDone; i++) {
          await moving[loads[i % LOADS] ?? '']?.tellAll(listening)
          await delay(50)
        }
      })()
      const timed: Timed[] = []
      const left = names(store)
      const moveThem = async () => {
        for (let name = left.shift(); name !== undefined; name = left.shift()) {
          const order = ORDERS[Number(name.replace(/^.*-/, '')) % ORDERS.length] ?? 'together'
          const told = await (moving[name] as MovingRepository).move(listening, order)
          const fromMs = told.at(-1)?.landedAtMs ?? 0
          const tooLate = () => Date.now() - fromMs
          const ms = await fixture.until(name, `two ${NEW}`, fromMs, GIVEN_UP_AFTER_MS).catch(tooLate)
          timed.push({ name, ms, told })
        }
      }
      try {
        await Promise.all(Array.from({ length: AT_ONCE }, moveThem))
      } finally {
        work.isDone = true
        await Promise.all([killing, load])
      }
      const sorted = timed.map(({ ms }) => ms).toSorted((a, b) => a - b)
      const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN)
      t.diagnostic(
        `${MOVES} moves, ${work.kills.length} kills, load ${loadavg()[0]}: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms after landing, the last ${at(1)} ms`,
      )
      const relay = relays[0] as RelayProcess
      for (const one of timed.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST))
        t.diagnostic(await timeline(relay, one, work))
      const shown = await Promise.all(names(store).map(name => fixture.shown(name)))
      assert.deepEqual(
        shown.filter(text => text !== `two ${NEW}`),
        [],
      )
    })
})
