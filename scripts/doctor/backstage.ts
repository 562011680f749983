// Backstage: it answers, the token can refresh, and nothing else.
import { openTarget } from '../../relay/clients/http.ts'
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { clockFinding, type Finding, ok, warning, wrong } from './finding.ts'

const LIMITS = { timeoutMs: 8_000, answerBytes: 4 * 1024 * 1024 }

/** No catalog has it: a refresh of it is judged, and does nothing. */
const NOBODY = 'location:default/generated-0000000000000000000000000000000000000000'

export async function checkBackstage({ backstage }: RelayConfig, now: () => number): Promise<Finding[]> {
  const { baseUrl, ca, token, register, removed } = backstage
  const target = openTarget({ baseUrl, ...LIMITS, ...(ca === undefined ? {} : { ca }) })
  const headers = { authorization: `Bearer ${token()}`, 'content-type': 'application/json', accept: 'application/json' }
  try {
    const refresh = await target.call({
      method: 'POST',
      url: `${baseUrl}/api/catalog/refresh`,
      headers,
      body: JSON.stringify({ entityRef: NOBODY }),
    })
    const clock = clockFinding("Backstage's clock", refresh.headers['date'], now())
    // 404 by a catalog that looks the entity up first, 200 by one that queues it.
    if (![200, 404].includes(refresh.status)) return [clock, refreshRefused(refresh.status, baseUrl)]
    const list = await target.call({
      method: 'GET',
      url: `${baseUrl}/api/catalog/entities?limit=1&fields=kind`,
      headers,
    })
    return [
      clock,
      ok('backstage.token', 'it can refresh'),
      restrictionFinding(list, register || removed === 'unregister'),
    ]
  } catch (error) {
    return [
      wrong(
        'Backstage',
        `it does not answer at ${baseUrl}: ${error instanceof Error ? error.message : error}`,
        'is backstage.baseUrl the backend, reachable from here?',
      ),
    ]
  } finally {
    await target.close()
  }
}

function refreshRefused(status: number, baseUrl: string): Finding {
  if (status === 401)
    return wrong(
      'backstage.token',
      'Backstage does not know it (401)',
      'backend.auth.externalAccess in app-config.yaml: { type: static, options: { token, subject: catalog-gate } }',
    )
  if (status === 403)
    return wrong(
      'backstage.token',
      'it is not allowed to refresh (403)',
      'accessRestrictions: [{ plugin: catalog, permission: [catalog.entity.refresh] }]',
    )
  if (status >= 300 && status < 400)
    return wrong('Backstage', `it answers ${status}, a redirect`, `${baseUrl} is not the final address of the backend`)
  return wrong('Backstage', `it answers ${status} to a refresh`, 'look at its log')
}

/** A token that may refresh only sees no entity at all (measured: an empty list). */
function restrictionFinding({ status, body }: { status: number; body: string }, needsMore: boolean): Finding {
  const seesAny = status === 200 && body.trim() !== '[]'
  if (!seesAny) return ok('backstage.token', 'it can do nothing else')
  if (needsMore)
    return ok('backstage.token', 'it can do more, as backstage.register and backstage.removed: unregister need')
  return warning(
    'backstage.token',
    'it can read the catalog too, and perhaps more',
    'restrict it in app-config.yaml: accessRestrictions: [{ plugin: catalog, permission: [catalog.entity.refresh] }], with permission.enabled: true',
  )
}
