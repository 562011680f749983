// Teams that run a repository: those with admin or maintain rights there, of the whole organisation in a few questions.
import type { GraphqlAnswer } from '../../relay/clients/ghes/graphql.ts'
import { field } from '../../relay/clients/ghes/read.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { Patiently } from '../ghes/patient.ts'
import type { SurveyGhes } from '../survey/ghes.ts'

/** `slug`: as in @acme/slug. */
export type TeamRight = { slug: string; right: 'admin' | 'maintain' }
/** By OWNER/NAME in lower case. */
export type TeamRights = Map<string, TeamRight[]>

type TeamPage = { slug: string; rights: { repository: string; right: TeamRight['right'] }[]; next?: string }
type TeamsPage = { result: 'teams'; teams: TeamPage[]; next?: string }
type Forbidden = { result: 'forbidden'; said: string }

const EDGES =
  'repositories(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { permission node { nameWithOwner } } }'
/** 50 teams of 100 repositories each are a question of 5,000 nodes. */
const TEAMS = `query ($organization: String!, $teams: String, $after: String) {
    organization(login: $organization) { teams(first: 50, after: $teams) { pageInfo { hasNextPage endCursor } nodes { slug ${EDGES} } } }
  }`
const TEAM = `query ($organization: String!, $slug: String!, $after: String) {
    organization(login: $organization) { team(slug: $slug) { slug ${EDGES} } }
  }`

/** Adds to `into`; a trouble: what is known so far stays. */
export async function readTeams(
  ghes: SurveyGhes,
  organization: string,
  patiently: Patiently,
  into: TeamRights,
): Promise<Trouble | undefined> {
  for (let teams: string | undefined; ; ) {
    const answer = await patiently(() => ask(ghes, TEAMS, { organization, teams: teams ?? null, after: null }))
    if (answer.result === 'trouble') return answer
    for (const team of answer.teams) {
      add(into, team)
      const trouble = await readRest(ghes, organization, team, patiently, into)
      if (trouble !== undefined) return trouble
    }
    if (answer.next === undefined) return undefined
    teams = answer.next
  }
}

async function readRest(
  ghes: SurveyGhes,
  organization: string,
  { slug, next }: TeamPage,
  patiently: Patiently,
  into: TeamRights,
): Promise<Trouble | undefined> {
  for (let after = next; after !== undefined; ) {
    const answer = await patiently(() => ask(ghes, TEAM, { organization, slug, after: after ?? null }))
    if (answer.result === 'trouble') return answer
    for (const team of answer.teams) add(into, team)
    after = answer.teams[0]?.next
  }
  return undefined
}

function add(into: TeamRights, { slug, rights }: TeamPage): void {
  for (const { repository, right } of rights) {
    const key = repository.toLowerCase()
    into.set(key, [...(into.get(key) ?? []), { slug, right }])
  }
}

async function ask(ghes: SurveyGhes, text: string, variables: Record<string, unknown>): Promise<TeamsPage | Trouble> {
  const answer = await ghes.query(text, variables, teamsIn)
  if (answer.result === 'refused') return ghes.trouble(answer)
  const { value } = answer
  if (value.result === 'teams') return value
  // Without it an owner that is known would be called unknown.
  return { result: 'trouble', kind: 'set-up', reason: `${value.said}; a token needs read:org, an App "Members: read"` }
}

function teamsIn({ data, errors }: GraphqlAnswer): TeamsPage | Forbidden | undefined {
  const refused = errors.find(({ type }) => type === 'INSUFFICIENT_SCOPES' || type === 'FORBIDDEN')
  if (refused !== undefined) return { result: 'forbidden', said: refused.message }
  const organization = field(data, 'organization', 'map')
  if (organization === undefined || errors.some(({ type }) => type === 'RATE_LIMITED')) return undefined
  const list = field(organization, 'teams', 'map')
  const one = field(organization, 'team', 'map')
  // A team that went away meanwhile; a list is always there.
  if (list === undefined && one === undefined && errors.length > 0) return undefined
  const nodes = list === undefined ? (one === undefined ? [] : [one]) : (field(list, 'nodes', 'list') ?? [])
  const next = nextOf(list)
  return { result: 'teams', teams: nodes.flatMap(teamIn), ...(next === undefined ? {} : { next }) }
}

function teamIn(node: unknown): TeamPage[] {
  const slug = field(node, 'slug', 'text')
  const repositories = field(node, 'repositories', 'map')
  if (slug === undefined) return []
  const rights = (field(repositories, 'edges', 'list') ?? []).flatMap(edge => {
    const repository = field(field(edge, 'node', 'map'), 'nameWithOwner', 'text')
    const permission = field(edge, 'permission', 'text')
    const right = permission === 'ADMIN' ? 'admin' : permission === 'MAINTAIN' ? 'maintain' : undefined
    return repository === undefined || right === undefined ? [] : [{ repository, right } as const]
  })
  const next = nextOf(repositories)
  return [{ slug, rights, ...(next === undefined ? {} : { next }) }]
}

function nextOf(list: unknown): string | undefined {
  const info = field(list, 'pageInfo', 'map')
  return field(info, 'hasNextPage', 'boolean') === true ? field(info, 'endCursor', 'text') : undefined
}
