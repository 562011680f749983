// Thousands of entities in repositories that people move, rename and delete, with a catalog that learns of it late: what is true is known here.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openBackstage } from '../../../relay/clients/backstage.ts'
import type { Repository, RepositoryAnswer } from '../../../relay/clients/ghes/branches.ts'
import { CatalogCopy } from '../../../relay/lookups/catalog-copy.ts'
import { type Lookups, openLookups } from '../../../relay/lookups/lookups.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import type { Change, NotifiedFile } from '../../../schemas/notification.ts'
import { type Random, randomFrom } from '../../agreement/random.ts'
import { startCatalog } from '../../support/catalog.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'

export type Place = { repository: string; path: string }

const KINDS = ['component', 'api', 'group', 'system', 'resource']
const REF = 'refs/heads/main'

export class MovingEstate {
  readonly random: Random
  readonly clock = new TestClock()
  /** Which file holds it, as git has it. */
  readonly places = new Map<string, Place>()
  /** Repositories under their former names. */
  readonly #names = new Map<string, string | undefined>()
  readonly #store: ReturnType<typeof openSqliteStore>
  readonly #folder: string
  readonly #catalog: Awaited<ReturnType<typeof startCatalog>>
  readonly #copy: CatalogCopy
  /** What the catalog, or the relay, is still to hear of. */
  #late: { atStep: number; happen: () => unknown; about: string }[] = []
  #step = 0
  #made = 0
  readonly ask: Lookups

