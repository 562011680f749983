// The catalog's entities in memory, each with its file: listed anew every few minutes. What is claimed by it is asked for first, so that its age makes nothing false.
import type { CatalogList } from '../clients/catalog-list.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import { wait } from '../runtime/wait.ts'
import { NameIndex } from './name-index.ts'

type Known = { file: string; round: number }

export type CopyOptions = { catalog: Pick<CatalogList, 'page'>; clock: Clock; log: Logger }

/** A listing of 100,000 entities is 200 pages: a request a second on average. */
const EVERY_MS = 180_000
/** After one that came to nothing. */
const AGAIN_MS = 10_000
/** Five million entities; against a cursor that never ends. */
const MOST_PAGES = 10_000

export class CatalogCopy {
  readonly #options: CopyOptions
  readonly #stopping = new AbortController()
  /** In place: a listing that is made beside it would take as much again. */
  readonly #entities = new Map<string, Known>()
  #names = new NameIndex()
  #gone = 0
  #asOfMs: number | undefined
  /** Of the listing that has seen an entity, or was under way when it was learned of. */
  #round = 0
  #said: string | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: CopyOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = this.#keep().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.log.error({ err: error }, 'the catalog is listed no more')
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the relay stops'))
    await this.#running
  }

  /** When it was last listed, in milliseconds since 1970; undefined: there is no list that says anything. */
  get asOfMs(): number | undefined {
    return this.#asOfMs
  }

  /** The file of an entity, by its ref in lower case; empty where the catalog does not say; undefined: not in the list. */
  fileOf(ref: string): string | undefined {
    return this.#entities.get(ref)?.file
  }

  /** Some that were there: one that may read is shown them. */
  some(most: number): string[] {
    const refs: string[] = []
    for (const ref of this.#entities.keys()) {
      if (refs.length === most) break
      refs.push(ref)
    }
    return refs
  }

  /** Names that may be meant by this ref, the nearest first. */
  nearest(ref: string): string[] {
    return this.#names.nearest(ref, candidate => this.#entities.has(candidate))
  }

  /**
   * Whoever hears of an entity sooner than the next listing says so here: an answer to `by-refs`, and a verdict of the catalog. `file`: undefined when it is gone.
   */
  learn(ref: string, file: string | undefined): void {
    if (this.#asOfMs === undefined) return
    if (file === undefined) this.#forget(ref)
    else this.#put(ref, file)
  }

  #put(ref: string, file: string): void {
    const known = this.#entities.get(ref)
    if (known === undefined) {
      this.#names.add(ref)
      this.#entities.set(ref, { file, round: this.#round })
      return
    }
    if (known.file !== file) known.file = file
    known.round = this.#round
  }

  #forget(ref: string): void {
    if (this.#entities.delete(ref)) this.#gone++
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const isListed = await this.#list()
      await wait(clock, isListed ? EVERY_MS : AGAIN_MS, signal)
    }
  }

  /** False when it came to nothing; what is there already goes on, unless the catalog shows nothing at all. */
  async #list(): Promise<boolean> {
    const { catalog, clock } = this.#options
    this.#round++
    let cursor: string | undefined
    let seen = 0
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const beganMs = clock.now()
      const page = await catalog.page(cursor)
      this.#stopping.signal.throwIfAborted()
      if (page.result === 'trouble') return this.#failed(page.reason)
      for (const { ref, file } of page.entities) this.#put(ref, file)
      seen += page.entities.length
      cursor = page.next
      if (cursor === undefined) break
      // Half of the time at the most: it is the same catalog that people use.
      if (this.#asOfMs !== undefined) await wait(clock, clock.now() - beganMs, this.#stopping.signal)
    }
    if (seen === 0) {
      this.#asOfMs = undefined
      this.#entities.clear()
      return this.#failed('it shows nothing at all: is backstage.token allowed catalog.entity.read?')
    }
    this.#asOfMs = clock.now()
    this.#clearOut()
    this.#say('')
    return true
  }

  /** What the listing has not seen is gone; the names are put in order anew when a fifth of them leads nowhere. */
  #clearOut(): void {
    for (const [ref, { round }] of this.#entities) if (round !== this.#round) this.#forget(ref)
    if (this.#gone * 5 <= this.#entities.size) return
    this.#gone = 0
    this.#names = new NameIndex()
    for (const ref of this.#entities.keys()) this.#names.add(ref)
  }

  #failed(reason: string): false {
    this.#say(reason)
    return false
  }

  /** A lasting one is said once. */
  #say(reason: string): void {
    const { log } = this.#options
    if (reason === this.#said) return
    this.#said = reason
    if (reason === '') log.info({ entities: this.#entities.size }, 'the catalog is listed: lookups are answered')
    else log.warn({ reason }, 'the catalog could not be listed')
  }
}
