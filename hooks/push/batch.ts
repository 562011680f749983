// Reads the output of `git cat-file --batch` as it arrives: `ID TYPE SIZE`, and where a name was asked for it may stand behind.
import { textOf } from './path-text.ts'

/** `too large` alone, `too much` with the others. */
export type Blob = Uint8Array | 'too large' | 'too much' | 'missing'

/** Blobs by id, as far as they have come. Stops for good at a blob over the limit, and where it is too much in all. */
export class BatchReader {
  readonly blobs = new Map<string, Blob>()
  /** Ids of the blobs that were asked for by name, `COMMIT:PATH`, and are there. */
  readonly named = new Map<string, string>()
  /** It has stopped: what comes after is not here. */
  isFull = false
  readonly #maxBytes: number
  #roomBytes: number
  #rest = Buffer.alloc(0)
  /** What has come since, and how much is needed before there is something to do: a large blob comes in many chunks. */
  #chunks: Uint8Array[] = []
  #held = 0
  #needed = 1

  constructor(maxBytes: number, totalBytes: number) {
    this.#maxBytes = maxBytes
    this.#roomBytes = totalBytes
  }

  push(chunk: Uint8Array): void {
    if (this.isFull) return
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#needed) return
    this.#rest = Buffer.concat([this.#rest, ...this.#chunks])
    this.#chunks = []
    this.#read()
    this.#held = this.#rest.length
  }

  #read(): void {
    while (!this.isFull) {
      this.#needed = 1
      const lineEnd = this.#rest.indexOf(10)
      if (lineEnd === -1) return
      const [id = '', type, size, name] = textOf(this.#rest.subarray(0, lineEnd)).split(' ')
      if (type === 'missing' || size === undefined) {
        this.blobs.set(id, 'missing')
        this.#rest = this.#rest.subarray(lineEnd + 1)
        continue
      }
      // "@" and the folder of what was asked for: for the prelude alone.
      if (name && type === 'blob' && !name.startsWith('@')) this.named.set(name, id)
      const bytes = Number(size)
      if (bytes > this.#maxBytes) this.blobs.set(id, 'too large')
      if (bytes > this.#maxBytes || bytes > this.#roomBytes) {
        this.isFull = true
        this.#rest = Buffer.alloc(0)
        return
      }
      const end = lineEnd + 1 + bytes
      this.#needed = end + 1
      if (this.#rest.length < this.#needed) return
      this.blobs.set(id, this.#rest.subarray(lineEnd + 1, end))
      this.#roomBytes -= bytes
      this.#rest = this.#rest.subarray(end + 1)
    }
  }
}
