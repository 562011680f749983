// The Git data API of the stand-in GHES that writes: blobs, trees, commits and refs in a real bare repository.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unfitting } from './ghes-admin-shapes.ts'
import { failure, type Place, repository as repositoryAnswer } from './ghes-answers.ts'
import * as source from './ghes-git.ts'
import { git, runGit } from './git.ts'
import { writeCommit, writeObject, writeTree } from './git-objects.ts'
import { hasNoRefs } from './git-refs.ts'
import { madeOnce } from './made-once.ts'
import type { Answer, StandInRequest } from './stand-in.ts'

export type WriteKind =
  | 'create-blob'
  | 'create-tree'
  | 'create-commit'
  | 'git-commit'
  | 'move-ref'
  | 'create-file'
  | 'create-repository'
  | 'delete-repository'

type Written = {
  place: Place
  directory: string
  /** What the path names after OWNER/NAME. */
  rest: string
  body: Record<string, unknown>
}

const repo = '^/api/v3/repos/[^/]+/[^/]+'
const routes: readonly {
  kind: WriteKind
  method: string
  path: RegExp
  answer: (asked: Written) => Promise<Answer>
}[] = [
  { kind: 'create-blob', method: 'POST', path: new RegExp(`${repo}/git/blobs()$`), answer: createBlob },
  { kind: 'create-tree', method: 'POST', path: new RegExp(`${repo}/git/trees()$`), answer: createTree },
  { kind: 'create-commit', method: 'POST', path: new RegExp(`${repo}/git/commits()$`), answer: createCommit },
  { kind: 'git-commit', method: 'GET', path: new RegExp(`${repo}/git/commits/([0-9a-f]{40})$`), answer: gitCommit },
  { kind: 'move-ref', method: 'PATCH', path: new RegExp(`${repo}/git/refs/(.+)$`), answer: moveRef },
  { kind: 'create-file', method: 'PUT', path: new RegExp(`${repo}/contents/(.+)$`), answer: createFile },
  { kind: 'delete-repository', method: 'DELETE', path: new RegExp(`${repo}()$`), answer: deleteRepository },
]

/** Undefined when the request is about something else. */
export function writeKind({ method, url }: StandInRequest): WriteKind | undefined {
  if (method === 'POST' && /^\/api\/v3\/orgs\/[^/]+\/repos$/.test(url.pathname)) return 'create-repository'
  return routes.find(route => route.method === method && route.path.test(url.pathname))?.kind
}

/** About a repository that is there. */
export async function writeAnswer(request: StandInRequest, place: Place, directory: string): Promise<Answer> {
  const route = routes.find(one => one.method === request.method && one.path.test(request.url.pathname))
  if (!route) throw new Error(`no such route: ${request.method} ${request.url.pathname}`)
  const rest = decodeURIComponent(route.path.exec(request.url.pathname)?.[1] ?? '')
  const body = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>)
  // The contents API is how an empty repository gets its first commit; reading one says so by itself.
  const needsCommit = !['create-file', 'delete-repository'].includes(route.kind)
  const answer =
    needsCommit && (await hasNoRefs(directory))
      ? failure(409, 'Git Repository is empty.')
      : await route.answer({ place, directory, rest, body })
  return checked(request, answer)
}

/** `root` holds `OWNER/NAME.git`; the owner's folder is there. */
export async function createRepository(
  request: StandInRequest,
  host: string,
  root: string,
  owner: string,
): Promise<Answer> {
  const { name, description } = JSON.parse(request.body) as { name: string; description?: string }
  const directory = join(root, owner, `${name}.git`)
  await madeOnce(['of the API'], [directory], () =>
    git(root, ['init', '--quiet', '--bare', '--initial-branch=main', directory]),
  )
  await writeFile(join(directory, 'description'), description ?? '')
  const readme = `# ${name}\n${description ?? ''}\n`
  await commitFile(directory, 'README.md', Buffer.from(readme), 'Initial commit')
  const body = repositoryAnswer(
    { host, fullName: `${owner}/${name}` },
    { defaultBranch: 'main', archived: false, description: description ?? null },
  )
  return checked(request, { status: 201, body })
}

async function checked(request: StandInRequest, answer: Answer): Promise<Answer> {
  const wrong = await unfitting(request, answer)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return answer
}

const api = ({ host, fullName }: Place) => `https://${host}/api/v3/repos/${fullName}`

async function createBlob({ place, directory, body }: Written): Promise<Answer> {
  const bytes = Buffer.from(String(body['content']), body['encoding'] === 'base64' ? 'base64' : 'utf8')
  const sha = hashObject(directory, bytes)
  return { status: 201, body: { sha, url: `${api(place)}/git/blobs/${sha}` } }
}

/** The paths above take SHA-1 only. */
const hashObject = (directory: string, bytes: Buffer): string => writeObject(join(directory, 'objects'), 'blob', bytes)

type Change = { path: string; mode: string; sha?: string | null; content?: string }

