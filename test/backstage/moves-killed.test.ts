// Moves under load while relays are killed between their steps: one on SQLite, one of two on PostgreSQL. What a real catalog shows in the end, and how soon.
import assert from 'node:assert/strict'
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
} from './moves-fixture.ts'

const SETTINGS: Settings = { register: true, removed: 'unregister' }
const MOVES = rounds(4, 100)
const LOADS = 5
/** From a start on, in turn: amid the old file, the new one, the second look. */
const KILLED_AFTER_MS = [150, 900, 2700, 400]
const STORES = ['sqlite', 'postgres'] as const

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

suite('moves with kills', { timeout: 600_000 }, () => {
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
      const work = { isDone: false, kills: 0 }
      const killing = (async () => {
        while (!work.isDone) {
          await delay(KILLED_AFTER_MS[work.kills % KILLED_AFTER_MS.length])
          const i = work.kills++ % relays.length
          await (relays[i] as RelayProcess).kill('SIGKILL')
          relays[i] = await start(i)
        }
      })()
      const load = (async () => {
        for (let i = 0; !work.isDone; i++) {
          await moving[loads[i % LOADS] ?? '']?.tellAll(listening)
          await delay(50)
        }
      })()
      const tookMs: number[] = []
      try {
        for (const some of chunks(names(store), 4))
          await Promise.all(
            some.map(async name => {
              const order = ORDERS[Number(name.replace(/^.*-/, '')) % ORDERS.length] ?? 'together'
              const told = await (moving[name] as MovingRepository).move(listening, order)
              tookMs.push(await fixture.until(name, `two ${NEW}`, told.at(-1)?.landedAtMs ?? 0, 60_000))
            }),
          )
      } finally {
        work.isDone = true
        await Promise.all([killing, load])
      }
      const sorted = tookMs.toSorted((a, b) => a - b)
      const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN)
      t.diagnostic(
        `${MOVES} moves, ${work.kills} kills: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms after landing, the last ${at(1)} ms`,
      )
      const shown = await Promise.all(names(store).map(name => fixture.shown(name)))
      assert.deepEqual(
        shown.filter(text => text !== `two ${NEW}`),
        [],
      )
    })
})