  static async open(seed: number, entities: number): Promise<MovingEstate> {
    const estate = new MovingEstate(seed, await startCatalog({ token: 'backstage-token' }))
    for (let i = 0; i < entities; i++) estate.#isThere(i)
    const files = new Map([...estate.places.values()].map(place => [`${place.repository} ${place.path}`, place]))
    await Promise.all([...files.values()].map(place => estate.#push(place, 'modified')))
    await estate.#land()
    // All of it is of long ago.
    estate.clock.pass(3_600_000)
    const jobs = await estate.#store.claimJobs('refresh', { limit: 1_000_000, leaseMs: 1_000_000 })
    await Promise.all(jobs.map(job => estate.#store.done(job, 'ok')))
    estate.#copy.start()
    while (estate.#copy.asOfMs === undefined) await new Promise(resume => setImmediate(resume))
    return estate
  }

  private constructor(seed: number, catalog: Awaited<ReturnType<typeof startCatalog>>) {
    this.random = randomFrom(seed)
    this.#catalog = catalog
    this.#folder = temporaryFolder()
    const now = this.clock.now
    this.#store = openSqliteStore({ path: join(this.#folder, 'relay.db'), now })
    const backstage = openBackstage({ baseUrl: catalog.url, token: () => 'backstage-token', now, timeoutMs: 60_000 })
    const log = openLog({ write: () => undefined }, 'error')
    this.#copy = new CatalogCopy({ catalog: backstage, clock: this.clock, log })
    const ghes = { repository: (asked: Repository) => Promise.resolve(this.#repository(asked)) }
    const edges = { copy: this.#copy, catalog: backstage, store: this.#store, ghes, clock: this.clock }
    this.ask = openLookups({ ...edges, host: 'ghe.test' })
    this.end = async () => {
      await this.#copy.stop()
      await Promise.all([backstage.close(), catalog.stop(), this.#store.close()])
      rmSync(this.#folder, { recursive: true })
    }
  }

  readonly end: () => Promise<void>

  /** One that no other entity has had. */
  newName(): string {
    return `${this.random.pick(KINDS)}:default/thing-${(this.#made++).toString(36)}`
  }

  newPlace(): Place {
    const repositories = [...new Set([...this.places.values()].map(({ repository }) => repository))]
    const isNew = this.random.chance(0.2) || repositories.length === 0
    const repository = isNew ? `acme/repo-${(this.#made++).toString(36)}` : this.random.pick(repositories)
    return {
      repository,
      path: this.random.pick(['catalog-info.yaml', 'svc/a/catalog-info.yaml', 'b c/catalog-info.yaml']),
    }
  }

  anEntity(): [string, Place] {
    return this.random.pick([...this.places])
  }

  /** A push that the hook has let in. Whether GHES shows it at once, and when the catalog hears of it, nobody knows. */
  async bring(ref: string, place: Place): Promise<void> {
    this.places.set(ref, place)
    await this.#push(place, 'modified')
    this.#later(() => this.#shows(ref))
  }

  async take(ref: string): Promise<void> {
    const place = this.places.get(ref)
    if (place === undefined) throw new Error(`${ref} is nowhere`)
    this.places.delete(ref)
    await this.#push(place, this.#held(place).length === 0 ? 'removed' : 'modified')
    this.#later(() => this.#shows(ref))
  }

  async rename(from: string): Promise<void> {
    await this.#hears(from)
    const to = `${from}-x${this.#made++}`
    const moved = [...this.places].filter(([, { repository }]) => repository === from)
    for (const [ref, place] of moved) this.places.set(ref, { ...place, repository: to })
    this.#names.set(from, to)
    this.#later(() => this.#store.renameRepository(from, to), to)
    for (const [ref] of moved) this.#later(() => this.#shows(ref))
  }

  /** Its entities, which are nowhere now. */
  async deleteRepository(repository: string): Promise<string[]> {
    await this.#hears(repository)
    const gone = [...this.places].flatMap(([ref, place]) => (place.repository === repository ? [ref] : []))
    this.#names.set(repository, undefined)
    for (const ref of gone) {
      this.places.delete(ref)
      this.#later(() => this.#shows(ref))
    }
    this.#later(() => this.#store.closeRepository(repository, 'it is deleted'))
    return gone
  }

  /** Time passes for everybody. */
  async pass(): Promise<void> {
    this.#step++
    this.clock.pass(1000)
    const due = this.#late.filter(({ atStep }) => atStep <= this.#step)
    this.#late = this.#late.filter(({ atStep }) => atStep > this.#step)
    for (const { happen } of due) await happen()
    if (this.random.chance(0.2)) await this.#land()
  }

  /** Whether somebody is still to hear of this entity. */
  get isSettled(): boolean {
    return this.#late.length === 0
  }

  /** That it got this name, the relay has heard: GHES's reports come in their order. */
  async #hears(name: string): Promise<void> {
    for (const one of this.#late.filter(({ about }) => about === name)) await one.happen()
    this.#late = this.#late.filter(({ about }) => about !== name)
  }

  #later(happen: () => unknown, about = ''): void {
    this.#late.push({ atStep: this.#step + 1 + this.random.int(20), happen, about })
  }

  /** The catalog has looked at it. */
  #shows(ref: string): void {
    const place = this.places.get(ref)
    if (place === undefined) this.#catalog.forget(ref)
    else this.#catalog.knowFrom(ref, `https://ghe.test/${place.repository}/tree/main/${place.path}`)
  }

  #held({ repository, path }: Place): string[] {
    return [...this.places].flatMap(([ref, place]) =>
      place.repository === repository && place.path === path ? [ref] : [],
    )
  }

  #isThere(n: number): void {
    const ref = this.newName()
    const place = { repository: `acme/r-${Math.floor(n / 4)}`, path: `${n % 3}/catalog-info.yaml` }
    this.places.set(ref, place)
    this.#shows(ref)
  }

  async #push(place: Place, change: Change): Promise<void> {
    const id = (this.#made++).toString(16).padStart(40, '0')
    const entities = this.#held(place)
    const file: NotifiedFile = { path: place.path, change, ...(change === 'removed' ? {} : { entities }) }
    await this.#store.accept({
      ...{ id: `msg_${id}`, repository: place.repository, ref: REF, before: id, after: id, files: [file] },
      firstCheckAtMs: this.clock.now(),
    })
  }

  async #land(): Promise<void> {
    for (;;) {
      const tasks = await this.#store.claimLandings({ limit: 1000, leaseMs: 60_000 })
      if (tasks.length === 0) return
      for (const task of tasks)
        await this.#store.settleLandings(
          task,
          new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' } as const])),
        )
    }
  }

  #repository({ owner, name }: Repository): RepositoryAnswer {
    const asked = `${owner}/${name}`
    if (!this.#names.has(asked)) return { result: 'found', ...factsOf(asked) }
    let to = this.#names.get(asked)
    while (to !== undefined && this.#names.has(to)) to = this.#names.get(to)
    return to === undefined ? { result: 'none' } : { result: 'moved', to: factsOf(to) }
  }
}

const factsOf = (fullName: string) => ({ fullName, archived: false, defaultBranch: 'main' })
