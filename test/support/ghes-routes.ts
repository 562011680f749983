// The routes of the stand-in GHES: each reads a bare repository and gives GitHub's answer, its failures included.
import * as answers from './ghes-answers.ts'
import { failure, type Place } from './ghes-answers.ts'
import * as source from './ghes-git.ts'
import { hasNoRefs } from './git-refs.ts'
import type { Answer } from './stand-in.ts'

export type RouteKind =
  | 'repository'
  | 'ref'
  | 'compare'
  | 'contents'
  | 'commit'
  | 'status'
  | 'blob'
  | 'tarball'
  | 'tree'
  | 'meta'
  | 'user'
  /** Only a site administrator is told: 404 unless a test answers. */
  | 'statistics'
  | 'graphql'
  | 'hooks'
  | 'app-installations'
  | 'app-token'
  | 'app-hook'
  | 'deliveries'
  | 'redelivery'
  /** What the stand-in does not know; always 404. */
  | 'unknown'

export type Asked = {
  place: Place
  directory: string
  archived: boolean
  /** What the path names after OWNER/NAME. */
  parts: string[]
  query: URLSearchParams
  accept: string
  /** Of GitHub's documentation, as its errors name it. */
  page: string
}

type Route = {
  kind: RouteKind
  method: string
  path: RegExp
  page: string
  answer: (asked: Asked) => Promise<Answer>
}

const repo = '^/api/v3/repos/([^/]+)/([^/]+)'
const get = (kind: RouteKind, path: string, page: string, answer: Route['answer']): Route => ({
  kind,
  method: 'GET',
  path: new RegExp(path),
  page,
  answer,
})

/** About one repository; the first that matches counts. What is asked about an organisation stands in ghes.ts. */
export const routes: readonly Route[] = [
  get('meta', '^/api/v3/meta$', '/meta/meta', async () => failure(404, 'Not Found')),
  get('user', '^/api/v3/user$', '/users/users#get-the-authenticated-user', async () => failure(404, 'Not Found')),
  get('statistics', '^/api/v3/enterprise/stats/repos$', '/enterprise-admin/admin-stats', async () =>
    failure(404, 'Not Found'),
  ),
  get('repository', `${repo}/?$`, '/repos/repos#get-a-repository', repository),
  get('ref', `${repo}/git/ref/(.+)$`, '/git/refs#get-a-reference', reference),
  get('compare', `${repo}/compare/(.+)$`, '/commits/commits#compare-two-commits', compare),
  get('contents', `${repo}/contents(?:/(.*))?$`, '/repos/contents#get-repository-content', contents),
  get(
    'status',
    `${repo}/commits/(.+)/status$`,
    '/commits/statuses#get-the-combined-status-for-a-specific-reference',
    status,
  ),
  get('commit', `${repo}/commits/(.+)$`, '/commits/commits#get-a-commit', commit),
  get('blob', `${repo}/git/blobs/([^/]+)$`, '/git/blobs#get-a-blob', blob),
  get('tarball', `${repo}/tarball/(.+)$`, '/repos/contents#download-a-repository-archive-tar', tarball),
  get('tree', `${repo}/git/trees/(.+)$`, '/git/trees#get-a-tree', tree),
]

const ok = (body: Answer['body'], contentType?: string): Answer => ({
  status: 200,
  ...(body === undefined ? {} : { body }),
  ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
})

const notFound = (asked: Asked) => failure(404, 'Not Found', asked.page)
const isEmpty = (asked: Asked) => hasNoRefs(asked.directory)
const emptyRepository = (asked: Asked) => failure(409, 'Git Repository is empty.', asked.page)

async function repository({ place, directory, archived }: Asked): Promise<Answer> {
  const defaultBranch = await source.defaultBranch(directory)
  return ok(answers.repository(place, { defaultBranch, archived, description: await source.description(directory) }))
}

async function reference(asked: Asked): Promise<Answer> {
  const [name = ''] = asked.parts
  const ref = `refs/${name}`
  const object = await source.refObject(asked.directory, ref)
  if (object) return ok(answers.reference(asked.place, ref, object))
  // Also when the name is only the beginning of others: those are /git/matching-refs/.
  return (await isEmpty(asked)) ? emptyRepository(asked) : notFound(asked)
}

const mostCommits = 250
const mostFiles = 300

async function compare(asked: Asked): Promise<Answer> {
  const { place, directory, query } = asked
  const [basehead = ''] = asked.parts
  const [baseName = '', headName = ''] = basehead.split('...')
  const base = baseName === '' ? undefined : await source.resolveCommit(directory, baseName)
  const head = headName === '' ? undefined : await source.resolveCommit(directory, headName)
  if (!base || !head) return notFound(asked)
  const compared = await source.compare(directory, base, head)
  if (!compared) return failure(404, `No common ancestor between ${baseName} and ${headName}.`, asked.page)
  const perPage = query.has('page') || query.has('per_page') ? Number(query.get('per_page') ?? 30) : mostCommits
  const page = Number(query.get('page') ?? 1)
  const ids = compared.commits.slice((page - 1) * perPage, page * perPage)
  const commits = await Promise.all(ids.map(id => source.commit(directory, id)))
  return ok(
    answers.comparison(place, basehead, {
      ...compared,
      head,
      base: await source.commit(directory, base),
      mergeBase: await source.commit(directory, compared.mergeBase),
      commits,
      // Files come with the first page only, and no more than 300 of them.
      files: page === 1 ? compared.files.slice(0, mostFiles) : [],
    }),
  )
}

