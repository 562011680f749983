// When the catalog is sent everything at once: a single push goes ahead in its own queue (overtaking.ts), so that nobody has to wait for the rest, and the rest is through sooner.

/** It takes 1,000 at once in 14 s and in 20 s by and by, since what it reads keeps what it shows waiting, and each time that it has nothing to do costs it up to a second. Until somebody has waited for so long it is asked by and by. */
const FULL_MS = 1_500
/** So many may be without a verdict; and a few more a second, so that there is a free lane for whoever comes. */
const MOST = 1_000
const MORE_PER_SECOND = 4
/** It is over when nobody waits and no more than these are without a verdict. */
const ENDS = 50

export class Flood {
  /** Whether this Backstage lets a single push go ahead. */
  isPossible = false
  #fullSinceMs: number | undefined
  #isOn = false

  /** `waiting`: for their turn, with us; `unjudged`: what the catalog has been asked for. */
  look(waiting: number, unjudged: number, nowMs: number): void {
    this.#fullSinceMs = waiting === 0 ? undefined : (this.#fullSinceMs ?? nowMs)
    const isFull = this.#fullSinceMs !== undefined && nowMs - this.#fullSinceMs >= FULL_MS
    this.#isOn = this.isPossible && (isFull || (this.#isOn && waiting + unjudged > ENDS))
  }

  get isOn(): boolean {
    return this.#isOn
  }

  hasRoom(unjudged: number): boolean {
    return this.#isOn && unjudged < MOST
  }

  get morePerSecond(): number | undefined {
    return this.#isOn ? MORE_PER_SECOND : undefined
  }
}
