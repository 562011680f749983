// Everything that a plan is made of: asked of GHES in large questions, and of the live catalog.
import { type Checked, checkFiles } from '../../hooks/catalog/check-files.ts'
import { withContents } from '../../hooks/catalog/tree.ts'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import { isTrouble } from '../../relay/clients/ghes/patience.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { SurveyGhes } from '../survey/ghes.ts'
import type { Reader } from '../survey/reader.ts'
import type { MigrateConfig } from './config.ts'
import { type Branches, listRepositories, type Repository } from './inventory.ts'
import { checksFor, type Looked, lookAt, type Site } from './look.ts'
import { type Files, type Row, whyLeft } from './plan.ts'
import { readTeams, type TeamRights } from './teams.ts'

export type Gathering = {
  ghes: SurveyGhes
  reader: Reader
  site: Site
  config: MigrateConfig
  branches: Branches
  patiently: <T extends { result: string }>(ask: (attempt: number) => Promise<T | Trouble>) => Promise<T | Trouble>
  progress: { expect: (more: number) => void; step: (done: number) => void }
  interrupted: AbortSignal
}

export type Gathered = {
  looked: Looked[]
  /** Where nothing is to be done, or nothing could be read. */
  rows: Row[]
  teams: TeamRights
  /** What kept us from seeing all, in sentences. */
  failures: string[]
}

const PAGE = 100

export async function gather(gathering: Gathering): Promise<Gathered> {
  const gathered: Gathered = { looked: [], rows: [], teams: new Map(), failures: [] }
  for (const organization of gathering.config.organizations) {
    const failure = await gatherOrganization(organization, gathering, gathered)
    if (failure !== undefined) gathered.failures.push(`${organization}: ${failure}`)
    if (gathering.interrupted.aborted) break
    if (!gathered.looked.some(({ repository, catalog }) => catalog === undefined && isOf(repository, organization)))
      continue
    const trouble = await readTeams(gathering.ghes, organization, gathering.patiently, gathered.teams)
    if (trouble !== undefined) gathered.failures.push(`${organization}: its teams could not be read: ${trouble.reason}`)
  }
  const byName = (a: { repository: Repository }, b: { repository: Repository }) =>
    a.repository.repository < b.repository.repository ? -1 : 1
  gathered.looked.sort(byName)
  return gathered
}

const isOf = ({ repository }: Repository, organization: string) =>
  repository.toLowerCase().startsWith(`${organization.toLowerCase()}/`)

async function gatherOrganization(
  organization: string,
  gathering: Gathering,
  into: Gathered,
): Promise<string | undefined> {
  const { ghes, branches, patiently, progress, interrupted } = gathering
  let after: string | undefined
  let seen = 0
  const looking: Promise<void>[] = []
  try {
    do {
      const from = after === undefined ? {} : { after }
      const page = await patiently(attempt =>
        listRepositories(ghes, { organization, branches, first: Math.ceil(PAGE / 2 ** Math.min(attempt, 3)), ...from }),
      )
      if (page.result === 'none')
        return 'GHES shows no such organisation; is its name right, and is the token allowed to see it, or the GitHub App installed there?'
      if (isTrouble(page)) return `${seen > 0 ? `only ${seen} repositories were listed: ` : ''}${page.reason}`
      if (seen === 0) progress.expect(page.total)
      seen += page.repositories.length + page.unread.length
      for (const { repository, reason } of page.unread) into.rows.push(unread(nameless(repository), reason))
      progress.step(page.unread.length)
      // While the next page is asked for: questions about contents are put together over pages.
      looking.push(...page.repositories.map(repository => look(repository, gathering, into)))
      after = page.next
    } while (after !== undefined && !interrupted.aborted)
  } finally {
    await Promise.all(looking)
  }
  return undefined
}

async function look(
  repository: Repository,
  { config, reader, site, progress, interrupted }: Gathering,
  into: Gathered,
): Promise<void> {
  const left = whyLeft(repository, config)
  const { head } = repository
  if (left !== undefined || head === undefined) into.rows.push({ ...unread(repository, left ?? ''), standing: 'left' })
  else {
    try {
      into.looked.push(await lookAt(repository, head, reader, site))
    } catch (error) {
      // One repository that we cannot cope with must not cost the others.
      const reason = error instanceof Error ? error.message : String(error)
      into.rows.push(unread(repository, interrupted.aborted ? 'interrupted' : `an internal error: ${reason}`))
    }
  }
  progress.step(1)
}

const unread = (repository: Repository, why: string): Row => ({
  repository,
  standing: 'unread',
  why,
  notes: [],
  problems: [],
  reasons: [],
  entities: [],
})

const nameless = (repository: string): Repository => ({
  repository,
  archived: false,
  disabled: false,
  fork: false,
  template: false,
  description: '',
  topics: [],
  language: '',
  mayPush: false,
  files: [],
  isWhole: false,
  proposed: {},
  fixed: {},
})

/** The site's own checks of files as they would be. */
export function checkerOf({ reader, site }: Pick<Gathering, 'reader' | 'site'>) {
  return async (repository: Repository, files: Files): Promise<Diagnostic[]> => {
    const { files: checked } = await checkedWith(repository, files, reader, site)
    return checked.flatMap(({ diagnostics }) => diagnostics)
  }
}

async function checkedWith(repository: Repository, files: Files, reader: Reader, site: Site): Promise<Checked> {
  const { request, rules, names } = checksFor(repository, repository.head ?? '', reader, site)
  const contents = new Map([...files].map(([path, text]) => [path, Buffer.from(text)]))
  const paths = [...new Set([...request.paths, ...files.keys()])]
  return checkFiles({ ...request, paths, tree: withContents(request.tree, contents) }, rules, names)
}