/** GHES answers 302 to its own archive server; Backstage follows that without a word. */
async function tarball(asked: Asked): Promise<Answer> {
  const at = await source.resolveCommit(asked.directory, asked.parts[0] ?? '')
  if (!at) return notFound(asked)
  const folder = `${asked.place.fullName.replace('/', '-')}-${at.slice(0, 7)}`
  return ok(await source.tarball(asked.directory, at, folder), 'application/x-gzip')
}

async function contents(asked: Asked): Promise<Answer> {
  const { directory, query } = asked
  const path = (asked.parts[0] ?? '').replace(/\/+$/, '')
  const name = query.get('ref') ?? ''
  const at = await source.resolveCommit(directory, name === '' ? 'HEAD' : name.replace(/^refs\/heads\//, ''))
  if (!at && (await isEmpty(asked))) return failure(404, 'This repository is empty.', asked.page)
  if (!at) return failure(404, `No commit found for the ref ${name}`, asked.page)
  const entry = await followLink(directory, at, await source.entryAt(directory, at, path))
  if (!entry) return notFound(asked)
  const ref = name === '' ? await source.defaultBranch(directory) : name
  const described = answers.contentsEntry(asked.place, ref, entry)
  if (entry.type === 'tree') return folder(asked, at, ref, entry)
  // GitHub only knows a submodule's URL from .gitmodules; null stands for one that is not there.
  if (entry.type === 'commit') return ok({ ...described, submodule_git_url: 'https://ghe.test/acme/other.git' })
  const bytes = (await source.blob(directory, entry.id)) ?? Buffer.alloc(0)
  if (/application\/vnd\.github(\.v3)?\.raw/.test(asked.accept)) {
    return ok(bytes, 'application/vnd.github.v3.raw; charset=utf-8')
  }
  if (described.type === 'symlink') return ok({ ...described, target: bytes.toString('utf8') })
  // Above 1 MB the JSON form comes without the content.
  const small = bytes.length <= 1_048_576
  const content = small ? answers.base64(bytes) : ''
  return ok({ ...described, content, encoding: small ? 'base64' : 'none' })
}

async function folder(asked: Asked, at: string, ref: string, entry: source.TreeEntry): Promise<Answer> {
  const prefix = entry.path === '' ? '' : `${entry.path}/`
  const children = await source.tree(asked.directory, prefix === '' ? at : `${at}:${entry.path}`)
  const entries = children.map(child =>
    answers.contentsEntry(asked.place, ref, { ...child, path: `${prefix}${child.path}` }),
  )
  if (!asked.accept.includes('application/vnd.github.object')) return ok(entries)
  return ok({ ...answers.contentsEntry(asked.place, ref, entry), entries })
}

/** A link to a file of the same repository gives that file; any other link is described as a link. */
async function followLink(directory: string, at: string, entry: source.TreeEntry | undefined) {
  if (entry?.mode !== '120000') return entry
  const target = (await source.blob(directory, entry.id))?.toString('utf8') ?? ''
  const path = new URL(target, `http://x/${entry.path}`).pathname.slice(1)
  const found = await source.entryAt(directory, at, decodeURIComponent(path))
  return found?.type === 'blob' && found.mode !== '120000' ? found : entry
}

async function commit(asked: Asked): Promise<Answer> {
  const { place, directory } = asked
  const [name = ''] = asked.parts
  const id = await source.resolveCommit(directory, name)
  if (!id && (await isEmpty(asked))) return emptyRepository(asked)
  if (!id) return failure(422, `No commit found for SHA: ${name}`, asked.page)
  if (/application\/vnd\.github(\.v3)?\.sha/.test(asked.accept)) {
    return ok(id, 'application/vnd.github.v3.sha; charset=utf-8')
  }
  const read = await source.commit(directory, id)
  const compared = read.parents[0] ? await source.compare(directory, read.parents[0], id) : undefined
  const files = compared?.files.slice(0, mostFiles).map(file => answers.changedFile(place, id, file))
  return ok({ ...answers.commitAnswer(place, read), ...(files ? { files } : {}) })
}

/** Backstage asks for it where a Location's URL holds a pattern. */
async function status(asked: Asked): Promise<Answer> {
  const { place, directory } = asked
  const [name = ''] = asked.parts
  const id = await source.resolveCommit(directory, name)
  if (!id) return notFound(asked)
  const defaultBranch = await source.defaultBranch(directory)
  return ok(answers.combinedStatus(place, id, answers.repository(place, { defaultBranch, archived: asked.archived })))
}

async function blob(asked: Asked): Promise<Answer> {
  const [id = ''] = asked.parts
  const bytes = /^[0-9a-f]{40,64}$/.test(id) ? await source.blob(asked.directory, id) : undefined
  if (!bytes) return notFound(asked)
  if (/application\/vnd\.github(\.v3)?\.raw/.test(asked.accept)) {
    return ok(bytes, 'application/vnd.github.v3.raw; charset=utf-8')
  }
  return ok(answers.blobAnswer(asked.place, id, bytes))
}

async function tree(asked: Asked): Promise<Answer> {
  const [name = ''] = asked.parts
  const id = await source.resolveTree(asked.directory, name)
  if (!id) return (await isEmpty(asked)) ? emptyRepository(asked) : notFound(asked)
  // Any value turns it on, "false" and "0" too.
  const entries = await source.tree(asked.directory, id, { recursive: asked.query.has('recursive') })
  return ok(answers.treeAnswer(asked.place, id, entries))
}
