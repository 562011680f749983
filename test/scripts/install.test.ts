// The life of an installation as an administrator sees it, word for word, against the stand-in GHES; and what can be wrong.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Interrupted } from '../../scripts/cli/interruption.ts'
import { mayHoldSecret } from '../../scripts/install/tarball-secret.ts'
import { InstallFixture, type Ran } from './install-fixture.ts'

const golden = join(import.meta.dirname, 'install.txt')
const rollout = [
  { name: 'pilot', repositories: ['acme/web*'] },
  { name: 'acme', organizations: ['acme'] },
]

async function opened(t: TestContext): Promise<InstallFixture> {
  const fixture = await InstallFixture.open()
  t.after(() => fixture.close())
  return fixture
}

/** UPDATE=1 writes the file anew, to be looked at. */
test('from nothing to enabled, an upgrade, back, and to nothing again', async t => {
  const fixture = await opened(t)
  let transcript = ''
  const tell = (command: string, { code, out, err }: Ran) => {
    const text = [...out, ...err.map(line => `stderr: ${line}`)].join('\n')
    transcript += `$ catalog-gate ${command}\n${text.replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com')}\n[${code}]\n\n`
  }
  fixture.configure({ rollout })
  const empty = await fixture.state()
  tell('install', await fixture.install({}))
  assert.deepEqual(await fixture.state(), empty, 'a plan has changed something')
  tell('install --apply', await fixture.install())
  tell('install --apply', await fixture.install())
  tell('promote --to pilot --apply', await fixture.promote({ apply: true, to: 'pilot' }))
  tell('promote', await fixture.promote({}))
  tell('install --to acme --apply', await fixture.install({ apply: true, to: 'acme' }))
  tell('promote --apply', await fixture.promote())
  const before = await fixture.contents()
  fixture.build('one', { 'enforce.otherBranches': 'enforce', 'help.url': 'https://wiki.example/checks' })
  fixture.configure({ rollout }, '2'.repeat(12))
  tell('install --apply', await fixture.install())
  tell('rollback --apply', await fixture.rollback())
  const files = (contents: object | 'none') =>
    (contents as { files: string[] }).files.filter(line => !line.endsWith('catalog-gate.json'))
  assert.deepEqual(files(await fixture.contents()), files(before), 'a roll-back brings other files')
  tell('rollback --apply', await fixture.rollback())
  tell('promote --undo --apply', await fixture.promote({ apply: true, undo: true }))
  tell('uninstall', await fixture.uninstall({}))
  tell('uninstall --delete-repository --apply', await fixture.uninstall({ apply: true, deleteRepository: true }))
  assert.deepEqual(await fixture.state(), empty, 'something is left')
  tell('uninstall --apply', await fixture.uninstall())
  if (process.env['UPDATE']) writeFileSync(golden, transcript)
  assert.equal(transcript, readFileSync(golden, 'utf8'))
})

test('no stage by itself but the first; what is further already stays; exemptions hold', async t => {
  const fixture = await opened(t)
  const stages = [...rollout, { name: 'everyone', everywhere: true }]
  fixture.configure({ rollout: stages, exempt: { repositories: ['acme/legacy'] } })
  const standing = async (command: Promise<Ran>) => {
    const { code, err } = await command
    assert.deepEqual([code, err], [0, []])
    const [hook] = fixture.ghes.admin.hooks
    const overrides = [...(hook?.overrides ?? [])].map(([scope, { enforcement }]) => `${scope}: ${enforcement}`)
    return [`everywhere: ${hook?.enforcement}`, ...overrides.sort()]
  }
  const pilot = ['repos/acme/web-shop: testing', 'repos/acme/web: testing']
  assert.deepEqual(await standing(fixture.install()), ['everywhere: disabled', ...pilot])
  assert.deepEqual(await standing(fixture.promote()), [
    'everywhere: disabled',
    ...pilot.map(one => one.replace('testing', 'enabled')),
  ])
  const acme = [
    'orgs/acme: testing',
    'repos/acme/legacy: disabled',
    'repos/acme/web-shop: enabled',
    'repos/acme/web: enabled',
  ]
  assert.deepEqual(await standing(fixture.install({ apply: true, to: 'acme' })), ['everywhere: disabled', ...acme])
  fixture.build('two')
  assert.deepEqual(await standing(fixture.install()), ['everywhere: disabled', ...acme])
  assert.deepEqual(await standing(fixture.install({ apply: true, to: 'everyone' })), ['everywhere: testing', ...acme])
  assert.deepEqual(await standing(fixture.promote({ apply: true, undo: true })), [
    'everywhere: testing',
    ...acme.map(one => one.replace('enabled', 'testing')),
  ])
})

