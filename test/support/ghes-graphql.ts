// GraphQL of the stand-in GHES: any query, run on GitHub's own schema, over repositories that somebody describes.
import { readFileSync } from 'node:fs'
import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { Answer } from './stand-in.ts'

export type GraphqlRepository = {
  nameWithOwner: string
  isArchived: boolean
  isDisabled?: boolean
  isFork?: boolean
  visibility?: 'PUBLIC' | 'INTERNAL' | 'PRIVATE'
  topics?: readonly string[]
  /** Undefined while it is empty. */
  defaultBranch?: { name: string; head: string }
  /** What this path is at a commit, or on the default branch. `mode` is git's, 100644 when it is left out. */
  entry(path: string, commit?: string): Promise<{ type: 'Blob' | 'Tree'; oid: string; mode?: string } | undefined>
  /** Left out where nobody asks for contents. */
  blob?(oid: string): Promise<Buffer | undefined>
  /** What only an inventory asks for; `files`: of the whole tree. */
  more?: {
    description?: string
    isTemplate?: boolean
    permission?: string
    tree: string
    files: readonly { path: string; oid: string; mode: string; bytes: number }[]
    /** Ids of commits by the names of branches. */
    branches: ReadonlyMap<string, string>
    pullRequests: readonly GraphqlPullRequest[]
  }
}

export type GraphqlPullRequest = {
  number: number
  state: 'OPEN' | 'MERGED' | 'CLOSED'
  url: string
  createdAt: string
  branch: string
}

export type GraphqlTeam = { slug: string; repositories: { permission: string; repository: string }[] }

export type GraphqlSource = {
  /** By name. Undefined: no such organisation. */
  repositories(organization: string): Promise<GraphqlRepository[] | undefined>
  repository(fullName: string): Promise<GraphqlRepository | undefined>
  teams?(organization: string): Promise<GraphqlTeam[]>
}

let schema: GraphQLSchema | undefined
/** Nobody here asks for them, and they are two thirds of the file. */
const DESCRIPTION = /"""[\s\S]*?"""/g

/** Some 150 ms, as long again with its descriptions, and half of it to load graphql: only for those who ask. */
export async function gitHubSchema(): Promise<GraphQLSchema> {
  const { buildSchema } = await import('graphql')
  const file = new URL('../../node_modules/@octokit/graphql-schema/schema.graphql', import.meta.url)
  schema ??= buildSchema(readFileSync(file, 'utf8').replaceAll(DESCRIPTION, ''), {
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  })
  return schema
}

export async function graphqlAnswer(source: GraphqlSource, body: string): Promise<Answer> {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
  const { graphql } = await import('graphql')
  const result = await graphql({
    schema: await gitHubSchema(),
    source: query,
    ...(variables ? { variableValues: variables } : {}),
    rootValue: root(source),
    typeResolver: (value: { __typename?: string }) => value.__typename,
  })
  return { status: 200, body: asGitHub(result) }
}

/** GitHub names the type of an error beside its message. */
function asGitHub({ data, errors }: ExecutionResult): object {
  const shown = errors?.map(error => ({ ...error.toJSON(), type: error.extensions['type'], extensions: undefined }))
  return { ...(data === undefined ? {} : { data }), ...(shown ? { errors: shown } : {}) }
}

function root(source: GraphqlSource) {
  return {
    organization: async ({ login }: { login: string }) => {
      const all = await source.repositories(login)
      if (!all) throw notFound(`Could not resolve to an Organization with the login of '${login}'.`)
      const teams = (await source.teams?.(login)) ?? []
      return {
        repositories: (asked: PageAsked) => pageOf(all, asked, repositoryNode),
        teams: (asked: PageAsked) => pageOf(teams, asked, teamNode),
        team: ({ slug }: { slug: string }) => teams.filter(team => team.slug === slug).map(teamNode)[0] ?? null,
      }
    },
    repository: async ({ owner, name }: { owner: string; name: string }) => {
      const found = await source.repository(`${owner}/${name}`)
      if (!found) throw notFound(`Could not resolve to a Repository with the name '${owner}/${name}'.`)
      return repositoryNode(found)
    },
  }
}

const notFound = (message: string) => failed(message, 'NOT_FOUND')
/** graphql takes the extensions over into its own error. */
const failed = (message: string, type: string) => Object.assign(new Error(message), { extensions: { type } })

type PageAsked = { first?: number; after?: string | null }

const teamNode = ({ slug, repositories }: GraphqlTeam) => ({
  slug,
  repositories: (asked: PageAsked) => {
    const page = pageOf(repositories, asked, one => one)
    const edges = page.nodes.map(({ permission, repository }) => ({ permission, node: { nameWithOwner: repository } }))
    return { ...page, edges }
  },
})

