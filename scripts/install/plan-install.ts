// What install and promote change: a function of what is wanted and what was found.
import { STAGE_FILE, type Stage } from '../../schemas/stage.ts'
import type { Enforcement, Hook } from '../ghes/pre-receive.ts'
import { type InstallConfig, needsDownstream } from './config.ts'
import type { Found, FoundScope } from './found.ts'
import { installCommit, stageCommit } from './plan-contents.ts'
import { pauseNotes } from './plan-pause.ts'
import { type BuiltRelease, isVersionOf } from './release.ts'
import type { ScopeStage } from './scopes.ts'
import { type HookSettings, nameOf, type Plan, type PlanStage, type Step, type Tarball } from './step.ts'

/**
 * `install`: in testing up to this stage, by its index; what is enabled stays so, and so does a later stage as it is. `promote`: enabled up to this stage, where it is in testing.
 * `testing`: nothing is enabled any more.
 */
export type Goal = { goal: 'install'; stage: number } | { goal: 'promote'; stage: number } | { goal: 'testing' }

/** Of its own accord an install goes no further. */
export const FIRST_STAGE = 0

export function planInstall(
  config: InstallConfig,
  release: BuiltRelease,
  found: Found,
  stage: number = FIRST_STAGE,
): Plan {
  const goal: Goal = { goal: 'install', stage }
  const { repository, visibility } = config.hooks
  const commit = installCommit(repository, release, found, stageOf(config, found, goal))
  const steps: Step[] = [
    ...(found.repository.state === 'none'
      ? [{ do: 'create-repository', repository, visibility } satisfies Step]
      : found.repository.state === 'empty'
        ? [startRepository(repository, release)]
        : []),
    ...environmentSteps(config, release.environment, found),
    ...(commit ? [commit] : []),
    ...hookSteps(config, release.environment, found, goal),
    ...scopeSteps(config, found, goal),
    ...pruneSteps(config, release.environment, found, commit !== undefined),
  ]
  return {
    steps,
    notes: [...laterNotes(config, found, stage), ...installNotes(config, found, steps), ...pauseNotes(found)],
    problems: commonProblems(found),
  }
}

/** Only enforcement: contents and environment stay as they are. */
export function planPromote(config: InstallConfig, found: Found, goal: Goal): Plan {
  const { hook } = found
  if (!hook) {
    const problem = `the hook "${config.hook.name}" is not installed; catalog-gate install --apply does it`
    return { steps: [], notes: [], problems: [problem] }
  }
  const enforcement = [...hookSteps(config, hook.environment.name, found, goal), ...scopeSteps(config, found, goal)]
  const stage = stageCommit(config.hooks.repository, found, stageOf(config, found, goal))
  return {
    // No hook says "not accepted" of a push that lands: it is told last that it is enforced, and first that it is not.
    steps: goal.goal === 'promote' ? [...enforcement, ...stage] : [...stage, ...enforcement],
    notes: [
      ...(goal.goal === 'promote' ? untestedNotes(config, found, goal.stage) : []),
      ...unmatchedNotes(found),
      ...pauseNotes(found),
    ],
    problems: commonProblems(found),
  }
}

/** The stage that stands for the whole instance; none: it is disabled there. */
const everywhereStage = ({ rollout }: InstallConfig): number | undefined => {
  const index = rollout.findIndex(stage => stage.everywhere)
  return index < 0 ? undefined : index
}

/** Of each stage, where it is not yet, in words. */
function absentIn(config: InstallConfig, { hook, scopes }: Found, stage: number): string[] {
  return [
    ...(everywhereStage(config) === stage && (hook?.enforcement ?? 'disabled') === 'disabled' ? ['everywhere'] : []),
    ...scopes
      .filter(one => one.stage === stage && one.standing.enforcement === 'disabled')
      .map(({ scope }) => nameOf(scope)),
  ]
}

