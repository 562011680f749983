// What the relay asks of Backstage's catalog: refresh an entity, register a Location or take it away.
import { fieldOf, jsonIn } from '../../schemas/unknown.ts'
import type { CallPurpose } from '../runtime/events.ts'
import { type CatalogList, catalogList } from './catalog-list.ts'
import { type CatalogLook, type CatalogReads, catalogReads } from './catalog-reads.ts'
import { failedCall, waysOut } from './failed-call.ts'
import { type Call, CallFailed, type HttpAnswer, openTarget } from './http.ts'
import { type ObserveCall, observed } from './observe.ts'
import { loginAskedFor, redirectedTo, type Trouble, waitMs } from './trouble.ts'

export type RefreshAnswer = { result: 'refreshed' } | { result: 'unknown' } | Refused | Trouble
/** `none`: nobody registered it (a provider's Location is not registered), or the token is not allowed to see it. */
type UnregisterAnswer = { result: 'unregistered' } | { result: 'none' } | { result: 'forbidden' } | Trouble
type RegisterAnswer = { result: 'registered' } | { result: 'known' } | Refused | Trouble
/** Backstage does not take this request, and will not later either: trying again is of no use. */
type Refused = { result: 'refused'; reason: string }

export type Backstage = CatalogReads & {
  /** `isAhead`: of what the catalog has been asked for before, where it lets anything go ahead. */
  refresh(entityRef: string, isAhead?: boolean): Promise<RefreshAnswer>
  register(target: string): Promise<RegisterAnswer>
  /** Takes away one entity, which comes back as long as a file holds it. `forbidden`: the token may not. */
  clearAway(uid: string): Promise<{ result: 'cleared' | 'forbidden' } | Trouble>
  /** Whether somebody has registered the Location whose entity this is. */
  registered(locationRef: string): Promise<{ result: 'registered' | 'none' | 'forbidden' } | Trouble>
  /** Takes away the registered Location whose entity this is, and with it the entities of its file. */
  unregister(locationRef: string): Promise<UnregisterAnswer>
  /** Whether the catalog is there and takes the token: asks for nothing. */
  reach(): Promise<{ result: 'answered' } | Trouble>
  close(): Promise<void>
}

/**
 * Many refreshes in one request, which our module in Backstage takes. `ahead`: those of them that go ahead of what the catalog has been asked for before. `refs`: what has been asked for; the others have not.
 * `overtakes`: whether this Backstage lets anything go ahead. `not taken`: there is no such module, or no answer; each has to be asked for by itself.
 */
export type RefreshAll = (locationRefs: readonly string[], ahead: readonly string[]) => Promise<RefreshedAll>

export type RefreshedAll =
  | { result: 'refreshed'; refs: ReadonlySet<string>; overtakes: boolean }
  | { result: 'not taken'; reason: string }

/** For those who put the relay together. */
export type BackstageApi = Backstage & CatalogList & { refreshAll: RefreshAll } & CatalogLook

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
  403: 'backstage.token is not allowed to do this; it needs plugin "catalog" with permission catalog.entity.refresh, catalog.location.create where backstage.register is on',
}

