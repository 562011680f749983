// Holds what is sent to the stand-in, and what it answers, against the shapes of GHES's REST API (ghes-admin-shapes.json).
import type { Ajv, ValidateFunction } from 'ajv'
import shapes from './ghes-admin-shapes.json' with { type: 'json' }
import type { Answer, StandInRequest } from './stand-in.ts'

type Route = { method: string; path: string; body?: object; answers: Record<string, object | null> }

let loaded: Promise<Ajv> | undefined
/** Only for those who ask as an administrator: most tests do not. */
async function load(): Promise<Ajv> {
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    // The shapes are ours: to hold them against JSON Schema's own schema would cost each process that asks.
    meta: false,
    validateSchema: false,
    formats: { uri: true, 'date-time': true, int64: true },
  })
  return ajv.addSchema(JSON.parse(JSON.stringify({ $id: 'shapes', ...shapes }), nullableAsUnion))
}
const routes: readonly Route[] = shapes.routes
const compiled = new Map<string, ValidateFunction>()

/** What does not fit; empty when all does, and for routes that are not in the file. */
export async function unfitting(request: StandInRequest, answer: Answer): Promise<string[]> {
  const path = request.url.pathname.replace(/^\/api\/v3/, '')
  const at = routes.findIndex(route => route.method === request.method && pattern(route.path).test(path))
  const route = routes[at]
  if (!route) return []
  const name = `${route.method} ${route.path}`
  const body: unknown = request.body === '' ? undefined : JSON.parse(request.body)
  loaded ??= load()
  const ajv = await loaded
  const sent = !route.body || body === undefined ? [] : errorsOf(ajv, `${at}/body`, body)
  // Whatever a route's own answers are, GHES may refuse it for these reasons.
  const anyRoute = [401, 403, 404, 422].includes(answer.status)
  if (!(String(answer.status) in route.answers))
    return [...sent, ...(anyRoute ? [] : [`${name} has no answer ${answer.status}`])]
  const given = route.answers[answer.status] ? errorsOf(ajv, `${at}/answers/${answer.status}`, answer.body) : []
  return [...sent.map(error => `${name} was sent ${error}`), ...given.map(error => `${name} answers ${error}`)]
}

function errorsOf(ajv: Ajv, where: string, value: unknown): string[] {
  const validate = compiled.get(where) ?? ajv.compile({ $ref: `shapes#/routes/${where}` })
  compiled.set(where, validate)
  if (validate(value)) return []
  return (validate.errors ?? []).map(error => `${error.instancePath} ${error.message}`)
}

/** `{ref}` and `{path}` go over slashes. */
const pattern = (path: string) =>
  new RegExp(`^${path.replace(/\{(ref|path)\}/g, '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`)

/** OpenAPI 3.0 has `nullable` beside other keywords too; ajv takes it beside `type` only. */
function nullableAsUnion(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value
  const { nullable, ...schema } = value
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema
}
