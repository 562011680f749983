// Reads the output of `git cat-file --batch` for paths of a commit, as it arrives: the answers come in the order of the questions.
import type { Blob } from './batch.ts'

export type AtPath = Blob | 'folder'

/** Of what is not wanted this much is read on; more, and starting git anew is cheaper. */
const READ_ON_BYTES = 4 << 20

export class PathReader {
  readonly found = new Map<string, AtPath>()
  /** A large one was in the way: what stands behind it has to be asked for anew. */
  isStopped = false
  /** What comes now is more than may be held: of it, and of what stands behind it, nothing is known. */
  isFull = false
  /** So many more may be held. */
  roomBytes: number
  readonly #asked: readonly string[]
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #held = 0
  /** So many bytes are needed before there is something to do. */
  #needed = 1
  #skip = 0

  constructor(asked: readonly string[], maxBytes: number, totalBytes: number) {
    this.#asked = asked
    this.#maxBytes = maxBytes
    this.roomBytes = totalBytes
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#needed || this.isStopped) return
    let rest = Buffer.concat(this.#chunks)
    for (let used = this.#step(rest); used > 0; used = this.#step(rest)) rest = rest.subarray(used)
    this.#chunks = [rest]
    this.#held = rest.length
  }

  /** How many bytes of it were used; 0: more are needed. */
  #step(bytes: Buffer): number {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, bytes.length)
      this.#skip -= skipped
      this.#needed = 1
      return skipped
    }
    const path = this.#asked[this.found.size]
    const lineEnd = bytes.indexOf(10)
    this.#needed = bytes.length + 1
    if (lineEnd === -1 || path === undefined || this.isStopped) return 0
    const [, type, size] = /^[0-9a-f]+ (blob|tree|commit|tag) (\d+)$/.exec(bytes.toString('latin1', 0, lineEnd)) ?? []
    if (type === undefined) {
      this.found.set(path, 'missing')
      return lineEnd + 1
    }
    const length = Number(size)
    if (type !== 'blob' || length > this.#maxBytes) {
      // A commit is a submodule's, which this repository happens to hold, too.
      this.found.set(path, type === 'tree' ? 'folder' : type === 'blob' ? 'too large' : 'missing')
      if (length > READ_ON_BYTES) this.isStopped = true
      this.#skip = length + 1
      return lineEnd + 1
    }
    if (length > this.roomBytes) {
      this.isFull = true
      this.isStopped = true
      return 0
    }
    const end = lineEnd + 1 + length
    this.#needed = end + 1
    if (bytes.length <= end) return 0
    // A copy: the chunk that it came in may be much larger.
    this.found.set(path, Buffer.from(bytes.subarray(lineEnd + 1, end)))
    this.roomBytes -= length
    return end + 1
  }
}
