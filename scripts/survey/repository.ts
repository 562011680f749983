// One repository: its catalog files read and checked as the hook would, and what that means for those who push to it.
import { type Checked, type CheckRequest, checkFiles } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile, Rules } from '../../hooks/catalog/file.ts'
import { type CatalogNames, catalogNames } from '../../hooks/config/catalog-names.ts'
import { type HookConfig, modeFor } from '../../hooks/config/hook-config.ts'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { ListedFile, ListedRepository } from './inventory.ts'
import type { Reader } from './reader.ts'
import { repositoryTree } from './repository-tree.ts'

/**
 * `refused`: there are errors, and hook.yaml enforces; `warned`: there are errors, and hook.yaml only warns here; `off`: hook.yaml turns the gate off here.
 * Nobody can push to an `archived` or `disabled` one, so that they are not checked.
 */
export const VERDICTS = [
  'refused',
  'warned',
  'accepted',
  'no-catalog-file',
  'not-looked-at',
  'off',
  'empty',
  'archived',
  'disabled',
] as const
export type Verdict = (typeof VERDICTS)[number]

export type Surveyed = {
  /** OWNER/NAME */
  repository: string
  branch?: string
  fork: boolean
  verdict: Verdict
  /** Why it was not looked at. */
  reason?: string
  files: { path: string; errors: number; warnings: number }[]
  problems: Diagnostic[]
  /** What the hook would not check either, or we could not. */
  notes: { path?: string; text: string }[]
  /** Of its entities, as they are written: team-a, group:default/team-a. */
  owners: string[]
}

export type SurveyRules = { config: HookConfig; profile: Profile /** YYYY-MM-DD */; today: string; deep: boolean }

export async function surveyRepository(
  listed: ListedRepository,
  reader: Reader,
  rules: SurveyRules,
): Promise<Surveyed> {
  const { repository, branch, head, fork } = listed
  const surveyed: Surveyed = {
    repository,
    fork,
    verdict: 'accepted',
    files: [],
    problems: [],
    notes: [],
    owners: [],
    ...(branch === undefined ? {} : { branch }),
  }
  const mode = modeFor(rules.config, repository, true, rules.today)
  if (listed.archived) return { ...surveyed, verdict: 'archived' }
  if (listed.disabled) return { ...surveyed, verdict: 'disabled' }
  if (head === undefined) return { ...surveyed, verdict: 'empty' }
  if (mode === 'off') return { ...surveyed, verdict: 'off' }

  const found = rules.deep ? await reader.listing(repository, head) : undefined
  if (found?.result === 'failed') return { ...surveyed, verdict: 'not-looked-at', reason: found.reason }
  const files = found?.listing.files ?? listed.files
  if (found?.listing.isWhole === false)
    surveyed.notes.push({ text: 'is too large for GHES to list all of it; some folders were not looked at' })
  const checked = await checkRepository({ repository, head, files }, reader, rules)
  surveyed.notes.push(...checked.notes)
  const problems = checked.files.flatMap(({ diagnostics }) => diagnostics)
  const hasErrors = problems.some(({ severity }) => severity === 'error')
  const verdict = hasErrors
    ? mode === 'enforce'
      ? 'refused'
      : 'warned'
    : checked.failure !== undefined
      ? 'not-looked-at'
      : files.length === 0
        ? 'no-catalog-file'
        : 'accepted'
  return {
    ...surveyed,
    verdict,
    ...(verdict === 'not-looked-at' && checked.failure !== undefined ? { reason: checked.failure } : {}),
    files: checked.files.map(({ path, diagnostics }) => {
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length
      return { path, errors, warnings: diagnostics.length - errors }
    }),
    problems,
    owners: [...new Set(checked.files.flatMap(ownersIn))],
  }
}

export type Commit = { repository: string; head: string; files: readonly ListedFile[] }

/** What a check of a commit on GHES is made of. `failure`: the first thing that GHES could not give so far. */
export type CommitChecks = {
  request: CheckRequest
  rules: Rules
  names: CatalogNames
  failure: () => string | undefined
}

export function checksOf(
  { repository, head, files }: Commit,
  reader: Reader,
  { config, profile }: Pick<SurveyRules, 'config' | 'profile'>,
): CommitChecks {
  const looked = files.slice(0, config.limits.files)
  const { tree, failure } = repositoryTree({
    repository,
    head,
    files: looked,
    reader,
    maxBytes: config.limits.fileBytes,
  })
  return {
    request: {
      tree,
      paths: looked.map(({ path }) => path),
      followLocations: config.catalog.followLocations,
      // What is missing today is no news to a push: the hook warns of it.
      push: { others: new Map(), isTouched: () => true, removed: new Set(), previous: tree.read },
    },
    rules: {
      // As a hook knows it: the name and not the host.
      profile,
      repository: { fullName: repository, folder: '' },
      installation: config.catalog,
      severities: config.enforce.rules,
      helpUrl: config.help.url,
    },
    names: catalogNames(config.catalog),
    failure,
  }
}

async function checkRepository(
  commit: Commit,
  reader: Reader,
  surveyRules: SurveyRules,
): Promise<Checked & { failure: string | undefined }> {
  const { request, rules, names, failure } = checksOf(commit, reader, surveyRules)
  const checked = await checkFiles(request, rules, names)
  return { ...checked, failure: failure() }
}

function ownersIn({ entities }: CheckedFile): string[] {
  return entities.flatMap(({ value: { spec } }) => {
    const owner = typeof spec === 'object' && spec !== null && 'owner' in spec ? spec.owner : undefined
    return typeof owner === 'string' && owner !== '' ? [owner.slice(0, 200)] : []
  })
}
