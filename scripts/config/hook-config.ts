// hook.yaml → the configuration that is baked into a hook: checked as a whole, defaults filled in, globs compiled.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import picomatch from 'picomatch'
import { defaults, type HookConfig } from '../../hooks/config/hook-config.ts'
import { codes } from '../../hooks/diagnostics/codes.ts'
import { hookConfig as validate } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import schema from '../../schemas/hook-config.schema.json' with { type: 'json' }
import { nearest } from '../../schemas/nearest.ts'
import { readYaml } from '../../schemas/read-yaml.ts'
import { baseNamesOf } from './base-names.ts'
import type { OwnKindFile } from './own-kinds.ts'

export type Baked = {
  result: 'config'
  config: HookConfig
  /** catalog.files as it is written. */
  fileGlobs: string[]
  /** Schema files of the organisation, as hook.yaml names them. */
  kindFiles: string[]
  /** What is in them; empty until they are read. */
  kinds: OwnKindFile[]
  /** What hook.yaml says, by the path of the setting, for those who compare two builds. */
  settings: Record<string, unknown>
}
export type Wrong = { result: 'wrong'; problems: string[] }

/** A configuration file with the schema files that it names. Every problem of all of them at once. */
export async function loadHookConfig(file: string | undefined): Promise<Baked | Wrong> {
  const baked = readHookConfig(file)
  if (file === undefined || baked.result === 'wrong' || baked.kindFiles.length === 0) return baked
  const { readOwnKinds } = await import('./own-kinds.ts')
  const { kinds, problems } = await readOwnKinds(baked.kindFiles, dirname(file))
  if (problems.length > 0) return { result: 'wrong', problems: problems.map(problem => `${file}: ${problem}`) }
  return { ...baked, kinds }
}

/** A configuration file without what it names; without one the defaults hold. */
export function readHookConfig(file: string | undefined): Baked | Wrong {
  if (file === undefined) return bakeHookConfig({})
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return { result: 'wrong', problems: [`${file}: cannot be read (${fileTrouble(error)})`] }
  }
  const read = readYaml(text)
  const baked: Baked | Wrong =
    'problems' in read ? { result: 'wrong', problems: read.problems } : bakeHookConfig(read.value)
  return baked.result === 'wrong'
    ? { result: 'wrong', problems: baked.problems.map(problem => `${file}: ${problem}`) }
    : baked
}

type Written = {
  catalog?: Partial<typeof defaults.catalog>
  enforce?: Partial<HookConfig['enforce']> & {
    bypass?: false | { pushOption?: string; reason?: 'required' | 'optional' }
  }
  limits?: Partial<HookConfig['limits']>
  help?: Partial<HookConfig['help']>
  relay?: { url: string; secretFile: string; caFile?: string; waitMs?: number; lookupMs?: number }
}

export function bakeHookConfig(written: unknown): Baked | Wrong {
  const problems = configProblems(validate, schema, written)
  if (problems.length > 0) return { result: 'wrong', problems }
  const config = written as Written
  problems.push(...unknownRules(config), ...wrongDates(config))
  if (problems.length > 0) return { result: 'wrong', problems }
  const catalog = { ...defaults.catalog, ...config.catalog }
  const { kinds: kindFiles, ...rest } = catalog
  const enforce = { ...defaults.enforce, ...config.enforce }
  return {
    result: 'config',
    config: {
      catalog: {
        ...rest,
        ...baseNamesOf(catalog.files),
        pathspecs: { ...pathspecsOf(catalog), aside: asideOf(catalog.files) },
        files: catalog.files.map(globSource),
        ignore: catalog.ignore.map(globSource),
      },
      enforce: {
        ...enforce,
        repositories: enforce.repositories.map(entry => ({ ...entry, match: globSource(entry.match) })),
        bypass: enforce.bypass === false ? false : { ...defaults.enforce.bypass, ...enforce.bypass },
      },
      limits: { ...defaults.limits, ...config.limits },
      help: { ...defaults.help, ...config.help },
      ...(config.relay ? { relay: { ...defaults.relay, ...config.relay } } : {}),
    },
    fileGlobs: catalog.files,
    kindFiles,
    kinds: [],
    settings: Object.fromEntries(settingsIn(written)),
  }
}

/** `[['enforce.otherBranches', 'warn'], ...]`; a list or an empty map is one value. */
function settingsIn(value: unknown, path: readonly string[] = []): [string, unknown][] {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  if (!isMap) return path.length === 0 ? [] : [[path.join('.'), value]]
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([key, one]) => settingsIn(one, [...path, key]))
}

/** A leading dot is no secret in a repository: `.backstage/catalog-info.yaml` is a common place. */
const globSource = (glob: string) => picomatch.makeRe(glob, { dot: true }).source

function pathspecsOf({
  files,
  followLocations,
}: typeof defaults.catalog): Omit<HookConfig['catalog']['pathspecs'], 'aside'> {
  const notYaml = files.filter(glob => !/\.ya?ml$/.test(glob)).map(pathspec)
  const byName = [...new Set(files.map(pathspec))]
  if (!followLocations) return { files: byName, candidates: byName, quoted: [] }
  return { files: byName, candidates: [':(top)*.yaml', ':(top)*.yml', ...notYaml], quoted: QUOTED }
}

/** Definitions of APIs, besides YAML, which is meant here in capitals. */
const QUOTED = ['json', 'yaml', 'yml', 'graphql', 'graphqls', 'gql', 'proto', 'wsdl', 'xsd', 'avsc', 'raml'].map(
  end => `:(top,icase)*.${end}`,
)

/** Where git looks for names: a star before a name costs it half of what `**` does. */
function asideOf(files: readonly string[]): string[] {
  const { baseNames, hasWildNames } = baseNamesOf(files)
  if (!hasWildNames) return baseNames.map(name => `:(top)*${name}`)
  return [...new Set(files.map(pathspec).flatMap(one => (one === ':(top)*' ? ANY_FILE : one)))]
}

const ANY_FILE = ['yaml', 'yml', 'json'].map(end => `:(top,icase)*.${end}`)

/** Git's own glob has no braces; what it cannot say it lets through to Node. From the top: where the hook runs is no folder of the tree. */
const pathspec = (glob: string) => (/[{}()!+@]/.test(glob) ? ':(top)*' : `:(top,glob)${glob}`)

function unknownRules({ enforce }: Written): string[] {
  const known = Object.keys(codes)
  return Object.keys(enforce?.rules ?? {})
    .filter(code => !known.includes(code))
    .map(
      code =>
        `enforce.rules.${code}: unknown rule; ${nearest(code, known)[0] ? `did you mean "${nearest(code, known)[0]}"?` : `known: ${known.join(', ')}`}`,
    )
}

function wrongDates({ enforce }: Written): string[] {
  return (enforce?.repositories ?? []).flatMap(({ until }, i) => {
    const isDate = until === undefined || !Number.isNaN(Date.parse(`${until}T00:00:00Z`))
    return isDate ? [] : [`enforce.repositories[${i}].until: ${until} is not a date`]
  })
}
