// ajv for organisations' own schemas: which of its two dialects, and how strict.
import type { Ajv } from 'ajv'
import type { Validator } from '../../schemas/profile.ts'

export type Compiler = { result: 'compiler'; ajv: Ajv; compile: (schema: object) => Validator }

/** What `$schema` may name; without it the first. */
const DIALECTS = [
  'http://json-schema.org/draft-07/schema',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
] as const

/** A fresh compiler, for functions or, with `asSource`, for the source of a module. */
export async function compilerFor(
  $schema: unknown,
  asSource = false,
): Promise<Compiler | { result: 'wrong'; problem: string }> {
  const named = typeof $schema === 'string' ? $schema.replace(/#$/, '').replace(/^https?:/, '') : $schema
  const dialect = named === undefined ? DIALECTS[0] : DIALECTS.find(known => known.replace(/^https?:/, '') === named)
  if (dialect === undefined) return { result: 'wrong', problem: `$schema: expected one of ${DIALECTS.join(', ')}` }
  const { default: addFormats } = await import('ajv-formats')
  const options = {
    allErrors: true,
    // A misspelt keyword is an error: a rule that does nothing is worse than none.
    strictSchema: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    logger: false,
    code: asSource ? { source: true, esm: true, lines: false } : {},
  } as const
  const ajv: Ajv =
    dialect === DIALECTS[0]
      ? new (await import('ajv')).Ajv(options)
      : dialect === DIALECTS[1]
        ? new (await import('ajv/dist/2019.js')).Ajv2019(options)
        : new (await import('ajv/dist/2020.js')).Ajv2020(options)
  addFormats.default(ajv)
  ajv.addVocabulary(['x-message', 'x-hint', 'example'])
  return { result: 'compiler', ajv, compile: schema => ajv.compile(schema) as Validator }
}