export function openBackstage(options: BackstageOptions): BackstageApi {
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
  const failed = (error: unknown) => troubleOfError(error, options.baseUrl)
  const orTrouble = <T>(answer: Promise<T>): Promise<T | Trouble> => answer.catch(failed)
  const reads = catalogReads({
    ask: (method, path, body) => call('look-up', method, path, body),
    errorOf,
    jsonOf: ({ body }) => jsonIn(body),
    trouble,
  })

  const list = catalogList({
    ask: (method, path, body) => call('look-up', method, path, body),
    jsonOf: ({ body }) => jsonIn(body),
    trouble,
  })

  const findRegistered = async (locationRef: string) => {
    const found = await call('unregister', 'GET', `locations/by-entity/${placeOf(locationRef)}`)
    if (errorOf(found) === 'NotFoundError') return { result: 'none' as const }
    if (errorOf(found) === 'NotAllowedError') return { result: 'forbidden' as const }
    const id = found.status === 200 ? fieldOf(jsonIn(found.body), 'id') : undefined
    if (typeof id !== 'string' || id === '') return trouble(found)
    return { result: 'registered' as const, id }
  }

  return {
    async refresh(entityRef) {
      try {
        const answer = await call('refresh', 'POST', 'refresh', { entityRef })
        // The catalog says it with nothing, and nothing has no type: a page with 200, also an empty one, is somebody else's.
        const { 'content-type': type = 'application/json' } = answer.headers
        if (answer.status === 200 && answer.body === '' && hasEnd(answer) && /json/i.test(type))
          return { result: 'refreshed' }
        if (errorOf(answer) === 'NotFoundError') return { result: 'unknown' }
        if (errorOf(answer) === 'InputError')
          return { result: 'refused', reason: 'Backstage answered 400 to a refresh' }
        return trouble(answer)
      } catch (error) {
        return failed(error)
      }
    },
    async refreshAll(locations, ahead) {
      try {
        const answer = await call('refresh', 'POST', 'catalog-gate/refresh', { locations, ahead })
        const body = answer.status === 200 ? jsonIn(answer.body) : undefined
        const refreshed = fieldOf(body, 'refreshed')
        if (Array.isArray(refreshed))
          return { result: 'refreshed', refs: new Set(refreshed), overtakes: Array.isArray(fieldOf(body, 'ahead')) }
        return { result: 'not taken', reason: answer.status === 404 ? OLDER : trouble(answer).reason }
      } catch (error) {
        return { result: 'not taken', reason: failed(error).reason }
      }
    },
    async register(location) {
      try {
        const answer = await call('register', 'POST', 'locations', { type: 'url', target: location })
        if (answer.status === 201 && fieldOf(jsonIn(answer.body), 'location') !== undefined)
          return { result: 'registered' }
        if (errorOf(answer) === 'ConflictError') return { result: 'known' }
        if (errorOf(answer) === 'InputError')
          return { result: 'refused', reason: 'Backstage answered 400 to the registration' }
        return trouble(answer)
      } catch (error) {
        return failed(error)
      }
    },
    async clearAway(uid) {
      try {
        const answer = await call('entity', 'DELETE', `entities/by-uid/${encodeURIComponent(uid)}`)
        if (answer.status === 204 || errorOf(answer) === 'NotFoundError') return { result: 'cleared' }
        return errorOf(answer) === 'NotAllowedError' ? { result: 'forbidden' } : trouble(answer)
      } catch (error) {
        return failed(error)
      }
    },
    async registered(locationRef) {
      try {
        return await findRegistered(locationRef)
      } catch (error) {
        return failed(error)
      }
    },
    async unregister(locationRef) {
      try {
        const found = await findRegistered(locationRef)
        if (found.result !== 'registered') return found
        const answer = await call('unregister', 'DELETE', `locations/${encodeURIComponent(found.id)}`)
        if (answer.status === 204) return { result: 'unregistered' }
        // Somebody was faster.
        if (errorOf(answer) === 'NotFoundError') return { result: 'unregistered' }
        return errorOf(answer) === 'NotAllowedError' ? { result: 'forbidden' } : trouble(answer)
      } catch (error) {
        return failed(error)
      }
    },
    async reach() {
      try {
        // A wrong token is answered 401; one that may only refresh is shown an empty list.
        const answer = await call('contact', 'GET', 'entities/by-query?limit=0')
        const isItself = answer.status === 200 && Array.isArray(fieldOf(jsonIn(answer.body), 'items'))
        return isItself || errorOf(answer) === 'NotFoundError' ? { result: 'answered' } : trouble(answer)
      } catch (error) {
        return failed(error)
      }
    },
    origins: refs => orTrouble(reads.origins(refs)),
    locationsOf: entityRef => orTrouble(reads.locationsOf(entityRef)),
    look: refs => orTrouble(reads.look(refs)),
    shows: () => orTrouble(reads.shows()),
    page: cursor => orTrouble(list.page(cursor)),
    standing: refs => orTrouble(list.standing(refs)),
    close: target.close,
  }
}

