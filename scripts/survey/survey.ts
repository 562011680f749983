// catalog-gate survey: the hook's checks over every default branch of organisations, through the API.
import { join, resolve } from 'node:path'
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import type { Clock } from '../../relay/runtime/clock.ts'
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import { printable } from '../../schemas/printable.ts'
import type { Profile } from '../../schemas/profile.ts'
import { cacheFolder } from '../cli/cache-folder.ts'
import { INTERRUPTED } from '../cli/interruption.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import type { Baked } from '../config/hook-config.ts'
import { type Patiently, patienceOf } from '../ghes/patient.ts'
import { openCache } from './cache.ts'
import { csvReport } from './csv.ts'
import { openSurveyGhes, type SurveyGhes } from './ghes.ts'
import { listPage } from './inventory.ts'
import { jsonReport } from './json.ts'
import { readTarget, type SurveyOptions, type Target, unwritable, writeReports } from './options.ts'
import { pageReport } from './page.ts'
import { type AskedPaths, askedPaths } from './paths.ts'
import { openProgress, type Progress } from './progress.ts'
import { openReader, type Reader } from './reader.ts'
import { isWhole, reportOf, type SurveyReport } from './report.ts'
import { type Surveyed, type SurveyRules, surveyRepository } from './repository.ts'
import { tableReport } from './table.ts'

export type SurveyEdges = ProcessEdges & {
  clock: Clock
  /** Ends the survey early; what is known by then is reported. */
  interrupted: AbortSignal
}

/** GraphQL's most. Every outage on the way halves it, down to an eighth: GitHub cuts off a question after 10 s. */
const PAGE = 100

/**
 * 0 every repository was looked at and none would be refused; 1 some would be; 2 wrong usage, configuration, address or token: nothing was looked at;
 * 4 none of those looked at would be refused, but not all could be looked at; 130 interrupted.
 */
export async function survey(options: SurveyOptions, edges: SurveyEdges): Promise<number> {
  const read = readTarget(options, edges.cwd, edges.clock.now)
  const baked = await edges.readConfig(options.config)
  const outputs = [options.csv, options.html].flatMap(file => (file === undefined ? [] : [resolve(edges.cwd, file)]))
  const problems = [
    ...('problems' in read ? read.problems : []),
    ...(baked.result === 'wrong' ? baked.problems : []),
    ...outputs.flatMap(unwritable),
  ]
  if ('problems' in read || baked.result === 'wrong' || problems.length > 0) return refuse(problems, edges)

  const found = await lookAtAll(read.target, baked, options, edges)
  if (found.result === 'nothing' && edges.interrupted.aborted) {
    edges.writeError('interrupted: nothing was looked at yet; the same command begins anew\n')
    return INTERRUPTED
  }
  if (found.result === 'nothing') return refuse(found.problems, edges)
  const { report } = found
  edges.write(options.format === 'json' ? jsonReport(report) : tableReport(report, options))
  const unwritten = writeReports(
    [
      [options.csv, () => csvReport(report)],
      [options.html, () => pageReport(report)],
    ],
    edges.cwd,
  )
  if (unwritten.length > 0) return refuse(unwritten, edges)
  if (edges.interrupted.aborted) return INTERRUPTED
  return report.counts.refused > 0 ? 1 : isWhole(report) ? 0 : 4
}

function refuse(problems: readonly string[], { writeError }: ProcessEdges): number {
  for (const problem of problems) writeError(`error: ${printable(problem)}\n`)
  return 2
}

type Found = { result: 'report'; report: SurveyReport } | { result: 'nothing'; problems: string[] }

async function lookAtAll(target: Target, baked: Baked, options: SurveyOptions, edges: SurveyEdges): Promise<Found> {
  const { clock } = edges
  const { isCatalogPath } = catalogNames(baked.config.catalog)
  const asked = options.deep ? { paths: [], partly: [] } : askedPaths(baked.fileGlobs, isCatalogPath)
  const progress = openProgress(edges.isWatched(), edges.writeError)
  const ghes = openSurveyGhes({ ...target, now: clock.now })
  const cache = openCache(cachePath(options.cache, edges), clock.now())
  const patiently = patienceOf({ clock: edges.clock, signal: edges.interrupted }, progress.say)
  const reader = openReader({
    ghes,
    cache,
    isCatalogPath,
    patiently: ask => patiently(ask),
    maxBytes: baked.config.limits.fileBytes,
    globs: JSON.stringify([baked.config.catalog.files, baked.config.catalog.ignore]),
  })
  const rules = await rulesOf(baked, options, clock.now())
  const repositories: Surveyed[] = []
  const failures: string[] = []
  try {
    for (const organization of target.organizations) {
      const failure = await lookAtOrganization(
        { organization, ghes, asked, patiently, reader, rules, progress, edges },
        repositories,
      )
      if (failure !== undefined) failures.push(failure)
      if (edges.interrupted.aborted) break
    }
  } finally {
    progress.end()
    await ghes.close()
  }
  const unkept = cache.save()
  if (unkept !== undefined) edges.writeError(`warning: ${unkept}\n`)
  if (repositories.length === 0 && failures.length > 0) return { result: 'nothing', problems: failures }
  const gathered = {
    organizations: target.organizations,
    webUrl: target.webUrl,
    atMs: clock.now(),
    requests: ghes.requests(),
    repositories,
    failures,
    limits: limitsOf(asked, options, repositories),
  }
  return { result: 'report', report: reportOf(gathered) }
}

