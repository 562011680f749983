// Every repository of an organisation, a hundred a question: what it is, its tree to a depth of three, and what became of our pull requests there.
import type { GraphqlAnswer } from '../../relay/clients/ghes/graphql.ts'
import { field, knownOf } from '../../relay/clients/ghes/read.ts'
import { defaultBranch, repositoriesPage } from '../../relay/clients/ghes/repositories-page.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { SurveyGhes } from '../survey/ghes.ts'
import { type ListedFile, typeOfMode } from '../survey/inventory.ts'

/** Of one of our branches. */
export type OurBranch = {
  /** Undefined: there is no such branch. */
  head?: string
  /** The newest one from it, of this repository. */
  pullRequest?: PullRequestSeen
}

type PullRequestSeen = {
  number: number
  state: 'open' | 'merged' | 'closed'
  url: string
  /** ISO 8601 */
  createdAt: string
}

export type Repository = {
  /** OWNER/NAME */
  repository: string
  archived: boolean
  disabled: boolean
  fork: boolean
  template: boolean
  description: string
  topics: string[]
  language: string
  /** False: GHES says that the token is not allowed to push. True where it does not say, as to an App. */
  mayPush: boolean
  /** Undefined while it is empty. */
  branch?: string
  head?: string
  tree?: string
  /** Files to a depth of three folders; `isWhole`: there are none below. */
  files: ListedFile[]
  isWhole: boolean
  proposed: OurBranch
  fixed: OurBranch
}

export type Page = {
  result: 'page'
  total: number
  repositories: Repository[]
  unread: { repository: string; reason: string }[]
  next?: string
}

export type PageAsked = { organization: string; branches: Branches; first: number; after?: string }

/** Names of our branches, for proposals and for repairs. */
export type Branches = { proposed: string; fixed: string }

export async function listRepositories(
  ghes: SurveyGhes,
  { organization, branches, first, after }: PageAsked,
): Promise<Page | { result: 'none' } | Trouble> {
  const { proposed, fixed } = branches
  const refs = { proposedRef: `refs/heads/${proposed}`, fixedRef: `refs/heads/${fixed}` }
  const answer = await ghes.query(
    QUESTION,
    { organization, first, after: after ?? null, proposed, fixed, ...refs },
    pageIn,
  )
  return answer.result === 'answered' ? answer.value : ghes.trouble(answer)
}

const ENTRY = 'name type mode oid size'
/** Ours are told from those of forks, whose branches may be called the same. */
const pullRequests = (name: string) =>
  `${name}: pullRequests(headRefName: $${name}, first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { number state url createdAt isCrossRepository } }
          ${name}Branch: ref(qualifiedName: $${name}Ref) { target { oid } }`

const QUESTION = `query ($organization: String!, $first: Int!, $after: String, $proposed: String!, $proposedRef: String!, $fixed: String!, $fixedRef: String!) {
    organization(login: $organization) {
      repositories(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          nameWithOwner isArchived isDisabled isLocked isFork isTemplate description viewerPermission
          primaryLanguage { name }
          repositoryTopics(first: 20) { nodes { topic { name } } }
          ${pullRequests('proposed')}
          ${pullRequests('fixed')}
          defaultBranchRef { name target { oid ... on Commit { tree { oid entries { ${ENTRY} object { ... on Tree { entries { ${ENTRY} object { ... on Tree { entries { ${ENTRY} } } } } } } } } } } }
        }
      }
    }
  }`

function pageIn(given: GraphqlAnswer): Page | { result: 'none' } | undefined {
  const page = repositoriesPage(given, described)
  if (page?.result !== 'page') return page
  const unread = page.unread.map(({ repository, said }) => ({
    repository,
    reason: said ?? 'GHES described nothing of it',
  }))
  return { ...page, unread, total: page.total ?? page.repositories.length + unread.length }
}

function described(node: unknown, repository: string): Repository {
  const is = (name: string) => field(node, name, 'boolean') === true
  const { at, named } = defaultBranch(node)
  const tree = field(at, 'tree', 'map')
  const id = field(tree, 'oid', 'text')
  const permission = field(node, 'viewerPermission', 'text')
  const { files, isWhole } = filesIn(tree)
  return {
    repository,
    archived: is('isArchived'),
    disabled: is('isDisabled') || is('isLocked'),
    fork: is('isFork'),
    template: is('isTemplate'),
    description: field(node, 'description', 'text') ?? '',
    topics: knownOf(field(field(node, 'repositoryTopics', 'map'), 'nodes', 'list'), topicIn) ?? [],
    language: field(field(node, 'primaryLanguage', 'map'), 'name', 'text') ?? '',
    mayPush: permission === undefined || ['ADMIN', 'MAINTAIN', 'WRITE'].includes(permission),
    ...named,
    ...(id === undefined ? {} : { tree: id }),
    files,
    isWhole,
    proposed: branchIn(node, 'proposed'),
    fixed: branchIn(node, 'fixed'),
  }
}

const topicIn = (node: unknown) => field(field(node, 'topic', 'map'), 'name', 'text')

function branchIn(node: unknown, name: 'proposed' | 'fixed'): OurBranch {
  const head = field(field(field(node, `${name}Branch`, 'map'), 'target', 'map'), 'oid', 'text')
  const [pullRequest] = knownOf(field(field(node, name, 'map'), 'nodes', 'list'), pullRequestIn) ?? []
  return { ...(head === undefined ? {} : { head }), ...(pullRequest === undefined ? {} : { pullRequest }) }
}

function pullRequestIn(node: unknown): PullRequestSeen | undefined {
  const [number, url] = [field(node, 'number', 'number'), field(node, 'url', 'text')]
  if (number === undefined || url === undefined || field(node, 'isCrossRepository', 'boolean') === true)
    return undefined
  const said = field(node, 'state', 'text')
  const state = said === 'OPEN' ? 'open' : said === 'MERGED' ? 'merged' : 'closed'
  return { number, url, state, createdAt: field(node, 'createdAt', 'text') ?? '' }
}

function filesIn(tree: unknown): { files: ListedFile[]; isWhole: boolean } {
  const found = { files: [] as ListedFile[], isWhole: true }
  walk(tree, '', found)
  return found
}

function walk(tree: unknown, folder: string, found: { files: ListedFile[]; isWhole: boolean }): void {
  for (const entry of field(tree, 'entries', 'list') ?? []) {
    const [name, id, mode] = [field(entry, 'name', 'text'), field(entry, 'oid', 'text'), field(entry, 'mode', 'number')]
    if (name === undefined || id === undefined || mode === undefined) continue
    const path = `${folder}${name}`
    if (field(entry, 'type', 'text') !== 'tree')
      found.files.push({ path, id, type: typeOfMode(mode), bytes: field(entry, 'size', 'number') ?? 0 })
    else if (field(entry, 'object', 'map') !== undefined) walk(field(entry, 'object', 'map'), `${path}/`, found)
    else found.isWhole = false
  }
}
