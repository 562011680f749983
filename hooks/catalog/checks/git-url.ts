// Which repository's file a URL names, as git-url-parse 15.0.0 reads it: by that the catalog decides what is "another repository".
//
// The package itself would add four others to every hook. test/agreement/git-url.test.ts holds this file to it on thousands of URLs.

export type GitFile = { host: string; fullName: string }

/** parse-url refuses what is longer, and the catalog lets through what cannot be parsed. */
const MAX_LENGTH = 2048
/** What ends the name of a repository in a path, in the order in which it is looked for. */
const ENDS = ['blob', 'issues', 'tree', 'commit', 'src', 'raw', 'edit']
const FILE_TYPES = ['raw', 'src', 'blob', 'tree', 'edit']

/** Undefined for what names no file of a repository. */
export function gitFile(target: string): GitFile | undefined {
  if (target.length > MAX_LENGTH || !URL.canParse(target)) return undefined
  const url = new URL(target)
  const path = decoded((url.pathname || url.href.replace(/\/$/, '')).replace(/(^\/)|(\/$)/g, '').replace(/\.git$/, ''))
  const user = decoded(url.username)
  if (path === undefined || user === undefined) return undefined
  const read = bitbucketServer(url, withoutScm(byHost(url, path, user)))
  return read.owner && read.name && read.file ? { host: url.hostname, fullName: read.fullName } : undefined
}

type Read = { owner: string; name: string; file: string; fullName: string }

function byHost(url: URL, path: string, user: string): Read {
  const labels = url.hostname.split('.')
  const source = labels.length > 2 ? labels.slice(1 - labels.length).join('.') : url.hostname
  // Of these two, no path names a file, so that nothing else matters.
  if (source === 'git.cloudforge.com' || source === 'visualstudio.com')
    return { owner: '', name: '', file: '', fullName: '' }
  return source === 'dev.azure.com' || source === 'azure.com' ? azure(url, path, user) : usual(path, user)
}

function azure(url: URL, path: string, user: string): Read {
  const file =
    url.hostname === 'ssh.dev.azure.com'
      ? ''
      : ([...url.searchParams].findLast(([name]) => name === 'path')?.[1] ?? '').replace(/^\/+/, '')
  const parts = path.split('/')
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = parts
  if (parts.length === 5) return { owner: second, name: fifth, file, fullName: `_git/${fifth}` }
  if (parts.length === 4) return { owner: second, name: fourth, file, fullName: `${first}/${second}/_git/${fourth}` }
  if (parts.length !== 3) return named(user, path, file)
  const owner = first === 'DefaultCollection' ? third : first
  return { owner, name: third, file, fullName: `${first}/_git/${third}` }
}

/** GitHub, GitLab, Bitbucket Cloud, Gitea: `owner/name/blob/ref/file`, `group/sub/name/-/blob/ref/file`. */
function usual(path: string, user: string): Read {
  const parts = path.split('/')
  if (parts.length < 2) return named(user, path, '')
  const end = nameEnd(parts)
  const at = end ?? parts.length - 1
  const type = parts[at + 1] === '-' ? at + 2 : at + 1
  const file = parts.length > type + 1 && FILE_TYPES.includes(parts[type] ?? '') ? parts.slice(type + 2).join('/') : ''
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

const named = (owner: string, name: string, file: string): Read => ({
  owner,
  name,
  file,
  fullName: owner && name ? `${owner}/${name}` : owner + name,
})

function withoutScm(read: Read): Read {
  return read.owner.startsWith('scm/') ? named(read.owner.slice('scm/'.length), read.name, read.file) : read
}

/** Bitbucket Server: `projects/KEY/repos/NAME/browse/file`. */
function bitbucketServer({ pathname }: URL, read: Read): Read {
  const [, kind, key = '', name = '', rest = ''] =
    /(projects|users)\/(.*?)\/repos\/(.*?)((\/.*$)|$)/.exec(pathname) ?? []
  if (kind === undefined) return read
  const [, type = '', ...file] = rest.split('/')
  const owner = kind === 'users' ? `~${key}` : key
  return {
    owner,
    name,
    file: ['raw', 'browse'].includes(type) && file.length > 0 ? file.join('/') : read.file,
    fullName: `${owner}/${name}`,
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
