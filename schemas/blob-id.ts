// Git's name of a file's contents.
import { createHash } from 'node:crypto'

/** As `git hash-object` gives it; GHES has repositories with SHA-1 names only. */
export function blobId(bytes: Uint8Array, algorithm: 'sha1' | 'sha256' = 'sha1'): string {
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
