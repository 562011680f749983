// The life of an installation as an administrator sees it, word for word, against the stand-in GHES; and what can be wrong.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { InstallStage, type Ran } from './install-stage.ts'

const golden = join(import.meta.dirname, 'install.txt')
const rollout = [
  { name: 'pilot', repositories: ['acme/web*'] },
  { name: 'acme', organizations: ['acme'] },
]

async function opened(t: TestContext): Promise<InstallStage> {
  const stage = await InstallStage.open()
  t.after(() => stage.close())
  return stage
}

/** UPDATE=1 writes the file anew, to be looked at. */
test('from nothing to enabled, an upgrade, back, and to nothing again', async t => {
  const stage = await opened(t)
  let told = ''
  const tell = (command: string, { code, out, err }: Ran) => {
    const text = [...out, ...err.map(line => `stderr: ${line}`)].join('\n')
    told += `$ catalog-gate ${command}\n${text.replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com')}\n[${code}]\n\n`
  }
  stage.configure({ rollout })
  const empty = await stage.state()
  tell('install', await stage.install({}))
  assert.deepEqual(await stage.state(), empty, 'a plan has changed something')
  tell('install --apply', await stage.install())
  tell('install --apply', await stage.install())
  tell('promote --to pilot --apply', await stage.promote({ apply: true, to: 'pilot' }))
  tell('promote --apply', await stage.promote())
  const before = await stage.contents()
  stage.build('two')
  stage.configure({ rollout }, '2'.repeat(12))
  tell('install --apply', await stage.install())
  tell('rollback --apply', await stage.rollback())
  const files = (contents: object | 'none') =>
    (contents as { files: string[] }).files.filter(line => !line.endsWith('catalog-gate.json'))
  assert.deepEqual(files(await stage.contents()), files(before), 'a roll-back brings other files')
  tell('rollback --apply', await stage.rollback())
  tell('promote --undo --apply', await stage.promote({ apply: true, undo: true }))
  tell('uninstall', await stage.uninstall({}))
  tell('uninstall --delete-repository --apply', await stage.uninstall({ apply: true, deleteRepository: true }))
  assert.deepEqual(await stage.state(), empty, 'something is left')
  tell('uninstall --apply', await stage.uninstall())
  if (process.env['UPDATE']) writeFileSync(golden, told)
  assert.equal(told, readFileSync(golden, 'utf8'))
})

test('a plan asks, and changes nothing: GET only', async t => {
  const stage = await opened(t)
  stage.configure({ rollout })
  await stage.install()
  stage.build('two')
  stage.ghes.forgetRequests()
  for (const run of [stage.install({}), stage.promote({}), stage.rollback({}), stage.uninstall({})]) await run
  assert.deepEqual([...new Set(stage.ghes.requests().map(({ method }) => method))], ['GET'])
})

test('the tarball of this machine: offered under a name that nobody guesses, fetched by the appliance, gone afterwards', async t => {
  const stage = await opened(t)
  writeFileSync(join(stage.folder, 'env.tar.gz'), 'the bytes of an environment')
  stage.configure({ environment: { file: 'env.tar.gz' } })
  const without = await stage.install()
  assert.deepEqual(
    [without.code, without.err],
    [2, ['error: environment.file: expected --serve HOST:PORT, by which the appliance fetches it from this machine']],
  )
  stage.ghes.admin.downloads = 'fetch'
  const { code, out, err } = await stage.install({ apply: true, serve: '127.0.0.1:0' })
  assert.deepEqual([code, err], [0, []])
  assert.match(out.join('\n'), /fetched by 127\.0\.0\.1/)
  const made = stage.ghes.admin.environments.at(-1)
  assert.match(made?.imageUrl ?? '', /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{48}\/env\.tar\.gz$/)
  assert.ok(
    !out.join('\n').includes(new URL(made?.imageUrl ?? '').pathname),
    'the address is a secret: the tarball holds one',
  )
  await assert.rejects(fetch(made?.imageUrl ?? ''))
})

test('a download that fails is told with the words of GHES; the hook is not touched', async t => {
  const stage = await opened(t)
  stage.ghes.admin.downloads = { failed: 'curl: (6) Could not resolve host: artifacts.test' }
  const { code, err } = await stage.install()
  assert.equal(code, 1)
  assert.match(err.join('\n'), /^error: .*Could not resolve host: artifacts\.test.*\nhint: /)
  assert.deepEqual(stage.ghes.admin.hooks, [])
  stage.ghes.admin.downloads = 'endless'
  const endless = await stage.install()
  assert.equal(endless.code, 1)
  assert.match(endless.err.join('\n'), /^error: .*\nhint: /)
  assert.ok(stage.waitedMs >= 60_000 && stage.waitedMs < 3_600_000, `it waited ${stage.waitedMs} ms`)
})

test('names that GHES does not know, steps that are not there, options that do not go together', async t => {
  const stage = await opened(t)
  stage.configure({ rollout: [{ name: 'x', organizations: ['nope'], repositories: ['acme/none'] }] })
  const unknown = await stage.install()
  assert.equal(unknown.code, 2)
  assert.match(
    unknown.err.join('\n'),
    /the organisation "nope" is not on GHES[^\n]*\n[^\n]*the repository "acme\/none"/,
  )
  stage.configure({ rollout })
  assert.match(
    (await stage.promote()).err.join('\n'),
    /the hook "catalog-gate" is not installed; catalog-gate install --apply does it/,
  )
  assert.match((await stage.rollback()).err.join('\n'), /holds no release of catalog-gate/)
  assert.match(
    (await stage.promote({ to: 'pilto' })).err.join('\n'),
    /there is no step "pilto" in rollout; expected pilot, acme/,
  )
  assert.match((await stage.promote({ to: 'pilot', undo: true })).err.join('\n'), /do not go together/)
  assert.match((await stage.install({ serve: '0.0.0.0:80' })).err.join('\n'), /every address of this machine/)
})

test('a token that is wrong: told at the first question, and never shown', async t => {
  const stage = await opened(t)
  writeFileSync(join(stage.folder, 'ghe.token'), 'ghp_wrongandsecret\n', { mode: 0o600 })
  const { code, out, err } = await stage.install()
  assert.equal(code, 2)
  assert.match(err.join('\n'), /^error: .*\nhint: /)
  assert.doesNotMatch([...out, ...err].join('\n'), /wrongandsecret/)
})
