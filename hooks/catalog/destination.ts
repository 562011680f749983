// Where in the repository a target of a catalog file leads: as GithubIntegration resolves it and the URL reader then asks for it (catalog-backend 4.0.5).
import { isAbsolute, posix } from 'node:path'
import { climbs, fromRoot, type Repository, urlOf } from './checks/placeholder-url.ts'
import { type GlobAnswer, isGlob, matchTarget } from './glob.ts'

/**
 * Paths are as the tree has them. `fits`: whether a path is meant, in so far as the pattern is read here (`isRead`); those that may fit are below
 * `folder`, in it alone unless `isDeep`.
 */
export type Pattern = {
  to: 'pattern'
  path: string
  folder: string
  isDeep: boolean
  isRead: boolean
  fits: (path: string) => GlobAnswer
}

/**
 * `nowhere`: no file can stand there; `elsewhere`: by URL, on another branch, in a folder that is not known here, or in a way that only GHES
 * can tell.
 */
export type Destination = { to: 'file'; path: string } | Pattern | { to: 'nowhere' } | { to: 'elsewhere' }

const ELSEWHERE = { to: 'elsewhere' } as const
const NOWHERE = { to: 'nowhere' } as const

/** A placeholder's value in the file `from`. */
export function quotedBy(target: string, from: string, repository: Repository): Destination {
  return leadsTo(target, from, repository, false)
}

/** A Location's target in the file `from`. */
export function targetedBy(target: string, from: string, repository: Repository): Destination {
  return leadsTo(target, from, repository, true)
}

type FromRoot = { to: 'file'; path: string } | { to: 'pattern'; path: string } | { to: 'nowhere' } | { to: 'elsewhere' }

function leadsTo(target: string, from: string, repository: Repository, isLocation: boolean): Destination {
  if (URL.canParse(target)) return ELSEWHERE
  const ways = waysOf(from, repository)
  // Without a root: what stays below the folder that the paths begin in is certain all the same.
  if (ways === undefined || (!ways.isRoot && target.startsWith('/'))) return ELSEWHERE
  const leads = fromFile(target, ways, repository, isLocation)
  if (leads.to === 'file') return { to: 'file', path: ways.inTree(leads.path) }
  if (leads.to === 'pattern') return patternOf(leads.path, ways)
  return leads
}

/** Between paths of the tree and those from the root, or from what stands for it. */
type Ways = {
  file: string
  isRoot: boolean
  inTree: (path: string) => string
  fromRoot: (path: string) => string | undefined
}

function waysOf(from: string, repository: Repository): Ways | undefined {
  // Bytes that are no UTF-8 stand in no URL.
  if (!from.isWellFormed()) return undefined
  const { folder = '', root = '/' } = repository
  const file = fromRoot(from, repository)
  if (file !== undefined)
    return {
      file,
      isRoot: true,
      inTree: path =>
        isAbsolute(from) ? posix.join(root, path) : posix.relative(posix.resolve(root, folder), posix.join(root, path)),
      fromRoot: path => fromRoot(path, repository),
    }
  if (from.startsWith('../')) return undefined
  const start = isAbsolute(from) ? '/' : ''
  return {
    file: from.slice(start.length),
    isRoot: false,
    inTree: path => start + path,
    fromRoot: path => (path.startsWith(start) && !path.startsWith('../') ? path.slice(start.length) : undefined),
  }
}

function fromFile(target: string, from: Ways, repository: Repository, isLocation: boolean): FromRoot {
  const git = urlOf(target, from.file, repository)
  if (git === undefined) return NOWHERE
  const isAbove = git !== 'other repository' && (!git.isOurs || git.file === '')
  if (git === 'other repository' || (isAbove && !from.isRoot)) return ELSEWHERE
  const { type, ref, isOurs, file } = git
  if (ref === '' || !['blob', 'raw', 'tree'].includes(type)) return NOWHERE
  // A list of a folder's files is no entity. As a text it may be what a placeholder names.
  if (file === '') return isLocation ? NOWHERE : ELSEWHERE
  if (!isOurs) return ELSEWHERE
  if (isLocation && isGlob(file)) return { to: 'pattern', path: file.replace(/^\/+/, '') }
  return climbs(file) ? NOWHERE : asAsked(file.replace(/^\//, ''))
}

/** The path stands in a URL as it is, and is decoded once more. */
function asAsked(file: string): FromRoot {
  // Cut off there, and read from another branch; or turned into other signs.
  if (/[?#\\\t\n\r]|(^|\/)\//.test(file)) return ELSEWHERE
  if (!file.includes('%')) return { to: 'file', path: file }
  try {
    return { to: 'file', path: decodeURIComponent(file) }
  } catch {
    return NOWHERE
  }
}

function patternOf(pattern: string, { inTree, fromRoot: rooted }: Ways): Pattern {
  const parts = pattern.split('/')
  const first = parts.findIndex(part => /[*?[\]{}()!+@|]/.test(part))
  const rest = parts.slice(first)
  return {
    to: 'pattern',
    path: inTree(pattern),
    folder: inTree(parts.slice(0, first).join('/')),
    isRead: matchTarget(pattern, '') !== 'unread',
    isDeep: rest.length > 1 || rest.includes('**'),
    fits(path) {
      const file = rooted(path)
      return file === undefined ? 'differs' : matchTarget(pattern, file)
    },
  }
}
