// When the catalog is sent everything at once: a single push goes ahead in its own queue (overtaking.ts), so that nobody has to wait for the rest, and the rest is through sooner.

/**
 * It takes 1,000 at once in 14 s and in 20 s by and by, since what it reads keeps what it shows waiting, and each time that it has nothing to do costs it up to a second. Fewer than this many seconds' worth are
 * shown sooner by and by.
 */
const MANY_SECONDS = 5
/** Until somebody has waited for so long nobody looks how many there are; then as often. */
const FULL_MS = 1_000
/** So many may be without a verdict; and a few more a second, so that there is a free lane for whoever comes. */
const MOST = 1_000
const MORE_PER_SECOND = 4
/** It is over when nobody has waited for FULL_MS and no more than these are without a verdict. */
const ENDS = 50

/** Whether so many files or more wait to be asked for. */
export type HaveDue = (many: number) => Promise<boolean>

export class Flood {
  /** Whether this Backstage lets a single push go ahead. */
  isPossible = false
  readonly #many: number
  readonly #haveDue: HaveDue
  #fullSinceMs: number | undefined
  #waitedAtMs = Number.NEGATIVE_INFINITY
  #isOn = false

  /** `perSecond`: of the setting. */
  constructor(perSecond: number, haveDue: HaveDue) {
    this.#many = Math.max(1, Math.ceil(perSecond * MANY_SECONDS))
    this.#haveDue = haveDue
  }

  /** `waiting`: for their turn, with us; `unjudged`: what the catalog has been asked for. */
  look(waiting: number, unjudged: number, nowMs: number): void {
    this.#fullSinceMs = waiting === 0 ? undefined : (this.#fullSinceMs ?? nowMs)
    if (waiting > 0) this.#waitedAtMs = nowMs
    if (!this.isPossible || (nowMs - this.#waitedAtMs >= FULL_MS && unjudged <= ENDS)) this.#isOn = false
    if (this.isPossible && this.#fullSinceMs !== undefined && nowMs - this.#fullSinceMs >= FULL_MS) {
      this.#fullSinceMs = nowMs
      this.#askHowMany()
    }
  }

  #askHowMany(): void {
    this.#haveDue(this.#many).then(
      areMany => {
        this.#isOn ||= areMany && this.isPossible
      },
      // A store that fails is told by those who claim from it.
      () => {},
    )
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
