// app-config files in their order, as Backstage reads them: the later one counts, maps are merged, lists are not, null takes away. ${ENV} stays as it is.
import { readYaml } from '../../schemas/read-yaml.ts'

export type ConfigFile = { path: string; text: string }
/** A value, and the file that has the last word on it. */
type Decided = { value: unknown; path: string }
export type AppConfig = { decided: (...keys: string[]) => Decided | undefined; paths: string[] }

export function readAppConfig(
  files: readonly ConfigFile[],
): { result: 'config'; config: AppConfig } | { result: 'wrong'; problems: string[] } {
  const problems: string[] = []
  const read = files.flatMap(({ path, text }) => {
    const yaml = readYaml(text)
    if ('problems' in yaml) problems.push(...yaml.problems.map(problem => `${path}: ${problem}`))
    else if (!isMap(yaml.value)) problems.push(`${path}: expected a map, as app-config.yaml is one`)
    else return [{ path, value: yaml.value }]
    return []
  })
  if (problems.length > 0) return { result: 'wrong', problems }
  return {
    result: 'config',
    config: {
      paths: files.map(({ path }) => path),
      decided(...keys) {
        for (const { path, value } of read.toReversed()) {
          const found = at(value, keys)
          if (found.result === 'elsewhere') continue
          return found.result === 'value' ? { value: found.value, path } : undefined
        }
        return undefined
      },
    },
  }
}

/** `none`: this file takes it away, or has something in its place that is no map. */
type At = { result: 'value'; value: unknown } | { result: 'none' } | { result: 'elsewhere' }

function at(value: unknown, [key, ...rest]: readonly string[]): At {
  if (value === undefined) return { result: 'elsewhere' }
  if (value === null) return { result: 'none' }
  if (key === undefined) return { result: 'value', value }
  return isMap(value) ? at(value[key], rest) : { result: 'none' }
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether something in it is only known where Backstage runs: a variable, or a file that it includes. */
export function isOpen(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${')
  if (Array.isArray(value)) return value.some(isOpen)
  return (
    isMap(value) && Object.entries(value).some(([key, item]) => /^\$(?:env|file|include)$/.test(key) || isOpen(item))
  )
}
