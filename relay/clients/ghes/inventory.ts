// What an organisation holds, by GraphQL: a hundred repositories a question, with the blob ids of their catalog files.
import type { RepositoryFacts } from '../../../schemas/repository-facts.ts'
import type { Trouble } from '../trouble.ts'
import type { GhesClient } from './client.ts'
import type { GraphqlAnswer, GraphqlError } from './graphql.ts'
import { field, knownOf } from './read.ts'
import { troubleOf } from './refusal.ts'
import { defaultBranch, repositoriesPage } from './repositories-page.ts'

export type InventoriedRepository = {
  /** OWNER/NAME */
  repository: string
  archived: boolean
  /** The default branch; undefined while the repository is empty. */
  branch?: string
  head?: string
  /** Blob ids by path, of those asked for that are there. */
  blobs: Map<string, string>
  /** What nothing depends on; nothing where this GHES cannot tell. */
  about: Omit<RepositoryFacts, 'repository' | 'lastPushAt'>
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

export function ghesInventory(client: GhesClient): GhesInventory {
  const { query } = client.for('reconcile')
  let asksAbout = true
  return {
    repositories: async (organization, { paths, first, after }) => {
      const expressions = Object.fromEntries(paths.map((path, i) => [`path${i}`, `HEAD:${path}`]))
      const variables = { organization, first, after: after ?? null, ...expressions }
      const ask = () =>
        query(repositoriesQuery(paths.length, asksAbout), variables, given => {
          if (asksAbout && given.errors.some(isAboutError)) return { result: 'not about' as const }
          return pageIn(given, paths)
        })
      let answer = await ask()
      if (answer.result === 'answered' && answer.value.result === 'not about') {
        asksAbout = false
        answer = await ask()
      }
      if (answer.result !== 'answered') return troubleOf(answer)
      if (answer.value.result === 'not about') throw new Error('it was not asked about')
      return answer.value
    },
    files: async asked => {
      const { text, variables } = filesQuery(asked)
      const answer = await query(text, variables, given => blobsIn(given, asked))
      return answer.result === 'answered' ? { result: 'files', blobs: answer.value } : troubleOf(answer)
    },
  }
}

/** `HEAD` is the default branch, so that name, head and blobs come from one look. A folder of that name is no blob. */
const blobFields = (paths: number, name: (i: number) => string) =>
  Array.from({ length: paths }, (_, i) => `file${i}: object(expression: $${name(i)}) { ... on Blob { oid } }`).join(' ')

const ABOUT = 'visibility isFork repositoryTopics(first: 50) { nodes { topic { name } } }'

/** What an enrichment wants must not cost the reconcile its page: GHES is not asked for it again until the next start. */
const isAboutError = ({ path, message }: GraphqlError) =>
  /\b(visibility|isFork|repositoryTopics)\b/.test([...path, message].join(' '))

function repositoriesQuery(paths: number, asksAbout: boolean): string {
  const variables = Array.from({ length: paths }, (_, i) => `, $path${i}: String!`).join('')
  return `query ($organization: String!, $first: Int!, $after: String${variables}) {
    organization(login: $organization) {
      repositories(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
        pageInfo { hasNextPage endCursor }
        nodes {
          nameWithOwner isArchived defaultBranchRef { name target { oid } } ${asksAbout ? ABOUT : ''}
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

function pageIn(given: GraphqlAnswer, paths: readonly string[]): InventoryPage | { result: 'none' } | undefined {
  const page = repositoriesPage(
    given,
    (node, repository): InventoriedRepository => ({
      repository,
      archived: field(node, 'isArchived', 'boolean') === true,
      ...defaultBranch(node).named,
      blobs: blobsOf(node, paths),
      about: aboutIn(node),
    }),
  )
  if (page?.result !== 'page') return page
  const { total: _, unread, ...rest } = page
  return { ...rest, unread: unread.map(({ repository, said }) => `${repository}: ${said ?? 'empty'}`) }
}

function aboutIn(node: unknown): InventoriedRepository['about'] {
  const [visibility, fork] = [field(node, 'visibility', 'text')?.toLowerCase(), field(node, 'isFork', 'boolean')]
  const nodes = field(field(node, 'repositoryTopics', 'map'), 'nodes', 'list')
  const topics = knownOf(nodes, one => field(field(one, 'topic', 'map'), 'name', 'text'))
  const { branch } = defaultBranch(node).named
  return {
    ...(visibility === undefined ? {} : { visibility }),
    archived: field(node, 'isArchived', 'boolean') === true,
    ...(fork === undefined ? {} : { fork }),
    ...(branch === undefined ? {} : { defaultBranch: branch }),
    ...(topics === undefined ? {} : { topics: topics.sort() }),
  }
}

function blobsIn({ data, errors }: GraphqlAnswer, asked: readonly FilesAsked[]) {
  if (!data || errors.some(({ type, path }) => type === 'RATE_LIMITED' || path.length === 0)) return undefined
  const found = asked.flatMap(({ repository, paths }, i) => {
    const node = field(data, `repository${i}`, 'map')
    const broken = errors.some(({ path }) => path[0] === `repository${i}`)
    return node && !broken ? [[repository, blobsOf(node, paths)] as const] : []
  })
  return new Map(found)
}

function blobsOf(node: unknown, paths: readonly string[]): Map<string, string> {
  const found = paths.map((path, i) => [path, field(field(node, `file${i}`, 'map'), 'oid', 'text')] as const)
  return new Map(found.flatMap(([path, oid]) => (oid === undefined ? [] : [[path, oid]])))
}
