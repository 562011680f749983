// What all unfinished bodies take of our memory together. Nobody has signed them yet, and two hundred of the largest would end the process.

export type UnfinishedBody = {
  /** Called for every chunk. */
  took: (bytes: number) => void
  /** It has ended, one way or another. */
  end: () => void
}

/** What a chunk costs besides its bytes: a body that comes byte by byte is no smaller. */
const CHUNK_BYTES = 256

export class BodyBudget {
  readonly #mostBytes: number
  #bytes = 0
  /** The idlest first: each chunk puts its body at the end. */
  readonly #bodies = new Map<symbol, { bytes: number; drop: () => void }>()

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** `drop`: when there is no room for all of them any more, and this is the one that was idle for longest. */
  open(drop: () => void): UnfinishedBody {
    const key = Symbol('body')
    const end = () => {
      this.#bytes -= this.#bodies.get(key)?.bytes ?? 0
      this.#bodies.delete(key)
    }
    const took = (bytes: number) => {
      const more = bytes + CHUNK_BYTES
      const body = { drop, bytes: (this.#bodies.get(key)?.bytes ?? 0) + more }
      this.#bodies.delete(key)
      this.#bodies.set(key, body)
      this.#bytes += more
      while (this.#bytes > this.#mostBytes) this.#dropIdlest()
    }
    return { took, end }
  }

  #dropIdlest(): void {
    for (const [key, { bytes, drop }] of this.#bodies) {
      this.#bodies.delete(key)
      this.#bytes -= bytes
      drop()
      return
    }
  }
}
