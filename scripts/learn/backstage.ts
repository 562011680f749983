// Asks a live Backstage what it would make of an entity: POST /api/catalog/validate-entity, which stores nothing.
import { CallFailed, type HttpAnswer, openTarget } from '../../relay/clients/http.ts'
import { jsonIn } from '../../schemas/unknown.ts'
import type { Probe } from './probes.ts'

/** `by`: the processor that refused it, where it says so. */
export type Answer = { result: 'accepted' } | { result: 'refused'; message: string; by?: string }

/** No answer, and none to be had: `barred` is a token without the permission, or a backend without this question. */
export type NoAnswer = { result: 'barred'; reason: string } | { result: 'wrong'; reason: string }

export type Backstage = { validate: (probe: Probe) => Promise<Answer | NoAnswer>; close: () => Promise<void> }

export type BackstageOptions = { baseUrl: string; token: () => string; ca?: string }

const LIMITS = { timeoutMs: 15_000, answerBytes: 1024 * 1024 }

export function openBackstage({ baseUrl, token, ca }: BackstageOptions): Backstage {
  const target = openTarget({ baseUrl, ...LIMITS, ...(ca === undefined ? {} : { ca }) })
  return {
    async validate({ entity, target: from }) {
      try {
        const answer = await target.call({
          method: 'POST',
          url: `${baseUrl}/api/catalog/validate-entity`,
          headers: {
            authorization: `Bearer ${token()}`,
            'content-type': 'application/json',
            accept: 'application/json',
            'user-agent': 'catalog-gate',
          },
          body: JSON.stringify({ location: `url:${from}`, entity }),
        })
        return answerOf(answer, baseUrl)
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error
        return { result: 'wrong', reason: `Backstage does not answer at ${baseUrl}: ${error.message}` }
      }
    },
    close: target.close,
  }
}

/** Only what bears Backstage's own mark counts: an empty 200, and errors with a name. */
function answerOf({ status, body }: HttpAnswer, baseUrl: string): Answer | NoAnswer {
  if (status === 200 && body.trim() === '') return { result: 'accepted' }
  const { errors, error } = Object(jsonIn(body)) as { errors?: unknown; error?: unknown }
  if (status === 400 && Array.isArray(errors)) return refusalOf(errors)
  const isOwn = typeof error === 'object' && error !== null && 'name' in error
  if (isOwn && status === 401)
    return {
      result: 'wrong',
      reason: 'Backstage does not know the token (401); expected one of backend.auth.externalAccess',
    }
  if (isOwn && status === 403)
    return {
      result: 'barred',
      reason:
        'the token is not allowed to ask (403): it needs plugin catalog, with permission catalog.entity.validate where it is restricted',
    }
  if (isOwn && status === 404)
    return {
      result: 'barred',
      reason: 'this Backstage does not know the question (404 to /api/catalog/validate-entity)',
    }
  return {
    result: 'wrong',
    reason: `${baseUrl} answers ${status} to /api/catalog/validate-entity, and not as Backstage does; expected the address of the backend`,
  }
}

function refusalOf(errors: unknown[]): Answer {
  const messages = errors.flatMap(error =>
    typeof error === 'object' && error !== null && 'message' in error ? [String(error.message)] : [],
  )
  const message = messages.join('; ')
  const by = /Processor (\S+) threw an error/.exec(message)?.[1]
  return { result: 'refused', message, ...(by === undefined ? {} : { by }) }
}
