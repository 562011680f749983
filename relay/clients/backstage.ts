// What the relay asks of Backstage's catalog: refresh an entity, register a Location.
import { openTarget } from './http.ts'
import { type Trouble, troubleOf, troubleOfError } from './trouble.ts'

export type RefreshAnswer = { result: 'refreshed' } | { result: 'unknown' } | Refused | Trouble
export type RegisterAnswer = { result: 'registered' } | { result: 'known' } | Refused | Trouble
/** Backstage does not take this request, and will not later either: trying again is of no use. */
export type Refused = { result: 'refused'; reason: string }

export type Backstage = {
  refresh(entityRef: string): Promise<RefreshAnswer>
  register(target: string): Promise<RegisterAnswer>
  close(): Promise<void>
}

export type BackstageOptions = {
  baseUrl: string
  token: () => string
  ca?: string
  now: () => number
  timeoutMs?: number
}

/** Its answers are empty or an error of some hundred bytes; a registration returns one Location. */
const ANSWER_BYTES = 1024 * 1024
const FIX = {
  401: 'backstage.token is not valid there; put a valid one into its file, no restart is needed',
  403: 'backstage.token may not do this; it needs plugin "catalog" with permission catalog.entity.refresh, and catalog.location.create where backstage.register is on',
}

export function openBackstage(options: BackstageOptions): Backstage {
  const target = openTarget({ ...options, timeoutMs: options.timeoutMs ?? 10_000, answerBytes: ANSWER_BYTES })
  const post = (path: string, body: unknown) =>
    target.call({
      method: 'POST',
      url: `${options.baseUrl}/api/catalog/${path}`,
      headers: {
        authorization: `Bearer ${options.token()}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'catalog-gate',
      },
      body: JSON.stringify(body),
    })
  const trouble = (answer: { status: number; headers: Record<string, string> }) =>
    troubleOf('Backstage', answer, options.now(), FIX)

  return {
    async refresh(entityRef) {
      try {
        const answer = await post('refresh', { entityRef })
        if (answer.status >= 200 && answer.status < 300) return { result: 'refreshed' }
        // A 404 that is not the catalog's is a wrong address, and must not pass for "unknown to the catalog".
        if (answer.status === 404) return isPage(answer) ? wrongAddress : { result: 'unknown' }
        if (answer.status === 400) return { result: 'refused', reason: 'Backstage answered 400 to a refresh' }
        return trouble(answer)
      } catch (error) {
        return troubleOfError('Backstage', error)
      }
    },
    async register(location) {
      try {
        const answer = await post('locations', { type: 'url', target: location })
        if (answer.status === 201) return { result: 'registered' }
        if (answer.status === 409) return { result: 'known' }
        if (answer.status === 400) return { result: 'refused', reason: 'Backstage answered 400 to the registration' }
        return answer.status === 404 ? wrongAddress : trouble(answer)
      } catch (error) {
        return troubleOfError('Backstage', error)
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

/** The catalog's own 404 is JSON, a NotFoundError; express's and the app's are HTML. */
function isPage({ headers }: { headers: Record<string, string> }): boolean {
  return (headers['content-type'] ?? '').startsWith('text/html')
}
