// The options of `catalog-gate check`, read without a library as long as they are right.
import { parseArgs } from 'node:util'

export const FORMATS = ['text', 'json', 'sarif', 'github'] as const

export type CheckOptions = {
  paths: string[]
  stdinFiles?: boolean
  expectFiles?: boolean
  format: (typeof FORMATS)[number]
  config?: string
  /** What stands on standard input is checked as the file `filename`. */
  stdin?: boolean
  filename?: string
  fix?: boolean
  dryRun?: boolean
  /** The relay's address: what the live catalog says is reported, too. */
  relay?: string
  relaySecret?: string
  relayCa?: string
}

/** What does not go together, as a sentence. */
export function wrongTogether(options: CheckOptions): string | undefined {
  const { paths, stdinFiles, stdin, filename, fix, dryRun, relay, relaySecret, relayCa } = options
  if (relay === undefined && (relaySecret ?? relayCa) !== undefined)
    return '--relay-secret and --relay-ca go with --relay'
  if (dryRun && !fix) return '--dry-run goes with --fix'
  if (stdin !== true) return filename === undefined ? undefined : '--filename goes with --stdin'
  if (filename === undefined || filename === '')
    return '--stdin needs --filename PATH: the name under which it is checked'
  if (paths.length > 0 || stdinFiles) return '--stdin checks one file, and no others'
  return fix ? '--fix changes files in their place, and cannot change standard input' : undefined
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
        stdin: { type: 'boolean' },
        filename: { type: 'string' },
        fix: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        relay: { type: 'string' },
        'relay-secret': { type: 'string' },
        'relay-ca': { type: 'string' },
      },
    })
    const format = FORMATS.find(known => known === values.format)
    if (format === undefined) return undefined
    const {
      config,
      stdin,
      filename,
      fix,
      'dry-run': dryRun,
      relay,
      'relay-secret': relaySecret,
      'relay-ca': relayCa,
    } = values
    return {
      paths: positionals,
      stdinFiles: values['stdin-files'],
      ...(values['expect-files'] ? { expectFiles: true } : {}),
      format,
      ...(config === undefined ? {} : { config }),
      ...(stdin ? { stdin } : {}),
      ...(filename === undefined ? {} : { filename }),
      ...(fix ? { fix } : {}),
      ...(dryRun ? { dryRun } : {}),
      ...(relay === undefined ? {} : { relay }),
      ...(relaySecret === undefined ? {} : { relaySecret }),
      ...(relayCa === undefined ? {} : { relayCa }),
    }
  } catch {
    return undefined
  }
}
