// One repository: its catalog files read and checked as the hook would, and what that means for those who push to it.
import { type CheckedFile, checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { followLocations } from '../../hooks/catalog/locations.ts'
import { checkTree } from '../../hooks/catalog/tree.ts'
import { type HookConfig, ignoredPathTest, modeFor } from '../../hooks/config/hook-config.ts'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { ListedFile, ListedRepository } from './inventory.ts'
import type { Reader } from './reader.ts'

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
    ...{ repository, fork, verdict: 'accepted', files: [], problems: [], notes: [], owners: [] },
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
  const checked = await checkFiles(
    { repository, head, files: files.slice(0, rules.config.limits.files) },
    reader,
    rules,
  )
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

type Place = { repository: string; head: string; files: readonly ListedFile[] }
type Checked = { files: CheckedFile[]; notes: Surveyed['notes']; failure: string | undefined }

async function checkFiles({ repository, head, files }: Place, reader: Reader, survey: SurveyRules): Promise<Checked> {
  const { config } = survey
  const rules: Rules = {
    // As a hook knows it: the name and not the host.
    ...{ profile: survey.profile, repository: { fullName: repository, folder: '' } },
    installation: config.catalog,
    ...{ severities: config.enforce.rules, helpUrl: config.help.url },
  }
  const notes: Surveyed['notes'] = []
  let failure: string | undefined
  const fail = (reason: string, path: string) => {
    failure ??= `${path}: ${reason}`
    notes.push({ path, text: `could not be read: ${reason}` })
  }
  const content = async (path: string, blob: string): Promise<Uint8Array | undefined> => {
    const given = await reader.content(repository, blob)
    if (given.result === 'content') return given.bytes
    if (given.result === 'failed') fail(given.reason, path)
    else notes.push({ path, text: `is larger than ${config.limits.fileBytes} bytes; the hook does not check it` })
    return undefined
  }
  const idsAt = async (paths: readonly string[]): Promise<Map<string, string>> => {
    const ids = await Promise.all(paths.map(async path => ({ path, at: await reader.idAt(repository, head, path) })))
    return new Map(
      ids.flatMap(({ path, at }) => {
        if (at.result === 'failed') fail(at.reason, path)
        return at.result === 'id' ? [[path, at.id] as const] : []
      }),
    )
  }
  const isIgnored = ignoredPathTest(config)
  const check = (path: string, bytes: Uint8Array) => checkOne(path, bytes, rules, notes)

  const read = await Promise.all(
    files.map(async ({ path, type, id }) => {
      if (type === 'file') return { path, bytes: await content(path, id) }
      notes.push({
        path,
        text: `is a ${type === 'symlink' ? 'symbolic link' : 'submodule'}; the hook does not check it`,
      })
      return { path, bytes: undefined }
    }),
  )
  const own = read.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [check(path, bytes)]))
  const followed = config.catalog.followLocations
    ? await followLocations({
        ...{ pushed: own, others: new Map(), baseNames: [], isIgnored, check },
        tree: {
          read: async paths => {
            const ids = [...(await idsAt(paths))]
            const contents = await Promise.all(
              ids.map(async ([path, id]) => ({ path, bytes: await content(path, id) })),
            )
            return new Map(contents.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [[path, bytes] as const])))
          },
        },
      })
    : []
  const all = [...own, ...followed]
  const exists = async (paths: readonly string[]) => {
    const ids = await idsAt(paths)
    // What could not be asked for may not be called missing.
    return failure === undefined ? new Set(ids.keys()) : new Set(paths)
  }
  return { files: await checkTree(all, exists, rules), notes, failure }
}

/** A file that our checks cannot cope with costs only itself, as in the hook. */
function checkOne(path: string, bytes: Uint8Array, rules: Rules, notes: Surveyed['notes']): CheckedFile {
  try {
    return checkFile(path, bytes, rules)
  } catch (error) {
    notes.push({ path, text: `was not checked: an error of ours (${error instanceof Error ? error.message : error})` })
    return { path, text: '', documents: [], diagnostics: [], entities: [] }
  }
}

function ownersIn({ entities }: CheckedFile): string[] {
  return entities.flatMap(({ value: { spec } }) => {
    const owner = typeof spec === 'object' && spec !== null && 'owner' in spec ? spec.owner : undefined
    return typeof owner === 'string' && owner !== '' ? [owner.slice(0, 200)] : []
  })
}
