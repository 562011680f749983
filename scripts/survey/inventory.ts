// What there is to survey: an organisation's repositories, a hundred a question, with what lies at the paths of catalog files.
import type { GraphqlAnswer } from '../../relay/clients/ghes/graphql.ts'
import { field } from '../../relay/clients/ghes/read.ts'
import { defaultBranch, repositoriesPage } from '../../relay/clients/ghes/repositories-page.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { SurveyGhes } from './ghes.ts'

export type ListedFile = { path: string; type: 'file' | 'symlink' | 'submodule'; id: string; bytes: number }

export type ListedRepository = {
  /** OWNER/NAME */
  repository: string
  archived: boolean
  /** By the site's administrator, or while it is migrated: nobody can push. */
  disabled: boolean
  fork: boolean
  /** The default branch; undefined while the repository is empty. */
  branch?: string
  head?: string
  /** Of the paths asked for, what is there. A folder of that name is nothing. */
  files: ListedFile[]
}

export type ListedPage = {
  result: 'page'
  /** In the whole organisation, as far as the token may see. */
  total: number
  repositories: ListedRepository[]
  /** What GHES could not describe, with its reason. */
  unread: { repository: string; reason: string }[]
  next?: string
}

export type PageAsked = { organization: string; paths: readonly string[]; first: number; after?: string }

/** One page. `none`: no such organisation, or the token is not allowed to see it. */
export async function listPage(
  ghes: SurveyGhes,
  { organization, paths, first, after }: PageAsked,
): Promise<ListedPage | { result: 'none' } | Trouble> {
  const named = Object.fromEntries(paths.map((path, i) => [`path${i}`, path]))
  const variables = { organization, first, after: after ?? null, ...named }
  const answer = await ghes.query(question(paths.length), variables, given => pageIn(given, paths))
  return answer.result === 'answered' ? answer.value : ghes.trouble(answer)
}

/** `file` and not `object`: only a tree's entry tells a link or a submodule from a file. */
function question(paths: number): string {
  const variables = Array.from({ length: paths }, (_, i) => `, $path${i}: String!`).join('')
  const files = Array.from({ length: paths }, (_, i) => `file${i}: file(path: $path${i}) { type mode oid size }`)
  return `query ($organization: String!, $first: Int!, $after: String${variables}) {
    organization(login: $organization) {
      repositories(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          nameWithOwner isArchived isDisabled isLocked isFork
          defaultBranchRef { name target { oid ${files.length > 0 ? `... on Commit { ${files.join(' ')} }` : ''} } }
        }
      }
    }
  }`
}

function pageIn(given: GraphqlAnswer, paths: readonly string[]): ListedPage | { result: 'none' } | undefined {
  const page = repositoriesPage(given, (node, repository) => described(node, repository, paths))
  if (page?.result !== 'page') return page
  const unread = page.unread.map(({ repository, said }) => ({
    repository,
    reason: said ?? 'GHES described nothing of it',
  }))
  return { ...page, unread, total: page.total ?? page.repositories.length + unread.length }
}

function described(node: unknown, repository: string, paths: readonly string[]): ListedRepository {
  const is = (name: string) => field(node, name, 'boolean') === true
  const { at, named } = defaultBranch(node)
  return {
    repository,
    archived: is('isArchived'),
    disabled: is('isDisabled') || is('isLocked'),
    fork: is('isFork'),
    ...named,
    files: paths.flatMap((path, i) => entryIn(field(at, `file${i}`, 'map'), path)),
  }
}

function entryIn(entry: unknown, path: string): ListedFile[] {
  const id = field(entry, 'oid', 'text')
  const mode = field(entry, 'mode', 'number')
  if (id === undefined || mode === undefined || field(entry, 'type', 'text') === 'tree') return []
  return [{ path, type: typeOfMode(mode), id, bytes: field(entry, 'size', 'number') ?? 0 }]
}

/** GraphQL gives git's mode as a number: 100644 is octal. */
export function typeOfMode(mode: number): ListedFile['type'] {
  const kind = mode >> 12
  return kind === 0o12 ? 'symlink' : kind === 0o16 ? 'submodule' : 'file'
}
