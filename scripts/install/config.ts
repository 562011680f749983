// install.yaml: read, checked with every problem at once, and turned into what the commands take.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import picomatch from 'picomatch'
import { readCertificates } from '../../relay/config/certificates.ts'
import { headerProblem, openSecret, type Secret } from '../../relay/config/secrets.ts'
import { installConfig as validate } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import schema from '../../schemas/install-config.schema.json' with { type: 'json' }
import { readYaml } from '../../schemas/read-yaml.ts'
import type { Visibility } from '../ghes/repositories.ts'

/** A stage of the roll-out, a step of `rollout` in install.yaml. What an earlier one names stays in it. */
export type Stage = { name: string; everywhere: boolean; organizations: string[]; repositories: string[] }

export type InstallConfig = {
  ghe: { apiBaseUrl: string; token: Secret; ca?: string }
  /** Where the built hooks lie: on GHES, and here. */
  hooks: { repository: string; folder: string; visibility: Visibility }
  hook: { name: string; script: string; allowDownstream: boolean | undefined }
  environment: { name: string; sha256: string | undefined } & (
    | { source: 'url'; imageUrl: string }
    | { source: 'file'; file: string }
  )
  rollout: Stage[]
  exempt: { organizations: string[]; repositories: string[] }
}

export type InstallConfigResult = { result: 'config'; config: InstallConfig } | { result: 'wrong'; problems: string[] }

/** As the schema allows it, before defaults. */
type Written = {
  ghe: { apiBaseUrl: string; token: { $file: string }; caFile?: string }
  hooks: { repository: string; from?: string; visibility?: Visibility }
  hook?: { name?: string; script?: string; allowDownstreamConfiguration?: boolean }
  environment: { name?: string; imageUrl?: string; file?: string; sha256?: string }
  rollout?: { name: string; everywhere?: true; organizations?: string[]; repositories?: string[] }[]
  exempt?: { organizations?: string[]; repositories?: string[] }
}

/** Reads `path`; what it names is relative to its folder. Problems name their setting and never quote a secret. */
export function loadInstallConfig(path: string, now: () => number): InstallConfigResult {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return wrong([`cannot be read (${fileTrouble(error)})`])
  }
  return parseInstallConfig(text, dirname(resolve(path)), now)
}

function parseInstallConfig(text: string, folder: string, now: () => number): InstallConfigResult {
  const read = readYaml(text)
  if ('problems' in read) return wrong(read.problems)
  const written = read.value
  const problems = configProblems(validate, schema, written)
  // What the schema has refused must not be looked at as if it were right.
  return problems.length > 0 ? wrong(problems) : build(written as Written, folder, now)
}

const wrong = (problems: string[]): InstallConfigResult => ({ result: 'wrong', problems })

const EVERYWHERE: Stage = { name: 'everywhere', everywhere: true, organizations: [], repositories: [] }

function build(written: Written, folder: string, now: () => number): InstallConfigResult {
  const token = openSecret(written.ghe.token, {
    setting: 'ghe.token',
    folder,
    now,
    check: headerProblem,
    onTrouble: () => {},
  })
  const { caFile } = written.ghe
  const authority =
    caFile === undefined ? undefined : readCertificates({ setting: 'ghe.caFile', path: resolve(folder, caFile) })
  const hooks = hooksFolder(written, folder)
  const environment = environmentOf(written.environment, folder)
  const rollout = (written.rollout ?? [EVERYWHERE]).map(stage => ({ ...EVERYWHERE, everywhere: false, ...stage }))
  const exempt = { organizations: [], repositories: [], ...written.exempt }
  const hook = { name: 'catalog-gate', script: 'catalog-gate', ...written.hook }
  const problems = [token, authority, hooks, environment].flatMap(part =>
    typeof part === 'object' && 'problem' in part ? [part.problem] : [],
  )
  problems.push(...rolloutProblems(rollout))
  if (needsDownstream(rollout, exempt) && hook.allowDownstreamConfiguration === false) {
    problems.push(
      'hook.allowDownstreamConfiguration: expected true, or nothing: rollout and exempt name organisations or repositories, and GHES takes settings of these only then',
    )
  }
  if ('problem' in token || 'problem' in hooks || 'problem' in environment || problems.length > 0)
    return wrong(problems)
  return {
    result: 'config',
    config: {
      ghe: {
        apiBaseUrl: written.ghe.apiBaseUrl.replace(/\/+$/, ''),
        token: token.secret,
        ...(typeof authority === 'string' ? { ca: authority } : {}),
      },
      hooks: { repository: written.hooks.repository, ...hooks, visibility: written.hooks.visibility ?? 'internal' },
      hook: { name: hook.name, script: hook.script, allowDownstream: hook.allowDownstreamConfiguration },
      environment,
      rollout,
      exempt,
    },
  }
}

/** Whether something below the whole instance is set. */
export function needsDownstream(
  rollout: readonly Stage[],
  exempt: { organizations: readonly string[]; repositories: readonly string[] },
): boolean {
  return [...rollout, exempt].some(({ organizations, repositories }) => organizations.length + repositories.length > 0)
}

function hooksFolder({ hooks, hook }: Written, folder: string): { folder: string } | { problem: string } {
  const path = resolve(folder, hooks.from ?? 'dist/hooks')
  const script = hook?.script ?? 'catalog-gate'
  if (!existsSync(path)) return { problem: `hooks.from: ${path} is not there; npm run build makes it` }
  if (!existsSync(join(path, script)))
    return { problem: `hook.script: ${path} holds no "${script}"; expected the name of a built hook` }
  return { folder: path }
}

function environmentOf(
  { name = 'catalog-gate', imageUrl, file, sha256 }: Written['environment'],
  folder: string,
): InstallConfig['environment'] | { problem: string } {
  if (imageUrl !== undefined && file === undefined) return { name, sha256, source: 'url', imageUrl }
  if (imageUrl !== undefined || file === undefined)
    return { problem: 'environment: expected either imageUrl, or file (a local tarball, offered to GHES by --serve)' }
  const path = resolve(folder, file)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    return { problem: `environment.file: ${path} is not there; catalog-gate environment build --out makes it` }
  return { name, sha256, source: 'file', file: path }
}

function rolloutProblems(rollout: readonly Stage[]): string[] {
  return rollout.flatMap(({ name, everywhere, organizations, repositories }, i) => {
    const twice = rollout.findIndex(stage => stage.name === name) !== i
    const empty = !everywhere && organizations.length + repositories.length === 0
    return [
      ...(twice ? [`rollout[${i}].name: "${name}" is the name of an earlier step`] : []),
      ...(empty ? [`rollout[${i}]: expected everywhere, organizations or repositories`] : []),
    ]
  })
}

/** Whether a name is meant by one of these globs, in any letter case, as GitHub compares names. */
export const named = (globs: readonly string[], name: string): boolean =>
  globs.some(glob => picomatch.isMatch(name, glob, { nocase: true, dot: true }))

export const isGlob = (text: string): boolean => /[*?[\]{}()!+@]/.test(text)
