// catalog-gate try: four pushes as a pusher sees them, nothing changed, nothing left behind, and the right words.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { suite, test } from 'node:test'
import {
  env,
  folder,
  GOOD,
  makeRepository,
  plain,
  program,
  temporary,
  tryIn,
  USUAL,
  useRepositories,
  verdicts,
} from './try-fixture.ts'

useRepositories()

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
