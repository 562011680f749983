// What `catalog-gate wiki` is told on the command line: read and checked, every problem at once.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cacheFolder } from '../cli/cache-folder.ts'
import { type GhesTarget, type GhesTargetOptions, organizationProblem, readGhesTarget } from '../ghes/target.ts'

export type WikiOptions = GhesTargetOptions & {
  repo?: string[]
  org?: string[]
  branch: string
  apply?: boolean
  out?: string
  work?: string
}

export type WikiTarget = GhesTarget & {
  repositories: string[]
  organizations: string[]
  /** Absolute, for git; undefined: as an App. */
  tokenFile?: string
  caFile?: string
  /** Keeps what was fetched, and what was seen. */
  work: string
  out?: string
}

type Surroundings = { cwd: string; env: NodeJS.ProcessEnv; now: () => number }

export function readWikiTarget(
  options: WikiOptions,
  { cwd, env, now }: Surroundings,
): { target: WikiTarget } | { problems: string[] } {
  const ghes = readGhesTarget(options, cwd, now)
  const { repo: repositories = [], org: organizations = [] } = options
  const out = options.out === undefined ? undefined : resolve(cwd, options.out)
  const cache = cacheFolder(env)
  const work = options.work === undefined ? cache && join(cache, 'wiki') : resolve(cwd, options.work)
  const problems = [
    ...(repositories.length + organizations.length === 0
      ? ['--repo or --org: expected a repository or an organisation']
      : []),
    ...repositories.flatMap(repositoryProblem),
    ...organizations.flatMap(organizationProblem),
    ...(isBranch(options.branch) ? [] : [`--branch: ${JSON.stringify(options.branch)} is no name of a branch`]),
    ...(out === undefined ? [] : outProblems(out, options)),
    ...(work === undefined
      ? ['--work: expected a folder to keep what was fetched, since there is no home folder']
      : []),
    ...('problems' in ghes ? ghes.problems : []),
  ]
  if ('problems' in ghes || work === undefined || problems.length > 0) return { problems }
  return {
    target: {
      ...ghes.target,
      repositories,
      organizations,
      work,
      ...(options.tokenFile === undefined ? {} : { tokenFile: resolve(cwd, options.tokenFile) }),
      ...(options.caFile === undefined ? {} : { caFile: resolve(cwd, options.caFile) }),
      ...(out === undefined ? {} : { out }),
    },
  }
}

const repositoryProblem = (name: string): string[] =>
  /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/.test(name)
    ? []
    : [`--repo: ${JSON.stringify(name)} is no name of a repository; expected OWNER/NAME`]

/** As git has it, and nothing that a shell or a URL would read otherwise. */
const isBranch = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(name)

function outProblems(out: string, { repo = [], org = [] }: WikiOptions): string[] {
  return [
    ...(repo.length === 1 && org.length === 0 ? [] : ['--out: expected one --repo, and no --org']),
    ...(existsSync(out) && readdirSync(out).length > 0 ? [`--out: ${out} is not empty`] : []),
  ]
}
