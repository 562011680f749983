// A host with wikis: real bare repositories behind git's own HTTP back end, and GHES's API of pull requests, on one address as on an appliance.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { git } from '../support/git.ts'
import { type BareRepository, createRepositoryHost } from '../support/repository.ts'

export type PullRequest = {
  number: number
  state: string
  title: string
  body: string
  head: string
  base: string
  merged_at: string | null
}

export type WikiHost = {
  url: string
  /** The folder with the bare repositories. */
  root: string
  token: string
  /** `METHOD /path`, of git and of the API, as they came. */
  requests: string[]
  pullRequests: Map<string, PullRequest[]>
  /** So the next requests to the API that fit are answered, once each. */
  failNext: { method: string; status: number; headers: Record<string, string>; message: string }[]
  create(fullName: string, files: Record<string, string | Buffer>): Promise<BareRepository>
  stop(): Promise<void>
}

export async function startWikiHost(token = 'ghp_of_the_wiki'): Promise<WikiHost> {
  const host = await createRepositoryHost()
  const requests: string[] = []
  const pullRequests = new Map<string, PullRequest[]>()
  const repositories: string[] = []
  const failNext: WikiHost['failNext'] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const answered = request.url?.startsWith('/api/v3/') ? api(request, response) : backEnd(request, response)
    answered.catch(error => response.destroy(error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: asked } = new URL(request.url ?? '', url)
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'x-github-request-id': 'ABCD', ...headers })
        .end(JSON.stringify(body))
    }
    const at = failNext.findIndex(({ method }) => method === request.method)
    const [failure] = at < 0 ? [] : failNext.splice(at, 1)
    if (failure !== undefined)
      return answer(
        failure.status,
        { message: failure.message, documentation_url: 'https://docs.github.com' },
        failure.headers,
      )
    // Who the App is, is held elsewhere (ghes-app.ts): here it gets the token that git then needs.
    if (asked === '/api/v3/app/installations')
      return answer(200, [{ id: 3, account: { login: 'acme' }, suspended_at: null }])
    if (asked === '/api/v3/app/installations/3/access_tokens')
      return answer(201, { token, expires_at: new Date(Date.now() + 3_600_000).toISOString() })
    if (request.headers.authorization !== `Bearer ${token}` && request.headers.authorization !== `token ${token}`)
      return answer(401, { message: 'Bad credentials', documentation_url: 'https://docs.github.com' })
    const { pathname, searchParams } = new URL(request.url ?? '', url)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const given = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    const org = /^\/api\/v3\/orgs\/([^/]+)\/repos$/.exec(pathname)?.[1]
    if (org !== undefined) {
      const names = searchParams.get('page') === '1' ? repositories.filter(name => name.startsWith(`${org}/`)) : []
      return answer(
        200,
        names.map(name => ({ full_name: name, archived: name.endsWith('/archived'), has_wiki: true })),
      )
    }
    const [, name = '', number] = /^\/api\/v3\/repos\/([^/]+\/[^/]+)\/pulls(?:\/(\d+))?$/.exec(pathname) ?? []
    const all = pullRequests.get(name) ?? []
    pullRequests.set(name, all)
    const shown = (one: PullRequest) => ({ ...one, html_url: `https://ghe.test/${name}/pull/${one.number}` })
    if (request.method === 'GET') return answer(200, all.map(shown).reverse())
    if (request.method === 'POST') {
      const made = {
        number: all.length + 1,
        state: 'open',
        merged_at: null,
        title: given.title,
        body: given.body,
        head: given.head,
        base: given.base,
      }
      all.push(made)
      return answer(201, shown(made))
    }
    const found = all.find(one => String(one.number) === number)
    if (!found) return answer(404, { message: 'Not Found', documentation_url: 'https://docs.github.com' })
    answer(200, shown(Object.assign(found, given)))
  }

  async function backEnd(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end()
      return
    }
    const { pathname, search } = new URL(request.url ?? '', url)
    const child = spawn('git', ['http-backend'], {
      env: {
        ...{ PATH: process.env['PATH'], GIT_PROJECT_ROOT: host.root, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: 'octocat' },
        ...{ PATH_INFO: pathname, QUERY_STRING: search.slice(1), REQUEST_METHOD: request.method },
        ...{
          CONTENT_TYPE: request.headers['content-type'],
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
        },
        GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
      },
    })
    request.pipe(child.stdin)
    child.stdin.on('error', () => {})
    const chunks: Buffer[] = []
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
    const whole = Buffer.concat(chunks)
    const end = whole.indexOf('\r\n\r\n')
    const head = whole.subarray(0, end).toString().split('\r\n')
    const fields = head.map(
      line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
    )
    const status = Number(fields.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200)
    for (const [name, value] of fields) if (name !== 'Status') response.setHeader(name, value)
    response.writeHead(status).end(whole.subarray(end + 4))
  }

  return {
    ...{ url, root: host.root, token, requests, pullRequests, failNext },
    async create(fullName, files) {
      const repository = await host.create(fullName)
      for (const setting of [
        'http.receivepack=true',
        'uploadpack.allowFilter=true',
        'uploadpack.allowAnySHA1InWant=true',
      ])
        await git(repository.directory, ['config', ...(setting.split('=') as [string, string])])
      if (!fullName.endsWith('.wiki')) repositories.push(fullName)
      if (Object.keys(files).length === 0) return repository
      const copy = await repository.clone()
      for (const [path, text] of Object.entries(files)) await copy.write(path, text)
      await copy.commit('First')
      await copy.push()
      return repository
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await host.remove()
    },
  }
}
