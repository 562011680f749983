// What a real Backstage makes of files: they are registered, read, processed and stitched by the whole backend; only GHES is a stand-in.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { locationRef } from '../../support/catalog.ts'
import { type Backstage, startBackstage } from '../backend.ts'
import { type Case, fullNameOf, registeredUrl } from './case.ts'
import { GhesTrees } from './ghes-trees.ts'
import { HOST, type Installation, OWNER, READABLE_HOSTS } from './installations.ts'

/** An entity that the catalog has heard of. `isThere`: everybody sees it; else `errors` say why not, or nothing does. */
export type Row = { ref: string; location: string; origin: string; errors: string[]; isThere: boolean; owner?: unknown }
/** `root`: the Location that was registered. `entities`: what came out of it, by any way. */
export type Outcome = { root: Row; entities: Row[] } | { root: undefined; entities: [] }

const TOKEN = 'agreement-token-0123456789abcdef'
/** Far more than a batch needs: an entity that is not through by then, something is wrong with. */
const DEADLINE_MS = 120_000
/** An entity takes some milliseconds. */
const STUCK_MS = 4000

type State = { unprocessed: string[]; unstitched: string[]; due: number; rows: Row[] }

export class RealCatalog {
  readonly #ghes: GhesTrees
  readonly #backstage: Backstage
  readonly #directory: string

  private constructor(ghes: GhesTrees, backstage: Backstage, directory: string) {
    this.#ghes = ghes
    this.#backstage = backstage
    this.#directory = directory
  }

  /** `rules`: `catalog.rules` of its app-config. `database`: `backend.database`, in memory when left out. */
  static async start(
    { modules }: Installation,
    rules: readonly object[],
    database: { database?: object } = {},
  ): Promise<RealCatalog> {
    const directory = mkdtempSync(join(tmpdir(), 'agreement-'))
    const ghes = await new GhesTrees().start()
    // Another repository that the bases name.
    ghes.hold(`${OWNER}/x`, new Map([['catalog-info.yaml', Buffer.from('# nothing\n')]]))
    const backstage = await startBackstage({
      ...database,
      directory,
      ghe: { host: HOST, apiBaseUrl: ghes.apiBaseUrl, token: TOKEN },
      relayToken: TOKEN,
      modules: [...modules, './agreement/judging.mjs'],
      logLevel: 'warn',
      catalog: { rules, stitchingStrategy: { pollingInterval: { milliseconds: 100 } } },
      reading: { allow: READABLE_HOSTS.map(host => ({ host })) },
    }).catch(async error => {
      await ghes.stop()
      throw error
    })
    return new RealCatalog(ghes, backstage, directory)
  }

  async stop(): Promise<void> {
    await this.#backstage.stop()
    await this.#ghes.stop()
    rmSync(this.#directory, { recursive: true })
  }

  /** What became of each; two cases of one call must not claim the same entity. */
  async judge(cases: readonly Case[]): Promise<Outcome[]> {
    for (const one of cases) this.#ghes.hold(fullNameOf(one), one.tree)
    const targets = cases.map(registeredUrl)
    await this.#ask('PUT', 'files', { targets })
    const rows = await this.#settled(targets.length)
    const byOrigin = Map.groupBy(rows, ({ origin }) => origin)
    return targets.map(target => {
      const all = byOrigin.get(`url:${target}`) ?? []
      const rootRef = locationRef(target)
      const root = all.find(({ ref }) => ref === rootRef)
      return root === undefined ? { root, entities: [] } : { root, entities: all.filter(row => row !== root) }
    })
  }

  /**
   * The catalog tells nobody when it is through: it is asked until nothing waits. What it has begun with and never ends, because it cannot
   * store it, it begins anew after an interval; that is not waited for.
   */
  async #settled(count: number): Promise<Row[]> {
    const from = performance.now()
    let waiting = ''
    let since = from
    for (;;) {
      const { unprocessed, unstitched, due, rows } = (await this.#ask('GET', 'state')) as State
      const pending = [...unprocessed, ...unstitched]
      if (pending.length === 0 && rows.length >= count) return rows
      const now = performance.now()
      if (waiting !== pending.join()) since = now
      waiting = pending.join()
      if (unstitched.length === 0 && now - since > (due === 0 ? STUCK_MS : 5 * STUCK_MS))
        return rows.map(row =>
          unprocessed.includes(row.ref) ? { ...row, errors: ['the catalog cannot store it'] } : row,
        )
      if (now - from > DEADLINE_MS)
        throw new Error(
          `the catalog is not through with ${pending.slice(0, 5).join(', ')} after ${DEADLINE_MS} ms\n${this.#backstage.output().slice(-4000)}`,
        )
      await delay(100)
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.#backstage.call(method, `/agreement/${path}`, body)
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}
