// The catalog's own tables are not promised to us: what could not be done with them is told once, with what comes of it.
import type { LoggerService } from '@backstage/backend-plugin-api'

export function toldOnce(log: Pick<LoggerService, 'warn'>, what: string): (error: unknown) => void {
  let isTold = false
  return error => {
    if (!isTold) log.warn(`catalog-gate: the catalog's tables could not be used, so ${what}: ${String(error)}`)
    isTold = true
  }
}