const few = (names: readonly string[]) =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`

const laterNotes = (config: InstallConfig, found: Found, reached: number): string[] =>
  config.rollout.flatMap(({ name }, stage) => {
    const absent = absentIn(config, found, stage)
    return stage <= reached || absent.length === 0
      ? []
      : [`stage ${name} stays without the hook (${few(absent)}); install --to ${name} takes it there, in testing`]
  })

const untestedNotes = (config: InstallConfig, found: Found, reached: number): string[] =>
  config.rollout.flatMap(({ name }, stage) => {
    const absent = absentIn(config, found, stage)
    return stage > reached || absent.length === 0
      ? []
      : [`${few(absent)} of stage ${name} is not in testing, and stays without the hook; install --to ${name} first`]
  })

function startRepository(repository: string, { readme }: BuiltRelease): Step {
  return { do: 'start-repository', repository, path: readme.path, text: readme.bytes.toString('utf8') }
}

function environmentSteps({ environment }: InstallConfig, name: string, { environments }: Found): Step[] {
  const there = environments.find(one => one.name === name)
  if (there?.download.state === 'success') return []
  const tarball: Tarball =
    environment.source === 'url'
      ? { from: 'url', imageUrl: environment.imageUrl }
      : { from: 'us', file: environment.file }
  const download: Step = { do: 'download', name, tarball }
  return there ? [download] : [{ do: 'create-environment', name, tarball }, download]
}

function hookSteps(config: InstallConfig, environment: string, { hook }: Found, goal: Goal): Step[] {
  const wanted: HookSettings = {
    name: config.hook.name,
    script: config.hook.script,
    repository: config.hooks.repository,
    environment,
    enforcement: wantedEnforcement(everywhereStage(config), hook?.enforcement, goal),
    allowDownstream: config.hook.allowDownstream ?? needsDownstream(config.rollout, config.exempt),
  }
  if (!hook) return [{ do: 'create-hook', settings: wanted }]
  const from = settingsOf(hook)
  // Promote is about enforcement; what install has set otherwise stays.
  const compared =
    goal.goal === 'install'
      ? wanted
      : { ...from, enforcement: wanted.enforcement, allowDownstream: wanted.allowDownstream }
  const to = differences(from, compared)
  return Object.keys(to).length === 0 ? [] : [{ do: 'change-hook', name: hook.name, from, to }]
}

export const settingsOf = ({
  environment,
  name,
  script,
  repository,
  enforcement,
  allowDownstream,
}: Hook): HookSettings => ({
  name,
  script,
  repository,
  enforcement,
  allowDownstream,
  environment: environment.name,
})

function differences(from: HookSettings, to: HookSettings): Partial<HookSettings> {
  return {
    ...(from.environment === to.environment ? {} : { environment: to.environment }),
    ...(from.repository.toLowerCase() === to.repository.toLowerCase() ? {} : { repository: to.repository }),
    ...(from.script === to.script ? {} : { script: to.script }),
    ...(from.enforcement === to.enforcement ? {} : { enforcement: to.enforcement }),
    ...(from.allowDownstream === to.allowDownstream ? {} : { allowDownstream: to.allowDownstream }),
  }
}

/** Outside of every stage, and where exempt, the hook does not run. */
function wantedEnforcement(stage: ScopeStage | undefined, now: Enforcement = 'disabled', goal: Goal): Enforcement {
  if (stage === undefined || stage === 'exempt') return 'disabled'
  if (goal.goal === 'testing') return now === 'enabled' ? 'testing' : now
  if (stage > goal.stage) return now
  if (goal.goal === 'install') return now === 'enabled' ? 'enabled' : 'testing'
  return now === 'disabled' ? 'disabled' : 'enabled'
}

/** What holds where, once all of it is done. */
const stageOf = (config: InstallConfig, { hook, scopes }: Found, goal: Goal): Stage => ({
  everywhere: wantedEnforcement(everywhereStage(config), hook?.enforcement, goal),
  scopes: Object.fromEntries(
    scopes.map(({ scope, stage, standing }) => [
      nameOf(scope).toLowerCase(),
      wantedEnforcement(stage, standing.enforcement, goal),
    ]),
  ),
})

/** Organisations first: what holds there is what their repositories are compared with. */
function scopeSteps(config: InstallConfig, found: Found, goal: Goal): Step[] {
  const wantedOf = ({ stage, standing }: FoundScope) => wantedEnforcement(stage, standing.enforcement, goal)
  const globally = wantedEnforcement(everywhereStage(config), found.hook?.enforcement, goal)
  return found.scopes.flatMap((one): Step[] => {
    const { scope, standing } = one
    const to = wantedOf(one)
    const allowDownstream = scope.startsWith('orgs/') ? allowsBelow(config, found, scope) : undefined
    const parent = scope.startsWith('repos/') ? found.scopes.find(other => isOwner(other.scope, scope)) : undefined
    const above = parent ? wantedOf(parent) : globally
    // What comes from above may be about to change: what it will be counts.
    const isSet = (standing.setHere ? standing.enforcement : above) === to
    const isAllowed = allowDownstream === undefined || !standing.setHere || standing.allowDownstream === allowDownstream
    if (isSet && isAllowed) return []
    const step: Step = { do: 'set', scope, stage: planStage(config, one.stage), from: standing.enforcement, to }
    return [allowDownstream === undefined ? step : { ...step, allowDownstream }]
  })
}

const planStage = ({ rollout }: InstallConfig, stage: ScopeStage): PlanStage =>
  stage === 'exempt'
    ? { name: 'exempt', number: rollout.length }
    : { name: `stage ${rollout[stage]?.name ?? ''}`, number: stage }

const isOwner = (organization: string, repository: string) =>
  organization.toLowerCase() === `orgs/${repository.split('/')[1]}`.toLowerCase()

/** Whether repositories of an organisation are set on their own; or its administrators are meant to. */
const allowsBelow = (config: InstallConfig, found: Found, organization: string) =>
  config.hook.allowDownstream ??
  found.scopes.some(({ scope }) => scope.startsWith('repos/') && isOwner(organization, scope))

/** Environments of earlier installs that no roll-back goes to. */
function pruneSteps(config: InstallConfig, environment: string, found: Found, commits: boolean): Step[] {
  const { manifest } = found.repository.state === 'there' ? found.repository : { manifest: undefined }
  // With a commit today's release becomes the previous one, unless only files were repaired.
  const kept = [
    environment,
    found.hook?.environment.name,
    ...(commits && manifest?.environment !== environment ? [manifest?.environment] : []),
    manifest?.environment === environment ? manifest.previous?.environment : undefined,
  ]
  return found.environments
    .filter(
      ({ name, hooksCount }) => isVersionOf(config.environment.name, name) && hooksCount === 0 && !kept.includes(name),
    )
    .map(({ name }) => ({ do: 'delete-environment', name }))
}

function commonProblems({ unknown }: Found): string[] {
  return unknown.map(
    what => `${what} is not on GHES, or the owner of the token is not allowed to see it; look at rollout and exempt`,
  )
}

const unmatchedNotes = ({ unmatched }: Found) => unmatched.map(glob => `"${glob}" matches nothing on GHES`)

function installNotes(config: InstallConfig, found: Found, steps: readonly Step[]): string[] {
  const notes = unmatchedNotes(found)
  const enabled = [found.hook?.enforcement, ...found.scopes.map(({ standing }) => standing.enforcement)]
  const changesWhatRuns = steps.some(
    step =>
      (step.do === 'commit' && step.files.some(({ path }) => path !== STAGE_FILE)) ||
      (step.do === 'change-hook' && step.to.environment),
  )
  if (changesWhatRuns && enabled.includes('enabled'))
    notes.push(
      'the hook is enabled: pushes are judged by the new build from the commit on; rollback returns to the present one',
    )
  for (const { name, script, enforcement } of found.otherHooks)
    notes.push(
      `the hook "${name}" runs ${script} of the same repository (${enforcement}); if that is an old one of yours, remove it by hand`,
    )
  if (found.repository.state === 'there' && !found.repository.readmeIsOurs)
    notes.push(`README.md of ${config.hooks.repository} is not ours and stays as it is`)
  if (needsDownstream(config.rollout, config.exempt))
    notes.push(
      'administrators of organisations can switch the hook there: GHES takes settings below the instance only so',
    )
  if (config.environment.source === 'url' && config.environment.sha256 === undefined)
    notes.push('environment.sha256 is not given: another tarball at the same imageUrl will not be noticed')
  return notes
}
