// Who goes ahead in the catalog's own queue: whoever has asked for little, while others have asked for much. As in our queue, where nobody waits behind another's thousand.

/** So many of one person's files go ahead at a time; a push has rarely more. */
const MOST_OF_ONE = 5
/** With fewer than these before it, nobody waits. */
const MANY = 20
/** What the catalog never says anything of is forgotten when so many others have been asked for since. */
const KEPT = 5_000

export class Overtaking {
  /** Of each file that the catalog has been asked for and has not judged: whose it is. */
  readonly #waiting = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** The catalog is about to be asked for it. `flow`: whose it is, '' for what nobody waits for. Returns whether it goes ahead. */
  asks(place: string, flow: string): boolean {
    const own = this.#counts.get(flow) ?? 0
    const others = this.#waiting.size - own
    this.judged(place)
    this.#waiting.set(place, flow)
    this.#counts.set(flow, (this.#counts.get(flow) ?? 0) + 1)
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= KEPT) break
      this.judged(oldest)
    }
    return flow !== '' && own < MOST_OF_ONE && others >= MANY
  }

  /** The catalog has made something of it, or was not asked for it after all. */
  judged(place: string): void {
    const flow = this.#waiting.get(place)
    if (flow === undefined) return
    this.#waiting.delete(place)
    const left = (this.#counts.get(flow) ?? 1) - 1
    if (left > 0) this.#counts.set(flow, left)
    else this.#counts.delete(flow)
  }
}
