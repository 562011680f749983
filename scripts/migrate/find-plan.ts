// The plan, found out: GHES and the live catalog are asked, and the site's own hook.yaml judges.
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import type { Baked } from '../config/hook-config.ts'
import { accessRemedies } from '../ghes/access-remedies.ts'
import { patienceOf } from '../ghes/patient.ts'
import { webUrlOf } from '../ghes/target.ts'
import { openCache } from '../survey/cache.ts'
import { openSurveyGhes } from '../survey/ghes.ts'
import { askedPaths } from '../survey/paths.ts'
import { openProgress, type Progress } from '../survey/progress.ts'
import { openReader } from '../survey/reader.ts'
import { cachePath, profileOf, type SurveyEdges } from '../survey/survey.ts'
import { accessOf, type MigrateConfig } from './config.ts'
import { checkerOf, type Gathering, gather } from './gather.ts'
import { type LiveNames, readLiveNames } from './live-names.ts'
import type { Site } from './look.ts'
import type { MigrateOptions } from './options.ts'
import { planAll, type Row } from './plan.ts'
import { repair } from './repair.ts'
import type { MigrateState } from './state.ts'

export type MigrateEdges = SurveyEdges

/** More than a survey's: texts here are mostly short, and there are more of them. */
const CONTENTS_ASKED = 300
const NEEDS = {
  token: 'to read metadata and teams, and to write contents and pull requests (classic: scopes repo and read:org)',
  app: 'metadata and members: read, contents and pull requests: write',
}
const NAMES = { address: 'ghe.apiBaseUrl', authority: 'ghe.caFile', token: 'the token in ghe.token' }

export type Plan = {
  organizations: string[]
  webUrl: string
  atMs: number
  /** Made to GHES. */
  requests: number
  rows: Row[]
  failures: string[]
  /** What the live catalog has; empty where it was not asked. */
  taken: LiveNames
}

export type Asking = { gathering: Gathering; progress: Progress; close: () => Promise<void> }

/** What asks GHES, for the plan and for what comes after it. */
export async function openAsking(
  config: MigrateConfig,
  baked: Baked,
  options: MigrateOptions,
  edges: MigrateEdges,
): Promise<Asking | { problems: string[] }> {
  const { clock, interrupted } = edges
  const { baseUrl, ca } = config.ghes
  const site = await siteOf(baked)
  if (site === undefined)
    return { problems: ['hook.yaml: no pattern of catalog.files names a file at the top of a repository'] }
  const progress = openProgress(edges.isWatched(), edges.writeError, () => '')
  const access = accessOf(config.ghes)
  const ghes = openSurveyGhes({
    apiUrl: baseUrl,
    access,
    now: clock.now,
    ...(ca === undefined ? {} : { ca }),
    remedies: accessRemedies(access, NEEDS, NAMES),
  })
  const cache = openCache(cachePath(options.cache, edges), clock.now())
  const patiently = patienceOf({ clock, signal: edges.interrupted }, progress.say)
  const reader = openReader({
    ghes,
    cache,
    isCatalogPath: site.isCatalogPath,
    maxBytes: baked.config.limits.fileBytes,
    patiently: ask => patiently(ask),
    globs: '',
    contentsAsked: CONTENTS_ASKED,
  })
  const { branch } = config.pullRequests
  return {
    progress,
    gathering: {
      ghes,
      reader,
      site,
      config,
      patiently,
      interrupted,
      branches: { proposed: branch, fixed: `${branch}-fix` },
      progress: { expect: progress.expect, step: done => progress.step(done, 0) },
    },
    async close() {
      progress.end()
      await ghes.close()
      const unkept = cache.save()
      if (unkept !== undefined) edges.writeError(`warning: ${unkept}\n`)
    },
  }
}

export async function findPlan(
  { gathering, progress }: Asking,
  state: MigrateState,
  isFixing: boolean,
  { clock }: MigrateEdges,
): Promise<{ plan: Plan } | { problems: string[] }> {
  const { config, site, ghes } = gathering
  const { organizations } = config
  const webUrl = webUrlOf(config.ghes.baseUrl)
  const taken = await liveNames(gathering, webUrl, clock.now)
  // Without them any name may be somebody else's.
  if ('problem' in taken) return { problems: [taken.problem] }
  if (config.backstage !== undefined && taken.size === 0)
    progress.say('warning: the live catalog shows nothing: it is empty, or backstage.token is not allowed to read it')
  const { looked, rows: others, teams, failures } = await gather(gathering)
  if (looked.length + others.length === 0 && failures.length > 0) return { problems: failures }
  const names = new Map(looked.map(({ repository: { repository } }) => [repository.toLowerCase(), repository]))
  const kept = new Map(
    state.all().flatMap(([key, { entities }]) => entities.map(ref => [ref, names.get(key) ?? key] as const)),
  )
  const rows = await planAll(looked, { config, site, teams, kept, taken, check: checkerOf(gathering) })
  if (isFixing)
    for (const row of rows)
      if (row.catalog !== undefined && row.problems.length > 0) row.repaired = await repair(row.catalog)
  const all = [...rows, ...others].sort((a, b) => (a.repository.repository < b.repository.repository ? -1 : 1))
  return { plan: { organizations, webUrl, atMs: clock.now(), requests: ghes.requests(), rows: all, failures, taken } }
}

/** Undefined: there is no place for a file. */
async function siteOf(baked: Baked): Promise<Site | undefined> {
  const { isCatalogPath, isIgnored } = catalogNames(baked.config.catalog)
  const [catalogPath] = askedPaths(baked.fileGlobs, isCatalogPath).paths
  if (catalogPath === undefined) return undefined
  const placeholders = baked.settings['catalog.placeholders']
  return {
    config: baked.config,
    profile: await profileOf(baked),
    isCatalogPath,
    isIgnored,
    catalogPath,
    placeholders: Array.isArray(placeholders) ? placeholders.map(String) : [],
  }
}

async function liveNames(
  { config, patiently }: Gathering,
  webUrl: string,
  now: () => number,
): Promise<LiveNames | { problem: string }> {
  if (config.backstage === undefined) return new Map()
  const answer = await readLiveNames(config.backstage, { webUrl, now, patiently })
  if (answer instanceof Map) return answer
  return { problem: `Backstage could not be asked which names are taken: ${answer.reason}` }
}
