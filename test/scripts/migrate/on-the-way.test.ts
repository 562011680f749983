// A migration on its way: the live catalog's names, whose pull requests come first, what they say by a site's template, Ctrl-C, a limit, and a kill while an App's token is renewed.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { Interrupted } from '../../../scripts/cli/interruption.ts'
import { builtOr } from '../../support/built.ts'
import { startCatalog } from '../../support/catalog.ts'
import { appKeyPair, GhesApp } from '../../support/ghes-app.ts'
import { startProcess } from '../../support/process.ts'
import { MemoryGhes } from './memory-ghes.ts'
import { MigrateFixture } from './migrate-fixture.ts'

const PROGRAM = builtOr('scripts/catalog-gate.ts', 'catalog-gate.mjs')
const BRANCH = 'catalog-gate/migrate'

suite('on the way', () => {
  let ghes: MemoryGhes
  let fixture: MigrateFixture

  beforeEach(async () => {
    ghes = new MemoryGhes()
    await ghes.stand.start()
    fixture = new MigrateFixture(ghes.stand.url)
  })
  afterEach(async () => {
    await ghes.stand.stop()
    fixture.remove()
  })

  const opened = () => [...ghes.pullRequests].flatMap(([name, pulls]) => pulls.map(() => name))
  const add = (name: string, team?: string) =>
    ghes.add(`acme/${name}`, {
      files: { 'README.md': `# ${name}\n`, ...(team === undefined ? {} : { CODEOWNERS: `* @acme/${team}\n` }) },
    })

  test('a name of the live catalog is given to nobody else, and status says what is in it', async t => {
    const catalog = await startCatalog({ token: 'reader' })
    t.after(() => catalog.stop())
    catalog.knowFrom('component:default/shop', 'https://elsewhere.test/other/shop/blob/main/catalog-info.yaml')
    fixture.write('backstage.token', 'reader\n')
    fixture.configure(`backstage: { baseUrl: '${catalog.url}', token: { $file: backstage.token } }\n`)
    add('shop')
    add('mine')
    await fixture.run({ apply: true })
    assert.match(
      ghes.at('acme/shop', BRANCH)['catalog-info.yaml'] ?? '',
      /^ {2}name: acme-shop # component:default\/shop is taken by https:\/\/elsewhere\.test\/other\/shop\/.*$/m,
    )
    ghes.merge('acme/mine')
    catalog.knowFrom('component:default/mine', `${ghes.stand.url}/acme/mine/blob/main/catalog-info.yaml`)
    const { out } = await fixture.run({ what: 'status' })
    assert.match(out, /^1 open, 1 merged, 0 closed, 0 to come, 0 by hand, 1 in the catalog\n/)
    assert.match(out, /acme\/mine: merged, in the catalog /)
    assert.match(out, /acme\/shop: open, not in the catalog /)
    catalog.failNext('query', { status: 401, body: {} }, 9)
    const without = await fixture.run({ apply: true })
    assert.equal(without.code, 2)
    assert.match(without.err, /^error: Backstage could not be asked which names are taken: /)
  })

  test('team by team, and by the template of the site', async () => {
    fixture.write('body.md', '{{repository}} is yours.\n\n{{reasons}}\n\n{{other}}\n')
    fixture.configure('pullRequests: { perDay: 2, body: body.md }\n')
    for (const [name, team] of [
      ['a', 'team-z'],
      ['b', 'team-a'],
      ['c', 'team-z'],
      ['d', 'team-a'],
    ] as const)
      add(name, team)
    await fixture.run({ apply: true })
    assert.deepEqual(opened().toSorted(), ['acme/b', 'acme/d'])
    assert.match(
      ghes.pullRequests.get('acme/b')?.[0]?.body ?? '',
      /^acme\/b is yours\.\n\n\| field \|.*\n\n\{\{other\}\}\n$/s,
    )
  })

  test('Ctrl-C: 130, what is done is kept, and the same command goes on', async () => {
    for (const name of ['a', 'b', 'c']) add(name)
    ghes.onRequest = () => {
      if (opened().length === 1) fixture.interruption.abort(new Interrupted('SIGINT'))
    }
    const { code, err } = await fixture.run({ apply: true })
    assert.equal(code, 130)
    assert.match(err, /interrupted: what is done is kept; the same command goes on with the rest\n$/)
    assert.ok(opened().length < 3, `${opened().length} opened`)
    ghes.onRequest = () => {}
    fixture.interruption = new AbortController()
    assert.equal((await fixture.run({ apply: true })).code, 0)
    assert.deepEqual(opened().toSorted(), ['acme/a', 'acme/b', 'acme/c'])
  })

  test('a limit of GHES is waited for, also between two pull requests, whose pace is kept', async () => {
    fixture.configure('pullRequests: { perMinute: 2 }\n')
    for (const name of ['a', 'b', 'c']) add(name)
    const startedAtMs = fixture.clock.ms
    const limited = {
      message: 'You have exceeded a secondary rate limit',
      documentation_url: 'https://docs.github.com/',
    }
    ghes.stand.failNext('write', { status: 403, headers: { 'retry-after': '600' }, body: limited }, 1, 2)
    const { code, err } = await fixture.run({ apply: true })
    assert.equal(code, 0, err)
    assert.equal(opened().length, 3)
    assert.ok(fixture.clock.ms - startedAtMs >= 600_000 + 60_000, `${fixture.clock.ms - startedAtMs} ms`)
  })

  test('killed while the token of the App is renewed: no repository twice, none left out', async () => {
    for (const name of ['a', 'b', 'c']) add(name)
    const { publicKey, privateKey } = appKeyPair()
    fixture.write('app.pem', privateKey)
    fixture.configure('pullRequests: { perMinute: 100000 }\n', "app: { id: '7', privateKey: { $file: app.pem } }")
    const app = new GhesApp({ id: '7', publicKey, installations: [{ id: 3, account: 'acme' }] })
    ghes.app = app
    const start = () =>
      startProcess(process.execPath, [PROGRAM, 'migrate', '--config', 'migrate.yaml', '--apply', '--no-cache'], {
        cwd: fixture.folder,
      })
    const first = start()
    const renewal = ghes.stand.next('write', ({ path }) => hasEnded && path.endsWith('/access_tokens'))
    let hasEnded = false
    ghes.onRequest = () => {
      // Of the second one, the branch is there, and its pull request is not.
      if (hasEnded || ghes.writes.length < 7) return
      hasEnded = true
      app.tokens.clear()
      ghes.stand.failNext('write', 'hang', 1, 0, /access_tokens$/)
    }
    await renewal
    await first.kill()
    assert.ok(opened().length < 3)
    ghes.onRequest = () => {}
    const second = start()
    await second.gone
    assert.match(second.ended() ?? '', /exit code 0/, second.output())
    assert.deepEqual(opened().toSorted(), ['acme/a', 'acme/b', 'acme/c'])
    assert.doesNotMatch(first.output() + second.output(), /ghs_|PRIVATE KEY/)
  })
})
