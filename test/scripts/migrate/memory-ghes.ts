// A GHES in memory for migrations: organisations whose repositories are maps of files, GraphQL by GitHub's own schema, and the parts of its API that write.
import { createHash } from 'node:crypto'
import { blobId } from '../../../schemas/blob-id.ts'
import type { GhesApp } from '../../support/ghes-app.ts'
import {
  type GraphqlPullRequest,
  type GraphqlRepository,
  type GraphqlTeam,
  graphqlAnswer,
} from '../../support/ghes-graphql.ts'
import { type Answer, StandIn, type StandInRequest } from '../../support/stand-in.ts'

export type Files = Record<string, string>

export type MemoryRepository = {
  files: Files
  description?: string
  topics?: string[]
  archived?: true
  fork?: true
  template?: true
  permission?: string
}

type PullRequest = GraphqlPullRequest & { title: string; body: string; labels: string[]; reviewers: string[] }
type Commit = { tree: Files; parents: string[]; message: string }

const sha = (text: string) => createHash('sha1').update(text).digest('hex')
const idOf = (text: string) => blobId(Buffer.from(text))

export class MemoryGhes {
  readonly stand: StandIn
  readonly repositories = new Map<string, MemoryRepository>()
  readonly branches = new Map<string, Map<string, string>>()
  readonly pullRequests = new Map<string, PullRequest[]>()
  teams: GraphqlTeam[] = []
  /** `METHOD path` of what was written. */
  readonly writes: string[] = []
  /** Told of every request, before it is answered. */
  onRequest: () => void = () => {}
  /** In the place of any token. */
  app: GhesApp | undefined
  readonly #commits = new Map<string, Commit>()
  readonly #trees = new Map<string, Files>()
  readonly #blobs = new Map<string, string>()
  readonly #described = new Map<string, GraphqlRepository>()

  constructor() {
    this.stand = new StandIn({
      kind: ({ method, url, body }) => {
        if (url.pathname === '/api/graphql') return body.includes('teams(first') ? 'teams' : 'graphql'
        return method === 'GET' ? 'rest' : 'write'
      },
      answer: request => this.#answer(request),
      headers: () => ({
        ...{ 'x-github-request-id': 'ABCD', 'x-github-enterprise-version': 'enterprise-server@3.19.2' },
        ...(this.app ? { date: new Date(this.app.nowMs()).toUTCString() } : {}),
      }),
    })
  }

  add(fullName: string, repository: MemoryRepository): void {
    this.repositories.set(fullName, repository)
    this.branches.set(fullName, new Map())
    this.pullRequests.set(fullName, [])
    this.#describe(fullName)
  }

  /** What a push to the default branch does. */
  write(fullName: string, path: string, text: string): void {
    const repository = this.repositories.get(fullName)
    if (repository === undefined) throw new Error(`there is no ${fullName}`)
    repository.files[path] = text
    this.#describe(fullName)
  }

  /** Contents of a branch of ours. */
  at(fullName: string, branch: string): Files {
    return this.#commits.get(this.branches.get(fullName)?.get(branch) ?? '')?.tree ?? {}
  }

  message(fullName: string, branch: string): string {
    return this.#commits.get(this.branches.get(fullName)?.get(branch) ?? '')?.message ?? ''
  }

  merge(fullName: string): void {
    for (const one of this.pullRequests.get(fullName) ?? []) {
      if (one.state !== 'OPEN') continue
      one.state = 'MERGED'
      for (const [path, text] of Object.entries(this.at(fullName, one.branch))) this.write(fullName, path, text)
    }
  }

  close(fullName: string): void {
    for (const one of this.pullRequests.get(fullName) ?? []) if (one.state === 'OPEN') one.state = 'CLOSED'
  }

  /** Somebody else's commit on a branch. */
  pushTo(fullName: string, branch: string, message: string): void {
    const parent = this.branches.get(fullName)?.get(branch) ?? ''
    const commit = sha(`${parent}${message}`)
    this.#commits.set(commit, { tree: this.at(fullName, branch), parents: [parent], message })
    this.branches.get(fullName)?.set(branch, commit)
  }

