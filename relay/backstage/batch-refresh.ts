// Many refreshes of the relay in one request, which HTTP does not have otherwise: POST /api/catalog/catalog-gate/refresh, by the keys that the catalog itself has for each file.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAuthService, Knex, PermissionsService, RouteHandler } from '@backstage/backend-plugin-api'
import type { Ahead } from './ahead.ts'
import { rowsOf } from './lease.ts'

const PATH = '/catalog-gate/refresh'
const MOST = 500
const BODY_BYTES = 256 * 1024
/** As @backstage/plugin-catalog-common has it. */
const PERMISSION = {
  type: 'resource',
  name: 'catalog.entity.refresh',
  resourceType: 'catalog-entity',
  attributes: { action: 'update' },
} as const

export type BatchRefreshOptions = {
  httpAuth: HttpAuthService
  permissions: PermissionsService
  knex: Knex
  /** The catalog's own; false while it has not given us one. */
  refresh: (keys: string[]) => Promise<boolean>
  ahead: Pick<Ahead, 'put' | 'works'>
  /** Hears why the catalog's tables could not be asked. */
  onTrouble: (error: unknown) => void
}

/**
 * `{ "locations": ["location:default/generated-…"] }` is answered with `{ "refreshed": […] }` after the catalog has noted those. What is not named there has not been asked for: the catalog does not know it, or has
 * never read its file. `ahead`, a part of them, go ahead of what the catalog has been asked for before; the answer names them, and has no such field where that cannot be.
 */
export function batchRefresh(options: BatchRefreshOptions): RouteHandler {
  return (request, response, next) => {
    if (request.method !== 'POST' || request.path !== PATH) return next()
    answer(options, request, response).catch(next)
  }
}

async function answer(
  { httpAuth, permissions, knex, refresh, ahead, onTrouble }: BatchRefreshOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const credentials = await httpAuth.credentials(request, { allow: ['service'] })
  const { locations, first } = readBody(await bodyOf(request))
  if (!locations)
    return send(response, 400, 'InputError', `expected { "locations": [1 to ${MOST} names of Location entities] }`)
  const [decision] = await permissions.authorize([{ permission: PERMISSION, resourceRef: locations[0] ?? '' }], {
    credentials,
  })
  if (decision?.result !== 'ALLOW') return send(response, 403, 'NotAllowedError', 'it takes catalog.entity.refresh')
  const keys = await keysOf(knex, locations).catch(onTrouble)
  // The relay then asks for them one by one, and for a minute not here.
  if (keys === undefined) return send(response, 501, 'NotImplementedError', "the catalog's tables could not be asked")
  if (keys.size > 0 && !(await refresh([...new Set([...keys.values()].flat())])))
    return send(response, 503, 'ServiceUnavailableError', 'the catalog has not started yet')
  const refreshed = [...keys.keys()]
  const gone = await ahead.put(first.filter(one => keys.has(one)))
  send(response, 200, { refreshed, ...(ahead.works() ? { ahead: gone } : {}) })
}

/** As the catalog's own tables have it: the key of a file is its Location's once it has been read. */
async function keysOf(knex: Knex, locations: readonly string[]): Promise<Map<string, string[]>> {
  const rows = rowsOf(
    await knex.raw(
      `SELECT s.entity_ref, k.key FROM refresh_state s JOIN refresh_keys k ON k.entity_id = s.entity_id
       WHERE s.entity_ref IN (${locations.map(() => '?').join(', ')}) AND k.key LIKE 'url:%'
       AND EXISTS (SELECT 1 FROM refresh_state_references r WHERE r.target_entity_ref = s.entity_ref)`,
      locations,
    ),
  )
  const keys = new Map<string, string[]>()
  for (const { entity_ref: ref, key } of rows) keys.set(String(ref), [...(keys.get(String(ref)) ?? []), String(key)])
  return keys
}

function readBody(body: string | undefined): { locations?: string[]; first: string[] } {
  try {
    const { locations, ahead = [] } = JSON.parse(body ?? '') as { locations?: unknown; ahead?: unknown }
    if (!isTexts(locations) || !isTexts(ahead) || locations.length === 0) return { first: [] }
    return { locations, first: ahead }
  } catch {
    return { first: [] }
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MOST && value.every(one => typeof one === 'string')

/** Undefined when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, what: string | object, message?: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(typeof what === 'string' ? { error: { name: what, message } } : what))
}