/** In an index of its own, as `git read-tree` and `update-index` do it. */
async function createTree({ place, directory, body }: Written): Promise<Answer> {
  const changes = body['tree'] as Change[]
  // GitHub's words for a blob that is not there.
  for (const { sha } of changes) {
    if (typeof sha === 'string' && !(await source.blob(directory, sha)))
      return failure(422, `tree.sha ${sha} is not a valid blob`)
  }
  const env = { GIT_INDEX_FILE: join(directory, `index-${Math.random().toString(16).slice(2)}`) }
  await git(directory, body['base_tree'] ? ['read-tree', String(body['base_tree'])] : ['read-tree', '--empty'], env)
  const lines: string[] = []
  for (const { path, mode, sha, content } of changes) {
    const id = content === undefined ? sha : hashObject(directory, Buffer.from(content))
    lines.push(id ? `${mode} ${id}\t${path}\n` : `0 ${'0'.repeat(40)}\t${path}\n`)
  }
  await runGit(directory, ['update-index', '--index-info'], { env, input: lines.join('') })
  const tree = await git(directory, ['write-tree'], env)
  await rm(env.GIT_INDEX_FILE, { force: true })
  // What GitHub does for a tree without entries is not known; nobody should rely on it.
  if ((await source.tree(directory, tree)).length === 0) return failure(422, 'Invalid tree info')
  const entries = (await source.tree(directory, tree)).map(({ path, mode, type, id, size }) => ({
    ...{ path, mode, type, sha: id },
    ...(size === undefined ? {} : { size }),
  }))
  return { status: 201, body: { sha: tree, url: `${api(place)}/git/trees/${tree}`, tree: entries, truncated: false } }
}

async function createCommit({ place, directory, body }: Written): Promise<Answer> {
  const parents = (body['parents'] as string[] | undefined) ?? []
  const tree = String(body['tree'])
  const types = await Promise.all([tree, ...parents].map(id => source.typeOf(directory, id)))
  if (types.some((type, i) => type !== (i === 0 ? 'tree' : 'commit'))) return failure(422, 'Tree SHA does not exist')
  const id = commitNow(join(directory, 'objects'), tree, parents, String(body['message']))
  return { status: 201, body: await commitJson(place, directory, id) }
}

function commitNow(objects: string, tree: string, parents: readonly string[], message: string): string {
  const by = `Site Admin <admin@ghe.test> ${Math.floor(Date.now() / 1000)} +0000`
  return writeCommit(objects, { tree, parents, author: by, committer: by, message })
}

async function gitCommit({ place, directory, rest }: Written): Promise<Answer> {
  const found = await source.resolveCommit(directory, rest)
  return found ? { status: 200, body: await commitJson(place, directory, found) } : failure(404, 'Not Found')
}

async function commitJson(place: Place, directory: string, id: string) {
  const found = await source.commit(directory, id)
  const by = { name: found.name, email: found.email, date: found.date }
  const at = (sha: string) => ({
    sha,
    url: `${api(place)}/git/commits/${sha}`,
    html_url: `https://${place.host}/${place.fullName}/commit/${sha}`,
  })
  return {
    ...at(id),
    ...{ node_id: 'C_1', author: by, committer: by, message: found.message },
    tree: { sha: found.tree, url: `${api(place)}/git/trees/${found.tree}` },
    parents: found.parents.map(at),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

async function moveRef({ place, directory, rest, body }: Written): Promise<Answer> {
  const [ref, sha] = [`refs/${rest}`, String(body['sha'])]
  const before = await source.refObject(directory, ref)
  if (!before) return failure(422, 'Reference does not exist')
  const forward = (await runGit(directory, ['merge-base', '--is-ancestor', before.id, sha])).exitCode === 0
  if (!forward && body['force'] !== true) return failure(422, 'Update is not a fast forward')
  await git(directory, ['update-ref', ref, sha])
  const object = { sha, type: 'commit', url: `${api(place)}/git/commits/${sha}` }
  return { status: 200, body: { ref, node_id: 'REF_1', url: `${api(place)}/git/${ref}`, object } }
}

async function createFile({ directory, rest, body }: Written): Promise<Answer> {
  if (!(await hasNoRefs(directory))) return failure(422, '"sha" wasn\'t supplied.')
  await commitFile(directory, rest, Buffer.from(String(body['content']), 'base64'), String(body['message']))
  const head = await source.resolveCommit(directory)
  return { status: 201, body: { content: { path: rest }, commit: { sha: head } } }
}

async function commitFile(directory: string, path: string, bytes: Buffer, message: string): Promise<void> {
  const objects = join(directory, 'objects')
  const tree = writeTree(objects, [{ mode: '100644', name: path, id: hashObject(directory, bytes) }])
  const branch = await source.defaultBranch(directory)
  await git(directory, ['update-ref', `refs/heads/${branch}`, commitNow(objects, tree, [], message)])
}

async function deleteRepository({ directory }: Written): Promise<Answer> {
  await rm(directory, { recursive: true })
  return { status: 204 }
}
