// Where a branch stands, and whether its repository is there: what a landing check asks first.
import { encodedPath } from '../../../schemas/url-path.ts'
import type { Trouble } from '../trouble.ts'
import type { GhesClient, GhesRequests } from './client.ts'
import type { GraphqlAnswer } from './graphql.ts'
import { field, type Read } from './read.ts'
import { type Refusal, troubleOf } from './refusal.ts'

export type Repository = { owner: string; name: string }

export function repositoryOf(fullName: string): Repository {
  const [owner = '', name = ''] = fullName.split('/')
  return { owner, name }
}

export type BranchAnswer = { result: 'at'; sha: string } | { result: 'none' } | Trouble
/** What GHES says of a repository. */
export type RepositoryFacts = {
  /** OWNER/NAME as it is written now. */
  fullName: string
  archived: boolean
  defaultBranch: string
}
export type RepositoryAnswer =
  | ({ result: 'found' } & RepositoryFacts)
  /** It has another name now; `to` is left out where that one is not for us. */
  | { result: 'moved'; to?: RepositoryFacts }
  | { result: 'none' }
  | Trouble

/** `absent`: also when the repository is not there, archived or known by another name, so that no catalog should hold the file. */
export type FileAnswer = { result: 'there' } | { result: 'absent' } | Trouble

export type GhesBranches = {
  branch(repository: Repository, branch: string): Promise<BranchAnswer>
  /** Whether GHES's API is there and takes the token: asks for nothing. */
  reach(): Promise<{ result: 'answered' } | Trouble>
  /** A file as its branch has it now. */
  file(place: { repository: string; branch: string; path: string }): Promise<FileAnswer>
  /** One conditional request, the same for all who ask meanwhile; a second one where it has moved. */
  repository(repository: Repository): Promise<RepositoryAnswer>
}

/** As many are remembered with their ETag: an answer that is still the same costs nothing of the rate limit. */
const REMEMBERED = 1000

export function ghesBranches(client: GhesClient): GhesBranches {
  const requests = client.for('landing')
  const { ask } = requests
  const facts = rememberingFacts(requests)
  return {
    branch: async ({ owner, name }, branch) => {
      // As a parameter it would become "heads%2Fteam%2Fx", which strict proxies refuse; {+ref} would leave "#" as it is.
      const path = encodedPath(branch)
      const answer = await ask(`GET /repos/{owner}/{repo}/git/ref/heads/${path}`, { owner, repo: name }, commitIn)
      if (answer.result === 'answered') return { result: 'at', sha: answer.value }
      return isNone(answer) ? { result: 'none' } : troubleOf(answer)
    },
    reach: async () => {
      const answer = await client.for('contact').ask('GET /meta', {}, isMeta)
      // Whatever GHES itself says in its own form is an answer.
      if (answer.result === 'answered' || answer.found === 'not-found') return { result: 'answered' }
      return troubleOf(answer)
    },
    file: async ({ repository, branch, path }) => {
      const { owner, name } = repositoryOf(repository)
      const variables = { owner, name, at: `refs/heads/${branch}:${path}` }
      const answer = await requests.query(FILE_QUERY, variables, given => fileIn(given, repository))
      return answer.result === 'answered' ? answer.value : troubleOf(answer)
    },
    repository: coalesced(async ({ owner, name }) => {
      const found = await facts('GET /repos/{owner}/{repo}', { owner, repo: name })
      if (found.result !== 'moved') return found
      if (found.id === undefined) return { result: 'moved' }
      const to = await facts('GET /repositories/{id}', { id: found.id })
      if (to.result === 'trouble') return to
      return to.result === 'found' ? { result: 'moved', to: factsOf(to) } : { result: 'moved' }
    }),
  }
}

const factsOf = ({ fullName, archived, defaultBranch }: RepositoryFacts): RepositoryFacts => ({
  fullName,
  archived,
  defaultBranch,
})

type FactsAnswer = Exclude<RepositoryAnswer, { result: 'moved' }> | { result: 'moved'; id: number | undefined }

/** Asks for a repository, by name or by id; remembers what was answered. */
function rememberingFacts({ ask }: GhesRequests) {
  const remembered = new Map<string, { etag: string; facts: RepositoryFacts }>()
  return async (route: string, parameters: Record<string, unknown>): Promise<FactsAnswer> => {
    const key = JSON.stringify(parameters)
    const before = remembered.get(key)
    const headers = before === undefined ? {} : { headers: { 'if-none-match': before.etag } }
    const answer = await ask(route, { ...parameters, ...headers }, factsIn)
    if (answer.result === 'answered') {
      const etag = answer.headers['etag']
      remembered.delete(key)
      if (etag !== undefined) remembered.set(key, { etag, facts: answer.value })
      for (const oldest of remembered.keys()) if (remembered.size > REMEMBERED) remembered.delete(oldest)
      return { result: 'found', ...answer.value }
    }
    if (before !== undefined && answer.status === 304) return { result: 'found', ...before.facts }
    if (answer.found === 'not-found') return { result: 'none' }
    return answer.found === 'repository-moved' ? { result: 'moved', id: answer.movedTo } : troubleOf(answer)
  }
}

/** Who asks while the same is being asked is given that answer. */
function coalesced<T>(ask: (repository: Repository) => Promise<T>): (repository: Repository) => Promise<T> {
  const asking = new Map<string, Promise<T>>()
  return repository => {
    const key = `${repository.owner}/${repository.name}`
    const under = asking.get(key) ?? ask(repository).finally(() => asking.delete(key))
    asking.set(key, under)
    return under
  }
}

/**
 * 409: "Git Repository is empty.", as far as GHES itself says it. A repository that was renamed answers with a redirect to its id; any other redirect is somebody else's.
 */
const isNone = ({ found, status }: Refusal) =>
  found === 'not-found' || found === 'repository-moved' || (found === 'invalid' && status === 409)

const isMeta: Read<true> = data =>
  field(data, 'verifiable_password_authentication', 'boolean') !== undefined ||
  field(data, 'installed_version', 'text') !== undefined
    ? true
    : undefined

const FILE_QUERY = `query ($owner: String!, $name: String!, $at: String!) {
  repository(owner: $owner, name: $name) { nameWithOwner isArchived object(expression: $at) { ... on Blob { oid } } }
}`

function fileIn({ data, errors }: GraphqlAnswer, fullName: string): FileAnswer | undefined {
  const absent: FileAnswer = { result: 'absent' }
  if (errors.length > 0) return errors.every(({ type }) => type === 'NOT_FOUND') ? absent : undefined
  const node = field(data, 'repository', 'map')
  const name = field(node, 'nameWithOwner', 'text')
  if (name === undefined) return undefined
  // GraphQL follows a former name without a word.
  if (name.toLowerCase() !== fullName.toLowerCase() || field(node, 'isArchived', 'boolean') === true) return absent
  return field(field(node, 'object', 'map'), 'oid', 'text') === undefined ? absent : { result: 'there' }
}

/** A page that asks people to log in is none. */
const factsIn: Read<RepositoryFacts> = data => {
  const fullName = field(data, 'full_name', 'text')
  const defaultBranch = field(data, 'default_branch', 'text')
  if (fullName === undefined || defaultBranch === undefined) return undefined
  return { fullName, archived: field(data, 'archived', 'boolean') === true, defaultBranch }
}

const commitIn: Read<string> = data => {
  const sha = field(field(data, 'object', 'map'), 'sha', 'text')
  return sha !== undefined && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
}
