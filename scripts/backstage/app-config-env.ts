// What Backstage is given beside its files: APP_CONFIG_catalog_processingInterval='{"hours":24}', over all of them, as its config-loader reads it.
import { isMap } from '../../schemas/unknown.ts'

type Values = Record<string, unknown>

const PREFIX = 'APP_CONFIG_'
/** As the config-loader has it. */
const PART = /^[a-z][a-z0-9]*(?:[-_:][a-z0-9]+)*$/i
/** What mostly holds a secret stays unread, as `$env` does. */
const SECRET = /token|secret|password|key$|^connection$/i

/** `names`: of the variables, in their order. Undefined where there is none. */
export type EnvConfig = { names: string[]; value: Values; problems: string[] }

export function appConfigInEnv(env: Readonly<Record<string, string | undefined>>): EnvConfig | undefined {
  const found: EnvConfig = { names: [], value: {}, problems: [] }
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || !text) continue
    found.names.push(name)
    const problem = put(found.value, name, text)
    if (problem !== undefined) found.problems.push(`${name}: ${problem}`)
  }
  return found.names.length === 0 ? undefined : found
}

/** What is wrong with it, and stops Backstage's start. */
function put(values: Values, name: string, text: string): string | undefined {
  const parts = name.slice(PREFIX.length).split('_')
  const last = parts.pop() ?? ''
  const odd = [...parts, last].find(part => !PART.test(part))
  if (odd !== undefined) return `"${odd}" between underscores is no name of a setting`
  let at = values
  for (const part of parts) {
    at[part] = Object.hasOwn(at, part) ? at[part] : {}
    const next = at[part]
    if (!isMap(next)) return `another variable sets ${part} as a whole`
    at = next
  }
  if (Object.hasOwn(at, last)) return `another variable sets ${last} already`
  const value = parsed(text)
  if (value === null) return 'the value is null, which cannot be given so'
  at[last] = withoutSecrets(value, last, name)
  return undefined
}

/** JSON, or else the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function withoutSecrets(value: unknown, key: string, name: string): unknown {
  if (Array.isArray(value)) return value.map(one => withoutSecrets(one, key, name))
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, withoutSecrets(one, inner, name)]))
  return typeof value === 'string' && value !== '' && SECRET.test(key) ? `\${${name}}` : value
}
