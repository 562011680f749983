// What an organisation holds, by GraphQL: a hundred repositories a question, with the blob ids of their catalog files.

import type { Trouble } from '../trouble.ts'
import { fieldOf, type GhesAnswer, type GhesRequests, textOf, unreadable } from './requests.ts'

export type InventoriedRepository = {
  /** OWNER/NAME */
  repository: string
  archived: boolean
  /** The default branch; undefined while the repository is empty. */
  branch?: string
  head?: string
  /** Blob ids by path, of those asked for that are there. */
  blobs: Map<string, string>
}

export type InventoryPage = {
  result: 'page'
  repositories: InventoriedRepository[]
  /** Repositories that GHES could not describe, each with its reason. They are neither changed nor gone. */
  unread: string[]
  /** Cursor of the next page. */
  next?: string
}
/** `none`: no such organisation, or not for us. */
type InventoryAnswer = InventoryPage | { result: 'none' } | Trouble

export type FilesAsked = { repository: string; paths: readonly string[] }
/** Repositories that are left out could not be read. */
type FilesAnswer = { result: 'files'; blobs: Map<string, Map<string, string>> } | Trouble

export type GhesInventory = {
  /** Repositories of the organisation by name, with the blobs of these paths on their default branch. */
  repositories(
    organization: string,
    options: { paths: readonly string[]; first: number; after?: string },
  ): Promise<InventoryAnswer>
  /** Blobs of other paths for each repository, on its default branch. */
  files(asked: readonly FilesAsked[]): Promise<FilesAnswer>
}

export function ghesInventory(requests: GhesRequests): GhesInventory {
  const { query, guarded, trouble } = requests
  return {
    repositories: (organization, { paths, first, after }) =>
      guarded<InventoryAnswer>(async () => {
        const expressions = Object.fromEntries(paths.map((path, i) => [`path${i}`, `HEAD:${path}`]))
        const variables = { organization, first, after: after ?? null, ...expressions }
        const answer = await query('reconcile', repositoriesQuery(paths.length), variables)
        if (answer.status !== 200) return trouble(answer)
        const errors = errorsIn(answer)
        const organizationData = fieldOf(fieldOf(answer.data, 'data'), 'organization')
        if (!organizationData) return noData(errors, answer, requests)
        return page(fieldOf(organizationData, 'repositories'), paths, errors) ?? unreadable('GraphQL')
      }),
    files: asked =>
      guarded<FilesAnswer>(async () => {
        const { text, variables } = filesQuery(asked)
        const answer = await query('reconcile', text, variables)
        if (answer.status !== 200) return trouble(answer)
        const errors = errorsIn(answer)
        const data = fieldOf(answer.data, 'data')
        const limited = errors.some(error => error.type === 'RATE_LIMITED' || error.path.length === 0)
        if (!data || limited) return graphqlTrouble(errors, answer, requests)
        const found = asked.flatMap(({ repository, paths }, i) => {
          const node = fieldOf(data, `repository${i}`)
          const broken = errors.some(error => error.path[0] === `repository${i}`)
          return node && !broken ? [[repository, blobsOf(node, paths)] as const] : []
        })
        return { result: 'files', blobs: new Map(found) }
      }),
  }
}

/** `HEAD` is the default branch, so that name, head and blobs come from one look. A folder of that name is no blob. */
const blobFields = (paths: number, name: (i: number) => string) =>
  Array.from({ length: paths }, (_, i) => `file${i}: object(expression: $${name(i)}) { ... on Blob { oid } }`).join(' ')

function repositoriesQuery(paths: number): string {
  const variables = Array.from({ length: paths }, (_, i) => `, $path${i}: String!`).join('')
  return `query ($organization: String!, $first: Int!, $after: String${variables}) {
    organization(login: $organization) {
      repositories(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
        pageInfo { hasNextPage endCursor }
        nodes {
          nameWithOwner isArchived defaultBranchRef { name target { oid } }
          ${blobFields(paths, i => `path${i}`)}
        }
      }
    }
  }`
}

