// migrate.yaml and the file of rules that it names: read, checked with every problem at once, defaults put in.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import picomatch from 'picomatch'
import type { Secret } from '../../relay/config/secrets.ts'
import {
  type GhesTargetConfig,
  ghesIn,
  type Reading,
  type TargetConfig,
  targetIn,
} from '../../relay/config/sections.ts'
import { migrateRules, migrateConfig as validate } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import schema from '../../schemas/migrate-config.schema.json' with { type: 'json' }
import rulesSchema from '../../schemas/migrate-rules.schema.json' with { type: 'json' }
import { readYaml } from '../../schemas/read-yaml.ts'

/** The first rule that fits and says something of a field counts for it. */
export type Rule = {
  match?: string
  topic?: string
  file?: string
  type?: string
  lifecycle?: string
  system?: string
  owner?: string
}

type Sort = 'archived' | 'forks' | 'templates'

export type MigrateConfig = {
  ghes: GhesTargetConfig
  organizations: string[]
  /** OWNER/NAME */
  isExcluded: (repository: string) => boolean
  include: readonly Sort[]
  /** hook.yaml; undefined: the defaults. */
  hook: string | undefined
  backstage: TargetConfig | undefined
  owner: string | undefined
  rules: Rule[]
  /** Absolute. */
  state: string
  pullRequests: {
    perDay: number
    perMinute: number
    branch: string
    labels: string[]
    reviewers: 'codeowners' | 'none'
    /** A template; `{{title}}` and the like. */
    body: string | undefined
    optOut: string
  }
}

type SecretFile = { $file: string }
type Written = {
  ghe: {
    apiBaseUrl: string
    token?: SecretFile
    app?: { id: string | number; privateKey: SecretFile }
    caFile?: string
  }
  organizations: string[]
  exclude?: string[]
  include?: Sort[]
  hook?: string
  backstage?: { baseUrl: string; token: SecretFile; caFile?: string }
  owner?: string
  rules?: string
  state?: string
  pullRequests?: Partial<MigrateConfig['pullRequests']>
}

export type MigrateConfigResult = { result: 'config'; config: MigrateConfig } | { result: 'wrong'; problems: string[] }

const PULL_REQUESTS = {
  perDay: 25,
  perMinute: 10,
  branch: 'catalog-gate/migrate',
  labels: [],
  reviewers: 'codeowners' as const,
  body: undefined,
  optOut: '.no-catalog-info',
}

/** What `path` names is relative to its folder. No problem quotes a secret. */
export function loadMigrateConfig(path: string, now: () => number): MigrateConfigResult {
  const read = yamlIn(path)
  if ('problems' in read) return { result: 'wrong', problems: read.problems }
  const problems = configProblems(validate, schema, read.value).map(problem => `${path}: ${problem}`)
  if (problems.length > 0) return { result: 'wrong', problems }
  return build(read.value as Written, path, now)
}

function build(written: Written, path: string, now: () => number): MigrateConfigResult {
  const folder = dirname(resolve(path))
  const here = (file: string) => resolve(folder, file)
  const reading: Reading = { folder, now, onTrouble: () => {}, problems: [], warnings: [] }
  const ghes = ghesIn({ host: '', ...written.ghe }, reading)
  const { backstage } = written
  const target = backstage === undefined ? undefined : targetIn('backstage', backstage.baseUrl, backstage, reading)
  const problems = reading.problems.map(problem => `${path}: ${problem}`)
  const rules = written.rules === undefined ? [] : rulesIn(here(written.rules), problems)
  const body = written.pullRequests?.body
  const template = body === undefined ? undefined : textIn(here(body))
  if (typeof template === 'object') problems.push(`${path}: pullRequests.body: ${template.problem}`)
  if (problems.length > 0) return { result: 'wrong', problems }
  return {
    result: 'config',
    config: {
      ghes,
      backstage: target,
      rules,
      owner: written.owner,
      include: written.include ?? ['archived'],
      organizations: written.organizations.filter(
        (one, i, all) => all.findIndex(other => other.toLowerCase() === one.toLowerCase()) === i,
      ),
      isExcluded: matcher(written.exclude ?? []),
      hook: written.hook === undefined ? undefined : here(written.hook),
      state: here(written.state ?? 'migrate-state.json'),
      pullRequests: {
        ...PULL_REQUESTS,
        ...written.pullRequests,
        body: typeof template === 'string' ? template : undefined,
      },
    },
  }
}

/** For OWNER/NAME, in any letter case. */
export function matcher(globs: readonly string[]): (repository: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { nocase: true, dot: true })
}

function rulesIn(path: string, problems: string[]): Rule[] {
  const read = yamlIn(path)
  const wrong =
    'problems' in read
      ? read.problems
      : configProblems(migrateRules, rulesSchema, read.value).map(one => `${path}: ${one}`)
  problems.push(...wrong)
  return 'problems' in read || wrong.length > 0 ? [] : (read.value as Rule[])
}

function yamlIn(path: string): { value: unknown } | { problems: string[] } {
  const text = textIn(path)
  if (typeof text === 'object') return { problems: [text.problem] }
  const read = readYaml(text)
  return 'problems' in read ? { problems: read.problems.map(problem => `${path}: ${problem}`) } : read
}

function textIn(path: string): string | { problem: string } {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return { problem: `${path}: cannot be read (${fileTrouble(error)})` }
  }
}

/** As the client of GHES wants it. */
export const accessOf = (ghes: GhesTargetConfig): { token: Secret } | { app: { id: string; privateKey: Secret } } =>
  'app' in ghes ? { app: ghes.app } : { token: ghes.token }
