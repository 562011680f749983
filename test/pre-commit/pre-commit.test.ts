// The real pre-commit (https://pre-commit.com; Debian's package) with `repo:` naming a clone of this checkout: it makes its own
// environment from npm's registry, and then checks what is committed.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { gitEnvironment } from '../support/git.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-pre-commit-'))
const upstream = join(folder, 'upstream')
const scratch = join(folder, 'scratch')
after(() => rmSync(folder, { recursive: true, force: true }))

/** How this machine reaches the registry, and nothing of the npm and the git that run us. */
const outer = Object.fromEntries(
  Object.entries(process.env).filter(([key]) => !/^(npm_|GIT_|GITHUB_|NODE_OPTIONS)/i.test(key)),
)
/** The Node that pre-commit finds is the machine's: where node and npm are on the PATH it takes those, and downloads none. */
const env = {
  ...outer,
  ...gitEnvironment({
    HOME: process.env['HOME'] ?? '/root',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    PRE_COMMIT_HOME: join(folder, 'cache'),
  }),
}
const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com']
const git = (directory: string, ...args: string[]) =>
  execFileSync('git', [...identity, ...args], { cwd: directory, env, encoding: 'utf8' }).trim()

/** What git has here and would have, as one commit. */
before(() => {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of list.toString('utf8').split('\0').filter(Boolean)) {
    if (file.startsWith('test/') || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(upstream, file)), { recursive: true })
    cpSync(join(root, file), join(upstream, file))
  }
  for (const directory of [upstream, scratch]) {
    mkdirSync(directory, { recursive: true })
    git(directory, 'init', '--quiet', '--initial-branch=main')
  }
  git(upstream, 'add', '--all')
  git(upstream, 'commit', '--quiet', '-m', 'All')
  const rev = git(upstream, 'rev-parse', 'HEAD')
  writeFileSync(
    join(scratch, '.pre-commit-config.yaml'),
    `repos:\n  - repo: ${upstream}\n    rev: ${rev}\n    hooks:\n      - id: catalog-gate\n`,
  )
  const installed = spawnSync('pre-commit', ['install', '--install-hooks'], { cwd: scratch, env, encoding: 'utf8' })
  assert.equal(installed.status, 0, `${installed.error ?? ''}${installed.stdout}${installed.stderr}`)
})

const entity = (name: string) =>
  `apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: ${name} }\nspec: { owner: team }\n`

function commit(files: Record<string, string>): { status: number | null; output: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch, path)), { recursive: true })
    writeFileSync(join(scratch, path), text)
  }
  git(scratch, 'add', '--all')
  const run = spawnSync('git', [...identity, 'commit', '-m', 'x'], { cwd: scratch, env, encoding: 'utf8' })
  return { status: run.status, output: run.stdout + run.stderr }
}

test('a commit with a good file goes through, one with a wrong file does not, others are not looked at', () => {
  const good = commit({ 'catalog-info.yaml': entity('shop') })
  assert.equal(good.status, 0, good.output)
  assert.match(good.output, /^Backstage catalog files\.+Passed$/m)
  const bad = commit({ 'a/catalog-info.yaml': entity('the shop') })
  assert.equal(bad.status, 1, bad.output)
  assert.match(bad.output, /^Backstage catalog files\.+Failed$/m)
  assert.match(bad.output, /^a\/catalog-info\.yaml:3:19: (?:error: )?name "the shop" contains a space/m)
  const other = commit({ 'a/catalog-info.yaml': entity('the-shop'), 'skeleton/catalog-info.yaml': entity('the shop') })
  assert.equal(other.status, 0, other.output)
  const none = commit({ 'README.md': 'x' })
  assert.equal(none.status, 0, none.output)
  assert.match(none.output, /^Backstage catalog files\.+\(no files to check\)Skipped$/m)
})

test('catalog-gate-fix corrects the file, stops the commit that would have been, and lets the next one through', () => {
  const config = join(scratch, '.pre-commit-config.yaml')
  writeFileSync(config, readFileSync(config, 'utf8').replace('id: catalog-gate', 'id: catalog-gate-fix'))
  const first = commit({ 'b/catalog-info.yaml': entity('the other shop') })
  assert.equal(first.status, 1, first.output)
  assert.match(first.output, /^fixed b\/catalog-info\.yaml: 1 problem$/m)
  assert.equal(readFileSync(join(scratch, 'b/catalog-info.yaml'), 'utf8'), entity('the-other-shop'))
  const second = commit({})
  assert.equal(second.status, 0, second.output)
})
