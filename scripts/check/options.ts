// The options of `catalog-gate check`, read without a library as long as they are right.
import { parseArgs } from 'node:util'

export const FORMATS = ['text', 'json', 'sarif', 'github'] as const

export type CheckOptions = {
  paths: string[]
  stdinFiles?: boolean
  expectFiles?: boolean
  format: (typeof FORMATS)[number]
  config?: string
}

/** Undefined when there is something to explain: help that was asked for, or an option that is not right. */
export function checkOptionsOf(args: readonly string[]): CheckOptions | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'stdin-files': { type: 'boolean', default: false },
        'expect-files': { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
        config: { type: 'string' },
      },
    })
    const format = FORMATS.find(known => known === values.format)
    if (format === undefined) return undefined
    const { config } = values
    return {
      paths: positionals,
      stdinFiles: values['stdin-files'],
      ...(values['expect-files'] ? { expectFiles: true } : {}),
      format,
      ...(config === undefined ? {} : { config }),
    }
  } catch {
    return undefined
  }
}
