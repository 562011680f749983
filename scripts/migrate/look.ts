// What a repository holds, as far as it is of use: its catalog files checked as the hook would, and for one that has none the texts that say what it is.
import { type Checked, checkFiles } from '../../hooks/catalog/check-files.ts'
import { CODEOWNERS_PATHS } from '../../hooks/catalog/codeowners.ts'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { IdAt, Reader } from '../survey/reader.ts'
import { type CommitChecks, checksOf } from '../survey/repository.ts'
import { apisToRead } from './apis.ts'
import type { Repository } from './inventory.ts'
import { manifestsToRead } from './manifests.ts'

export type Site = {
  config: HookConfig
  profile: Profile
  isCatalogPath: (path: string) => boolean
  isIgnored: (path: string) => boolean
  /** Where a catalog file is put. */
  catalogPath: string
  /** That hook.yaml names, not those that it takes for granted. */
  placeholders: readonly string[]
}

export type CatalogFiles = { checks: CommitChecks; checked: Checked; paths: string[]; failure?: string }

export type Looked = {
  repository: Repository
  /** Undefined: it has none. */
  catalog?: CatalogFiles
  /** A file that is called like a catalog file, and is none by hook.yaml. */
  misplaced?: string
  /** By path. */
  texts: Map<string, string>
  /** What could not be read, with the reason. */
  unread: string[]
}

const README = /^(docs\/|\.github\/)?readme(\.(md|markdown|rst|adoc|txt))?$/i
const LIKE_A_CATALOG_FILE = /^(catalog|backstage)([-_. ]?info)?\.(ya?ml|json)$/i
const DEEPEST = 3

export async function lookAt(repository: Repository, head: string, reader: Reader, site: Site): Promise<Looked> {
  const looked: Looked = { repository, texts: new Map(), unread: [] }
  const paths = catalogPathsOf(repository, site)
  const ofAll = readAll(manifestsToRead(repository), looked, reader)
  if (paths.length > 0) {
    const checks = checksFor(repository, head, reader, site)
    const checked = await checkFiles(checks.request, checks.rules, checks.names)
    const failure = checks.failure()
    looked.catalog = { checks, checked, paths, ...(failure === undefined ? {} : { failure }) }
  } else await readAll(pathsToRead(repository, site), looked, reader)
  await ofAll
  const misplaced = repository.files.find(
    ({ path }) =>
      isLikeOne(path, site) && /\bapiVersion["']?\s*:\s*["']?backstage\.io\//.test(looked.texts.get(path) ?? ''),
  )
  return misplaced === undefined ? looked : { ...looked, misplaced: misplaced.path }
}

const catalogPathsOf = ({ files }: Repository, { isCatalogPath }: Site): string[] =>
  files.filter(({ path, type }) => type === 'file' && isCatalogPath(path)).map(({ path }) => path)

/** The checks of its commit; what the list of its files says is not asked for. */
export function checksFor(repository: Repository, head: string, reader: Reader, site: Site): CommitChecks {
  const files = repository.files.filter(({ path }) => site.isCatalogPath(path))
  return checksOf({ repository: repository.repository, head, files }, knowing(repository, reader), site)
}

function knowing({ files, isWhole }: Repository, reader: Reader): Reader {
  const ids = new Map(files.map(({ path, id }) => [path, id]))
  return {
    ...reader,
    idAt: async (repository, commit, path): Promise<IdAt> => {
      const id = ids.get(path)
      if (id !== undefined) return { result: 'id', id }
      const isSeen = isWhole || path.split('/').length <= DEEPEST
      return isSeen ? { result: 'none' } : reader.idAt(repository, commit, path)
    },
  }
}

function pathsToRead(repository: Repository, site: Site): string[] {
  const paths = repository.files.filter(({ type }) => type === 'file').map(({ path }) => path)
  const readme = repository.description.trim() === '' ? paths.filter(path => README.test(path)).sort(byDepth) : []
  return [
    ...readme.slice(0, 1),
    ...CODEOWNERS_PATHS.filter(path => paths.includes(path)),
    ...apisToRead(repository),
    ...paths.filter(path => isLikeOne(path, site)).slice(0, 5),
  ]
}

const byDepth = (a: string, b: string) => a.split('/').length - b.split('/').length

const isLikeOne = (path: string, { isCatalogPath, isIgnored }: Site) =>
  LIKE_A_CATALOG_FILE.test(path.slice(path.lastIndexOf('/') + 1)) && !isCatalogPath(path) && !isIgnored(path)

async function readAll(paths: readonly string[], { repository, texts, unread }: Looked, reader: Reader): Promise<void> {
  const ids = new Map(repository.files.map(({ path, id }) => [path, id]))
  await Promise.all(
    [...new Set(paths)].map(async path => {
      const content = await reader.content(repository.repository, ids.get(path) ?? '')
      if (content.result === 'content') texts.set(path, content.bytes.toString('utf8'))
      else if (content.result === 'failed') unread.push(`${path}: ${content.reason}`)
    }),
  )
}

/** A text of it as CODEOWNERS files are read: those that are there, in the order in which they count. */
export const codeownersIn = (texts: ReadonlyMap<string, string>): { path: string; text: string }[] =>
  CODEOWNERS_PATHS.flatMap(path => {
    const text = texts.get(path)
    return text === undefined ? [] : [{ path, text }]
  })

export const readmeIn = (texts: ReadonlyMap<string, string>): string | undefined =>
  [...texts].find(([path]) => README.test(path))?.[1]
