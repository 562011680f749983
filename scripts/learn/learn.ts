// catalog-gate learn: what a Backstage installation takes, from its app-config files and from itself, as the `catalog:` part of hook.yaml.
import { resolve } from 'node:path'
import { fileTrouble } from '../../schemas/error-code.ts'
import { readAppConfigFiles } from '../backstage/app-config-files.ts'
import { namedBackend } from '../backstage/backend.ts'
import { type Backstage, type BackstageOptions, openBackstage } from './backstage.ts'
import { differences } from './compare.ts'
import { type Findings, joined } from './findings.ts'
import { learnFromAppConfig } from './from-app-config.ts'
import { learnFromBackstage } from './from-backstage.ts'
import { hookYaml } from './hook-yaml.ts'
import { learnFromPackages } from './packages.ts'

export type LearnOptions = {
  backstage?: string
  tokenFile?: string
  caFile?: string
  appConfig?: string[]
  placeholder?: string[]
  out?: string
}

export type LearnEdges = {
  cwd: string
  now: () => number
  write: (text: string) => void
  writeError: (text: string) => void
  readFile: (path: string) => string
  writeFile: (path: string, text: string) => void
}

/** Exit code: 0 learned, 2 wrong usage, files, address or token. */
export async function learn(options: LearnOptions, edges: LearnEdges): Promise<number> {
  const { backstage, appConfig = [], placeholder = [] } = options
  const files = readFiles(appConfig, backstage !== undefined, edges)
  const target = backstage === undefined ? undefined : namedBackend({ ...options, address: backstage }, edges)
  const problems = [
    ...usageProblems(options),
    ...[files, target].flatMap(part => (part?.result === 'wrong' ? part.problems : [])),
  ]
  if (files.result === 'wrong' || target?.result === 'wrong' || problems.length > 0) return refuse(problems, edges)

  const ofFiles = files.findings
  const live = target === undefined ? NOT_ASKED : await learnLive(target.backend, placeholder, ofFiles)
  if (live.result === 'none' && (live.isFatal || ofFiles === undefined)) return refuse([live.reason], edges)
  if (live.result === 'none') edges.writeError(`warning: ${live.reason}\n`)
  const ofBackstage = live.result === 'none' ? { notes: [live.reason] } : live.findings
  const asked =
    live.result === 'learned' && live.asked > 0 ? [`${live.asked} questions to ${target?.backend.baseUrl}`] : []
  const text = hookYaml(joined(ofBackstage, ofFiles ?? NO_FILES), [
    `What this Backstage takes, found out on ${new Date(edges.now()).toISOString().slice(0, 10)} by catalog-gate learn`,
    `from ${[...asked, ...appConfig].join(', ')}`,
    'Kinds and rules of your own making cannot be asked for: catalog.kinds and enforce.rules say them.',
  ])
  return print(text, options.out, edges)
}

function refuse(problems: readonly string[], { writeError }: LearnEdges): number {
  for (const problem of problems) writeError(`error: ${problem}\n`)
  return 2
}

function print(text: string, out: string | undefined, edges: LearnEdges): number {
  if (out === undefined) {
    edges.write(text)
    return 0
  }
  try {
    edges.writeFile(resolve(edges.cwd, out), text)
  } catch (error) {
    return refuse([`--out: ${out} cannot be written (${fileTrouble(error)})`], edges)
  }
  edges.write(`written to ${out}\n`)
  return 0
}

function usageProblems({ backstage, appConfig = [], placeholder = [] }: LearnOptions): string[] {
  return [
    ...(backstage === undefined && appConfig.length === 0
      ? ['expected --backstage URL with --token-file, --app-config FILE, or both']
      : []),
    ...placeholder
      .filter(name => !/^[^$\s]+$/.test(name))
      .map(name => `--placeholder: expected a name without "$", not ${JSON.stringify(name)}`),
  ]
}

type Live =
  | { result: 'learned'; findings: Findings; asked: number }
  /** `isFatal`: the address or the token is wrong. */
  | { result: 'none'; reason: string; isFatal: boolean }

const NOT_ASKED: Live = {
  result: 'learned',
  asked: 0,
  findings: {
    notes: [
      'no live Backstage was asked (--backstage): what is installed there, and whether it runs, is known from files alone',
    ],
  },
}
const NO_FILES: Findings = {
  notes: [
    'no app-config.yaml was given (--app-config): catalog.rules and catalog.techdocs are not known, and left out',
  ],
}

async function learnLive(
  options: BackstageOptions,
  own: readonly string[],
  ofFiles: Findings | undefined,
): Promise<Live> {
  const backstage: Backstage = openBackstage(options)
  try {
    const learned = await learnFromBackstage(backstage, own)
    if (learned.result !== 'learned')
      return { result: 'none', reason: learned.reason, isFatal: learned.result === 'wrong' }
    const { asked, findings } = learned
    const notes = await differences(asked, joined(findings, ofFiles ?? NO_FILES))
    return { result: 'learned', asked: asked.length, findings: { ...findings, notes: [...findings.notes, ...notes] } }
  } finally {
    await backstage.close()
  }
}

/** `isAsked`: Backstage itself says what is installed, so that a package.json is not missed. */
function readFiles(
  paths: readonly string[],
  isAsked: boolean,
  { cwd, readFile }: LearnEdges,
): { result: 'read'; findings: Findings | undefined } | { result: 'wrong'; problems: string[] } {
  if (paths.length === 0) return { result: 'read', findings: undefined }
  const read = readAppConfigFiles(paths, { cwd, readFile })
  if (read.result === 'wrong') return read
  const packages = learnFromPackages(read.config, path => {
    try {
      return readFile(resolve(cwd, path))
    } catch {
      return undefined // most projects have one of two
    }
  })
  const known = isAsked ? { ...packages, notes: [] } : packages
  return { result: 'read', findings: joined(learnFromAppConfig(read.config), known) }
}
