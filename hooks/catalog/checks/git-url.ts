// What a URL names in a repository, as git-url-parse 15.0.0 reads it: by that the catalog decides what is "another repository".
//
// The package itself would add four others to every hook. test/agreement/git-url.campaign.test.ts holds this file to it on thousands of URLs.

/** An empty text stands for what the URL does not say; without owner and name `fullName` says nothing. `type`: `blob`, `tree`, `raw`, … as it stands before ref and file. */
export type GitUrl = {
  host: string
  owner: string
  name: string
  fullName: string
  type: string
  ref: string
  file: string
}

/** parse-url refuses what is longer. */
const MAX_LENGTH = 2048
/** What ends the name of a repository in a path, in the order in which it is looked for. */
const ENDS = ['blob', 'issues', 'tree', 'commit', 'src', 'raw', 'edit']
const FILE_TYPES = ['raw', 'src', 'blob', 'tree', 'edit']

/** Undefined for what git-url-parse refuses. */
export function gitUrl(target: string): GitUrl | undefined {
  if (target.length > MAX_LENGTH || !URL.canParse(target)) return undefined
  const url = new URL(target)
  const path = decoded((url.pathname || url.href.replace(/\/$/, '')).replace(/(^\/)|(\/$)/g, '').replace(/\.git$/, ''))
  const user = decoded(url.username)
  if (path === undefined || user === undefined) return undefined
  return { host: url.hostname, ...bitbucketServer(url, withoutScm(byHost(url, path, user))) }
}

type Read = Omit<GitUrl, 'host'>
type File = Pick<GitUrl, 'type' | 'ref' | 'file'>
const NO_FILE: File = { type: '', ref: '', file: '' }

function byHost(url: URL, path: string, user: string): Read {
  const labels = url.hostname.split('.')
  const source = labels.length > 2 ? labels.slice(1 - labels.length).join('.') : url.hostname
  if (source === 'git.cloudforge.com') return named(url.username, path)
  if (source === 'visualstudio.com') return visualStudio(url, path, user)
  return source === 'dev.azure.com' || source === 'azure.com' ? azure(url, path, user) : usual(path, user)
}

function visualStudio(url: URL, path: string, user: string): Read {
  const parts = path.split('/')
  if (url.hostname === 'vs-ssh.visualstudio.com') return bySsh(parts) ?? named(user, path)
  const [, name = ''] = parts
  if (parts.length === 2) return { owner: name, name, fullName: `_git/${name}`, ...NO_FILE }
  return byProject(parts) ?? named(user, path)
}

function azure(url: URL, path: string, user: string): Read {
  const parts = path.split('/')
  if (url.hostname === 'ssh.dev.azure.com') return bySsh(parts) ?? named(user, path)
  const query = (name: string) => [...url.searchParams].findLast(([key]) => key === name)?.[1] ?? ''
  const file: File = { type: '', ref: query('version').replace(/^GB/, ''), file: query('path').replace(/^\/+/, '') }
  const [, owner = '', , , name = ''] = parts
  const read =
    parts.length === 5 ? { owner, name, fullName: `_git/${name}`, ...NO_FILE } : (byProject(parts) ?? named(user, path))
  return { ...read, ...file }
}

const bySsh = (parts: readonly string[]): Read | undefined =>
  parts.length === 4 ? named(parts[2] ?? '', parts[3] ?? '') : undefined

/** `organization/_git/name`, `organization/project/_git/name`. */
function byProject(parts: readonly string[]): Read | undefined {
  const [first = '', second = '', third = '', fourth = ''] = parts
  if (parts.length === 4)
    return { owner: second, name: fourth, fullName: `${first}/${second}/_git/${fourth}`, ...NO_FILE }
  if (parts.length !== 3) return undefined
  const owner = first === 'DefaultCollection' ? third : first
  return { owner, name: third, fullName: `${first}/_git/${third}`, ...NO_FILE }
}

/** GitHub, GitLab, Bitbucket Cloud, Gitea: `owner/name/blob/ref/file`, `group/sub/name/-/blob/ref/file`. */
function usual(path: string, user: string): Read {
  const parts = path.split('/')
  if (parts.length < 2) return named(user, path)
  const at = nameEnd(parts) ?? parts.length - 1
  const type = parts[at + 1] === '-' ? at + 2 : at + 1
  const file =
    parts.length > type + 1 && FILE_TYPES.includes(parts[type] ?? '')
      ? { type: parts[type] ?? '', ref: parts[type + 1] ?? '', file: parts.slice(type + 2).join('/') }
      : NO_FILE
  return named(parts.slice(0, at).join('/'), parts[at] ?? '', file)
}

function nameEnd(parts: readonly string[]): number | undefined {
  const find = (word: string) => parts.indexOf(word, 2)
  const dash = find('-')
  if (dash > 0) return dash - 1
  const [blob, tree] = [find('blob'), find('tree')]
  if (blob > 0 && tree > 0) return Math.min(blob, tree) - 1
  const end = ENDS.map(find).find(at => at > 0)
  return end === undefined ? undefined : end - 1
}

const named = (owner: string, name: string, { type, ref, file }: File = NO_FILE): Read => ({
  owner,
  name,
  fullName: `${owner}/${name}`,
  type,
  ref,
  file,
})

function withoutScm(read: Read): Read {
  if (!read.owner.startsWith('scm/')) return read
  const owner = read.owner.slice('scm/'.length)
  return { ...read, owner, fullName: `${owner}/${read.name}` }
}

/** Bitbucket Server: `projects/KEY/repos/NAME/browse/file`. */
function bitbucketServer({ pathname, searchParams }: URL, read: Read): Read {
  const [, kind, key = '', name = '', rest = ''] =
    /(projects|users)\/(.*?)\/repos\/(.*?)((\/.*$)|$)/.exec(pathname) ?? []
  if (kind === undefined) return read
  const [, type = '', ...file] = rest.split('/')
  const isFile = ['raw', 'browse'].includes(type)
  const owner = kind === 'users' ? `~${key}` : key
  return {
    owner,
    name,
    fullName: `${owner}/${name}`,
    type: isFile ? type : read.type,
    ref: [...searchParams].findLast(([parameter]) => parameter === 'at')?.[1] ?? '',
    file: isFile && file.length > 0 ? file.join('/') : read.file,
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