function filesQuery(asked: readonly FilesAsked[]): { text: string; variables: Record<string, string> } {
  const variables: Record<string, string> = {}
  const parts = asked.map(({ repository, paths }, r) => {
    const [owner = '', name = ''] = repository.split('/')
    Object.assign(variables, { [`owner${r}`]: owner, [`name${r}`]: name })
    paths.forEach((path, i) => {
      variables[`path${r}x${i}`] = `HEAD:${path}`
    })
    return `repository${r}: repository(owner: $owner${r}, name: $name${r}) { ${blobFields(paths.length, i => `path${r}x${i}`)} }`
  })
  const declared = Object.keys(variables).map(name => `$${name}: String!`)
  return { text: `query (${declared.join(', ')}) { ${parts.join('\n')} }`, variables }
}

type GraphqlError = { type: string; message: string; path: (string | number)[] }

function errorsIn({ data }: GhesAnswer): GraphqlError[] {
  const errors = fieldOf(data, 'errors')
  return (Array.isArray(errors) ? errors : []).map((error: unknown) => {
    const path = fieldOf(error, 'path')
    return {
      type: textOf(error, 'type') ?? '',
      message: textOf(error, 'message') ?? '',
      path: Array.isArray(path) ? path : [],
    }
  })
}

/** No organisation in the answer: either there is none, or something is wrong. */
function noData(errors: GraphqlError[], answer: GhesAnswer, requests: GhesRequests): InventoryAnswer {
  if (errors.some(({ type }) => type === 'NOT_FOUND')) return { result: 'none' }
  return errors.length > 0 ? graphqlTrouble(errors, answer, requests) : unreadable('GraphQL')
}

/** GraphQL fails with status 200: the type of its error says what it is. */
function graphqlTrouble(errors: GraphqlError[], answer: GhesAnswer, { trouble }: GhesRequests): Trouble {
  const types = errors.map(({ type }) => type)
  // As if REST had answered so: the same headers say how long to wait.
  if (types.includes('RATE_LIMITED')) return trouble({ ...answer, status: 429 })
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) return trouble({ ...answer, status: 403 })
  const said = (errors[0]?.message ?? '').replace(/\s+/g, ' ').slice(0, 200)
  return { result: 'trouble', kind: 'down', reason: `GHES's GraphQL answered with an error: ${JSON.stringify(said)}` }
}

function page(data: unknown, paths: readonly string[], errors: GraphqlError[]): InventoryAnswer | undefined {
  const nodes = fieldOf(data, 'nodes')
  const info = fieldOf(data, 'pageInfo')
  if (!Array.isArray(nodes) || info === undefined) return undefined
  // An error without a place makes every empty field of the page doubtful: a file that could not be read looks like a removed one.
  const placed = (i: number) => errors.find(({ path }) => typeof path[3] !== 'number' || path[3] === i)
  const repositories: InventoriedRepository[] = []
  const unread: string[] = []
  nodes.forEach((node: unknown, i) => {
    const name = textOf(node, 'nameWithOwner')
    const error = placed(i)
    if (name === undefined || error)
      unread.push(`${name ?? 'a repository'}: ${error?.message.slice(0, 200) ?? 'empty'}`)
    else repositories.push(described(node, name, paths))
  })
  const next = fieldOf(info, 'hasNextPage') === true ? textOf(info, 'endCursor') : undefined
  return { result: 'page', repositories, unread, ...(next === undefined ? {} : { next }) }
}

function described(node: unknown, repository: string, paths: readonly string[]): InventoriedRepository {
  const branchRef = fieldOf(node, 'defaultBranchRef')
  const branch = textOf(branchRef, 'name')
  const head = textOf(fieldOf(branchRef, 'target'), 'oid')
  return {
    repository,
    archived: fieldOf(node, 'isArchived') === true,
    ...(branch === undefined || head === undefined ? {} : { branch, head }),
    blobs: blobsOf(node, paths),
  }
}

function blobsOf(node: unknown, paths: readonly string[]): Map<string, string> {
  const found = paths.map((path, i) => [path, textOf(fieldOf(node, `file${i}`), 'oid')] as const)
  return new Map(found.flatMap(([path, oid]) => (oid === undefined ? [] : [[path, oid]])))
}
