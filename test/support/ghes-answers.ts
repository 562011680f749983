// The JSON that GHES answers with, made from what git says. Held against the OpenAPI description in ghes.test.ts.
import { createHash } from 'node:crypto'
import type { ChangedFile, Commit, TreeEntry } from './ghes-git.ts'
import type { Answer } from './stand-in.ts'

const docs = 'https://docs.github.com/enterprise-server@3.19/rest'

/** Where a repository's URLs begin: for a person, and in the API. */
export type Place = { host: string; fullName: string; apiBaseUrl?: string }

const web = ({ host, fullName }: Place) => `https://${host}/${fullName}`
const api = ({ host, fullName, apiBaseUrl }: Place) => `${apiBaseUrl ?? `https://${host}/api/v3`}/repos/${fullName}`
const escapePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

export function failure(status: number, message: string, page = ''): Answer {
  return { status, body: { message, documentation_url: `${docs}${page}`, status: String(status) } }
}

/** Stable numbers and node ids without a database: the first bytes of a digest. */
export const numberOf = (name: string) => createHash('sha1').update(name).digest().readUInt32BE(0)
const nodeId = (kind: string, name: string) => `${kind}_${Buffer.from(String(numberOf(name))).toString('base64url')}`

function user(host: string, login: string) {
  const url = `https://${host}/api/v3/users/${login}`
  return {
    login,
    id: numberOf(login),
    node_id: nodeId('O', login),
    avatar_url: `https://${host}/avatars/u/${numberOf(login)}`,
    gravatar_id: '',
    url,
    html_url: `https://${host}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'Organization',
    site_admin: false,
  }
}

/** The owner of the token, as others see them. */
export function ownerOfToken(host: string, login: string) {
  const day = '2026-01-01T00:00:00Z'
  return {
    ...user(host, login),
    ...{ type: 'User', site_admin: true, user_view_type: 'public' },
    ...{ name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null },
    ...{ public_repos: 0, public_gists: 0, followers: 0, following: 0, created_at: day, updated_at: day },
  }
}

/** Every `…_url` of a repository; those with a part to fill in keep GitHub's template. */
const urlParts: Record<string, string> = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
}

export function repository(
  place: Place,
  state: { defaultBranch: string; archived: boolean; description?: string | null },
) {
  const [owner = '', name = ''] = place.fullName.split('/')
  const urls = Object.entries(urlParts).map(([part, path]) => [`${part}_url`, `${api(place)}${path}`])
  const then = '2026-01-01T00:00:00Z'
  return {
    id: numberOf(place.fullName),
    node_id: nodeId('R', place.fullName),
    name,
    full_name: place.fullName,
    private: true,
    visibility: 'internal',
    owner: user(place.host, owner),
    html_url: web(place),
    description: state.description ?? null,
    fork: false,
    url: api(place),
    ...Object.fromEntries(urls),
    clone_url: `${web(place)}.git`,
    git_url: `git://${place.host}/${place.fullName}.git`,
    ssh_url: `git@${place.host}:${place.fullName}.git`,
    svn_url: web(place),
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    topics: [],
    default_branch: state.defaultBranch,
    archived: state.archived,
    disabled: false,
    ...{ has_issues: true, has_projects: true, has_wiki: true, has_pages: false, has_discussions: false },
    ...{ forks: 0, forks_count: 0, open_issues: 0, open_issues_count: 0, size: 1, stargazers_count: 0 },
    ...{ watchers: 0, watchers_count: 0, network_count: 0, subscribers_count: 0 },
    ...{ pushed_at: then, created_at: then, updated_at: then },
  }
}

export function reference(place: Place, ref: string, object: { id: string; type: string }) {
  return {
    ref,
    node_id: nodeId('REF', `${place.fullName} ${ref}`),
    url: `${api(place)}/git/${escapePath(ref)}`,
    object: { sha: object.id, type: object.type, url: `${api(place)}/git/${object.type}s/${object.id}` },
  }
}