  #describe(fullName: string): void {
    const { files, archived, fork, description, template, topics, permission } = this.repositories.get(fullName) ?? {
      files: {},
    }
    const listed = Object.entries(files).map(([path, text]) => {
      const oid = idOf(text)
      this.#blobs.set(oid, text)
      return { path, oid, mode: '100644', bytes: Buffer.byteLength(text) }
    })
    const tree = sha(`tree ${JSON.stringify(listed.map(({ path, oid }) => [path, oid]))}`)
    const head = sha(`commit ${fullName} ${tree}`)
    this.#trees.set(tree, files)
    this.#commits.set(head, { tree: files, parents: [], message: 'First' })
    const branches = this.branches.get(fullName) ?? new Map()
    this.#described.set(fullName, {
      nameWithOwner: fullName,
      isArchived: archived === true,
      isFork: fork === true,
      ...(listed.length === 0 ? {} : { defaultBranch: { name: 'main', head } }),
      entry: async path => {
        const text = files[path]
        return text === undefined ? undefined : { type: 'Blob', oid: idOf(text) }
      },
      blob: async oid => {
        const text = this.#blobs.get(oid)
        return text === undefined ? undefined : Buffer.from(text)
      },
      ...(topics === undefined ? {} : { topics }),
      more: {
        ...{ tree, files: listed, branches, pullRequests: this.pullRequests.get(fullName) ?? [] },
        ...(description === undefined ? {} : { description }),
        ...(template === undefined ? {} : { isTemplate: true }),
        ...(permission === undefined ? {} : { permission }),
      },
    })
  }

  async #answer(request: StandInRequest): Promise<Answer> {
    this.onRequest()
    const { url, method, body } = request
    const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const isAboutApp = this.app?.kindOf(request) !== undefined
    const ofApp = isAboutApp ? this.app?.answer(request, token) : await this.app?.refusalOf(token, request)
    if (ofApp !== undefined) return ofApp
    if (url.pathname === '/api/graphql') return graphqlAnswer(this.#source, body)
    const [, , , , owner, name, ...rest] = url.pathname.split('/')
    const fullName = `${owner}/${name}`
    if (!this.repositories.has(fullName)) return missing
    if (method !== 'GET') this.writes.push(`${method} ${fullName}/${rest.join('/')}`)
    const given = body === '' ? {} : JSON.parse(body)
    return this.#rest(method, fullName, decodeURIComponent(rest.join('/')), given) ?? missing
  }

  get #source() {
    return {
      repository: async (fullName: string) => this.#described.get(fullName),
      repositories: async (organization: string) => {
        const all = [...this.#described.values()].filter(one => one.nameWithOwner.startsWith(`${organization}/`))
        return all.length === 0 ? undefined : all
      },
      teams: async () => this.teams,
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a test's own code sends
  #rest(method: string, fullName: string, path: string, given: any): Answer | undefined {
    const branches = this.branches.get(fullName) ?? new Map<string, string>()
    const pulls = this.pullRequests.get(fullName) ?? []
    const asked = `${method} ${path}`
    if (asked === 'POST git/trees') {
      const files = { ...this.#trees.get(given.base_tree) }
      for (const one of given.tree) files[one.path] = one.content
      const id = sha(`tree ${JSON.stringify(files)}`)
      this.#trees.set(id, files)
      return { status: 201, body: { sha: id } }
    }
    if (asked === 'POST git/commits') {
      const id = sha(JSON.stringify(given))
      this.#commits.set(id, { tree: this.#trees.get(given.tree) ?? {}, parents: given.parents, message: given.message })
      return { status: 201, body: { sha: id } }
    }
    if (method === 'GET' && path.startsWith('git/commits/')) {
      const commit = this.#commits.get(path.slice('git/commits/'.length))
      if (commit === undefined) return undefined
      const tree = sha(`tree ${JSON.stringify(commit.tree)}`)
      this.#trees.set(tree, commit.tree)
      return { status: 200, body: { message: commit.message, tree: { sha: tree }, parents: [] } }
    }
    if (asked === 'POST git/refs') {
      const branch = given.ref.replace('refs/heads/', '')
      if (branches.has(branch)) return refused('Reference already exists')
      branches.set(branch, given.sha)
      return { status: 201, body: { ref: given.ref } }
    }
    if (method === 'PATCH' && path.startsWith('git/refs/heads/')) {
      const branch = path.slice('git/refs/heads/'.length)
      const before = branches.get(branch)
      if (before === undefined || !this.#commits.get(given.sha)?.parents.includes(before))
        return refused('Update is not a fast forward')
      branches.set(branch, given.sha)
      return { status: 200, body: { ref: path } }
    }
    if (method === 'GET' && path.startsWith('git/ref/heads/')) {
      const found = branches.get(path.slice('git/ref/heads/'.length))
      return found === undefined ? undefined : { status: 200, body: { object: { sha: found, type: 'commit' } } }
    }
    if (asked === 'GET pulls') return { status: 200, body: pulls.map(shown).toReversed() }
    if (asked === 'POST pulls') return this.#openPull(fullName, pulls, given)
    const pull = pulls.find(one => path.split('/')[1] === String(one.number))
    if (pull === undefined) return undefined
    if (method === 'PATCH') Object.assign(pull, { title: given.title, body: given.body })
    else if (path.endsWith('/labels')) pull.labels.push(...given.labels)
    else if (path.endsWith('/requested_reviewers'))
      pull.reviewers.push(...(given.team_reviewers ?? []), ...(given.reviewers ?? []))
    return { status: method === 'POST' ? 201 : 200, body: shown(pull) }
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a test's own code sends
  #openPull(fullName: string, pulls: PullRequest[], given: any): Answer {
    const { head: branch, title, body } = given
    if (pulls.some(one => one.branch === branch && one.state === 'OPEN'))
      return refused(`A pull request already exists for ${branch}.`)
    const number = pulls.length + 1
    const url = `https://ghe.test/${fullName}/pull/${number}`
    const made: PullRequest = {
      number,
      url,
      branch,
      title,
      body,
      state: 'OPEN',
      createdAt: '2026-11-24T00:00:00Z',
      labels: [],
      reviewers: [],
    }
    pulls.push(made)
    return { status: 201, body: shown(made) }
  }
}

const missing: Answer = { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/' } }
const refused = (message: string): Answer => ({
  status: 422,
  body: { message: 'Validation Failed', errors: [{ message }], documentation_url: 'https://docs.github.com/' },
})
const shown = ({ number, url, title, body, state }: PullRequest) => ({
  ...{ number, title, body, html_url: url, state: state === 'OPEN' ? 'open' : 'closed' },
  merged_at: state === 'MERGED' ? '2026-11-25T00:00:00Z' : null,
})
