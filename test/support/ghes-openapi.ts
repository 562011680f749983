// Holds an answer of the stand-in against GHES's own OpenAPI description, where that lies beside the checkout.
import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { pointerPart } from '../../schemas/json-pointer.ts'

/** Third-party material that is not part of the project: on a clone without it the check is skipped, visibly. */
const file = new URL('../../../shared/ghes-openapi/ghes-3.19.json', import.meta.url)

type Description = { paths: Record<string, Record<string, { responses: Record<string, unknown> }>>; components: object }

export type AnswerCheck = (path: string, status: number, body: unknown) => string[]

/** `undefined` when the description is not there. */
export function ghesOpenApi(): AnswerCheck | undefined {
  if (!existsSync(file)) return undefined
  const description = JSON.parse(readFileSync(file, 'utf8'), nullableAsUnion) as Description
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { uri: isUri, 'date-time': isDateTime, int64: true, email: true },
  })
  ajv.addSchema({ $id: 'ghes', ...description })
  const compiled = new Map<string, ValidateFunction>()
  return (path, status, body) => {
    const response = description.paths[path]?.['get']?.responses[String(status)]
    if (!response) return [`GET ${path} has no answer ${status}`]
    const pointer = schemaPointer(description, path, status)
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: pointer })
    compiled.set(pointer, validate)
    if (validate(body)) return []
    return (validate.errors ?? []).map(error => `${error.instancePath} ${error.message}`)
  }
}

function schemaPointer(description: Description, path: string, status: number): string {
  const response = description.paths[path]?.['get']?.responses[String(status)] as { $ref?: string }
  const base = response.$ref ?? `#/paths/${pointerPart(path)}/get/responses/${status}`
  return `ghes${encodeURI(`${base}/content/${pointerPart('application/json')}/schema`)}`
}

/** OpenAPI 3.0 has `nullable` beside `oneOf` too; ajv takes it beside `type` only. */
function nullableAsUnion(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value
  const { nullable, ...schema } = value
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema
}

const isUri = (text: string) => URL.canParse(text)
const isDateTime = (text: string) => !Number.isNaN(Date.parse(text))