async function rulesOf(baked: Baked, { deep = false }: SurveyOptions, nowMs: number): Promise<SurveyRules> {
  const profile = await profileOf(baked)
  return { config: baked.config, deep, profile, today: new Date(nowMs).toISOString().slice(0, 10) }
}

/** What a site's catalog takes. */
export async function profileOf({ config, kinds }: Baked): Promise<Profile> {
  const { profile } =
    config.catalog.profile === 'model'
      ? await import('../../schemas/compiled/model.mjs')
      : await import('../../schemas/compiled/builtin.mjs')
  return withOwnKinds(profile, kinds)
}

type OrganizationWork = {
  organization: string
  ghes: SurveyGhes
  asked: AskedPaths
  patiently: Patiently
  reader: Reader
  rules: SurveyRules
  progress: Progress
  edges: SurveyEdges
}

/** Adds what it finds; a failure that kept it from the rest is a sentence. */
async function lookAtOrganization(work: OrganizationWork, into: Surveyed[]): Promise<string | undefined> {
  const { organization, ghes, asked, patiently, progress, edges } = work
  let after: string | undefined
  let seen = 0
  let total = 0
  try {
    do {
      const from = after === undefined ? {} : { after }
      const answer = await patiently(attempt =>
        listPage(ghes, {
          organization,
          paths: asked.paths,
          first: Math.ceil(PAGE / 2 ** Math.min(attempt, 3)),
          ...from,
        }),
      )
      if (answer.result === 'none')
        return `${organization}: GHES shows no such organisation; is its name right, and is the token allowed to see it, or the GitHub App installed there?`
      if (answer.result === 'trouble')
        return `${organization}: ${seen > 0 ? `only ${seen} of ${total} repositories were listed: ` : ''}${answer.reason}`
      if (seen === 0) progress.expect(answer.total)
      total = answer.total
      seen += answer.repositories.length + answer.unread.length
      for (const { repository, reason } of answer.unread) into.push(unlooked({ repository, fork: false }, reason))
      progress.step(answer.unread.length, 0)
      await Promise.all(answer.repositories.map(one => lookAtOne(one, work, into)))
      after = answer.next
    } while (after !== undefined && !edges.interrupted.aborted)
  } catch (error) {
    if (!edges.interrupted.aborted) throw error
  }
  return after !== undefined || edges.interrupted.aborted
    ? `${organization}: interrupted; ${Math.max(0, total - seen)} of ${total} repositories were not listed`
    : undefined
}

async function lookAtOne(
  listed: Parameters<typeof surveyRepository>[0],
  { reader, rules, progress, edges }: OrganizationWork,
  into: Surveyed[],
): Promise<void> {
  try {
    const surveyed = await surveyRepository(listed, reader, rules)
    into.push(surveyed)
    progress.step(1, surveyed.verdict === 'refused' ? 1 : 0)
  } catch (error) {
    // One repository that we cannot cope with must not cost the others.
    const reason = error instanceof Error ? error.message : String(error)
    into.push(unlooked(listed, edges.interrupted.aborted ? 'interrupted' : `an internal error: ${reason}`))
    progress.step(1, 0)
  }
}

const unlooked = ({ repository, fork }: { repository: string; fork: boolean }, reason: string): Surveyed => ({
  repository,
  fork,
  reason,
  verdict: 'not-looked-at',
  files: [],
  problems: [],
  notes: [],
  owners: [],
})

function limitsOf({ partly }: AskedPaths, { deep }: SurveyOptions, repositories: readonly Surveyed[]): string[] {
  const branches = repositories.filter(({ branch }) => branch !== undefined).length
  const globs = partly.map(glob => `"${glob}"`).join(', ')
  return [
    ...(deep || partly.length === 0
      ? []
      : [
          `Of ${globs} only what stands at the top of each repository was looked at, and what Locations there name. --deep looks into all folders: one request for each of ${branches} repositories, and later one for each that was pushed to.`,
        ]),
    'Only default branches were looked at, and only repositories that the token may see.',
    'A push is refused for the catalog files that it changes: a repository counted here is refused when somebody changes such a file without mending it.',
  ]
}

/** `given`: of --cache. */
export function cachePath(given: SurveyOptions['cache'], { cwd, env }: SurveyEdges): string | undefined {
  if (given === false) return undefined
  const folder = cacheFolder(env)
  return given === undefined ? folder && join(folder, 'survey.jsonl') : resolve(cwd, given)
}
