// The client of the administrators' commands: every refusal of GHES in words, with the way out, and never with the token.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { failedCall } from '../../relay/clients/failed-call.ts'
import { type Refusal, refusalOf } from '../../relay/clients/ghes/refusal.ts'
import { CallFailed } from '../../relay/clients/http.ts'
import { openAdministratorClient } from '../../scripts/ghes/client.ts'
import { preReceiveApi } from '../../scripts/ghes/pre-receive.ts'
import { administratorRemedies } from '../../scripts/ghes/remedies.ts'
import { repositoriesApi } from '../../scripts/ghes/repositories.ts'
import { Authority } from '../support/certificates.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { failure } from '../support/ghes-answers.ts'
import type { Answer } from '../support/stand-in.ts'

const token = 'ghp_verysecret'

suite('the client of GHES', () => {
  let root: string
  let ghes: Ghes
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'catalog-gate-client-'))
    mkdirSync(join(root, 'acme'))
    ghes = await startGhes({ root, token })
  })
  after(async () => {
    await ghes.stop()
    rmSync(root, { recursive: true })
  })

  const opened = (options: { apiBaseUrl?: string; ca?: string; token?: string; timeoutMs?: number } = {}) => {
    const { timeoutMs, ...access } = options
    return openAdministratorClient(
      { apiBaseUrl: ghes.apiBaseUrl, ...access, token: () => options.token ?? token },
      { now: Date.now, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    )
  }

  /** What listing the hooks is refused with. */
  async function refusal(options: Parameters<typeof opened>[0] = {}): Promise<Refusal> {
    const client = opened(options)
    const answer = await preReceiveApi(client).hooks.list()
    await client.close()
    assert.ok(answer.result === 'refused', JSON.stringify(answer))
    assert.ok(!JSON.stringify(answer).includes('verysecret'), 'the token is in the refusal')
    return answer
  }
  const answering = async (answer: Answer, options: Parameters<typeof opened>[0] = {}) => {
    ghes.failNext('pre-receive-hooks', answer)
    return refusal(options)
  }

  test('sends what GHES asks for: a bearer token, the version of the API', async () => {
    const client = opened()
    assert.equal((await preReceiveApi(client).environments.list()).result, 'answered')
    await client.close()
    const { headers } = ghes.requests('environments').at(-1) ?? assert.fail()
    assert.equal(headers.authorization, `Bearer ${token}`)
    assert.equal(headers['x-github-api-version'], '2022-11-28')
    assert.equal(headers.accept, 'application/vnd.github+json')
  })

  test('environments and hooks: made, changed, read, removed; every request and answer has the shape of GHES', async () => {
    const client = opened()
    const { environments, hooks, scopes } = preReceiveApi(client)
    const value = async <T>(asked: Promise<{ result: 'answered'; value: T } | Refusal>): Promise<T> => {
      const answer = await asked
      return answer.result === 'answered' ? answer.value : assert.fail(answer.message)
    }
    const made = await value(environments.create('one', 'https://artifacts.test/one.tar.gz'))
    assert.deepEqual(made.download, { state: 'not_started', message: '' })
    await value(environments.change(made.id, 'https://artifacts.test/two.tar.gz'))
    assert.equal((await value(environments.startDownload(made.id))).state, 'in_progress')
    assert.equal((await value(environments.download(made.id))).state, 'in_progress')
    assert.equal((await value(environments.download(made.id))).state, 'success')
    const hook = await value(
      hooks.create({
        ...{ name: 'gate', script: 'gate', repository: 'acme/hooks', environmentId: made.id },
        ...{ enforcement: 'testing', allowDownstream: true },
      }),
    )
    assert.equal((await value(hooks.change(hook.id, { enforcement: 'disabled' }))).enforcement, 'disabled')
    assert.deepEqual(await value(scopes.read('orgs/acme', hook.id)), {
      ...{ enforcement: 'disabled', setHere: false, allowDownstream: true },
    })
    await value(scopes.change('orgs/acme', hook.id, { enforcement: 'testing' }))
    assert.deepEqual(await value(scopes.change('repos/acme/web', hook.id, { enforcement: 'enabled' })), {
      ...{ enforcement: 'enabled', setHere: true, allowDownstream: false },
    })
    await value(scopes.reset('repos/acme/web', hook.id))
    assert.equal((await value(scopes.read('repos/acme/web', hook.id))).enforcement, 'testing')
    assert.equal((await value(hooks.list())).length, 1)
    await value(hooks.remove(hook.id))
    await value(environments.remove(made.id))
    assert.equal((await value(environments.list())).length, 1)
    await client.close()
  })

  test('a list goes over all pages', async () => {
    for (let i = 0; i < 205; i++)
      ghes.admin.environments.push({
        id: 1000 + i,
        name: `e${i}`,
        imageUrl: 'x',
        state: 'success',
        message: null,
        pollsLeft: 0,
      })
    const client = opened()
    const answer = await preReceiveApi(client).environments.list()
    await client.close()
    ghes.admin.environments.splice(1)
    assert.equal(answer.result === 'answered' && answer.value.length, 206)
  })

  test('401', async () => {
    const { kind, message, remedy } = await refusal({ token: 'ghp_verysecretother' })
    assert.equal(kind, 'token')
    assert.equal(message, 'GHES answered 401 to GET /admin/pre-receive-hooks: "Bad credentials"')
    assert.equal(
      remedy,
      'the token in ghe.token is not valid there (expired, revoked or of another host); make a classic token (ghp_...) as a site administrator, with the scopes site_admin, repo, admin:org',
    )
  })

  test('404 of a token that is not classic, lacks the scope, or is no administrator’s', async () => {
    const notFound = failure(404, 'Not Found')
    const remedyOf = async (given: string, scopes: string) =>
      (
        await answering(
          { ...notFound, headers: { 'x-oauth-scopes': scopes, 'x-accepted-oauth-scopes': 'site_admin' } },
          { token: given },
        )
      ).remedy
    assert.match(
      await remedyOf('github_pat_verysecret', ''),
      /^the token in ghe.token is fine-grained, which these routes refuse; make a classic token/,
    )
    assert.match(await remedyOf('ghs_verysecret', ''), /is that of a GitHub App installation, which/)
    assert.match(
      await remedyOf(token, 'repo'),
      /^the token in ghe.token lacks the scope site_admin; make a classic token/,
    )
    assert.match(
      await remedyOf(token, 'repo, site_admin'),
      /^the owner of the token in ghe.token is no site administrator; /,
    )
  })

  test('404 of a repository', async () => {
    const client = opened()
    const answer = await repositoriesApi(client).read('acme/none')
    await client.close()
    assert.ok(answer.result === 'refused')
    assert.deepEqual(
      [answer.kind, answer.message],
      ['not-found', 'GHES answered 404 to GET /repos/acme/none: "Not Found"'],
    )
    assert.match(answer.remedy, /^it is not there, or the owner of the token is not allowed to see it/)
  })

  test('403: rate limits, with and without headers; permissions', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 90)
    const limited = await answering({
      ...failure(403, 'API rate limit exceeded for user ID 1.'),
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    })
    assert.equal(limited.kind, 'limited')
    assert.match(
      limited.remedy,
      /^GHES limits the rate of this token; try again in (8\d|9[01]) s, or exempt its user: ghe-config app/,
    )
    const secondary = await answering(failure(403, 'You have exceeded a secondary rate limit.'))
    assert.equal(secondary.retryAfterMs, 60_000)
    const forbidden = await answering({
      ...failure(403, 'Forbidden'),
      headers: { 'x-accepted-github-permissions': 'contents=write' },
    })
    assert.deepEqual(
      [forbidden.kind, forbidden.remedy.split(';')[0]],
      ['permission', 'the owner of the token is not allowed to do this (needed: contents=write)'],
    )
  })

  test('each 422 that GHES documents has its remedy', async () => {
    const remedyOf = async (said: string) =>
      (await answering({ status: 422, body: { message: 'Validation Failed', errors: [{ message: said }] } })).remedy
    assert.match(
      await remedyOf('Cannot modify or delete the default environment'),
      /^GHES's own environment cannot be changed/,
    )
    assert.match(await remedyOf('Cannot delete environment that has hooks'), /^another hook uses this environment/)
    assert.match(
      await remedyOf('Cannot delete environment when download is in progress'),
      /^wait until its download is over/,
    )
    assert.match(
      await remedyOf('Can not start a new download when a download is in progress'),
      /^somebody else has started a download/,
    )
    assert.match(await remedyOf('Update is not a fast forward'), /^somebody pushed to the hook repository meanwhile/)
    assert.match(await remedyOf('Changes must be made through a pull request.'), /does not take direct changes/)
    assert.match(await remedyOf('Name has already been taken'), /^something of this name was made meanwhile/)
    assert.match(await remedyOf('Script is not executable'), /is the script on the default branch, executable/)
    const said = (
      await answering({ status: 422, body: { message: 'Validation Failed', errors: [{ message: 'x' }, 'y'] } })
    ).message
    assert.equal(said, 'GHES answered 422 to GET /admin/pre-receive-hooks: "Validation Failed; x; y"')
  })

  test('5xx, maintenance, a redirect, something else than GHES', async () => {
    assert.match(
      (await answering({ status: 502, body: '<html>Bad Gateway</html>' })).remedy,
      /^try again; when it stays/,
    )
    assert.match((await answering(failure(503, 'GitHub Enterprise is in maintenance mode'))).remedy, /maintenance mode/)
    const moved = await answering({
      status: 301,
      headers: { location: 'https://ghe.test/api/v3/admin/pre-receive-hooks' },
    })
    assert.equal(
      moved.remedy,
      'ghe.apiBaseUrl is not the final address, it redirects (to https://ghe.test); put the final one there',
    )
    const html = await answering({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Sign in</html>',
    })
    assert.equal(html.message, "GET /admin/pre-receive-hooks was answered 200 with something that is not GHES's API")
    assert.match(html.remedy, /^is ghe.apiBaseUrl right\? It is http:\/\/127\.0\.0\.1/)
  })

  test('nothing listens, the connection is cut, no answer in time', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => free.once('listening', resolve))
    const { port } = free.address() as { port: number }
    await new Promise(resolve => free.close(resolve))
    const refusedConnection = await refusal({ apiBaseUrl: `http://127.0.0.1:${port}/api/v3` })
    assert.deepEqual(
      [refusedConnection.kind, refusedConnection.message.split(' (')[0]],
      ['unreachable', `nothing listens at 127.0.0.1:${port}`],
    )
    ghes.failNext('pre-receive-hooks', 'drop')
    const cut = await refusal()
    assert.deepEqual([cut.kind, cut.remedy], ['cut', 'run the same command again'])
    ghes.failNext('pre-receive-hooks', 'hang')
    const late = await refusal({ timeoutMs: 100 })
    assert.equal(late.kind, 'timeout')
    assert.match(late.remedy, /firewall|HTTPS_PROXY/)
  })

  test('TLS: an unknown authority, and the same with caFile', async () => {
    const authority = new Authority(root, 'authority')
    const { cert, key } = authority.issue('server')
    const secure = await startGhes({ root, token, tls: { cert, key } })
    try {
      const { kind, message, remedy } = await refusal({ apiBaseUrl: secure.apiBaseUrl })
      assert.equal(kind, 'tls')
      assert.match(message, /^the certificate of 127\.0\.0\.1:\d+ is not trusted here/)
      assert.equal(remedy, 'name the authority that signed it in ghe.caFile (PEM)')
      const other = await refusal({ apiBaseUrl: secure.apiBaseUrl.replace('127.0.0.1', 'localhost'), ca: authority.ca })
      assert.match(other.message, /^the certificate of localhost:\d+ is for another name/)
      const plain = await refusal({ apiBaseUrl: ghes.apiBaseUrl.replace('http:', 'https:') })
      assert.match(plain.message, /does not speak TLS as expected \(GET [^:]*: wrong version number\)$/)
      const client = opened({ apiBaseUrl: secure.apiBaseUrl, ca: authority.ca })
      assert.equal((await preReceiveApi(client).hooks.list()).result, 'answered')
      await client.close()
    } finally {
      await secure.stop()
    }
  })

  test('what this machine has no network for, by the code that Node gives', () => {
    const apiBaseUrl = 'https://ghe.example.com/api/v3'
    const words = (code: string) => {
      const cause = Object.assign(new Error(`connect ${code}`), { code })
      const failed = failedCall(new CallFailed(cause.message, { cause }), apiBaseUrl)
      const refused = { ...failed, request: 'GET /meta', apiBaseUrl }
      const { message, remedy } = refusalOf(
        refused,
        administratorRemedies(() => token),
      )
      return `${message}: ${remedy}`
    }
    assert.equal(
      words('ENOTFOUND'),
      'the name ghe.example.com is not known (GET /meta: connect ENOTFOUND): look at the spelling in ghe.apiBaseUrl',
    )
    assert.match(words('EAI_AGAIN'), /^no name server answered for ghe.example.com .*: look at the DNS settings/)
    assert.match(
      words('EHOSTUNREACH'),
      /^no route to ghe.example.com .*: run this from a machine in the network of the appliance/,
    )
    assert.match(words('CERT_HAS_EXPIRED'), /^the certificate of ghe.example.com has expired .*: renew it there/)
  })
})
