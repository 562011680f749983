// GHES as the bench needs it: an organisation with one catalog file a repository, in memory, counting what it is asked. What it does not know is counted as such.
import { createHash } from 'node:crypto'
import { type Answer, StandIn, type StandInRequest } from '../../support/stand-in.ts'

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

export type Change = { repository: string; before: string; after: string; blob: string; title: string }

type Repository = { head: string; text: string; blob: string; revision: number }

export class BenchGhes extends StandIn {
  readonly host = 'ghe.test'
  readonly names: readonly string[]
  readonly #repositories = new Map<string, Repository>()

  constructor(repositories: number) {
    super({ kind: kindOf, answer: request => this.#answerTo(request) })
    this.names = Array.from({ length: repositories }, (_, i) => `svc-${String(i).padStart(5, '0')}`)
    for (const name of this.names) this.#repositories.set(name, repositoryAt(name, 1))
  }

  get apiBaseUrl(): string {
    return `${this.url}/api/v3`
  }

  target(name: string): string {
    return `https://${this.host}/acme/${name}/blob/main/catalog-info.yaml`
  }

  /** The branch holds the new commit from now on. */
  land(name: string): Change {
    const old = this.#of(name)
    const now = repositoryAt(name, old.revision + 1)
    this.#repositories.set(name, now)
    return { repository: name, before: old.head, after: now.head, blob: now.blob, title: titleOf(now.revision) }
  }

  #of(name: string): Repository {
    const found = this.#repositories.get(name)
    if (!found) throw new Error(`the bench has no ${name}`)
    return found
  }

  #answerTo(request: StandInRequest): Answer {
    const kind = kindOf(request)
    if (kind === 'graphql') return this.#graphql(request.body)
    if (kind === 'meta') return { status: 200, headers: MARK, body: { installed_version: '3.19.2' } }
    const [, , , , , name = ''] = request.url.pathname.split('/')
    const found = this.#repositories.get(name)
    if (!found) return { status: 404, headers: MARK, body: { message: 'Not Found' } }
    if (kind === 'contents') return contents(request, found)
    if (kind === 'ref')
      return {
        status: 200,
        headers: MARK,
        body: { ref: 'refs/heads/main', object: { type: 'commit', sha: found.head } },
      }
    if (kind === 'commit') return { status: 200, headers: MARK, body: { sha: found.head, files: [] } }
    if (kind === 'repository') return { status: 200, headers: MARK, body: described(name, request.url.origin) }
    return { status: 404, headers: MARK, body: { message: 'Not Found' } }
  }

  /** Backstage's scan, and the relay's reconcile. */
  #graphql(body: string): Answer {
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> }
    const first = Number(variables['repositoriesPageSize'] ?? variables['first'] ?? 25)
    const from = Number(variables['cursor'] ?? variables['after'] ?? 0)
    const names = this.names.slice(from, from + first)
    const end = from + first
    const pageInfo = { hasNextPage: end < this.names.length, endCursor: String(end) }
    if (query.includes('catalogInfoFile'))
      return data({
        repositoryOwner: { login: 'acme', repositories: { pageInfo, nodes: names.map(name => this.#scanned(name)) } },
      })
    if (query.includes('repositories(')) {
      const nodes = names.map(name => this.#inventoried(name, query, variables))
      return data({ organization: { repositories: { totalCount: this.names.length, pageInfo, nodes } } })
    }
    return data(this.#files(variables))
  }

  #scanned(name: string) {
    const { text, blob } = this.#of(name)
    return {
      ...{ name, url: `https://${this.host}/acme/${name}`, isArchived: false, isFork: false, visibility: 'INTERNAL' },
      ...{ repositoryTopics: { nodes: [] }, defaultBranchRef: { name: 'main' } },
      catalogInfoFile: { __typename: 'Blob', id: blob, text },
    }
  }

  #inventoried(name: string, query: string, variables: Record<string, unknown>) {
    const { head, blob } = this.#of(name)
    const files = [...query.matchAll(/(file\d+): object\(expression: \$(\w+)\)/g)].map(
      ([, file = '', variable = '']) => [
        file,
        /:catalog-info\.yaml$/.test(String(variables[variable])) ? { oid: blob } : null,
      ],
    )
    return {
      ...{
        nameWithOwner: `acme/${name}`,
        isArchived: false,
        isFork: false,
        isDisabled: false,
        isLocked: false,
        visibility: 'INTERNAL',
      },
      ...{ repositoryTopics: { nodes: [] }, defaultBranchRef: { name: 'main', target: { oid: head } } },
      ...Object.fromEntries(files),
    }
  }

  /** `name0`, `path0x0`, …: files of several repositories in one question. */
  #files(variables: Record<string, unknown>) {
    const asked = Object.entries(variables).filter(([key]) => /^name\d+$/.test(key))
    return Object.fromEntries(
      asked.map(([key, name]) => {
        const r = key.slice('name'.length)
        const paths = Object.entries(variables).filter(([path]) => path.startsWith(`path${r}x`))
        const blobs = paths.map(([path, expression]) => [
          `file${path.split('x')[1]}`,
          String(expression).endsWith(':catalog-info.yaml') ? { oid: this.#of(String(name)).blob } : null,
        ])
        return [`repository${r}`, Object.fromEntries(blobs)]
      }),
    )
  }
}

const MARK = { 'x-github-request-id': 'BENCH', 'x-github-enterprise-version': 'enterprise-server@3.19.2' }
const data = (value: object): Answer => ({ status: 200, headers: MARK, body: { data: value } })

const titleOf = (revision: number) => `revision ${revision}`

function repositoryAt(name: string, revision: number): Repository {
  const text = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name}, title: ${titleOf(revision)} }
spec: { type: service, lifecycle: production, owner: team-a }
`
  const blob = sha1(`blob ${Buffer.byteLength(text)}\0${text}`)
  return { text, blob, revision, head: sha1(`${name} ${revision}`) }
}

function contents({ headers }: StandInRequest, { text, blob }: Repository): Answer {
  const etag = `"${blob}"`
  if (headers['if-none-match'] === etag) return { status: 304, headers: { ...MARK, etag } }
  return { status: 200, headers: { ...MARK, etag, 'content-type': 'application/vnd.github.v3.raw' }, body: text }
}

const described = (name: string, origin: string) => ({
  ...{ id: 1, name, full_name: `acme/${name}`, default_branch: 'main', archived: false, owner: { login: 'acme' } },
  html_url: `https://ghe.test/acme/${name}`,
  trees_url: `${origin}/api/v3/repos/acme/${name}/git/trees{/sha}`,
})

function kindOf({ url: { pathname } }: StandInRequest): string {
  if (pathname === '/api/graphql') return 'graphql'
  if (pathname === '/api/v3/meta') return 'meta'
  const [, rest = ''] = /^\/api\/v3\/repos\/[^/]+\/[^/]+(\/.*)?$/.exec(pathname) ?? [undefined, 'none']
  if (rest.startsWith('/contents/')) return 'contents'
  if (rest.startsWith('/git/ref/')) return 'ref'
  if (rest.startsWith('/commits/')) return 'commit'
  return rest === '' ? 'repository' : 'unknown'
}
