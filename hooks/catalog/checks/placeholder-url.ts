// Which URL a placeholder may name: the rule of plugin-catalog-backend 4.0.5 (PlaceholderProcessor) and of its GitHub URL reader.
//
// The hook does not know the name of its own host, and nobody knows every integration of a Backstage: what is told is certain whatever these are.
import { isAbsolute, posix } from 'node:path'
import { type GitUrl, gitUrl } from './git-url.ts'

type Known = { host?: string; fullName?: string; branches?: readonly string[] }
/** What is known of the repository that is checked. `host`: without a port. `branches`: those that its files may be registered from. `folder`: where the paths of files begin, from its root; `''` is the root. `root`: its folder on the disk. */
export type Repository = Known & { folder?: string; root?: string }
/** Where a catalog file lies, as far as it is known. `file`: its path from the root of the repository. */
export type Place = Known & { file?: string }

/** `possible`: nothing here forbids it; whether there is a file is another question. */
export type Reading = 'possible' | 'other repository' | 'no file'

/** Each Backstage has an integration for these, configured or not (`@backstage/integration` 2.2.0). */
const BUILTIN_HOSTS = [
  'github.com',
  'gitlab.com',
  'bitbucket.org',
  'dev.azure.com',
  'amazonaws.com',
  'blob.core.windows.net',
  'storage.cloud.google.com',
]
/** Which one it is makes no difference: of a branch with a slash in its name Backstage can read nothing. */
const BRANCH = 'main'
const UNKNOWN_HOST = 'ghes.invalid'

export function placeIn(repository: Repository, path: string): Place {
  const { folder: _folder, root: _root, ...known } = repository
  const file = fromRoot(path, repository)
  return file === undefined ? known : { ...known, file }
}

/** A path as the tree has it, from the root of the repository; undefined where that is not known. */
export function fromRoot(path: string, { folder, root }: Repository): string | undefined {
  const isKnown = isAbsolute(path) ? root : folder !== undefined
  const file =
    isKnown && (root ? posix.relative(root, posix.resolve(root, folder ?? '', path)) : posix.join(folder ?? '', path))
  return !file || file.startsWith('../') ? undefined : file
}

/** What the URL of a relative target names, as git-url-parse reads it; undefined where there is no such URL. `isOurs`: on the branch that the file is read from. */
export function urlOf(
  target: string,
  file: string,
  { host = UNKNOWN_HOST, fullName = 'owner/name' }: Known,
): (GitUrl & { isOurs: boolean }) | 'other repository' | undefined {
  const url = resolved(target, baseOf(host, fullName, file))
  const git = url === undefined ? undefined : gitUrl(asTree(url))
  if (git === undefined) return undefined
  return isSame(git.fullName, fullName) ? { ...git, isOurs: git.ref === BRANCH } : 'other repository'
}

/** What the catalog makes of a placeholder's value in a file at this place. */
export function readingOf(target: string, place: Place): Reading {
  if (URL.canParse(target)) return readingOfUrl(asTree(target), place, place.host)
  const { fullName, file } = place
  if (fullName === undefined || file === undefined) return 'possible'
  const host = place.host ?? UNKNOWN_HOST
  const url = resolved(target, baseOf(host, fullName, file))
  return url === undefined ? 'no file' : readingOfUrl(asTree(url), place, host)
}

/**
 * The repository that an absolute URL names, when it may be on our own host without our knowing: then the catalog refuses it.
 * Undefined where the host is known, or is another one for certain.
 */
export function repositoryOnUnknownHost(target: string, { host, fullName }: Repository): string | undefined {
  if (host !== undefined || fullName === undefined || !URL.canParse(target)) return undefined
  const git = gitUrl(target)
  if (git === undefined || !git.owner || !git.name || !['blob', 'raw', 'tree', 'edit'].includes(git.type))
    return undefined
  return isSame(git.fullName, fullName) ? undefined : git.fullName
}

/** `host`: our own, or the one that stands for it. */
function readingOfUrl(text: string, { fullName }: Place, host: string | undefined): Reading {
  const url = new URL(text)
  const isOurs = host !== undefined && url.hostname === host.toLowerCase()
  if (!isOurs && BUILTIN_HOSTS.includes(url.host)) return 'other repository'
  const git = gitUrl(text)
  if (git !== undefined && [git.owner, git.name].some(isOdd)) return 'other repository'
  // No reader answers for it: file:, mailto:, "note: see below"
  if (url.host === '') return 'no file'
  // Only GitHub's URLs are known so well, of which github.com's are the one built-in kind.
  if (!isOurs || fullName === undefined || (host !== 'github.com' && BUILTIN_HOSTS.includes(host))) return 'possible'
  const isOther = git !== undefined && git.owner !== '' && git.name !== '' && !isSame(git.fullName, fullName)
  // With another port it is another host to Backstage, one without an integration, and then only the URL of a file counts.
  if (url.port !== '') return isOther && git.file !== '' ? 'other repository' : 'possible'
  if (isOther) return 'other repository'
  return git !== undefined && isReadable(git) ? 'possible' : 'no file'
}

const isOdd = (part: string) => part.includes('%') || part.split('/').includes('..')

/** Owner and name in another letter case are the same repository to GHES; in which case the Location was registered is not known. */
const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** As `getGithubFileFetchUrl` asks, and `parseGitUrlSafe` before it. */
function isReadable({ owner, name, ref, type, file }: GitUrl): boolean {
  return owner !== '' && name !== '' && ref !== '' && ['blob', 'raw', 'tree'].includes(type) && !climbs(file)
}

export function climbs(file: string): boolean {
  for (let path = file; ; ) {
    if (path.split('/').some(part => part === '.' || part === '..')) return true
    try {
      const next = decodeURIComponent(path)
      if (next === path) return false
      path = next
    } catch {
      return false
    }
  }
}

/** As `GithubIntegration.resolveUrl` does last. */
const asTree = (url: string) => url.replace(/\/\/([^/]+)\/([^/]+)\/([^/]+)\/(blob|tree|edit)\//, '//$1/$2/$3/tree/')

/** As `defaultScmResolveUrl`: a path from the root, or from the folder of the file. */
function resolved(target: string, base: URL): string | undefined {
  if (!target.startsWith('/')) {
    if (!URL.canParse(target, base.href)) return undefined
    const url = new URL(target, base.href)
    url.search = ''
    return url.href
  }
  const git = gitUrl(base.href)
  if (git === undefined || climbs(git.file)) return undefined
  const url = new URL(base.href)
  // The file's length is counted decoded and the path's encoded, so that from the folder "größe" a root lies elsewhere. Not ours to mend.
  url.pathname = `${url.pathname.slice(0, url.pathname.length - git.file.length).replace(/\/+$/, '')}${target}`
  return url.href
}

function baseOf(host: string, fullName: string, file: string): URL {
  const base = new URL(`https://${host}`)
  base.pathname = `/${fullName}/tree/${BRANCH}/${file.replace(/[%\\\t\n\r]/g, encodeURIComponent)}`
  return base
}
