// Errors of GraphQL: they come with status 200, and say by their type and path what they are about.

import { fieldOf, type GhesAnswer, textOf } from '../../relay/clients/ghes/requests.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import { printable } from '../../schemas/printable.ts'
import type { SurveyGhes } from './ghes.ts'

export type GraphqlError = { type: string; message: string; path: (string | number)[] }

export function graphqlErrors({ data }: GhesAnswer): GraphqlError[] {
  const errors = fieldOf(data, 'errors')
  return (Array.isArray(errors) ? errors : []).map((error: unknown) => {
    const path = fieldOf(error, 'path')
    return {
      type: textOf(error, 'type') ?? '',
      message: printable((textOf(error, 'message') ?? '').replace(/\s+/g, ' ')).slice(0, 200),
      path: Array.isArray(path) ? path : [],
    }
  })
}

/** An answer as a whole that is of no use, as REST would have said it. */
export function graphqlTrouble(
  { trouble }: Pick<SurveyGhes, 'trouble'>,
  answer: GhesAnswer,
  errors: GraphqlError[],
): Trouble {
  const types = errors.map(({ type }) => type)
  if (types.includes('RATE_LIMITED')) return trouble({ ...answer, status: 429 })
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) {
    const said = errors[0]?.message ? ` ("${errors[0].message}")` : ''
    const { reason, ...refused } = trouble({ ...answer, status: 403 })
    return { ...refused, reason: `${reason}${said}` }
  }
  if (errors.length === 0) return trouble({ ...answer, status: 404 })
  return { result: 'trouble', kind: 'down', reason: `GHES's GraphQL answered with an error: "${errors[0]?.message}"` }
}