function pageOf<T, N>(all: readonly T[], { first = 0, after }: PageAsked, nodeOf: (one: T) => N) {
  if (first < 1 || first > 100) {
    const message = `Requesting ${first} records on the connection exceeds the \`first\` limit of 100 records.`
    throw failed(message, 'EXCESSIVE_PAGINATION')
  }
  const from = after ? Number(Buffer.from(after, 'base64').toString().split(':')[1]) : 0
  return {
    totalCount: all.length,
    pageInfo: {
      hasNextPage: from + first < all.length,
      endCursor: Buffer.from(`cursor:${from + first}`).toString('base64'),
    },
    nodes: all.slice(from, from + first).map(nodeOf),
  }
}

function repositoryNode(repository: GraphqlRepository) {
  const { nameWithOwner, isArchived, isDisabled = false, isFork = false, defaultBranch } = repository
  const { visibility = 'INTERNAL', topics = [] } = repository
  return {
    ...{ nameWithOwner, isArchived, isDisabled, isFork, isLocked: false, visibility },
    repositoryTopics: { nodes: topics.map(name => ({ topic: { name } })) },
    ...moreOf(repository),
    defaultBranchRef: defaultBranch
      ? { name: defaultBranch.name, target: commitNode(repository, defaultBranch.head) }
      : null,
    object: async ({ expression, oid }: { expression?: string; oid?: string }) => {
      if (oid !== undefined) return (await repository.blob?.(oid)) ? blobNode(repository, oid) : null
      const [, commit, path] = /^(HEAD|refs\/heads\/[^:]+|[0-9a-f]{40}):(.*)$/s.exec(expression ?? '') ?? []
      if (path === undefined)
        throw new Error(`the stand-in knows HEAD:PATH, BRANCH:PATH and COMMIT:PATH only, not ${expression}`)
      const entry = await repository.entry(path, commit === 'HEAD' ? undefined : commit)
      if (!entry) return null
      return entry.type === 'Blob' ? blobNode(repository, entry.oid) : { __typename: 'Tree', oid: entry.oid }
    },
  }
}

/** What only an inventory asks for. */
function moreOf({ more }: GraphqlRepository) {
  if (more === undefined) return {}
  const { description = null, isTemplate = false, permission = 'ADMIN', branches, pullRequests } = more
  return {
    ...{ description, isTemplate, viewerPermission: permission, primaryLanguage: null },
    pullRequests: ({ headRefName, first }: { headRefName: string; first: number }) => {
      const ours = pullRequests.filter(({ branch }) => branch === headRefName).toReversed()
      return { nodes: ours.slice(0, first).map(one => ({ ...one, isCrossRepository: false })) }
    },
    ref: ({ qualifiedName }: { qualifiedName: string }) => {
      const oid = branches.get(qualifiedName.replace('refs/heads/', ''))
      return oid === undefined ? null : { target: { __typename: 'Commit', oid } }
    },
  }
}

/** Of the files below a folder, `''` or `a/b/`. */
function treeNode(oid: string, folder: string, files: NonNullable<GraphqlRepository['more']>['files']): object {
  const below = new Map<string, object>()
  for (const file of files) {
    if (!file.path.startsWith(folder)) continue
    const [name = '', ...deeper] = file.path.slice(folder.length).split('/')
    const mode = Number.parseInt(file.mode, 8)
    if (deeper.length === 0) below.set(name, { name, type: 'blob', mode, oid: file.oid, size: file.bytes })
    else if (!below.has(name)) {
      const object = () => treeNode(oid, `${folder}${name}/`, files)
      below.set(name, { name, type: 'tree', mode: 0o40000, oid, size: 0, object })
    }
  }
  return { __typename: 'Tree', oid, entries: [...below.values()] }
}

function commitNode(repository: GraphqlRepository, oid: string) {
  const { more } = repository
  return {
    ...{ __typename: 'Commit', oid },
    ...(more === undefined ? {} : { tree: () => treeNode(more.tree, '', more.files) }),
    file: async ({ path }: { path: string }) => {
      const entry = await repository.entry(path)
      if (!entry) return null
      const mode = Number.parseInt(entry.mode ?? (entry.type === 'Tree' ? '40000' : '100644'), 8)
      const type = entry.type === 'Tree' ? 'tree' : mode >> 12 === 0o16 ? 'commit' : 'blob'
      return { type, mode, oid: entry.oid, size: async () => (await repository.blob?.(entry.oid))?.length ?? 0 }
    },
  }
}

/** Longer texts are cut off; where exactly, GitHub does not say. */
const TEXT_BYTES = 512_000

function blobNode(repository: GraphqlRepository, oid: string) {
  const bytes = async () => (await repository.blob?.(oid)) ?? Buffer.alloc(0)
  const isBinary = async () => (await bytes()).includes(0)
  return {
    ...{ __typename: 'Blob', oid, isBinary },
    byteSize: async () => (await bytes()).length,
    isTruncated: async () => (await bytes()).length > TEXT_BYTES,
    text: async () => ((await isBinary()) ? null : (await bytes()).subarray(0, TEXT_BYTES).toString('utf8')),
  }
}
