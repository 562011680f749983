// catalog-gate try: on every kind of repository there is, with nothing changed in it, nothing left behind, and the right words.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, beforeEach, suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gitEnvironment } from '../support/git.ts'

const program = resolve(import.meta.dirname, '../../dist/catalog-gate.mjs')
const folder = mkdtempSync(join(tmpdir(), 'try-test-'))
/** Where `try` makes its temporary folder: empty again at its end. */
const temporary = join(folder, 'tmp')
const plain = join(folder, 'plain')

const GOOD = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
spec:
  type: service
  lifecycle: production
  owner: team-a
`
const env = {
  ...gitEnvironment({ HOME: folder, TMPDIR: temporary }),
  GIT_AUTHOR_NAME: 'Mona',
  GIT_AUTHOR_EMAIL: 'mona@example.com',
  GIT_COMMITTER_NAME: 'Mona',
  GIT_COMMITTER_EMAIL: 'mona@example.com',
}
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], { cwd, env, encoding: 'utf8' }).trim()

/** A repository with these files in one commit; without files, and without a commit. */
function makeRepository(name: string, files: Record<string, string>, ...options: string[]): string {
  const repository = join(folder, name)
  mkdirSync(repository)
  git(repository, 'init', '--quiet', '--initial-branch=main', ...options)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(repository, path, '..'), { recursive: true })
    writeFileSync(join(repository, path), text)
  }
  git(repository, 'add', '--all')
  if (Object.keys(files).length > 0) git(repository, 'commit', '--quiet', '-m', 'x')
  return repository
}

function tryIn(cwd: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, 'try', ...args], { cwd, env, encoding: 'utf8' })
}

/** Every file and its bytes. */
function fingerprint(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory, { recursive: true, withFileTypes: true }).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(name.parentPath, name.name)
    hash.update(path)
    if (name.isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

before(() => {
  assert.ok(existsSync(program), 'npm run build first')
  mkdirSync(temporary)
  makeRepository('plain', { 'catalog-info.yaml': GOOD, 'src/main.ts': '\n' })
  git(plain, 'remote', 'add', 'origin', 'git@ghe.example.com:acme/payments.git')
})
beforeEach(() => mkdirSync(temporary, { recursive: true }))
after(() => rmSync(folder, { recursive: true, force: true }))

/** The four pushes, in their order: Accepted or Refused. */
const verdicts = (stdout: string) => stdout.match(/^ {2}(Accepted|Refused)/gm)?.map(word => word.trim())
const USUAL = ['Accepted', 'Refused', 'Accepted', 'Accepted']

suite('catalog-gate try', () => {
  test('a repository that is right: four pushes, as a pusher sees them; it is only read', () => {
    const bytes = fingerprint(plain)
    const { status, stdout, stderr } = tryIn(plain)
    assert.deepEqual([status, stderr, verdicts(stdout)], [0, '', USUAL], stdout)
    assert.match(stdout, /^catalog-gate try: \S+\/plain as acme\/payments$/m)
    assert.match(stdout, /- {3}name: payments\n {2}\+ {3}name: payments service\n/)
    assert.match(stdout, /\| remote: error: this push was not accepted: 1 problem in catalog-info\.yaml\n/)
    assert.match(stdout, /\| {2}! \[remote rejected\] main -> main \(pre-receive hook declined\)\n/)
    assert.match(stdout, /\| remote: warning: this push was accepted with 1 problem/)
    assert.match(stdout, /Accepted, in \d+ ms\. Most pushes are like this/)
    assert.equal(fingerprint(plain), bytes)
    assert.deepEqual(readdirSync(temporary), [])
  })

  test('a repository that is wrong already: exit code 1, and what would be refused', () => {
    const wrong = makeRepository('wrong', { 'a/catalog-info.yaml': GOOD.replace('kind: Component', 'kind: Componnt') })
    const { status, stdout } = tryIn(wrong)
    assert.deepEqual([status, verdicts(stdout)?.slice(0, 2)], [1, ['Refused', 'Refused']], stdout)
    assert.match(stdout, /as local\/wrong$/m)
    assert.match(stdout, /Componnt/)
  })

  test('by a folder in it, by URL, from a bare clone', () => {
    for (const [cwd, named] of [
      [join(plain, 'src'), []],
      [folder, [join(plain, 'src')]],
      [folder, [pathToFileURL(plain).href]],
    ] as const) {
      const { status, stdout } = tryIn(cwd, ...named)
      assert.deepEqual([status, verdicts(stdout)], [0, USUAL], stdout)
      assert.match(stdout, /\/plain as acme\/payments$/m)
    }
    git(folder, 'clone', '--quiet', '--bare', plain, 'bare.git')
    const { status, stdout } = tryIn(folder, join(folder, 'bare.git'))
    assert.deepEqual([status, verdicts(stdout)], [0, USUAL], stdout)
    assert.match(stdout, /as local\/bare$/m)
  })

  test('no catalog file, and no commit: a made-up one', () => {
    const without = makeRepository('without', { README: 'x\n' })
    const none = tryIn(without)
    assert.deepEqual([none.status, verdicts(none.stdout)], [0, USUAL], none.stdout)
    assert.match(none.stdout, /catalog files: none$/m)
    assert.match(none.stdout, /A mistake in line 4 of catalog-info\.yaml, made up since there is none/)
    const empty = tryIn(makeRepository('empty', {}))
    assert.deepEqual([empty.status, verdicts(empty.stdout)], [0, USUAL.slice(1)], empty.stdout + empty.stderr)
    assert.match(empty.stdout, /state +no commit yet/)
  })

  test('shallow, worktree, submodule, detached, borrowed objects, SHA-256', () => {
    git(plain, 'commit', '--quiet', '--allow-empty', '-m', 'two')
    git(folder, 'clone', '--quiet', '--depth=1', pathToFileURL(plain).href, 'shallow')
    git(plain, 'worktree', 'add', '--quiet', '-b', 'topic', join(folder, 'worktree'))
    const outer = makeRepository('outer', { README: 'x\n' })
    git(outer, 'submodule', '--quiet', 'add', pathToFileURL(plain).href, 'inner')
    git(outer, 'commit', '--quiet', '-m', 'inner')
    git(folder, 'clone', '--quiet', plain, 'detached')
    git(join(folder, 'detached'), 'checkout', '--quiet', '--detach')
    git(folder, 'clone', '--quiet', '--shared', plain, 'borrowing')
    git(folder, 'clone', '--quiet', '--shared', 'borrowing', 'borrowing-twice')
    makeRepository('sha256', { 'catalog-info.yaml': GOOD }, '--object-format=sha256')
    const expected: Record<string, RegExp> = {
      shallow: /note +a shallow clone/,
      worktree: /worktree as acme\/payments\n\n {2}state +topic, /,
      'outer/inner': /state +main, as last committed; catalog files: catalog-info\.yaml$/m,
      detached: /state +detached at [0-9a-f]{10}/,
      'borrowing-twice': /catalog files: catalog-info\.yaml/,
      sha256: /as local\/sha256/,
      outer: /catalog files: none/,
    }
    for (const [name, words] of Object.entries(expected)) {
      const { status, stdout, stderr } = tryIn(join(folder, name))
      assert.deepEqual([status, stderr, verdicts(stdout)], [0, '', USUAL], `${name}: ${stdout}`)
      assert.match(stdout, words)
    }
  })

  test('files with odd contents: in one line, in LFS, not YAML; changes that are not committed', () => {
    for (const [name, text] of Object.entries({
      flow: `apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: a}\nspec: {owner: b}\n`,
      json: JSON.stringify({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'System',
        metadata: { name: 'a' },
        spec: { owner: 'b' },
      }),
      windows: GOOD.replaceAll('\n', '\r\n'),
      lfs: `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`,
      binary: '\0\x01\x02',
      nothing: '',
    })) {
      const repository = makeRepository(`odd-${name}`, { 'catalog-info.yaml': text })
      writeFileSync(join(repository, 'catalog-info.yaml'), `${text}# later\n`)
      const { status, stdout, stderr } = tryIn(repository)
      assert.ok(status === 0 || status === 1, `${name}: ${status} ${stderr}`)
      assert.equal(stderr, '')
      assert.equal(verdicts(stdout)?.[1], 'Refused', `${name}: ${stdout}`)
      assert.match(stdout, /note +changes that are not committed are not pushed/)
    }
  })

  test("the user's own configuration, and its mistakes", () => {
    const config = join(folder, 'hook.yaml')
    const relay = 'relay: { url: "http://127.0.0.1:9", secretFile: /etc/nowhere }\n'
    writeFileSync(config, `catalog: { files: ['**/entity.yaml'] }\nenforce: { defaultBranch: warn }\n${relay}`)
    const repository = makeRepository('configured', { 'deploy/entity.yaml': GOOD })
    const { status, stdout } = tryIn(repository, '--config', config)
    assert.deepEqual([status, verdicts(stdout)], [0, ['Accepted', 'Accepted', 'Accepted', 'Accepted']], stdout)
    assert.match(stdout, /catalog files: deploy\/entity\.yaml/)
    assert.doesNotMatch(stdout, /relay cannot/)
    writeFileSync(config, 'catalog: { fils: [] }\n')
    const wrong = tryIn(repository, '--config', config)
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /^error: .*hook\.yaml: .*fils.*did you mean "files"/)
  })

  test('no repository: which, and the way out', () => {
    mkdirSync(join(folder, 'none'))
    writeFileSync(join(folder, 'file'), '')
    for (const [args, words] of [
      [['none'], /^error: \S+\/none is not in a git repository; name one: catalog-gate try /],
      [['nowhere'], /^error: \S+\/nowhere does not exist$/m],
      [['file'], /is a file; expected a folder/],
      [['https://ghe.example.com/acme/payments.git'], /is on another machine; clone it, and name the clone/],
      [['git@ghe.example.com:acme/payments.git'], /is on another machine/],
      [['file://other.example/x'], /expected file:\/\/\/path/],
      [['plain', '--environment', 'nowhere.tar.gz'], /catalog-gate environment build --out nowhere\.tar\.gz/],
    ] as const) {
      const { status, stdout, stderr } = tryIn(folder, ...args)
      assert.deepEqual([status, stdout], [2, ''], stderr)
      assert.match(stderr, words)
    }
  })

  test('--jail: the same verdicts under a filter that kills, or why not', () => {
    const { status, stdout, stderr } = tryIn(plain, '--jail')
    assert.deepEqual([status, stderr, verdicts(stdout)], [0, '', USUAL], stdout)
    assert.match(stdout, /^ {2}sandbox +(namespaces, nsjail's limits, a filter that kills|none: )/m)
  })

  test('an interrupt while the hook runs: exit code 130, nothing left, no process either', async () => {
    // A hook that says that it runs, and hangs, in a copy of what is built.
    const slow = join(folder, 'dist')
    const mark = join(folder, 'marks')
    mkdirSync(mark)
    cpSync(resolve(program, '..'), slow, { recursive: true })
    const hook = `#!/bin/sh\necho $$ >'${mark}/pid.part' && mv '${mark}/pid.part' '${mark}/pid'\nexec sleep 60\n`
    writeFileSync(join(slow, 'hooks/catalog-validate'), hook, { mode: 0o755 })
    const child = spawn(process.execPath, [join(slow, 'catalog-gate.mjs'), 'try'], { cwd: plain, env, stdio: 'pipe' })
    const closed = once(child, 'close')
    child.stdout.resume()
    for await (const { filename } of watch(mark)) if (filename === 'pid') break
    const pid = Number(readFileSync(join(mark, 'pid'), 'utf8'))
    const from = performance.now()
    child.kill('SIGINT')
    assert.equal((await closed)[0], 130)
    assert.deepEqual(readdirSync(temporary), [])
    assert.ok(performance.now() - from < 30_000, 'it waited for the hook')
    // Killed, and perhaps not yet buried by whoever does that here.
    const stat = `/proc/${pid}/stat`
    if (existsSync(stat)) assert.match(readFileSync(stat, 'utf8'), /\) Z /)
  })

  test('output that nobody reads to the end', () => {
    const run = spawnSync('bash', ['-c', `set -o pipefail; "$0" "$1" try | head -n 1`, process.execPath, program], {
      cwd: plain,
      env,
      encoding: 'utf8',
    })
    assert.equal(run.stderr, '')
    assert.match(run.stdout, /^catalog-gate try: /)
    assert.deepEqual(readdirSync(temporary), [])
  })
})
