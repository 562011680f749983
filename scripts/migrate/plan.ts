// What to do about each repository: a value, made of what was found out, before anything is changed.
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import { count } from '../../schemas/count.ts'
import { readApi } from './apis.ts'
import { ruled } from './component-type.ts'
import type { MigrateConfig } from './config.ts'
import type { Repository } from './inventory.ts'
import { type CatalogFiles, codeownersIn, type Looked, readmeIn, type Site } from './look.ts'
import { type Manifests, readManifests } from './manifests.ts'
import { type Names, openNames } from './names.ts'
import { findOwner } from './owner.ts'
import { type Facts, type Proposal, type ProposalEdges, propose, type Reason } from './proposal.ts'
import type { TeamRights } from './teams.ts'

/**
 * `propose`: there is a file for it; `has`: it has one that the catalog takes; `wrong`: it has one that the catalog refuses; `misplaced`: what it has is not found;
 * `held`: a file could be made, and is not offered; `left`: nothing is to be done there; `unread`: GHES did not say enough.
 */
export const STANDINGS = ['propose', 'has', 'wrong', 'misplaced', 'held', 'left', 'unread'] as const
export type Standing = (typeof STANDINGS)[number]

/** New contents of files: those of a proposal, or of repaired ones. */
export type Files = ReadonlyMap<string, string>

export type Row = {
  repository: Repository
  standing: Standing
  /** In words. */
  why: string
  /** What is remarkable besides: old forms, a monorepo, files that could not be read. */
  notes: string[]
  problems: Diagnostic[]
  reasons: Reason[]
  /** Refs that its files hold or would hold. */
  entities: string[]
  proposal?: Proposal
  /** What it has, as it was checked. */
  catalog?: CatalogFiles
  /** By --fix: existing files as they would be. */
  repaired?: Files
}

/** Everything that a proposal needs to know of all the others. */
export type Surroundings = {
  config: MigrateConfig
  site: Site
  teams: TeamRights
  taken: ReadonlyMap<string, { by: string; where: string }>
  kept: ReadonlyMap<string, string>
  /** Checks files of a repository as they would be. */
  check: (repository: Repository, files: Files) => Promise<Diagnostic[]>
}

/** Why nothing is to be done there; undefined where something is. */
export function whyLeft(
  repository: Repository,
  { isExcluded, include, pullRequests }: MigrateConfig,
): string | undefined {
  const { files, head, archived, disabled, fork, template, mayPush } = repository
  if (isExcluded(repository.repository)) return 'excluded by migrate.yaml'
  if (disabled) return 'GHES has locked or disabled it'
  if (head === undefined) return 'it is empty'
  if (archived && !include.includes('archived'))
    return 'it is archived, and migrate.yaml does not include archived ones'
  if (fork && !include.includes('forks')) return 'it is a fork, and migrate.yaml does not include forks'
  if (template && !include.includes('templates')) return 'it is a template, and migrate.yaml does not include templates'
  if (files.some(({ path }) => path === pullRequests.optOut)) return `its ${pullRequests.optOut} opts out`
  return mayPush || archived ? undefined : 'the token is not allowed to push to it'
}

/** In the order of their names: who comes first has the name that both want. */
export async function planAll(all: readonly Looked[], around: Surroundings): Promise<Row[]> {
  const names = openNames(new Map([...around.taken, ...refsOf(all)]), around.kept)
  const known = all.map(looked => ({ looked, manifests: readManifests(looked.repository, looked.texts) }))
  const packages = packagesOf(known)
  const rows: Row[] = []
  const waiting: { facts: Facts; row: Row }[] = []
  for (const { looked, manifests } of known) {
    const row = rowOf(looked, manifests)
    rows.push(row)
    if (row.standing === 'propose') waiting.push({ facts: factsOf(looked, manifests, around), row })
  }
  // A component's name has to be known before another one can say that it depends on it.
  const firstNames = new Map(
    waiting.map(({ facts: { repository } }) => {
      const [organization = '', own = ''] = repository.repository.split('/')
      return [
        repository.repository,
        names.give('component', [own, `${organization}-${own}`], repository.repository).name,
      ]
    }),
  )
  const entityOfPackage = (name: string) => {
    const found = packages.get(name)
    if (found === undefined) return undefined
    const ref =
      found.entity ??
      (firstNames.has(found.repository) ? `component:default/${firstNames.get(found.repository)}` : undefined)
    return ref === undefined ? undefined : { ref, repository: found.repository }
  }
  for (const { facts, row } of waiting) {
    try {
      Object.assign(row, await proposed(facts, row, names, entityOfPackage, around))
    } catch (error) {
      // One repository that we cannot cope with must not cost the others.
      const reason = error instanceof Error ? error.message : String(error)
      Object.assign(row, { standing: 'unread', why: `an internal error: ${reason}` })
    }
  }
  return rows
}

/** Refs of existing files, with where they stand. */
function refsOf(all: readonly Looked[]): [string, { by: string; where: string }][] {
  return all.flatMap(({ repository: { repository }, catalog }) =>
    (catalog?.checked.files ?? []).flatMap(({ path, documents }) =>
      documents.flatMap(({ entity }): [string, { by: string; where: string }][] =>
        entity === undefined ? [] : [[entity.toLowerCase(), { by: repository, where: `${repository} (${path})` }]],
      ),
    ),
  )
}