test('a person at a terminal is asked, with the host and how many repositories', async t => {
  const fixture = await opened(t)
  fixture.configure({ rollout: [...rollout, { name: 'everyone', everywhere: true }] })
  const asked: string[] = []
  let answer = false
  fixture.confirm = async question => {
    asked.push(question.replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com'))
    return answer
  }
  const refused = await fixture.install()
  assert.deepEqual([refused.code, refused.out.at(-1), fixture.ghes.admin.hooks], [0, 'Nothing was changed.', []])
  answer = true
  await fixture.install()
  await fixture.promote()
  await fixture.install({ apply: true, to: 'acme' })
  fixture.ghes.failNext('statistics', { status: 200, body: { total_repos: 40 } })
  await fixture.install({ apply: true, to: 'everyone' })
  await fixture.rollback({ apply: true })
  await fixture.promote({ apply: true, undo: true, yes: true })
  await fixture.uninstall()
  const on = (after: string) => `Do this on ghe.example.com? After it the hook runs ${after}. [y/N] `
  assert.deepEqual(asked, [
    on('in 2 repositories: 0 enabled, 2 in testing'),
    on('in 2 repositories: 0 enabled, 2 in testing'),
    on('in 2 repositories: 2 enabled, 0 in testing'),
    on('in 3 repositories: 2 enabled, 1 in testing'),
    on('in 40 repositories: 2 enabled, 38 in testing'),
    on('nowhere'),
  ])
})

test('a plan for machines, and an exit code for what is not as it should be', async t => {
  const fixture = await opened(t)
  fixture.configure({ rollout })
  await fixture.install()
  const json = async () => {
    const { code, out } = await fixture.install({ json: true, drift: true })
    return {
      code,
      plan: JSON.parse(out.join('\n')) as Record<'command' | 'host' | 'standing', unknown> & {
        changes: Record<string, unknown>[]
      },
    }
  }
  const none = await json()
  assert.deepEqual([none.code, none.plan.command, none.plan.changes], [0, 'install', []])
  fixture.build('one', { 'help.url': 'https://wiki.example/checks' })
  fixture.ghes.admin.hooks[0]?.overrides.set('repos/acme/web', { enforcement: 'disabled', allowDownstream: false })
  assert.deepEqual(none.plan.standing, {
    everywhere: 'disabled',
    scopes: { acme: 'disabled', 'acme/web': 'testing', 'acme/web-shop': 'testing' },
  })
  const { code, plan } = await json()
  assert.equal(code, 4)
  assert.deepEqual(
    plan.changes.map(({ do: what, stage, settings }) => [what, stage ?? settings]),
    [
      ['commit', ['help.url: default -> "https://wiki.example/checks"']],
      ['set', 'stage pilot'],
    ],
  )
  assert.equal((await fixture.promote({ json: true, apply: true })).code, 2)
})

test('a plan asks, and changes nothing: GET only', async t => {
  const fixture = await opened(t)
  fixture.configure({ rollout })
  await fixture.install()
  fixture.build('two')
  fixture.ghes.forgetRequests()
  for (const run of [fixture.install({}), fixture.promote({}), fixture.rollback({}), fixture.uninstall({})]) await run
  assert.deepEqual([...new Set(fixture.ghes.requests().map(({ method }) => method))], ['GET'])
})

test('the tarball of this machine: offered under a name that nobody guesses, fetched by the appliance, gone afterwards', async t => {
  const fixture = await opened(t)
  writeFileSync(join(fixture.folder, 'env.tar.gz'), 'the bytes of an environment')
  fixture.configure({ environment: { file: 'env.tar.gz' } })
  const without = await fixture.install()
  assert.deepEqual(
    [without.code, without.err],
    [2, ['error: environment.file: expected --serve HOST:PORT, by which the appliance fetches it from this machine']],
  )
  // What is no tarball may hold a secret.
  const plainly = await fixture.install({ apply: true, serve: '127.0.0.1:0' })
  assert.equal(plainly.code, 2)
  assert.match(plainly.err.join('\n'), /^error: --serve: .* holds the relay's secret.*--serve-cert.*--serve-plain/)
  fixture.ghes.admin.downloads = 'fetch'
  const { code, out, err } = await fixture.install({ apply: true, serve: '127.0.0.1:0', servePlain: true })
  assert.deepEqual([code, err], [0, []])
  assert.match(out.join('\n'), /fetched by 127\.0\.0\.1/)
  const made = fixture.ghes.admin.environments.at(-1)
  assert.match(made?.imageUrl ?? '', /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{48}\/env\.tar\.gz$/)
  assert.ok(
    !out.join('\n').includes(new URL(made?.imageUrl ?? '').pathname),
    'the address is a secret: the tarball holds one',
  )
  await assert.rejects(fetch(made?.imageUrl ?? ''))
})

test('which tarballs hold a secret', async t => {
  const { folder } = await opened(t)
  mkdirSync(join(folder, 'root/etc/catalog-gate'), { recursive: true })
  writeFileSync(join(folder, 'root/etc/aaa'), 'x'.repeat(70_000))
  const tarball = join(folder, 'made.tar.gz')
  const judged = () => {
    execFileSync('tar', ['--create', '--gzip', '--file', tarball, `--directory=${folder}/root`, '.'])
    return mayHoldSecret(tarball)
  }
  assert.equal(await judged(), false)
  writeFileSync(join(folder, 'root/etc/catalog-gate/relay.secret'), 'whsec_')
  assert.equal(await judged(), true)
})

test('a download that fails is told with the words of GHES; the hook is not touched', async t => {
  const fixture = await opened(t)
  fixture.ghes.admin.downloads = { failed: 'curl: (6) Could not resolve host: artifacts.test' }
  const { code, err } = await fixture.install()
  assert.equal(code, 1)
  assert.match(err.join('\n'), /^error: .*Could not resolve host: artifacts\.test.*\nhint: /)
  assert.deepEqual(fixture.ghes.admin.hooks, [])
  fixture.ghes.admin.downloads = 'endless'
  const endless = await fixture.install()
  assert.equal(endless.code, 1)
  assert.match(endless.err.join('\n'), /^error: .*\nhint: /)
  assert.ok(fixture.waitedMs >= 60_000 && fixture.waitedMs < 3_600_000, `it waited ${fixture.waitedMs} ms`)
})

test('interrupted: how far it came, and the same command goes on', async t => {
  const fixture = await opened(t)
  fixture.interruption.abort(new Interrupted('SIGINT'))
  const atOnce = await fixture.install()
  const words = 'the same command goes on from there'
  assert.deepEqual([atOnce.code, atOnce.err], [130, [`interrupted: nothing was changed; ${words}`]])
  fixture.interruption = new AbortController()
  const { admin } = fixture.ghes
  admin.downloads = 'endless'
  fixture.onWait = () => fixture.interruption.abort(new Interrupted('SIGINT'))
  const midway = await fixture.install()
  assert.deepEqual([midway.code, midway.err], [130, [`interrupted: 2 of 5 changes done; ${words}`]])
  fixture.interruption = new AbortController()
  fixture.onWait = () => {}
  admin.downloads = 'success'
  for (const one of admin.environments) Object.assign(one, { state: 'success' })
  const again = await fixture.install()
  assert.deepEqual([again.code, again.err], [0, []])
})

test('names that GHES does not know, steps that are not there, options that do not go together', async t => {
  const fixture = await opened(t)
  fixture.configure({ rollout: [{ name: 'x', organizations: ['nope'], repositories: ['acme/none'] }] })
  const unknown = await fixture.install()
  assert.equal(unknown.code, 2)
  assert.match(
    unknown.err.join('\n'),
    /the organisation "nope" is not on GHES[^\n]*\n[^\n]*the repository "acme\/none"/,
  )
  fixture.configure({ rollout })
  assert.match(
    (await fixture.promote()).err.join('\n'),
    /the hook "catalog-gate" is not installed; catalog-gate install --apply does it/,
  )
  assert.match((await fixture.rollback()).err.join('\n'), /holds no release of catalog-gate/)
  assert.match(
    (await fixture.promote({ to: 'pilto' })).err.join('\n'),
    /there is no step "pilto" in rollout; expected pilot, acme/,
  )
  assert.match((await fixture.install({ to: 'pilto' })).err.join('\n'), /there is no step "pilto" in rollout/)
  assert.match((await fixture.promote({ to: 'pilot', undo: true })).err.join('\n'), /do not go together/)
  assert.match((await fixture.install({ serve: '0.0.0.0:80' })).err.join('\n'), /every address of this machine/)
})

test('a token that is wrong: told at the first question, and never shown', async t => {
  const fixture = await opened(t)
  writeFileSync(join(fixture.folder, 'ghe.token'), 'ghp_wrongandsecret\n', { mode: 0o600 })
  const { code, out, err } = await fixture.install()
  assert.equal(code, 2)
  assert.match(err.join('\n'), /^error: .*\nhint: /)
  assert.doesNotMatch([...out, ...err].join('\n'), /wrongandsecret/)
})

test('a wrong address is told as that, and missing scopes before anything is done', async t => {
  const fixture = await opened(t)
  const config = readFileSync(fixture.config, 'utf8')
  const at = async (base: string) => {
    writeFileSync(fixture.config, config.replace(fixture.ghes.apiBaseUrl, base))
    const { code, err } = await fixture.install()
    assert.equal(code, 2)
    return err.join('\n')
  }
  // GHES's own 404, of a path that it does not have.
  assert.match(await at(`${fixture.ghes.apiBaseUrl}/more`), /not GHES's API\nhint: is ghe\.apiBaseUrl right\?/)
  fixture.ghes.failNext('meta', { status: 401, body: 'log in first' })
  assert.match(await at(fixture.ghes.apiBaseUrl), /not GHES's API\nhint: is ghe\.apiBaseUrl right\?/)
  fixture.ghes.setScopes('site_admin, repo')
  assert.match(
    await at(fixture.ghes.apiBaseUrl),
    /^error: the token in ghe\.token lacks admin:org \(.*\); it has site_admin, repo\. Make a classic token .* site_admin, repo, admin:org$/,
  )
  fixture.ghes.setScopes('site_admin, repo, admin:org')
  const { err } = await fixture.uninstall({ apply: true, deleteRepository: true })
  assert.match(err.join('\n'), /lacks delete_repo \(deleting the hook repository\)/)
  writeFileSync(join(fixture.folder, 'ghe.token'), 'github_pat_x\n', { mode: 0o600 })
  assert.match((await fixture.install()).err.join('\n'), /is fine-grained: GHES takes only a classic one/)
  assert.equal(fixture.ghes.requests().filter(({ method }) => method !== 'GET').length, 0)
})
