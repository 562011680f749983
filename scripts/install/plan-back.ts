// The ways back: to the release before, and to nothing.
import type { InstallConfig } from './config.ts'
import type { Found } from './found.ts'
import { type Release, releaseName } from './manifest.ts'
import { holdsOnlyOurs, rollbackCommit, uninstallCommit } from './plan-contents.ts'
import { settingsOf } from './plan-install.ts'
import { isVersionOf } from './release.ts'
import type { Plan, Step } from './step.ts'

const nowhere = (problem: string): Plan => ({ steps: [], notes: [], problems: [problem] })

/** To the release before the last install. Done already: nothing to do. Enforcement stays as it is. */
export function planRollback(config: InstallConfig, found: Found): Plan {
  const { repository } = config.hooks
  const there = found.repository.state === 'there' ? found.repository : undefined
  const { manifest } = there ?? {}
  if (!there || !manifest)
    return nowhere(`${repository} holds no release of catalog-gate; there is nothing to go back from`)
  const { previous, rolledBackFrom } = manifest
  if (!previous && !rolledBackFrom)
    return nowhere(
      'this is the first install: there is nothing to go back to; uninstall takes it away, promote --undo stops refusing',
    )
  const target = previous ?? manifest
  const environment = found.environments.find(({ name }) => name === target.environment)
  if (environment?.download.state !== 'success')
    return nowhere(
      `the environment "${target.environment}" ${environment ? `is not usable (${environment.download.state})` : 'is gone'}; install an earlier build instead`,
    )
  const steps: Step[] = [
    ...(previous ? [rollbackCommit(repository, there, manifest, previous)] : []),
    ...pointHook(found, target),
  ]
  const notes = rolledBackFrom && steps.length === 0 ? [rolledBackNote(rolledBackFrom, target)] : []
  return { steps, notes, problems: [] }
}

const rolledBackNote = (from: Release, to: Release) =>
  `rolled back already, from ${releaseName(from)} in ${from.environment} to ${releaseName(to)} in ${to.environment}; install goes forward again`

function pointHook({ hook }: Found, { environment }: Release): Step[] {
  if (!hook || hook.environment.name === environment) return []
  return [{ do: 'change-hook', name: hook.name, from: settingsOf(hook), to: { environment } }]
}

/** The hook goes first: nothing of ours runs from then on. */
export function planUninstall(config: InstallConfig, found: Found, options: { deleteRepository: boolean }): Plan {
  const { repository } = config.hooks
  const { hook } = found
  const there = found.repository.state === 'there' ? found.repository : undefined
  if (hook && hook.repository.toLowerCase() !== repository.toLowerCase())
    return nowhere(
      `the hook "${hook.name}" runs ${hook.script} of ${hook.repository || 'a deleted repository'}, not of ${repository}: it is not ours`,
    )
  if (options.deleteRepository && there && !holdsOnlyOurs(there))
    return nowhere(
      `${repository} holds more than catalog-gate has put there; leave out --delete-repository, and only our files go`,
    )
  const ours = found.environments.filter(({ name }) => isVersionOf(config.environment.name, name))
  const inUse = ours.filter(({ id, hooksCount }) => hooksCount > (hook?.environment.id === id ? 1 : 0))
  const commit = there && uninstallCommit(repository, there)
  const contents: Step[] =
    options.deleteRepository && found.repository.state !== 'none'
      ? [{ do: 'delete-repository', repository }]
      : commit
        ? [commit]
        : []
  return {
    steps: [
      ...(hook ? [{ do: 'delete-hook', name: hook.name } satisfies Step] : []),
      ...ours.filter(one => !inUse.includes(one)).map(({ name }): Step => ({ do: 'delete-environment', name })),
      ...contents,
    ],
    notes: [
      ...inUse.map(({ name }) => `the environment "${name}" stays: another hook uses it`),
      ...(commit?.leavesNothing && !options.deleteRepository
        ? [`${repository} will be empty, its history stays; --delete-repository deletes it`]
        : []),
    ],
    problems: [],
  }
}
