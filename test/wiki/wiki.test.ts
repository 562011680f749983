// catalog-gate wiki against real git over HTTP and GHES's pull requests: plan, first time, again, a change, a hand, and what goes wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Clock, systemClock } from '../../relay/runtime/clock.ts'
import { Interrupted } from '../../scripts/cli/interruption.ts'
import { wiki } from '../../scripts/wiki/wiki.ts'
import { EagerClock } from '../scripts/migrate/migrate-fixture.ts'
import { appKeyPair } from '../support/ghes-app.ts'
import { git } from '../support/git.ts'
import type { BareRepository } from '../support/repository.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { startWikiHost, type WikiHost } from './wiki-host.ts'

const catalogInfo =
  'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: pay # ours\nspec:\n  type: service\n'
const picture = Buffer.from('89504e470d0a1a0a00ff', 'hex')
const BRANCH = 'catalog-gate/wiki'

suite('catalog-gate wiki', () => {
  const folder = temporaryFolder()
  const tokenFile = join(folder, 'token')
  let host: WikiHost
  let pay: BareRepository
  let payWiki: BareRepository
  before(async () => {
    host = await startWikiHost()
    writeFileSync(tokenFile, `${host.token}\n`, { mode: 0o600 })
    pay = await host.create('acme/pay', {
      'catalog-info.yaml': catalogInfo,
      'docs/by-hand.md': 'Ours.\n',
      'src/a.ts': 'a\n',
    })
    payWiki = await host.create('acme/pay.wiki', {
      ...{ 'Home.md': 'See [[How to pay]].\n\n[[images/a b.png]]\n', 'How-to-pay.md': '# Pay\n' },
      ...{ 'images/a b.png': picture, 'by-hand.md': 'x\n' },
    })
    await host.create('acme/without', { 'a.txt': 'a\n' })
    await host.create('acme/archived', { 'a.txt': 'a\n' })
  })
  after(async () => {
    await host.stop()
    rmSync(folder, { recursive: true })
  })

  const run = async (
    options: Record<string, unknown> = {},
    clock: Clock = systemClock,
    interruption = new AbortController(),
  ) => {
    const lines: string[] = []
    host.requests.length = 0
    const target = { repo: ['acme/pay'], org: [], branch: BRANCH, apiUrl: `${host.url}/api/v3`, tokenFile }
    const code = await wiki(
      { ...target, work: join(folder, 'work'), ...options },
      {
        ...{ say: line => lines.push(line), sayError: line => lines.push(line), cwd: folder, env: {} },
        ...{ clock, interrupted: interruption.signal },
      },
    )
    // The token is in no address, no line and no file of ours.
    assert.ok(![...lines, ...host.requests].some(line => line.includes(host.token)))
    return { code, lines }
  }
  const at = (path: string, ref = BRANCH) => git(pay.directory, ['show', `${ref}:${path}`])
  const files = (ref: string) =>
    git(pay.directory, ['ls-tree', '-r', '--name-only', ref]).then(text => text.split('\n'))
  const change = async (
    repository: BareRepository,
    put: Record<string, string>,
    remove: string[] = [],
    refs?: string[],
  ) => {
    const copy = await repository.clone()
    if (refs) await copy.git('checkout', '--quiet', refs[0] ?? '')
    for (const path of remove) await copy.remove(path)
    for (const [path, text] of Object.entries(put)) await copy.write(path, text)
    await copy.commit('By hand')
    await copy.push()
  }

  const limits = (...methods: string[]) =>
    host.failNext.push(
      ...methods.map(method => ({
        ...{ method, status: 403, headers: { 'retry-after': '600' } },
        message: 'You have exceeded a secondary rate limit',
      })),
    )

  test('a plan changes nothing, and of an organisation only what has a wiki is asked for more', async () => {
    const { code, lines } = await run({ repo: [], org: ['acme'] })
    assert.deepEqual(
      [code, lines],
      [
        1,
        [
          'acme/pay: 3 pages, 1 attachment: 6 files to change',
          '  left alone, it was written or changed by hand: docs/by-hand.md',
          'acme/without: it has no wiki',
          '2 repositories: 1 to bring over, 0 unchanged, 1 without a wiki, 1 for a person',
          'Nothing was changed; --apply does it.',
        ],
      ],
    )
    assert.equal(await pay.ref(`refs/heads/${BRANCH}`), undefined)
  })

  test('applied: one commit, one pull request; what people wrote by hand stays', async () => {
    const { code, lines } = await run({ apply: true })
    assert.equal(code, 1)
    assert.match(
      lines[0] ?? '',
      /^acme\/pay: 3 pages, 1 attachment, 6 files changed: https:\/\/ghe\.test\/acme\/pay\/pull\/1$/,
    )
    assert.deepEqual(await files(BRANCH), [
      'catalog-info.yaml',
      'docs/.catalog-gate-wiki.json',
      'docs/How-to-pay.md',
      'docs/by-hand.md',
      'docs/images/a-b.png',
      'docs/index.md',
      'mkdocs.yml',
      'src/a.ts',
    ])
    assert.equal(await at('docs/by-hand.md'), 'Ours.')
    assert.match(
      await at('docs/index.md'),
      /^# Home\n\nSee \[How to pay\]\(How-to-pay\.md\)\.\n\n!\[\]\(images\/a-b\.png\)/,
    )
    assert.equal(
      `${await at('catalog-info.yaml')}\n`,
      catalogInfo.replace('# ours\n', '# ours\n  annotations:\n    backstage.io/techdocs-ref: dir:.\n'),
    )
    const message = await git(pay.directory, ['log', '-1', '--format=%B', BRANCH])
    assert.match(
      message,
      /^Docs from the wiki, as of [0-9a-f]{12}\n\n- 20\S+ .+ <.+@.+>: First\n\nCo-authored-by: .+\nCatalog-Gate-Wiki: [0-9a-f]{40}\n?$/,
    )
    const [pull] = host.pullRequests.get('acme/pay') ?? []
    assert.deepEqual([pull?.head, pull?.base, pull?.title], [BRANCH, 'main', 'Docs from the wiki'])
    assert.match(pull?.body ?? '', /left alone:\n\n- `docs\/by-hand\.md`/)
  })

  test('again: nobody has written since, and that costs one git ls-remote', async () => {
    const before = await pay.ref(`refs/heads/${BRANCH}`)
    assert.deepEqual((await run({ apply: true })).lines[0], 'acme/pay: unchanged')
    assert.deepEqual(
      [...new Set(host.requests.map(request => request.split('?')[0]))],
      ['GET /acme/pay.wiki.git/info/refs', 'POST /acme/pay.wiki.git/git-upload-pack'],
    )
    // Another machine, which has seen nothing: no second commit either.
    const { lines } = await run({ apply: true, work: join(folder, 'another') })
    assert.match(lines[0] ?? '', /as in the pull request: .+\/pull\/1$/)
    assert.equal(await pay.ref(`refs/heads/${BRANCH}`), before)
  })

  test('a page renamed, one deleted: followed, in the same pull request', async () => {
    await change(payWiki, { 'Paying.md': '# Pay\n', 'Home.md': 'See [[Paying]].\n' }, [
      'How-to-pay.md',
      'images/a b.png',
    ])
    await run({ apply: true })
    const now = await files(BRANCH)
    assert.ok(
      now.includes('docs/Paying.md') && !now.includes('docs/How-to-pay.md') && !now.includes('docs/images/a-b.png'),
    )
    assert.equal(host.pullRequests.get('acme/pay')?.length, 1)
    assert.equal(await git(pay.directory, ['rev-list', '--count', `main..${BRANCH}`]), '1')
  })

  test('merged, and then a page changed by hand there and in the wiki: the hand wins, and it is said', async () => {
    await git(pay.directory, ['update-ref', 'refs/heads/main', BRANCH])
    await git(pay.directory, ['update-ref', '-d', `refs/heads/${BRANCH}`])
    Object.assign(host.pullRequests.get('acme/pay')?.[0] ?? {}, { state: 'closed', merged_at: '2027-01-31T08:00:00Z' })
    await change(pay, { 'docs/Paying.md': 'By a hand.\n' })
    await change(payWiki, { 'Paying.md': '# Pay more\n', 'New.md': 'n\n' }, ['Home.md'])
    const { lines } = await run({ apply: true })
    assert.ok(lines.includes('  left alone, it was written or changed by hand: docs/Paying.md'))
    assert.equal(await at('docs/Paying.md'), 'By a hand.')
    const now = await files(BRANCH)
    assert.ok(now.includes('docs/New.md') && !now.includes('docs/index.md'))
    assert.deepEqual(
      host.pullRequests.get('acme/pay')?.map(({ state }) => state),
      ['closed', 'open'],
    )
  })

  test('somebody has pushed to the branch, or closed the pull request: a person decides', async () => {
    Object.assign(host.pullRequests.get('acme/pay')?.[1] ?? {}, { state: 'closed' })
    await change(payWiki, { 'New.md': 'new\n' })
    const closed = await run({ apply: true })
    assert.deepEqual(
      [closed.code, closed.lines[0]],
      [1, 'acme/pay: #2 was closed without a merge: open it again, and the next run goes on with it'],
    )
    await change(pay, { 'docs/x.md': 'x\n' }, [], [BRANCH])
    const before = await pay.ref(`refs/heads/${BRANCH}`)
    const pushed = await run({ apply: true })
    assert.deepEqual(
      [pushed.code, pushed.lines[0]],
      [1, `acme/pay: somebody has pushed to ${BRANCH}: merge or delete it, then run this again`],
    )
    assert.equal(await pay.ref(`refs/heads/${BRANCH}`), before)
  })

  test('as a GitHub App: the same, with its own token for git', async () => {
    await host.create('acme/of-app', { 'a.txt': 'a\n' })
    await host.create('acme/of-app.wiki', { 'Home.md': 'Hello.\n' })
    const { privateKey } = appKeyPair()
    const appKeyFile = join(folder, 'app.pem')
    writeFileSync(appKeyFile, privateKey, { mode: 0o600 })
    const app = { repo: ['acme/of-app'], tokenFile: undefined, appId: '7', appKeyFile, apply: true }
    // Its first POST is for the token that git needs.
    limits('POST')
    const { code, lines } = await run({ ...app, work: join(folder, 'of-app') }, new EagerClock())
    assert.deepEqual(
      [code, host.pullRequests.get('acme/of-app')?.length, lines[0]],
      [0, 1, 'waiting 600 s: GHES limits our rate (403)'],
    )
  })

  test('a limit of GHES is waited for before anything else is asked; Ctrl-C ends the wait, and the same command goes on', async () => {
    const wikis: BareRepository[] = []
    for (const name of ['acme/limited', 'acme/next']) {
      await host.create(name, { 'a.txt': 'a\n' })
      wikis.push(await host.create(`${name}.wiki`, { 'Home.md': 'Hello.\n' }))
    }
    const asked = { repo: ['acme/limited', 'acme/next'], apply: true, work: join(folder, 'limited') }
    const interruption = new AbortController()
    const waits: number[] = []
    const standing: Clock = {
      now: systemClock.now,
      after: ms => {
        waits.push(ms)
        setImmediate(() => interruption.abort(new Interrupted('SIGINT')))
        return () => {}
      },
    }
    limits('POST')
    const stopped = await run(asked, standing, interruption)
    assert.deepEqual(
      [stopped.code, waits, stopped.lines],
      [
        130,
        [600_000],
        [
          'waiting 600 s: GHES limits our rate (403)',
          'interrupted: what was brought over stays; the same command goes on with the rest',
        ],
      ],
    )
    assert.ok(!host.requests.some(request => request.includes('/acme/next')))
    const clock = new EagerClock()
    const startedAtMs = clock.ms
    limits('GET', 'POST')
    const { code, lines } = await run(asked, clock)
    assert.deepEqual([code, clock.ms - startedAtMs], [0, 1_200_000], lines.join('\n'))
    assert.deepEqual(
      ['acme/limited', 'acme/next'].map(name => host.pullRequests.get(name)?.length),
      [1, 1],
    )
    // One that does not end is nothing of this repository: the rest is not asked.
    for (const one of wikis) await change(one, { 'Home.md': 'Hello again.\n' })
    limits('GET', 'GET', 'GET', 'GET', 'GET', 'GET')
    const limited = await run(asked, clock)
    assert.deepEqual(
      [limited.code, limited.lines.at(-1)],
      [1, 'error: this holds for every repository, so nothing more was tried'],
    )
    assert.ok(!host.requests.some(request => request.includes('/acme/next')))
  })

  test('to look at: the whole of it in a folder, and nothing is pushed', async () => {
    const out = mkdtempSync(join(folder, 'out'))
    await run({ out })
    assert.deepEqual(readdirSync(out).sort(), ['docs', 'mkdocs.yml'])
    assert.match(readFileSync(join(out, 'docs/New.md'), 'utf8'), /^# New\n\nnew\n/)
    assert.match((await run({ out })).lines.join(), /is not empty/)
  })

  test('wrong: every problem at once, and nothing is asked', async () => {
    const { code, lines } = await run({
      repo: ['pay', 'a/..'],
      org: ['a b'],
      branch: 'a..b',
      apiUrl: 'ghe',
      tokenFile: join(folder, 'none'),
    })
    assert.equal(code, 2)
    for (const name of ['--repo', '--org', '--branch', '--api-url', '--token-file'])
      assert.ok(
        lines.some(line => line.startsWith(`error: ${name}: `)),
        name,
      )
    assert.deepEqual(host.requests, [])
  })

  test('a token that is not valid ends it at once; a repository that is not there is one of many', async () => {
    const wrong = join(folder, 'wrong')
    writeFileSync(wrong, 'ghp_wrong\n', { mode: 0o600 })
    const { code, lines } = await run({ tokenFile: wrong, work: join(folder, 'third') })
    assert.equal(code, 2)
    assert.match(lines[0] ?? '', /^acme\/pay: could not be brought over: Authentication failed/)
    const { code: missing, lines: said } = await run({ repo: ['acme/gone', 'acme/without'] })
    assert.deepEqual([missing, said[0], said[1]], [0, 'acme/gone: it has no wiki', 'acme/without: it has no wiki'])
  })
})
