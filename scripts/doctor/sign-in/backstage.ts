// What a live Backstage says of signing in: where it sends people, which Users it has, and when the org provider's scan has run.
import { CallFailed, openTarget, type Target } from '../../../relay/clients/http.ts'
import { isMap, jsonIn } from '../../../schemas/unknown.ts'

const LIMITS = { timeoutMs: 10_000, answerBytes: 8 * 1024 * 1024 }

export type CatalogUser = { ref: string; id: string | undefined; from: string }
export type Scan = { id: string; lastRun: string | undefined; error: string | undefined; next: string | undefined }
/** Not to be had; the reason is a sentence. */
type Unknown = { result: 'unknown'; reason: string }

/** Where the browser is sent at the beginning. */
type Start =
  | { result: 'start'; instance: string; callback: string; scopes: string[] }
  | { result: 'none'; status: number }

export type LiveSignIn = {
  start(environment: string): Promise<Start | Unknown>
  users(filter: Record<string, string>): Promise<CatalogUser[] | Unknown>
  scans(): Promise<Scan[] | Unknown>
  close(): Promise<void>
}

export function openLiveSignIn({
  baseUrl,
  token,
  ca,
}: {
  baseUrl: string
  token: () => string
  ca?: string
}): LiveSignIn {
  const target = openTarget({ baseUrl, ...LIMITS, ...(ca === undefined ? {} : { ca }) })
  const get = (path: string) => ask(target, `${baseUrl}${path}`, token())
  return {
    async start(environment) {
      const answer = await get(`/api/auth/github/start?env=${encodeURIComponent(environment)}`)
      if ('result' in answer) return answer
      const to = answer.headers['location'] ?? ''
      if (answer.status !== 302 || !URL.canParse(to)) return { result: 'none', status: answer.status }
      const { origin, searchParams } = new URL(to)
      return {
        result: 'start',
        instance: origin,
        callback: searchParams.get('redirect_uri') ?? '',
        scopes: (searchParams.get('scope') ?? '').split(/[ ,]+/).filter(Boolean),
      }
    },
    async users(filter) {
      const parts = Object.entries({ kind: 'user', ...filter }).map(([key, value]) => `${key}=${value}`)
      const answer = await get(`/api/catalog/entities?filter=${encodeURIComponent(parts.join(','))}`)
      if ('result' in answer) return answer
      const list = jsonIn(answer.body)
      if (answer.status !== 200 || !Array.isArray(list)) return refused(answer.status, 'the catalog')
      return list.filter(isMap).map(userIn)
    },
    async scans() {
      const answer = await get('/api/catalog/.backstage/scheduler/v1/tasks')
      if ('result' in answer) return answer
      const list = Object(jsonIn(answer.body)).tasks as unknown
      if (answer.status !== 200 || !Array.isArray(list)) return refused(answer.status, 'its schedule')
      return list.filter(isMap).map(scanIn)
    },
    close: target.close,
  }
}

async function ask(target: Target, url: string, token: string) {
  try {
    return await target.call({
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    })
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    return { result: 'unknown', reason: `Backstage does not answer: ${error.message}` } as const
  }
}

const refused = (status: number, what: string): Unknown => ({
  result: 'unknown',
  reason: `Backstage does not tell ${what}: it answers ${status}${status === 401 ? ', it does not know the token' : ''}`,
})

function userIn(entity: Record<string, unknown>): CatalogUser {
  const { name, namespace = 'default', annotations } = Object(entity['metadata']) as Record<string, unknown>
  const of = Object(annotations) as Record<string, unknown>
  const id = of['github.com/user-id']
  return {
    ref: `user:${namespace}/${name}`,
    id: typeof id === 'string' ? id : undefined,
    from: String(of['backstage.io/managed-by-origin-location'] ?? 'somewhere').replace(/^url:/, ''),
  }
}

function scanIn(task: Record<string, unknown>): Scan {
  const state = Object(task['taskState']) as Record<string, unknown>
  const text = (key: string) => (typeof state[key] === 'string' ? (state[key] as string) : undefined)
  const error = state['lastRunError']
  return {
    id: String(task['taskId']),
    lastRun: text('lastRunEndedAt'),
    next: text('startsAt'),
    error:
      error === undefined || error === null ? undefined : String(isMap(error) ? error['message'] : error).slice(0, 300),
  }
}
