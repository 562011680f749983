// app-config files in their order, as Backstage reads them: the later one counts, maps are merged, lists are not, null takes away. What stands in variables and files of secrets stays unread.
import { dirname, isAbsolute, join } from 'node:path'
import { fileTrouble } from '../../schemas/error-code.ts'
import { readYaml } from '../../schemas/read-yaml.ts'
import { isMap } from '../../schemas/unknown.ts'

export type ConfigFile = { path: string; text: string }
/** A value, of all files together, and the last file that says something of it. */
type Decided = { value: unknown; path: string }
export type AppConfig = {
  decided: (...keys: string[]) => Decided | undefined
  paths: string[]
  /** All of it, merged; `$env` and `$file` are texts with a variable in them. */
  merged: unknown
}

/** `readFile`: for what `$include` names; without it such a part stays open. `above`: what counts over all files. */
export function readAppConfig(
  files: readonly ConfigFile[],
  readFile?: (path: string) => string,
  above?: Decided,
): { result: 'config'; config: AppConfig } | { result: 'wrong'; problems: string[] } {
  const problems: string[] = []
  const read = files.flatMap(({ path, text }) => {
    const yaml = readYaml(text)
    if ('problems' in yaml) problems.push(...yaml.problems.map(problem => `${path}: ${problem}`))
    else if (!isMap(yaml.value)) problems.push(`${path}: expected a map, as app-config.yaml is one`)
    else {
      const edges = { readFile, trouble: (problem: string) => void problems.push(`${path}: ${problem}`) }
      return [{ path, value: readFile ? included(yaml.value, dirname(path), edges) : yaml.value }]
    }
    return []
  })
  if (problems.length > 0) return { result: 'wrong', problems }
  if (above) read.push({ path: above.path, value: above.value })
  const merged = read.map(({ value }) => value).reduce<unknown>(mergedOver, {})
  return {
    result: 'config',
    config: {
      paths: files.map(({ path }) => path),
      merged,
      decided(...keys) {
        const found = at(merged, keys)
        if (found.result !== 'value') return undefined
        const last = read.toReversed().find(({ value }) => at(value, keys).result === 'value')
        return { value: found.value, path: last?.path ?? '' }
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
  return isMap(value) ? at(Object.hasOwn(value, key) ? value[key] : undefined, rest) : { result: 'none' }
}

function mergedOver(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above === undefined ? below : above
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])]
  return Object.fromEntries(
    keys.map(key => [key, mergedOver(own(below, key), own(above, key))]).filter(([, value]) => value !== null),
  )
}

const own = (map: Record<string, unknown>, key: string) => (Object.hasOwn(map, key) ? map[key] : undefined)

type IncludeEdges = { readFile: ((path: string) => string) | undefined; trouble: (problem: string) => void }

/** Files that include each other have no end; nobody nests deeper. */
const DEEPEST = 20

/** `$include` is followed, for it is configuration; `$env` and `$file` are mostly secrets, and become a variable. */
function included(value: unknown, folder: string, edges: IncludeEdges, depth = 0): unknown {
  if (Array.isArray(value)) return value.map(one => included(one, folder, edges, depth))
  if (!isMap(value)) return value
  const [[key, name] = [], ...others] = Object.entries(value)
  if (others.length === 0 && typeof name === 'string') {
    if (key === '$env') return `\${${name}}`
    if (key === '$file') return `\${file ${name}}`
    if (key === '$include') return includedFile(name, folder, edges, depth)
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, included(one, folder, edges, depth)]))
}

function includedFile(name: string, folder: string, edges: IncludeEdges, depth: number): unknown {
  const [file = '', part] = name.split(/#(.*)/)
  if (isOpen(file)) return `\${include ${name}}`
  const path = isAbsolute(file) ? file : join(folder, file)
  const wrong = (what: string) => edges.trouble(`$include: ${file}: ${what}`)
  if (depth >= DEEPEST) return wrong(`includes are nested more than ${DEEPEST} deep`)
  try {
    const yaml = readYaml(edges.readFile?.(path) ?? '')
    if ('problems' in yaml) return wrong(yaml.problems.join('; '))
    const found = at(yaml.value, part ? part.split('.') : [])
    if (found.result !== 'value') return wrong(`has no ${part}`)
    return included(found.value, dirname(path), edges, depth + 1)
  } catch (error) {
    return wrong(`cannot be read (${fileTrouble(error)})`)
  }
}

/** Whether something in it is only known where Backstage runs: a variable, or a file that it includes. `$${…}` is Backstage's way to write a text. */
export function isOpen(value: unknown): boolean {
  if (typeof value === 'string') return /(?<!\$)\$\{/.test(value)
  if (Array.isArray(value)) return value.some(isOpen)
  return (
    isMap(value) && Object.entries(value).some(([key, item]) => /^\$(?:env|file|include)$/.test(key) || isOpen(item))
  )
}
