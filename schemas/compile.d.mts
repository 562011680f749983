// Types of compile.mjs, for the TypeScript that imports it.
export type FlatVersion = {
  apiVersion: string
  specType: string | undefined
  schema: Record<string, unknown>
  /** `path` is `spec.owner`. */
  relations: { path: string; defaultKind?: string }[]
  description: string
}
export function kindsOf(
  profile: 'builtin' | 'model',
  from?: (name: string) => unknown,
): { kind: string; versions: FlatVersion[] }[]
export function compileSchemas(): void
/** ajv's standalone code as an ES module. */
export function withImports(code: string): string