export function commitAnswer(place: Place, commit: Commit) {
  const person = { name: commit.name, email: commit.email, date: commit.date }
  const at = (id: string) => ({ sha: id, url: `${api(place)}/commits/${id}`, html_url: `${web(place)}/commit/${id}` })
  return {
    ...at(commit.id),
    node_id: nodeId('C', commit.id),
    comments_url: `${api(place)}/commits/${commit.id}/comments`,
    commit: {
      author: person,
      committer: person,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api(place)}/git/trees/${commit.tree}` },
      url: `${api(place)}/git/commits/${commit.id}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: null,
    committer: null,
    parents: commit.parents.map(at),
  }
}

export function changedFile(place: Place, head: string, file: ChangedFile) {
  const path = escapePath(file.path)
  return {
    sha: file.id,
    filename: file.path,
    status: file.status,
    // Line counts would cost a git call more and nobody here reads them.
    ...{ additions: 0, deletions: 0, changes: 0 },
    blob_url: `${web(place)}/blob/${head}/${path}`,
    raw_url: `${web(place)}/raw/${head}/${path}`,
    contents_url: `${api(place)}/contents/${path}?ref=${head}`,
    ...(file.previous === undefined ? {} : { previous_filename: file.previous }),
  }
}

type Compared = {
  base: Commit
  mergeBase: Commit
  aheadBy: number
  behindBy: number
  commits: Commit[]
  files: ChangedFile[]
  head: string
}

export function comparison(place: Place, basehead: string, compared: Compared) {
  const { aheadBy, behindBy } = compared
  const page = `${web(place)}/compare/${escapePath(basehead)}`
  return {
    url: `${api(place)}/compare/${escapePath(basehead)}`,
    ...{ html_url: page, permalink_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch` },
    base_commit: commitAnswer(place, compared.base),
    merge_base_commit: commitAnswer(place, compared.mergeBase),
    status: aheadBy === 0 ? (behindBy === 0 ? 'identical' : 'behind') : behindBy === 0 ? 'ahead' : 'diverged',
    ahead_by: aheadBy,
    behind_by: behindBy,
    total_commits: aheadBy,
    commits: compared.commits.map(commit => commitAnswer(place, commit)),
    files: compared.files.map(file => changedFile(place, compared.head, file)),
  }
}

/** The part that files, folders, links and submodules have in common in the contents API. */
export function contentsEntry(place: Place, ref: string, entry: TreeEntry) {
  const path = escapePath(entry.path)
  const self = `${api(place)}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const folder = entry.type === 'tree'
  const html = `${web(place)}/${folder ? 'tree' : 'blob'}/${escapePath(ref)}/${path}`
  const git = entry.type === 'commit' ? null : `${api(place)}/git/${folder ? 'trees' : 'blobs'}/${entry.id}`
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.id,
    size: entry.size ?? 0,
    type: contentsType(entry),
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? `${web(place)}/raw/${escapePath(ref)}/${path}` : null,
    _links: { self, git, html },
  }
}

function contentsType(entry: TreeEntry): 'file' | 'dir' | 'symlink' | 'submodule' {
  if (entry.type === 'tree') return 'dir'
  if (entry.type === 'commit') return 'submodule'
  return entry.mode === '120000' ? 'symlink' : 'file'
}

/** Base64 as GitHub breaks it: a line end after each 60 characters. */
export const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/.{1,60}/g, '$&\n')

export function blobAnswer(place: Place, id: string, bytes: Buffer) {
  const url = `${api(place)}/git/blobs/${id}`
  return { sha: id, node_id: nodeId('B', id), size: bytes.length, url, content: base64(bytes), encoding: 'base64' }
}

export function combinedStatus(place: Place, id: string, repository: object) {
  const url = `${api(place)}/commits/${id}`
  return { state: 'pending', statuses: [], sha: id, total_count: 0, repository, commit_url: url, url: `${url}/status` }
}

export function treeAnswer(place: Place, id: string, entries: TreeEntry[]) {
  const tree = entries.map(entry => ({
    path: entry.path,
    mode: entry.mode,
    type: entry.type,
    sha: entry.id,
    ...(entry.size === undefined ? {} : { size: entry.size }),
    // A submodule's commit lies in another repository, and has no URL here.
    ...(entry.type === 'commit' ? {} : { url: `${api(place)}/git/${entry.type}s/${entry.id}` }),
  }))
  return { sha: id, url: `${api(place)}/git/trees/${id}`, tree, truncated: false }
}
