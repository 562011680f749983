// The shape of what schemas/compile.mjs writes: validators, and the kinds of one of Backstage's two wirings.

/** What ajv says about one violated keyword. `instancePath` is a JSON pointer. */
export type SchemaError = {
  instancePath: string
  schemaPath: string
  keyword: string
  params: Record<string, unknown>
  message?: string
}

/** A compiled JSON Schema. `errors` belongs to the last call. */
export type Validator = { (data: unknown): boolean; errors?: SchemaError[] | null }

/** A field of `spec` that holds entity refs. Without a `defaultKind` the ref must name its kind. */
export type RelationField = { field: string; defaultKind?: string; allowedKinds?: string[] }

export type KindVersion = {
  apiVersion: string
  specType: string | undefined
  validate: Validator
  relations: RelationField[]
  /** Known fields by path (`spec.lifecycle`, `metadata.links[].url`), each with example values. */
  fields: Record<string, string[]>
}

export type Profile = { name: string; kinds: { kind: string; versions: KindVersion[] }[] }
