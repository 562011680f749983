// One page of an organisation's repositories, as GraphQL lists them: each described, or why it is not.
import type { GraphqlAnswer } from './graphql.ts'
import { field } from './read.ts'

export type RepositoriesPage<T> = {
  result: 'page'
  /** In the whole organisation, as far as the token may see; undefined where it was not asked for. */
  total: number | undefined
  repositories: T[]
  /** What GHES could not describe, with what it said. They are neither changed nor gone. */
  unread: { repository: string; said: string | undefined }[]
  /** Cursor of the next page. */
  next?: string
}

/** `none`: no such organisation, or not for us. `describe` gets a node of the question's own fields, and OWNER/NAME. */
export function repositoriesPage<T>(
  { data, errors }: GraphqlAnswer,
  describe: (node: unknown, repository: string) => T,
): RepositoriesPage<T> | { result: 'none' } | undefined {
  const list = field(field(data, 'organization', 'map'), 'repositories', 'map')
  if (!list) return errors.some(({ type }) => type === 'NOT_FOUND') ? { result: 'none' } : undefined
  const nodes = field(list, 'nodes', 'list')
  const info = field(list, 'pageInfo', 'map')
  if (!nodes || !info) return undefined
  // An error without a place makes every empty field of the page doubtful: a file that could not be read looks like a removed one.
  const placed = (i: number) => errors.find(({ path }) => typeof path[3] !== 'number' || path[3] === i)
  const repositories: T[] = []
  const unread: RepositoriesPage<T>['unread'] = []
  nodes.forEach((node, i) => {
    const name = field(node, 'nameWithOwner', 'text')
    const error = placed(i)
    if (name !== undefined && !error) repositories.push(describe(node, name))
    else unread.push({ repository: name ?? 'a repository', said: error?.message })
  })
  const next = field(info, 'hasNextPage', 'boolean') ? field(info, 'endCursor', 'text') : undefined
  const total = field(list, 'totalCount', 'number')
  return { result: 'page', total, repositories, unread, ...(next === undefined ? {} : { next }) }
}

/** The default branch with its head; nothing while the repository is empty. `at`: the commit's own fields. */
export function defaultBranch(node: unknown): { at: unknown; named: { branch?: string; head?: string } } {
  const branchRef = field(node, 'defaultBranchRef', 'map')
  const at = field(branchRef, 'target', 'map')
  const branch = field(branchRef, 'name', 'text')
  const head = field(at, 'oid', 'text')
  return { at, named: branch === undefined || head === undefined ? {} : { branch, head } }
}
