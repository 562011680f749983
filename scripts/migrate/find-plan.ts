// The plan, found out: GHES and the live catalog are asked, and the site's own hook.yaml judges.
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import { isTrouble } from '../../relay/clients/ghes/patience.ts'
import type { Baked } from '../config/hook-config.ts'
import { webUrlOf } from '../ghes/target.ts'
import { openCache } from '../survey/cache.ts'
import { openSurveyGhes } from '../survey/ghes.ts'
import { askedPaths } from '../survey/paths.ts'
import { openProgress } from '../survey/progress.ts'
import { openReader } from '../survey/reader.ts'
import { cachePath, patienceOf, profileOf, type SurveyEdges } from '../survey/survey.ts'
import { accessOf, type MigrateConfig } from './config.ts'
import { checkerOf, type Gathering, gather } from './gather.ts'
import { type LiveNames, readLiveNames } from './live-names.ts'
import type { Site } from './look.ts'
import type { MigrateOptions } from './options.ts'
import { planAll, type Row } from './plan.ts'

export type MigrateEdges = SurveyEdges

/** More than a survey's: texts here are mostly short, and there are more of them. */
const CONTENTS_ASKED = 300

export type Plan = {
  organizations: string[]
  webUrl: string
  atMs: number
  requests: number
  rows: Row[]
  failures: string[]
}

export async function findPlan(
  config: MigrateConfig,
  baked: Baked,
  options: MigrateOptions,
  edges: MigrateEdges,
): Promise<{ plan: Plan } | { problems: string[] }> {
  const { clock, interrupted } = edges
  const { baseUrl, ca } = config.ghes
  const progress = openProgress(edges.isWatched(), edges.writeError, () => '')
  const site = await siteOf(baked)
  if (site === undefined)
    return { problems: ['hook.yaml: no pattern of catalog.files names a file at the top of a repository'] }
  const ghes = openSurveyGhes({
    apiUrl: baseUrl,
    access: accessOf(config.ghes),
    now: clock.now,
    ...(ca === undefined ? {} : { ca }),
  })
  const cache = openCache(cachePath(options.cache, edges), clock.now())
  const patiently = patienceOf(edges, progress)
  const reader = openReader({
    ...{ ghes, cache, isCatalogPath: site.isCatalogPath, maxBytes: baked.config.limits.fileBytes },
    ...{ patiently: ask => patiently(ask), globs: '', contentsAsked: CONTENTS_ASKED },
  })
  const { branch } = config.pullRequests
  const gathering: Gathering = {
    ...{ ghes, reader, site, config, patiently, interrupted, branches: { proposed: branch, fixed: `${branch}-fix` } },
    progress: { expect: progress.expect, step: done => progress.step(done, 0) },
  }
  try {
    const taken = await liveNames(config, gathering, edges)
    const gathered = await gather(gathering)
    const failures = [...gathered.failures, ...('problem' in taken ? [taken.problem] : [])]
    if (gathered.looked.length + gathered.rows.length === 0 && failures.length > 0) return { problems: failures }
    const rows = await planAll(gathered.looked, {
      ...{ config, site, teams: gathered.teams, kept: new Map(), check: checkerOf(gathering) },
      taken: 'problem' in taken ? new Map() : taken,
    })
    const all = [...rows, ...gathered.rows].sort((a, b) => (a.repository.repository < b.repository.repository ? -1 : 1))
    const { organizations } = config
    return {
      plan: {
        organizations,
        webUrl: webUrlOf(baseUrl),
        atMs: clock.now(),
        requests: ghes.requests(),
        rows: all,
        failures,
      },
    }
  } finally {
    progress.end()
    await ghes.close()
    const unkept = cache.save()
    if (unkept !== undefined) edges.writeError(`warning: ${unkept}\n`)
  }
}

/** Undefined: there is no place for a file. */
async function siteOf(baked: Baked): Promise<Site | undefined> {
  const { isCatalogPath, isIgnored } = catalogNames(baked.config.catalog)
  const [catalogPath] = askedPaths(baked.fileGlobs, isCatalogPath).paths
  if (catalogPath === undefined) return undefined
  const placeholders = baked.settings['catalog.placeholders']
  return {
    ...{ config: baked.config, profile: await profileOf(baked), isCatalogPath, isIgnored, catalogPath },
    placeholders: Array.isArray(placeholders) ? placeholders.map(String) : [],
  }
}

async function liveNames(
  config: MigrateConfig,
  { patiently }: Gathering,
  { clock }: MigrateEdges,
): Promise<LiveNames | { problem: string }> {
  if (config.backstage === undefined) return new Map()
  const answer = await readLiveNames(config.backstage, {
    webUrl: webUrlOf(config.ghes.baseUrl),
    now: clock.now,
    patiently,
  })
  if ('result' in answer && isTrouble(answer))
    return { problem: `Backstage could not be asked for its names: ${answer.reason}` }
  return answer as LiveNames
}
