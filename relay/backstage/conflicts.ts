// Files that lost a name to another one: when that one goes, they are read anew. The catalog does not do so by itself, and nobody else knows when it has let the name go.
import { asRead } from './rounds.ts'

const MOST = 10_000

export class Conflicts {
  /** By the Location that has the name: those that want it. */
  readonly #losers = new Map<string, Set<string>>()

  /** `url:https://…`, as the catalog's topic has them. */
  note(location: string, heldBy: string): void {
    const holder = asRead(heldBy)
    const losers = this.#losers.get(holder) ?? new Set()
    losers.add(asRead(location))
    this.#losers.delete(holder)
    this.#losers.set(holder, losers)
    if (this.#losers.size <= MOST) return
    for (const oldest of this.#losers.keys()) {
      this.#losers.delete(oldest)
      return
    }
  }

  /** These Locations are gone: the keys of the files that may have what they held. */
  freed(removed: readonly string[]): string[] {
    return removed.flatMap(location => {
      const holder = asRead(location)
      const losers = this.#losers.get(holder) ?? []
      this.#losers.delete(holder)
      return [...losers]
    })
  }
}
