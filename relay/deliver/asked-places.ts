// What the catalog has been asked for and has not judged yet, by any replica: how long a verdict took, and what will get none.

/** A verdict that comes before another replica has told what it has asked for. */
const EARLY = { keptMs: 5_000, most: 10_000 } as const

export class AskedPlaces {
  /** When each place was asked for; the oldest first. */
  readonly #asked = new Map<string, number>()
  /** When places were judged that nobody is known to have asked for. */
  readonly #early = new Map<string, number>()
  readonly #areOthers: boolean

  /** `areOthers`: there are other replicas, which may have asked for it. */
  constructor(areOthers: boolean) {
    this.#areOthers = areOthers
  }

  get count(): number {
    return this.#asked.size
  }

  /** Returns when it was judged, if that was heard of before this. */
  asked(key: string, atMs: number): number | undefined {
    this.#asked.delete(key)
    const judgedMs = this.#early.get(key)
    if (judgedMs !== undefined && judgedMs >= atMs) {
      this.#early.delete(key)
      return judgedMs
    }
    this.#asked.set(key, atMs)
    return undefined
  }

  /** Returns how long it took; undefined when nobody is known to have asked for it. */
  judged(key: string, atMs: number): number | undefined {
    const askedMs = this.#asked.get(key)
    if (askedMs !== undefined && askedMs <= atMs) {
      this.#asked.delete(key)
      return atMs - askedMs
    }
    if (this.#areOthers) this.#early.set(key, atMs)
    return undefined
  }

  /** Forgets what was asked for until then. Returns how many. */
  lose(untilMs: number): number {
    let lost = 0
    for (const [key, askedMs] of this.#asked) {
      if (askedMs > untilMs) break
      this.#asked.delete(key)
      lost++
    }
    return lost
  }

  forgetEarly(nowMs: number): void {
    for (const [key, atMs] of this.#early)
      if (atMs < nowMs - EARLY.keptMs || this.#early.size > EARLY.most) this.#early.delete(key)
  }
}
