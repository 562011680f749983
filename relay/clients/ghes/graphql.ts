// GraphQL's own: where it lies, and its errors, which come with status 200 and say by type and path what they are about.
import { field, oneLine } from './read.ts'

/** `message` is one line. `path` leads to what the error is about; empty when that is the whole question. */
export type GraphqlError = { type: string; message: string; path: readonly unknown[] }

/** `data` may be there in part beside errors. */
export type GraphqlAnswer = { data: Record<string, unknown> | undefined; errors: GraphqlError[] }

/** https://HOST/api/v3 → https://HOST/api/graphql; github.com's own API has it at /graphql. */
export function graphqlUrlOf(apiBaseUrl: string): string {
  return `${apiBaseUrl.replace(/\/v3$/, '')}/graphql`
}

export function graphqlAnswer(body: unknown): GraphqlAnswer {
  return { data: field(body, 'data', 'map'), errors: (field(body, 'errors', 'list') ?? []).map(errorIn) }
}

const errorIn = (error: unknown): GraphqlError => ({
  type: field(error, 'type', 'text') ?? '',
  message: oneLine(field(error, 'message', 'text') ?? '', 200),
  path: field(error, 'path', 'list') ?? [],
})
