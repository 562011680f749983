// Where in the repository a relative target leads.
import { posix } from 'node:path'

/** A target as it is written in the file `from`, as a path from the repository's root; undefined for a URL, and for what leads out of it. */
export function pathInRepository(from: string, target: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const path = target.startsWith('/') ? posix.normalize(target.slice(1)) : posix.join(posix.dirname(from), target)
  return path === '.' || path === '..' || path.startsWith('../') || path === '' ? undefined : path
}
