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
type RelationField = { field: string; defaultKind?: string; allowedKinds?: string[] }

export type KindVersion = {
  apiVersion: string
  specType: string | undefined
  validate: Validator
  relations: RelationField[]
  /** Known fields by path (`spec.lifecycle`, `metadata.links[].url`), each with example values. */
  fields: Record<string, string[]>
}

/** An organisation's schema, in addition to Backstage's: for a kind that Backstage does not know, or stricter rules for one that it does. */
export type OwnKind = {
  kinds: string[]
  /** Those that the schema is about; undefined: all. */
  apiVersions: string[] | undefined
  validate: Validator
  /** Its own words, by the place of the subschema as `schemaPath` has it: `/properties/spec/properties/tier`. */
  words: Record<string, OwnWords>
  fields: Record<string, string[]>
}
export type OwnWords = { message?: string; hint?: string }

export type Profile = {
  name: string
  kinds: { kind: string; versions: KindVersion[] }[]
  /** What holds for an entity of any kind. */
  anyKind?: Pick<KindVersion, 'validate' | 'fields'>
  own?: readonly OwnKind[]
}
