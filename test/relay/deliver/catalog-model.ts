// What Backstage's catalog makes of Locations that want the same entity, as measured on the real one (test/backstage/moves.test.ts) and read in its code.
import type { Backstage } from '../../../relay/clients/backstage.ts'
import { globTest } from '../../../relay/runtime/globs.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'
import type { TestClock } from '../clock.ts'

const ROOT = 'https://ghe.test/acme/payments/blob/main/'
const PROCESSED_AFTER_MS = 600
const CLEARED_EVERY_MS = 30_000
type Location = { isRegistered: boolean; hash: string; isDue: boolean }
/** Of an entity: the file that it is of, and the Location that has read it there; none: nobody does any more. */
type Row = { path: string; parent: string | undefined; shownAtMs: number }

export class CatalogModel implements Backstage {
  /** The branch: entities by file. */
  readonly tree = new Map<string, string[]>()
  readonly rows = new Map<string, Row>()
  readonly #locations = new Map<string, Location>()
  readonly #clock: TestClock
  readonly #may: { read: boolean }
  readonly #shownAfterMs: number

  /** `shownAfterMs`: what is new to the catalog is there before it is shown. */
  constructor(clock: TestClock, may: { read: boolean }, shownAfterMs = 400) {
    this.#clock = clock
    this.#may = may
    this.#shownAfterMs = shownAfterMs
    const clearAway = () => {
      for (const [ref, { parent }] of this.rows) if (parent === undefined) this.rows.delete(ref)
      clock.after(CLEARED_EVERY_MS, clearAway)
    }
    clock.after(CLEARED_EVERY_MS, clearAway)
  }

  /** As a new one. */
  empty(): void {
    this.tree.clear()
    this.rows.clear()
    this.#locations.clear()
  }

  /** A Location of a provider, or a person's; `path` may be a pattern. */
  add(path: string, isRegistered: boolean): void {
    this.#locations.set(`${ROOT}${path}`, { isRegistered, hash: '', isDue: false })
    this.#read(`${ROOT}${path}`)
  }

  /** Its provider takes it away, and the catalog at once what was in it. */
  remove(path: string): void {
    this.#locations.delete(`${ROOT}${path}`)
    for (const [entity, { parent }] of this.rows) if (parent === `${ROOT}${path}`) this.rows.delete(entity)
  }

  async refresh(ref: string) {
    const target = this.#targetOf(ref) ?? this.rows.get(ref)?.parent
    if (target === undefined) return { result: this.rows.has(ref) ? ('refreshed' as const) : ('unknown' as const) }
    this.#schedule(target)
    return { result: 'refreshed' as const }
  }

  async register(target: string) {
    if (this.#locations.has(target)) return { result: 'known' as const }
    this.#locations.set(target, { isRegistered: true, hash: '', isDue: false })
    this.#schedule(target)
    return { result: 'registered' as const }
  }

  async registered(ref: string) {
    if (!this.#may.read) return { result: 'forbidden' as const }
    const target = this.#targetOf(ref)
    const isRegistered = target !== undefined && this.#locations.get(target)?.isRegistered === true
    return { result: isRegistered ? ('registered' as const) : ('none' as const) }
  }

  async unregister(ref: string) {
    const found = await this.registered(ref)
    const target = this.#targetOf(ref)
    if (found.result !== 'registered' || target === undefined)
      return { result: found.result === 'forbidden' ? ('forbidden' as const) : ('none' as const) }
    this.#locations.delete(target)
    for (const [entity, { parent }] of this.rows) if (parent === target) this.rows.delete(entity)
    return { result: 'unregistered' as const }
  }

  async clearAway(ref: string) {
    if (!this.#may.read) return { result: 'forbidden' as const }
    const parent = this.rows.get(ref)?.parent
    const location = parent === undefined ? undefined : this.#locations.get(parent)
    if (parent !== undefined && location) {
      location.hash = 'child-was-deleted'
      this.#schedule(parent)
    }
    this.rows.delete(ref)
    return { result: 'cleared' as const }
  }

  async origins(refs: readonly string[]) {
    const of = new Map<string, { uid: string; from: string }>()
    for (const ref of this.#may.read ? refs : []) {
      const url = this.#targetOf(ref) ?? this.#shown(ref)
      if (url !== undefined) of.set(ref, { uid: ref, from: url })
    }
    return { result: 'origins' as const, of }
  }

  async locationsOf(ref: string) {
    const target = this.#targetOf(ref) ?? this.rows.get(ref)?.parent
    if (!this.#may.read || target === undefined) return { result: 'hidden' as const }
    return { result: 'locations' as const, locations: [{ ref: locationRef(target), target }] }
  }

  shows = async () => ({ result: this.#may.read ? ('something' as const) : ('nothing' as const) })
  reach = async () => ({ result: 'answered' as const })
  close = async () => {}

  #shown(ref: string): string | undefined {
    const row = this.rows.get(ref)
    return row && row.shownAtMs <= this.#clock.now() ? `${ROOT}${row.path}` : undefined
  }

  #targetOf = (ref: string) => [...this.#locations.keys()].find(target => locationRef(target) === ref)

  #schedule(target: string): void {
    const location = this.#locations.get(target)
    if (!location || location.isDue) return
    location.isDue = true
    this.#clock.after(PROCESSED_AFTER_MS, () => {
      location.isDue = false
      if (this.#locations.get(target) === location) this.#read(target)
    })
  }

  #read(target: string): void {
    const location = this.#locations.get(target)
    const isMeant = globTest(target.slice(ROOT.length), { dot: false })
    const found = [...this.tree]
      .filter(([path]) => isMeant(path))
      .flatMap(([path, refs]) => refs.map(ref => ({ path, ref })))
    // A registered file that is not there is an error, and leaves everything as it is.
    if (!location || (location.isRegistered && found.length === 0)) return
    const hash = JSON.stringify([found, found.map(({ ref }) => this.rows.get(ref)?.parent ?? null)])
    if (hash === location.hash) return
    location.hash = hash
    const taken = found.filter(({ path, ref }) => (this.rows.get(ref)?.path ?? path) === path)
    for (const row of this.rows.values()) if (row.parent === target) row.parent = undefined
    for (const { path, ref } of taken) {
      const shownAtMs = this.rows.get(ref)?.shownAtMs ?? this.#clock.now() + this.#shownAfterMs
      this.rows.set(ref, { path, parent: target, shownAtMs })
    }
  }
}
