// By which names the inside is reached. A page elsewhere can make a browser ask for a name of its own that leads here (rebinding); it needs a name for it.
import { isIP } from 'node:net'

export const NOT_OURS = 'expected localhost, an IP address or a name of adminHosts in relay.yaml as the host'

/** Whether a `Host` header is ours. Without one, as in HTTP/1.0, it is no browser that asks. */
export function hostTest(names: readonly string[]): (host: string | undefined) => boolean {
  const known = new Set(['localhost', ...names.map(name => name.toLowerCase())])
  return host => {
    if (host === undefined) return true
    const name = host.replace(/:\d*$/, '').toLowerCase()
    return known.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
  }
}
