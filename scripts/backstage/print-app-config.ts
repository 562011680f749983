// relay.yaml → what Backstage's app-config.yaml needs beside it. Secrets stand in neither: what is printed names variables.
import { readFileSync } from 'node:fs'
import type { Written } from '../../relay/config/written.ts'
import { relayConfig } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { readYaml } from '../../schemas/read-yaml.ts'
import schema from '../../schemas/relay-config.schema.json' with { type: 'json' }
import type { LineEdges } from '../cli/process-edges.ts'
import { appConfigFor } from './app-config-for.ts'

/** One relay.yaml for each GHES. 0 printed, 2 one of them is no configuration of a relay. Their secret files are not read: they need not be here. */
export function printAppConfig(
  files: readonly string[],
  { say, sayError }: LineEdges,
  options: { gitHubCom?: boolean } = {},
): number {
  const read = files.map(file => ({ file, ...readRelay(file) }))
  const problems = read.flatMap(one =>
    'problems' in one ? one.problems.map(problem => `error: ${one.file}: ${problem}`) : [],
  )
  for (const problem of problems) sayError(problem)
  if (problems.length > 0) return 2
  const relays = read.flatMap(one => ('written' in one ? [one.written] : []))
  say(appConfigFor(relays, options.gitHubCom).join('\n'))
  return 0
}

function readRelay(file: string): { written: Written } | { problems: string[] } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return { problems: [`cannot be read (${fileTrouble(error)})`] }
  }
  const read = readYaml(text)
  if ('problems' in read) return read
  const value = withoutVariables(read.value)
  const problems = configProblems(relayConfig, schema, value)
  return problems.length > 0 ? { problems } : { written: value as Written } // its schema has seen it
}

/** A `${NAME}` of the relay's environment is nobody's here: an address in its place, which every setting takes. */
function withoutVariables(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVariables)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutVariables(one)]))
  return typeof value === 'string' && /^\$\{\w+\}$/.test(value) ? 'https://set-by-the-environment.example' : value
}
