// The stand-in GHES: GitHub's answers from real repositories, and each of them held against GHES's description.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Octokit } from '@octokit/rest'
import { type Ghes, startGhes } from './ghes.ts'
import * as source from './ghes-git.ts'
import { ghesOpenApi } from './ghes-openapi.ts'
import { createRepositoryHost, type RepositoryHost } from './repository.ts'

const token = 'ghp_standin'
const of = '/repos/{owner}/{repo}'
const catalogInfo = 'apiVersion: backstage.io/v1alpha1\n'

suite('stand-in GHES', () => {
  const fits = ghesOpenApi()
  let host: RepositoryHost
  let ghes: Ghes
  const ids: Record<'first' | 'second' | 'side' | 'alone', string> = { first: '', second: '', side: '', alone: '' }

  before(async () => {
    host = await createRepositoryHost()
    ghes = await startGhes({ root: host.root, token })
    const repository = await host.create('acme/Payments')
    await host.create('acme/empty')
    const copy = await repository.clone()
    await copy.write('catalog-info.yaml', catalogInfo)
    await copy.write('docs/a b#c.md', 'text\n')
    await copy.link('link.yaml', 'catalog-info.yaml')
    await copy.link('lost.yaml', 'nowhere')
    ids.first = await copy.commit('First')
    await copy.push({ refs: ['main', 'HEAD:refs/heads/feature/one'] })
    await copy.git('mv', 'docs/a b#c.md', 'docs/d.md')
    ids.second = await copy.commit('Second')
    await copy.git('tag', '-a', '-m', 'v1', 'v1')
    await copy.push({ refs: ['main', 'v1'] })
    await copy.git('checkout', '--quiet', '-b', 'side', ids.first)
    ids.side = await copy.commit('Side')
    await copy.git('checkout', '--quiet', '--orphan', 'alone')
    ids.alone = await copy.commit('Alone')
    await copy.push({ refs: ['side', 'alone'] })
  })
  after(async () => {
    await ghes.stop()
    await host.remove()
  })

  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${ghes.apiBaseUrl}${path}`, {
      headers: { authorization: `token ${token}`, ...headers },
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined }
  }

  /** Asks, and holds the answer against the description of this path. */
  const asked = async (described: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await ask(`/repos/acme/payments${path}`, headers)
    if (fits) assert.deepEqual(fits(`${of}${described}`, answer.status, answer.body), [], `${path} does not fit`)
    return answer
  }

  test('the description of GHES 3.19 is there to check the answers with', t => {
    if (!fits) t.skip('../shared/ghes-openapi is not beside this checkout: answers are not held against it')
  })

  test('whose token it is', async () => {
    const { status, body } = await ask('/user')
    if (fits) assert.deepEqual(fits('/user', status, body), [])
    assert.equal(body.login, 'admin-mona')
  })

  test('a repository, in any letter case; what may not be seen is not found', async () => {
    const { status, body, headers } = await asked('', '')
    assert.equal(status, 200)
    assert.equal(body.full_name, 'acme/Payments')
    assert.equal(body.default_branch, 'main')
    assert.match(headers.get('x-github-request-id') ?? '', /^[0-9A-F]{16}$/)
    assert.equal(headers.get('x-ratelimit-limit'), '5000')
    ghes.hide('acme/payments')
    assert.equal((await asked('', '')).status, 404)
    ghes.show('acme/payments')
    assert.equal((await ask('/repos/acme/other')).status, 404)
  })

  test('a ref by its exact name only', async () => {
    const found = await asked('/git/ref/{ref}', '/git/ref/heads%2Fmain')
    assert.deepEqual([found.body.ref, found.body.object.sha], ['refs/heads/main', ids.second])
    assert.equal((await asked('/git/ref/{ref}', '/git/ref/heads/feature/one')).body.object.sha, ids.first)
    assert.equal((await asked('/git/ref/{ref}', '/git/ref/tags/v1')).body.object.type, 'tag')
    for (const missing of ['heads/feature', 'heads/mai', 'heads', 'heads/*']) {
      const { status, body } = await asked('/git/ref/{ref}', `/git/ref/${missing}`)
      assert.deepEqual([status, body.message, body.status], [404, 'Not Found', '404'], missing)
    }
    const empty = await ask('/repos/acme/empty/git/ref/heads/main')
    assert.deepEqual([empty.status, empty.body.message], [409, 'Git Repository is empty.'])
  })

  test('the combined status of a branch, which names the commit', async () => {
    // No client of ours asks for it: a real Backstage does, by its reader of files. The description beside the checkout is cut to our own paths.
    const { status, body } = await ask('/repos/acme/payments/commits/main/status')
    assert.deepEqual([status, body.sha, body.repository.full_name], [200, ids.second, 'acme/Payments'])
    assert.equal((await ask('/repos/acme/payments/commits/none/status')).status, 404)
  })

  test('compare: ahead, behind, identical, diverged, unrelated, unknown', async () => {
    const compare = (basehead: string) => asked('/compare/{basehead}', `/compare/${basehead}`)
    const ahead = (await compare(`${ids.first}...${ids.second}`)).body
    assert.deepEqual([ahead.status, ahead.ahead_by, ahead.behind_by, ahead.total_commits], ['ahead', 1, 0, 1])
    assert.equal(ahead.merge_base_commit.sha, ids.first)
    assert.deepEqual(
      ahead.files.map((file: { status: string; filename: string; previous_filename: string }) => [
        file.status,
        file.previous_filename,
        file.filename,
      ]),
      [['renamed', 'docs/a b#c.md', 'docs/d.md']],
    )
    assert.equal((await compare(`main...feature%2Fone`)).body.status, 'behind')
    assert.equal((await compare(`main...${ids.second}`)).body.status, 'identical')
    const diverged = (await compare('main...side')).body
    assert.deepEqual([diverged.status, diverged.ahead_by, diverged.behind_by], ['diverged', 1, 1])
    const unrelated = await compare(`main...${ids.alone}`)
    assert.equal(unrelated.status, 404)
    assert.equal(unrelated.body.message, `No common ancestor between main and ${ids.alone}.`)
    for (const unknown of [`${'1'.repeat(40)}...main`, 'main', 'main...', `main...main~1`]) {
      assert.equal((await compare(unknown)).status, 404, unknown)
    }
  })

  test('contents: as JSON, raw with ETag and 304, folders, links', async () => {
    const contents = (path: string, headers?: Record<string, string>) =>
      asked('/contents/{path}', `/contents/${path}`, headers)
    const file = (await contents('catalog-info.yaml')).body
    assert.equal(Buffer.from(file.content, 'base64').toString(), catalogInfo)
    assert.equal((await contents('docs/a%20b%23c.md?ref=feature/one')).body.path, 'docs/a b#c.md')
    assert.equal((await contents('docs/a%20b%23c.md')).status, 404)
    assert.equal((await contents('catalog-info.yaml?ref=nowhere')).body.message, 'No commit found for the ref nowhere')
    assert.equal((await contents('link.yaml')).body.path, 'catalog-info.yaml')
    assert.equal((await contents('lost.yaml')).body.type, 'symlink')
    assert.deepEqual(
      (await contents('')).body.map((entry: { name: string; type: string }) => [entry.name, entry.type]),
      [
        ['catalog-info.yaml', 'file'],
        ['docs', 'dir'],
        ['link.yaml', 'symlink'],
        ['lost.yaml', 'symlink'],
      ],
    )
    // As Backstage's URL reader asks
    const path = '/repos/acme/payments/contents/catalog-info.yaml?ref=main'
    const accept = 'application/vnd.github.v3.raw'
    const raw = await ask(path, { accept })
    assert.equal(raw.text, catalogInfo)
    const again = await ask(path, { accept, 'if-none-match': raw.headers.get('etag') ?? '' })
    assert.deepEqual([again.status, again.text], [304, ''])
  })

  test('commits, blobs, trees', async () => {
    const commit = (await ask('/repos/acme/payments/commits/main')).body
    assert.deepEqual([commit.sha, commit.parents[0].sha], [ids.second, ids.first])
    assert.equal(
      (await ask('/repos/acme/payments/commits/v1', { accept: 'application/vnd.github.sha' })).text,
      ids.second,
    )
    assert.equal((await ask('/repos/acme/payments/commits/nowhere')).status, 422)
    const tree = (await asked('/git/trees/{tree_sha}', '/git/trees/main?recursive=1')).body
    const found = tree.tree.find((entry: { path: string }) => entry.path === 'docs/d.md')
    const blob = (await asked('/git/blobs/{file_sha}', `/git/blobs/${found.sha}`)).body
    assert.equal(Buffer.from(blob.content, 'base64').toString(), 'text\n')
    assert.equal((await asked('/git/blobs/{file_sha}', `/git/blobs/${'1'.repeat(40)}`)).status, 404)
    assert.equal((await asked('/git/trees/{tree_sha}', '/git/trees/nowhere')).status, 404)
  })

  test('a repository that was renamed redirects to its number', async () => {
    ghes.moved('acme/old', 'acme/Payments')
    const at = `${ghes.apiBaseUrl}/repos/acme/old/git/ref/heads/main`
    const headers = { authorization: `token ${token}` }
    const answer = await fetch(at, { headers, redirect: 'manual' })
    assert.equal(answer.status, 301)
    assert.match(answer.headers.get('location') ?? '', /\/api\/v3\/repositories\/\d+\/git\/ref\/heads\/main$/)
    if (fits) assert.deepEqual(fits(of, 301, await answer.json()), [])
    const followed = (await (await fetch(at, { headers })).json()) as { object: { sha: string } }
    assert.equal(followed.object.sha, ids.second)
  })

  test('octokit reads it', async () => {
    const octokit = new Octokit({ baseUrl: ghes.apiBaseUrl, auth: token })
    const at = { owner: 'acme', repo: 'payments' }
    const ref = await octokit.rest.git.getRef({ ...at, ref: 'heads/feature/one' })
    assert.equal(ref.data.object.sha, ids.first)
    const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${ids.first}...main` })
    assert.equal(compared.data.status, 'ahead')
  })

  test('tokens and the rate limit', async () => {
    const noToken = await fetch(`${ghes.apiBaseUrl}/repos/acme/payments`)
    assert.equal(noToken.status, 401)
    const wrong = await ask('/repos/acme/payments', { authorization: 'token wrong' })
    assert.deepEqual([wrong.status, wrong.body.message], [401, 'Bad credentials'])
    ghes.setRateLimit({ limit: 1, remaining: 0, resetAtSeconds: 1_790_000_000 })
    const limited = await ask('/repos/acme/payments')
    assert.equal(limited.status, 403)
    assert.equal(limited.headers.get('x-ratelimit-remaining'), '0')
    assert.equal(limited.headers.get('x-ratelimit-reset'), '1790000000')
    ghes.setRateLimit(undefined)
    assert.equal((await ask('/repos/acme/payments')).headers.get('x-ratelimit-limit'), null)
  })

  test('fails, hangs, drops, goes down and comes back on demand; counts and waits', async () => {
    ghes.forgetRequests()
    const one = ghes.next('ref')
    const path = '/repos/acme/payments/git/ref/heads/main'
    ghes.failNext('ref', { status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow down' } })
    ghes.failNext('ref', 'drop')
    const limited = await ask(path)
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7'])
    assert.equal((await one).path, `/api/v3${path}`)
    await assert.rejects(ask(path))
    assert.equal((await ask(path)).status, 200)
    ghes.failNext('ref', 'hang')
    const hung = ghes.next('ref')
    const request = ask(path)
    await hung
    await Promise.all([assert.rejects(request), ghes.goDown()])
    await assert.rejects(ask(path))
    await ghes.comeBack()
    assert.equal((await ask(path)).status, 200)
    assert.equal(ghes.count('ref'), 5)
    assert.deepEqual(
      ghes.requests('ref').map(request => request.status),
      [429, undefined, 200, undefined, 200],
    )
  })

  test('what is read from objects as they lie is what git says of packed ones', async () => {
    const repository = await host.create('acme/packed')
    const copy = await repository.clone()
    for (const path of ['a/b/c.txt', 'a/b.txt', 'a.txt', '\u00e9 x']) await copy.write(path, path)
    await copy.link('link', 'a.txt')
    const id = await copy.commit('One\n\nand more')
    await copy.git('update-index', '--add', '--cacheinfo', `160000,${id},module`)
    await copy.git('tag', '-a', '-m', 'v1', 'v1')
    await copy.git('commit', '--quiet', '-m', 'Two', '--author=Jos\u00e9 <jose@x>', '--date=@1790000000 -0330')
    assert.equal((await copy.push({ refs: ['main', 'v1'] })).exitCode, 0)
    const { directory } = repository
    const head = (await source.resolveCommit(directory)) ?? ''
    const said = async (where: string) => ({
      commits: [await source.commit(where, id), await source.commit(where, head)],
      trees: await Promise.all([source.tree(where, head), source.tree(where, head, { recursive: true })]),
      entries: await Promise.all(
        ['', 'a', 'a/b', 'a/b/c.txt', 'link', 'module', 'nothing', 'a.txt/x'].map(path =>
          source.entryAt(where, head, path),
        ),
      ),
      tag: [await source.resolveCommit(where, 'v1'), (await source.refObject(where, 'refs/tags/v1'))?.type],
      tree: [await source.resolveTree(where, 'main'), await source.resolveTree(where, 'no')],
      blob: await source.blob(where, (await source.entryAt(where, head, 'a/b.txt'))?.id ?? ''),
    })
    const asTheyLie = await said(directory)
    await repository.git('repack', '-adq')
    assert.deepEqual(await said(directory), asTheyLie)
  })
})
