// What there is to survey: an organisation's repositories, a hundred a question, with what lies at the paths of catalog files.
import { fieldOf, type GhesAnswer, textOf } from '../../relay/clients/ghes/requests.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { SurveyGhes } from './ghes.ts'
import { type GraphqlError, graphqlErrors, graphqlTrouble } from './graphql.ts'

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

/** One page. `none`: no such organisation, or the token may not see it. */
export function listPage(
  ghes: SurveyGhes,
  { organization, paths, first, after }: PageAsked,
): Promise<ListedPage | { result: 'none' } | Trouble> {
  return ghes.guarded<ListedPage | { result: 'none' }>(async () => {
    const named = Object.fromEntries(paths.map((path, i) => [`path${i}`, path]))
    // The purpose is for the relay's metrics; nobody counts them here.
    const answer = await ghes.query('reconcile', question(paths.length), {
      ...{ organization, first, after: after ?? null },
      ...named,
    })
    if (answer.status !== 200) return ghes.trouble(answer)
    const errors = graphqlErrors(answer)
    const list = fieldOf(fieldOf(fieldOf(answer.data, 'data'), 'organization'), 'repositories')
    if (!list) return withoutList(ghes, answer, errors)
    return page(list, paths, errors) ?? graphqlTrouble(ghes, answer, errors)
  })
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

function withoutList(ghes: SurveyGhes, answer: GhesAnswer, errors: GraphqlError[]): { result: 'none' } | Trouble {
  return errors.some(({ type }) => type === 'NOT_FOUND') ? { result: 'none' } : graphqlTrouble(ghes, answer, errors)
}

function page(list: unknown, paths: readonly string[], errors: GraphqlError[]): ListedPage | undefined {
  const nodes = fieldOf(list, 'nodes')
  const info = fieldOf(list, 'pageInfo')
  if (!Array.isArray(nodes) || info === undefined) return undefined
  const repositories: ListedRepository[] = []
  const unread: ListedPage['unread'] = []
  nodes.forEach((node: unknown, i) => {
    const name = textOf(node, 'nameWithOwner')
    // An error without a place makes every empty field of the page doubtful.
    const error = errors.find(({ path }) => typeof path[3] !== 'number' || path[3] === i)
    if (name !== undefined && !error) repositories.push(described(node, name, paths))
    else unread.push({ repository: name ?? 'a repository', reason: error?.message ?? 'GHES described nothing of it' })
  })
  const total = fieldOf(list, 'totalCount')
  const next = fieldOf(info, 'hasNextPage') === true ? textOf(info, 'endCursor') : undefined
  return {
    ...{ result: 'page', repositories, unread },
    total: typeof total === 'number' ? total : nodes.length,
    ...(next === undefined ? {} : { next }),
  }
}

function described(node: unknown, repository: string, paths: readonly string[]): ListedRepository {
  const is = (name: string) => fieldOf(node, name) === true
  const branchRef = fieldOf(node, 'defaultBranchRef')
  const target = fieldOf(branchRef, 'target')
  const branch = textOf(branchRef, 'name')
  const head = textOf(target, 'oid')
  return {
    ...{ repository, archived: is('isArchived'), disabled: is('isDisabled') || is('isLocked'), fork: is('isFork') },
    ...(branch === undefined || head === undefined ? {} : { branch, head }),
    files: paths.flatMap((path, i) => entryIn(fieldOf(target, `file${i}`), path)),
  }
}

function entryIn(entry: unknown, path: string): ListedFile[] {
  const id = textOf(entry, 'oid')
  const mode = fieldOf(entry, 'mode')
  const size = fieldOf(entry, 'size')
  if (id === undefined || typeof mode !== 'number' || textOf(entry, 'type') === 'tree') return []
  return [{ path, type: typeOfMode(mode), id, bytes: typeof size === 'number' ? size : 0 }]
}

/** GraphQL gives git's mode as a number: 100644 is octal. */
export function typeOfMode(mode: number): ListedFile['type'] {
  const kind = mode >> 12
  return kind === 0o12 ? 'symlink' : kind === 0o16 ? 'submodule' : 'file'
}
