// Where commands keep what the next run of them is quicker with.
import { join } from 'node:path'

/** By the XDG base directories: a relative XDG_CACHE_HOME does not count. Undefined without a home. */
export function cacheFolder({ XDG_CACHE_HOME: xdg, HOME: home }: NodeJS.ProcessEnv): string | undefined {
  const base = xdg?.startsWith('/') ? xdg : home ? join(home, '.cache') : undefined
  return base === undefined ? undefined : join(base, 'catalog-gate')
}
