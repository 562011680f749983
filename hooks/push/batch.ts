// Reads the output of `git cat-file --batch` as it arrives: `ID TYPE SIZE`, and where a name was asked for it may stand behind.
import { textOf } from './path-text.ts'

export type Blob = Uint8Array | 'too large' | 'missing'

/** Blobs by id, as far as they have come. Stops for good at a blob over the limit: `tooLarge` names it. */
export class BatchReader {
  readonly blobs = new Map<string, Blob>()
  /** Ids of the blobs that were asked for by name, `COMMIT:PATH`, and are there. */
  readonly named = new Map<string, string>()
  tooLarge: string | undefined
  readonly #maxBytes: number
  #rest = Buffer.alloc(0)

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    while (this.tooLarge === undefined) {
      const lineEnd = this.#rest.indexOf(10)
      if (lineEnd === -1) return
      const [id = '', type, size, name] = textOf(this.#rest.subarray(0, lineEnd)).split(' ')
      if (type === 'missing' || size === undefined) {
        this.blobs.set(id, 'missing')
        this.#rest = this.#rest.subarray(lineEnd + 1)
        continue
      }
      if (name && type === 'blob') this.named.set(name, id)
      const bytes = Number(size)
      if (bytes > this.#maxBytes) {
        this.blobs.set(id, 'too large')
        this.tooLarge = id
        return
      }
      const end = lineEnd + 1 + bytes
      if (this.#rest.length < end + 1) return
      this.blobs.set(id, this.#rest.subarray(lineEnd + 1, end))
      this.#rest = this.#rest.subarray(end + 1)
    }
  }
}
