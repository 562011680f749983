// What the relay asks of Backstage's catalog: refresh an entity, register a Location or take it away.
import type { CallPurpose } from '../runtime/events.ts'
import { type Call, CallFailed, type HttpAnswer, openTarget } from './http.ts'
import { type ObserveCall, observed } from './observe.ts'
import { type Trouble, waitMs } from './trouble.ts'

export type RefreshAnswer = { result: 'refreshed' } | { result: 'unknown' } | Refused | Trouble
/** `none`: nobody registered it (a provider's Location is not registered), or the token may not see it. */
type UnregisterAnswer = { result: 'unregistered' } | { result: 'none' } | { result: 'forbidden' } | Trouble
type RegisterAnswer = { result: 'registered' } | { result: 'known' } | Refused | Trouble
/** Backstage does not take this request, and will not later either: trying again is of no use. */
type Refused = { result: 'refused'; reason: string }

export type Backstage = {
  refresh(entityRef: string): Promise<RefreshAnswer>
  register(target: string): Promise<RegisterAnswer>
  /** Takes away the registered Location whose entity this is, and with it the entities of its file. */
  unregister(locationRef: string): Promise<UnregisterAnswer>
  close(): Promise<void>
}

export type BackstageOptions = {
  baseUrl: string
  token: () => string
  ca?: string
  now: () => number
  timeoutMs?: number
  /** Told about every request. */
  observe?: ObserveCall
}

/** Its answers are empty or an error of some hundred bytes; a registration returns one Location. */
const ANSWER_BYTES = 1024 * 1024
const FIX = {
  401: 'backstage.token is not valid there; put a valid one into its file, no restart is needed',
  403: 'backstage.token may not do this; it needs plugin "catalog" with permission catalog.entity.refresh, catalog.location.create where backstage.register is on',
}

export function openBackstage(options: BackstageOptions): Backstage {
  const target = openTarget({ ...options, timeoutMs: options.timeoutMs ?? 10_000, answerBytes: ANSWER_BYTES })
  const call = (purpose: CallPurpose, method: Call['method'], path: string, body?: unknown) =>
    observed({ target: 'backstage', purpose }, options, () =>
      target.call({
        method,
        url: `${options.baseUrl}/api/catalog/${path}`,
        headers: {
          authorization: `Bearer ${options.token()}`,
          accept: 'application/json',
          'user-agent': 'catalog-gate',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  const trouble = (answer: HttpAnswer) => troubleOf(answer, options.now())

  return {
    async refresh(entityRef) {
      try {
        const answer = await call('refresh', 'POST', 'refresh', { entityRef })
        if (answer.status >= 200 && answer.status < 300) return { result: 'refreshed' }
        // A 404 that is not the catalog's is a wrong address, and must not pass for "unknown to the catalog".
        if (answer.status === 404) return isPage(answer) ? wrongAddress : { result: 'unknown' }
        if (answer.status === 400) return { result: 'refused', reason: 'Backstage answered 400 to a refresh' }
        return trouble(answer)
      } catch (error) {
        return troubleOfError(error)
      }
    },
    async register(location) {
      try {
        const answer = await call('register', 'POST', 'locations', { type: 'url', target: location })
        if (answer.status === 201) return { result: 'registered' }
        if (answer.status === 409) return { result: 'known' }
        if (answer.status === 400) return { result: 'refused', reason: 'Backstage answered 400 to the registration' }
        return answer.status === 404 ? wrongAddress : trouble(answer)
      } catch (error) {
        return troubleOfError(error)
      }
    },
    async unregister(locationRef) {
      try {
        const [, kind = '', namespace = '', name = ''] = /^(.+):(.+)\/(.+)$/.exec(locationRef) ?? []
        const place = [kind, namespace, name].map(encodeURIComponent).join('/')
        const found = await call('unregister', 'GET', `locations/by-entity/${place}`)
        if (found.status === 404) return isPage(found) ? wrongAddress : { result: 'none' }
        if (found.status === 403) return { result: 'forbidden' }
        if (found.status !== 200) return trouble(found)
        const id = locationId(found.body)
        if (id === undefined) return wrongAddress
        const answer = await call('unregister', 'DELETE', `locations/${encodeURIComponent(id)}`)
        // 404: somebody was faster.
        if (answer.status === 204 || answer.status === 404) return { result: 'unregistered' }
        return answer.status === 403 ? { result: 'forbidden' } : trouble(answer)
      } catch (error) {
        return troubleOfError(error)
      }
    },
    close: target.close,
  }
}

const wrongAddress: Trouble = {
  result: 'trouble',
  kind: 'set-up',
  reason:
    'Backstage answered 404, and not as its catalog does: is backstage.baseUrl right, and the catalog installed there?',
}

function troubleOf({ status, headers }: HttpAnswer, nowMs: number): Trouble {
  const wait = waitMs({ status, headers }, nowMs)
  const as = (kind: Trouble['kind'], reason: string, retryAfterMs?: number): Trouble => ({
    ...{ result: 'trouble', kind, reason },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
  if (status === 429 || (status === 403 && wait !== undefined))
    return as('limited', `Backstage limits our rate (${status})`, wait)
  if (status === 401 || status === 403) return as('set-up', `Backstage answered ${status}: ${FIX[status]}`)
  if (status >= 300 && status < 400)
    return as(
      'set-up',
      `Backstage answered ${status}, a redirect, which we do not follow: the configured address is not the final one`,
    )
  return as('down', `Backstage answered ${status}`, wait)
}

/** A call that came to no answer. Anything else that was thrown is a bug, and goes on. */
function troubleOfError(error: unknown): Trouble {
  if (error instanceof CallFailed) return { result: 'trouble', kind: 'down', reason: `Backstage: ${error.message}` }
  throw error
}

/** The catalog's own 404 is JSON, a NotFoundError; express's and the app's are HTML. */
function isPage({ headers }: { headers: Record<string, string> }): boolean {
  return (headers['content-type'] ?? '').startsWith('text/html')
}

function locationId(body: string): string | undefined {
  try {
    const location: unknown = JSON.parse(body)
    const id = typeof location === 'object' && location !== null && 'id' in location ? location.id : undefined
    return typeof id === 'string' && id !== '' ? id : undefined
  } catch {
    return undefined
  }
}