const OLDER = 'Backstage answered 404: its package is older than this relay'

/** Whether the body came to an end that was told: of one that ends with its connection nobody knows whether more should have come. */
const hasEnd = ({ headers }: HttpAnswer) => 'content-length' in headers || 'transfer-encoding' in headers

/** The part of a path that names an entity. */
function placeOf(entityRef: string): string {
  const [, kind = '', namespace = '', name = ''] = /^(.+):(.+)\/(.+)$/.exec(entityRef) ?? []
  return [kind, namespace, name].map(encodeURIComponent).join('/')
}

/** The catalog's own errors, each with its status. */
const ERRORS: Readonly<Record<string, number>> = {
  InputError: 400,
  NotAllowedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
}

/** The name of the catalog's own error; undefined when it is none, or somebody else's answer. */
function errorOf({ status, body }: HttpAnswer): string | undefined {
  const name = namedErrorIn(body)
  return name !== undefined && ERRORS[name] === status ? name : undefined
}

/** Every error of a Backstage backend has a name; those of a load balancer or a gateway have not. */
function namedErrorIn(body: string): string | undefined {
  const name = fieldOf(fieldOf(jsonIn(body), 'error'), 'name')
  return typeof name === 'string' ? name : undefined
}

function troubleOf({ status, headers, body }: HttpAnswer, nowMs: number): Trouble {
  const wait = waitMs({ status, headers }, nowMs)
  const as = (kind: Trouble['kind'], reason: string, retryAfterMs?: number): Trouble => ({
    result: 'trouble',
    kind,
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
  // A proxy's or a firewall's refusal says nothing of our token.
  const isOthers = namedErrorIn(body) === undefined && (body !== '' || loginAskedFor(headers) !== undefined)
  if (status === 429 || (status === 403 && wait !== undefined && !isOthers))
    return as(
      'limited',
      `${isOthers ? 'something on the way to Backstage' : 'Backstage'} limits our rate (${status})`,
      wait,
    )
  if ((status === 401 || status === 403) && !isOthers)
    return as('set-up', `Backstage answered ${status}: ${FIX[status]}`)
  if (status >= 300 && status < 400)
    return as(
      'set-up',
      `Backstage answered ${status}, a redirect, which we do not follow: backstage.baseUrl is not the final address, it redirects${redirectedTo(headers)}; put the final one there`,
    )
  if (status >= 500 && namedErrorIn(body) !== undefined) return as('down', `Backstage answered ${status}`, wait)
  // However long something in between asks us to wait (a maintenance page: an hour), Backstage is asked again at the breaker's own pace.
  return as('foreign', `Backstage answered ${status}, and not as its catalog does${described(headers)}: ${FOREIGN}`)
}

const FOREIGN =
  'is backstage.baseUrl right and the catalog installed there, or does something in between answer (a proxy, a firewall, a login)?'

/** What was given in the place of an answer. */
function described(headers: Record<string, string>): string {
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(headers['content-type'] ?? '')?.[0]
  const login = loginAskedFor(headers)
  const said = [type, login && `asks for ${login}`].filter(Boolean).join(', ')
  return said === '' ? '' : ` (${said})`
}

const WAYS_OUT = waysOut({
  address: 'backstage.baseUrl',
  authority: 'backstage.caFile',
  noWay: 'give the relay a way into the network of Backstage',
  again: 'try again',
})

/** A call that came to no answer. Anything else that was thrown is a bug, and goes on. */
function troubleOfError(error: unknown, baseUrl: string): Trouble {
  if (!(error instanceof CallFailed)) throw error
  const { found, failure } = failedCall(error, baseUrl)
  // What passes by itself needs no way out.
  const wayOut = found === 'no-answer' || found === 'cut' ? '' : `: ${WAYS_OUT[found]()}`
  return { result: 'trouble', kind: 'down', reason: `${failure.what} (${failure.detail})${wayOut}` }
}