/** What two repositories call theirs proves nothing. */
function packagesOf(known: readonly { looked: Looked; manifests: Manifests }[]) {
  const found = new Map<string, { repository: string; entity?: string } | undefined>()
  for (const { looked, manifests } of known) {
    const { repository } = looked.repository
    const entity = componentIn(looked)
    for (const name of new Set(manifests.provides))
      found.set(name, found.has(name) ? undefined : { repository, ...(entity === undefined ? {} : { entity }) })
  }
  return found
}

function componentIn({ catalog }: Looked): string | undefined {
  const refs = (catalog?.checked.files ?? []).flatMap(({ documents }) =>
    documents.flatMap(({ entity }) => entity ?? []),
  )
  return refs.find(ref => ref.toLowerCase().startsWith('component:'))
}

function rowOf({ repository, catalog, misplaced, unread }: Looked, { monorepo, services }: Manifests): Row {
  const notes = [
    ...(monorepo === undefined
      ? []
      : [`a monorepo: ${monorepo}${services.length > 0 ? `; ${count(services.length, 'service')}` : ''}`]),
    ...unread.map(one => `could not be read: ${one}`),
  ]
  const row: Row = {
    ...(catalog === undefined ? {} : { catalog }),
    repository,
    notes,
    problems: [],
    reasons: [],
    entities: [],
    standing: 'propose',
    why: 'it has no catalog file',
  }
  if (catalog !== undefined) {
    const { files } = catalog.checked
    const problems = files.flatMap(({ diagnostics }) => diagnostics)
    const errors = problems.filter(({ severity }) => severity === 'error').length
    const entities = files.flatMap(({ documents }) => documents.flatMap(({ entity }) => entity ?? []))
    const standing = errors > 0 ? 'wrong' : catalog.failure === undefined ? 'has' : 'unread'
    const why = {
      wrong: count(errors, 'error'),
      has: catalog.paths.slice(0, 3).join(', '),
      unread: catalog.failure ?? '',
    }[standing]
    return {
      ...row,
      standing,
      why,
      problems,
      entities,
      notes: [
        ...notes,
        ...oldForms(
          catalog.paths,
          files.map(({ text }) => text),
        ),
      ],
    }
  }
  if (misplaced !== undefined)
    return {
      ...row,
      standing: 'misplaced',
      why: `${misplaced} is no catalog file by hook.yaml's catalog.files: move it`,
    }
  return unread.length > 0 ? { ...row, standing: 'unread', why: unread[0] ?? '' } : row
}

const OLD: readonly [RegExp, string][] = [
  [/^apiVersion:\s*["']?backstage\.io\/v1beta1/m, 'apiVersion backstage.io/v1beta1; today it is v1alpha1'],
  [/^[ \t]+implementsApis:/m, 'spec.implementsApis; today it is spec.providesApis'],
  [
    /^[ \t]+backstage\.io\/github-actions-id:/m,
    'annotation backstage.io/github-actions-id; today it is github.com/project-slug',
  ],
]

function oldForms(paths: readonly string[], texts: readonly string[]): string[] {
  const forms = OLD.flatMap(([pattern, words]) =>
    texts.some(text => pattern.test(text)) ? [`an old form: ${words}`] : [],
  )
  const yml = paths.find(path => path.endsWith('.yml'))
  const isBelow = !paths.some(path => !path.includes('/'))
  return [
    ...forms,
    ...(yml === undefined ? [] : [`${yml}: most tools look for catalog-info.yaml`]),
    ...(isBelow ? ['none at the top: a discovery that looks only there does not find it'] : []),
  ]
}

function factsOf({ repository, texts }: Looked, manifests: Manifests, { teams, config, site }: Surroundings): Facts {
  const codeowners = codeownersIn(texts)
  const owner = findOwner({
    path: site.catalogPath,
    codeowners,
    teams: teams.get(repository.repository.toLowerCase()) ?? [],
    ruled: ruled(config.rules, 'owner', repository),
    byDefault: config.owner,
    isFromCodeowners: site.config.catalog.ownerFrom === 'codeowners',
  })
  const apis = [...texts].flatMap(([path, text]) => readApi(path, text) ?? [])
  return {
    repository,
    manifests,
    apis: apis.sort((a, b) => (a.path < b.path ? -1 : 1)),
    readme: readmeIn(texts),
    codeowners,
    owner,
  }
}

async function proposed(
  facts: Facts,
  row: Row,
  names: Names,
  entityOfPackage: ProposalEdges['entityOfPackage'],
  { config, site, check }: Surroundings,
): Promise<Partial<Row>> {
  let refused: Diagnostic[] = []
  for (const withApis of facts.apis.length > 0 ? [true, false] : [false]) {
    const proposal = propose(facts, {
      names,
      entityOfPackage,
      config,
      path: site.catalogPath,
      placeholders: site.placeholders,
      withApis,
    })
    if (proposal === undefined) return { standing: 'held', why: `nobody owns it: ${facts.owner.reason}` }
    const problems = await check(facts.repository, new Map([[proposal.path, proposal.text]]))
    const { reasons, entities } = proposal
    const notes =
      withApis || facts.apis.length === 0 ? row.notes : [...row.notes, `without its APIs: ${refused[0]?.message ?? ''}`]
    if (!problems.some(({ severity }) => severity === 'error')) return { proposal, problems, reasons, entities, notes }
    refused = problems.filter(({ severity }) => severity === 'error')
  }
  const [first] = refused
  return {
    standing: 'held',
    why: `the site's own checks refuse what is known: ${first?.message} [${first?.code}]`,
    problems: refused,
  }
}
