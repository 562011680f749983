// Repositories and their contents through the Git data API: what a commit is made of, one request each.
import type { Answered, GhesRequests } from '../../relay/clients/ghes/client.ts'
import { allOf, complete, field, nothing, type Read } from '../../relay/clients/ghes/read.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import { encodedPath } from '../../schemas/url-path.ts'

export type Repository = { fullName: string; defaultBranch: string; archived: boolean; description: string }
export type Visibility = 'internal' | 'private' | 'public'

/** A file as it lies in a tree. */
export type TreeEntry = { path: string; mode: string; type: string; id: string }

/** `id`: a blob that is there already; `text`: a small one that is made with the tree; neither: the file goes away. */
export type TreeChange = { path: string; mode: '100644' | '100755' } & (
  | { id: string; text?: never }
  | { text: string; id?: never }
  | { id: null; text?: never }
)

/** Git's own, known to every repository with SHA-1 names. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const of = (fullName: string) => {
  const [owner = '', repo = ''] = fullName.split('/')
  return { owner, repo }
}

export function repositoriesApi(client: GhesRequests) {
  const R = '/repos/{owner}/{repo}'
  return {
    read: (name: string) => client.ask(`GET ${R}`, of(name), repositoryIn),
    /** With a first commit, since the Git data API does nothing in an empty repository (409). */
    create: (name: string, visibility: Visibility, description: string) => {
      const { owner, repo } = of(name)
      const values = { name: repo, description, visibility, auto_init: true, has_issues: false, has_wiki: false }
      return client.ask('POST /orgs/{owner}/repos', { owner, ...values }, repositoryIn)
    },
    remove: (name: string) => client.ask(`DELETE ${R}`, of(name), nothing),
    /** Whose token this is. */
    login: () => client.ask('GET /user', {}, data => field(data, 'login', 'text')),
    /** Of an organisation. */
    list: (owner: string) => client.list('GET /orgs/{owner}/repos', { owner, type: 'all' }, repositoryIn),
    /** Of the whole appliance; a site administrator's token is told. */
    total: () => client.ask('GET /enterprise/stats/repos', {}, data => field(data, 'total_repos', 'number')),
    organizations: () => allOrganizations(client),
    organization: (name: string) => client.ask('GET /orgs/{name}', { name }, data => field(data, 'login', 'text')),
    /** The commit of a branch. An empty repository answers 409. */
    branch: (name: string, branch: string) =>
      client.ask(`GET ${R}/git/ref/heads/${encodedPath(branch)}`, of(name), data =>
        field(field(data, 'object', 'map'), 'sha', 'text'),
      ),
    /** The tree of a commit. */
    commitTree: (name: string, sha: string) =>
      client.ask(`GET ${R}/git/commits/{sha}`, { ...of(name), sha }, data =>
        field(field(data, 'tree', 'map'), 'sha', 'text'),
      ),
    /** What a commit says, and its tree. */
    commit: (name: string, sha: string) => client.ask(`GET ${R}/git/commits/{sha}`, { ...of(name), sha }, commitIn),
    tree: (name: string, sha: string) => client.ask(`GET ${R}/git/trees/{sha}`, { ...of(name), sha }, entriesIn),
    blob: (name: string, sha: string) => client.ask(`GET ${R}/git/blobs/{sha}`, { ...of(name), sha }, blobIn),
    createBlob: (name: string, bytes: Buffer) =>
      client.ask(`POST ${R}/git/blobs`, { ...of(name), content: bytes.toString('base64'), encoding: 'base64' }, shaIn),
    createTree: (name: string, base: string, changes: readonly TreeChange[]) => {
      const tree = changes.map(({ path, mode, id, text }) => ({
        path,
        mode,
        type: 'blob',
        ...(text === undefined ? { sha: id } : { content: text }),
      }))
      return client.ask(`POST ${R}/git/trees`, { ...of(name), base_tree: base, tree }, shaIn)
    },
    createCommit: (name: string, commit: { message: string; tree: string; parents: string[] }) =>
      client.ask(`POST ${R}/git/commits`, { ...of(name), ...commit }, shaIn),
    /** 422 when it is there already. */
    createBranch: (name: string, branch: string, sha: string) =>
      client.ask(`POST ${R}/git/refs`, { ...of(name), ref: `refs/heads/${branch}`, sha }, nothing),
    /** Only forwards: 422 when somebody else has moved the branch. */
    moveBranch: (name: string, branch: string, sha: string) =>
      client.ask(`PATCH ${R}/git/refs/heads/${encodedPath(branch)}`, { ...of(name), sha, force: false }, nothing),
    /** The first commit of an empty repository, which the Git data API cannot make. */
    createFile: (name: string, path: string, text: string, message: string) =>
      client.ask(
        `PUT ${R}/contents/${encodedPath(path)}`,
        { ...of(name), message, content: Buffer.from(text).toString('base64') },
        nothing,
      ),
  }
}

export type RepositoriesApi = ReturnType<typeof repositoriesApi>

type Organization = { id: number; login: string }

/** This list has no pages: it goes on after an id. */
async function allOrganizations(client: GhesRequests): Promise<Answered<string[]> | Refusal> {
  const names: string[] = []
  for (let since = 0; ; ) {
    const answer = await client.ask('GET /organizations', { since, per_page: 100 }, organizationsIn)
    if (answer.result === 'refused') return answer
    names.push(...answer.value.map(({ login }) => login))
    const last = answer.value.at(-1)
    if (last === undefined || answer.value.length < 100) return { ...answer, value: names }
    since = last.id
  }
}

const organizationsIn: Read<Organization[]> = data =>
  allOf(data, one => complete<Organization>({ id: field(one, 'id', 'number'), login: field(one, 'login', 'text') }))

const commitIn: Read<{ message: string; tree: string }> = data =>
  complete<{ message: string; tree: string }>({
    message: field(data, 'message', 'text'),
    tree: field(field(data, 'tree', 'map'), 'sha', 'text'),
  })

const shaIn: Read<string> = data => field(data, 'sha', 'text')

const repositoryIn: Read<Repository> = data =>
  complete<Repository>({
    fullName: field(data, 'full_name', 'text'),
    defaultBranch: field(data, 'default_branch', 'text') ?? '',
    archived: field(data, 'archived', 'boolean') ?? false,
    description: field(data, 'description', 'text') ?? '',
  })

const entriesIn: Read<TreeEntry[]> = data =>
  allOf(field(data, 'tree', 'list'), entry =>
    complete<TreeEntry>({
      path: field(entry, 'path', 'text'),
      mode: field(entry, 'mode', 'text'),
      type: field(entry, 'type', 'text'),
      id: field(entry, 'sha', 'text'),
    }),
  )

export const blobIn: Read<Buffer> = data => {
  const content = field(data, 'content', 'text')
  return content === undefined ? undefined : Buffer.from(content, 'base64')
}
