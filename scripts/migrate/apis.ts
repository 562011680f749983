// Files that define an API: found by their names, and believed by what they hold.
import { isMap } from '../../schemas/unknown.ts'
import type { Repository } from './inventory.ts'
import { mapIn } from './manifests.ts'

type ApiType = 'openapi' | 'asyncapi' | 'graphql' | 'grpc'
export type ApiFile = { path: string; type: ApiType; title?: string; description?: string }

const MOST = 20
const MOST_PARSED = 200_000
const ASIDE =
  /(^|\/)(node_modules|vendor|third_party|testdata|tests?|examples?|fixtures|skeleton|google|dist|build|target)\//i
const BY_NAME: readonly [ApiType, RegExp][] = [
  ['openapi', /(^|[-_.])(openapi|swagger)([-_.][\w.-]*)?\.(ya?ml|json)$/i],
  ['asyncapi', /(^|[-_.])asyncapi([-_.][\w.-]*)?\.(ya?ml|json)$/i],
  ['graphql', /^(schema|[\w-]+\.schema|[\w-]*-schema)\.(graphqls?|gql)$|\.graphqls$/i],
  ['grpc', /\.proto$/i],
]
/** A relative URL as it stands: nothing in it has to be escaped. */
const PLAIN = /^[A-Za-z0-9_/.-]+$/

const typeByName = (path: string): ApiType | undefined => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return BY_NAME.find(([, pattern]) => pattern.test(name))?.[0]
}

/** The top first. */
export function apisToRead({ files }: Repository): string[] {
  return files
    .filter(
      ({ path, type }) => type === 'file' && PLAIN.test(path) && !ASIDE.test(path) && typeByName(path) !== undefined,
    )
    .map(({ path }) => path)
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
    .slice(0, MOST)
}

/** Undefined: it is called so, and is none. */
export function readApi(path: string, text: string): ApiFile | undefined {
  const type = typeByName(path)
  if (type === 'grpc') return /^[ \t]*service[ \t]+\w+\s*\{/m.test(text) ? { path, type } : undefined
  if (type === 'graphql')
    return /^[ \t]*(extend[ \t]+)?type[ \t]+(Query|Mutation|Subscription)\b|^[ \t]*schema[ \t]*[@{]/m.test(text)
      ? { path, type }
      : undefined
  if (type === undefined) return undefined
  const key = type === 'asyncapi' ? 'asyncapi' : '(?:openapi|swagger)'
  if (!new RegExp(`^[ \\t{]*["']?${key}["']?[ \\t]*:`, 'm').test(text)) return undefined
  // Reading a megabyte takes a second, and a title is not worth it.
  if (text.length > MOST_PARSED) return { path, type }
  const map = mapIn(text)
  const version = type === 'asyncapi' ? map?.['asyncapi'] : (map?.['openapi'] ?? map?.['swagger'])
  if (map === undefined || (typeof version !== 'string' && typeof version !== 'number')) return undefined
  const info = isMap(map['info']) ? map['info'] : {}
  const [title, description] = [info['title'], info['description']]
  return {
    path,
    type,
    ...(typeof title === 'string' && title.trim() !== '' ? { title } : {}),
    ...(typeof description === 'string' && description.trim() !== '' ? { description } : {}),
  }
}
