// Where the hook is to hold: organisations and repositories by the globs of rollout and exempt, each with its stage.
import type { Scope } from '../ghes/pre-receive.ts'
import { type InstallConfig, isGlob, named, type Stage } from './config.ts'

/** Index of the stage that first names it, or `exempt`. */
export type ScopeStage = number | 'exempt'
export type StagedScope = { scope: Scope; stage: ScopeStage }

/** What GHES has of what the configuration names. */
export type KnownNames = { organizations: string[]; repositories: string[] }

/** Names to look up one by one, and lists to ask for. */
export type NamesToFind = {
  allOrganizations: boolean
  organizations: string[]
  /** Owners whose repositories are to be listed. */
  owners: string[]
  repositories: string[]
}

export function namesToFind({ rollout, exempt }: InstallConfig): NamesToFind {
  const organizations = [...rollout, exempt].flatMap(one => one.organizations)
  const repositories = [...rollout, exempt].flatMap(one => one.repositories)
  const ownerOf = (glob: string) => glob.split('/')[0] ?? ''
  return {
    allOrganizations: organizations.some(isGlob),
    organizations: distinct(organizations.filter(name => !isGlob(name))),
    owners: distinct(repositories.filter(isGlob).map(ownerOf)),
    repositories: distinct(repositories.filter(name => !isGlob(name))),
  }
}

/** Organisations before repositories. A repository that an exemption names is exempt, whatever stage names it too. */
export function stagedScopes({ rollout, exempt }: InstallConfig, known: KnownNames): StagedScope[] {
  const stagesOf = (names: readonly string[], globsOf: (one: Stage | InstallConfig['exempt']) => string[]) =>
    distinct(names).flatMap((name): { name: string; stage: ScopeStage }[] => {
      const index = rollout.findIndex(one => named(globsOf(one), name))
      if (named(globsOf(exempt), name)) return [{ name, stage: 'exempt' }]
      return index < 0 ? [] : [{ name, stage: index }]
    })
  return [
    ...stagesOf(known.organizations, one => one.organizations).map(
      ({ name, stage }): StagedScope => ({ scope: `orgs/${name}`, stage }),
    ),
    ...stagesOf(known.repositories, one => one.repositories).map(({ name, stage }): StagedScope => {
      const [owner = '', repository = ''] = name.split('/')
      return { scope: `repos/${owner}/${repository}`, stage }
    }),
  ]
}

/** Globs that name nothing on GHES: perhaps misspelt. */
export function emptyGlobs({ rollout, exempt }: InstallConfig, known: KnownNames): string[] {
  const all = [...rollout, exempt]
  const unmatched = (globs: readonly string[], names: readonly string[]) =>
    distinct(globs).filter(glob => isGlob(glob) && !names.some(name => named([glob], name)))
  return [
    ...unmatched(
      all.flatMap(one => one.organizations),
      known.organizations,
    ),
    ...unmatched(
      all.flatMap(one => one.repositories),
      known.repositories,
    ),
  ]
}

/** GitHub's names are the same in any letter case. */
function distinct(names: readonly string[]): string[] {
  return [...new Map(names.map(name => [name.toLowerCase(), name])).values()]
}
