// sandbox-probe: whatever is missing or hangs, it ends with status 0 within 2 s, and says what it found in lines that can be pasted.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { buildProbe } from '../../../scripts/build/probe-file.ts'
import { bakeHookConfig } from '../../../scripts/config/hook-config.ts'
import { freePort } from '../../support/process.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../../support/repository.ts'
import { type HookRun, runHook } from '../built-hook.ts'
import { inNamespace } from '../namespace.ts'

/** What hangs hangs for so long; the probe ends long before it. */
const HANG_S = 600
const ENDED_MS = 60_000
/** Times as long as on an appliance: no verdict hangs on how fast the machine is. What hangs is met by a probe that has no more than usual. */
const PATIENCE = 20

/** In a probe that waits for a program no longer than usual, and ends by itself when no machine is too busy for the rows before. */
const HUNG = /^killed: it had not ended after 0\.[35] s$/
const NEVER_TENTHS = 600
/** One that ends itself soon: to count the time, where there is no sleep(1), takes two processors. */
const SOON_TENTHS = 5

const pathTo = (program: string) => execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()

let host: RepositoryHost
let repository: BareRepository
/** Built without a relay. */
let plain: string
/** What hangs is not waited for longer than on an appliance. */
let hasty: string
/** The same, and its own end comes soon. */
let brief: string
let secretFile: string
const secret = `whsec_${randomBytes(32).toString('base64')}`
let builds = 0
/** A filter that kills as the sandbox is believed to do it, and the guard against it. */
let filter: string
let guard: string

async function buildWith(config: unknown, patience = PATIENCE, wholeTenths?: number): Promise<string> {
  const baked = bakeHookConfig(config)
  if (baked.result === 'wrong') throw new Error(baked.problems.join('\n'))
  const file = join(host.directory, `sandbox-probe-${++builds}`)
  writeFileSync(file, (await buildProbe(baked, patience, wholeTenths)).text, { mode: 0o755 })
  return file
}

before(async () => {
  host = await createRepositoryHost({ onDisk: true })
  repository = await host.create('acme/probed')
  plain = await buildWith({})
  hasty = await buildWith({}, 1, NEVER_TENTHS)
  brief = await buildWith({}, 1, SOON_TENTHS)
  secretFile = join(host.directory, 'relay.secret')
  writeFileSync(secretFile, `${secret}\n`)
  const root = join(import.meta.dirname, '../../..')
  filter = join(host.directory, 'seccomp-kill')
  execFileSync('cc', ['-O1', '-o', filter, join(root, 'scripts/try/seccomp-kill.c')])
  guard = join(host.directory, 'sandbox-guard.so')
  execFileSync('cc', ['-shared', '-fPIC', '-o', guard, join(root, 'scripts/environment/sandbox-guard.c'), '-ldl'])
})
after(() => host.remove())

/** A file that stands for a program. */
function fake(name: string, body: string): string {
  const file = join(host.directory, name)
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** A folder for PATH that holds only these programs. */
function pathOf(name: string, programs: Record<string, string>): string {
  const folder = join(host.directory, name)
  mkdirSync(folder)
  for (const [program, target] of Object.entries(programs)) symlinkSync(target, join(folder, program))
  return folder
}

/** The text of a row, its continued lines joined; undefined when there is no such row. */
function row(run: HookRun, label: string): string | undefined {
  const lines = run.stdout.split('\n')
  const at = lines.findIndex(line => line.startsWith(`${label.padEnd(10)} `))
  if (at < 0) return undefined
  const rest = lines.slice(at + 1)
  const end = rest.findIndex(line => !line.startsWith(' '.repeat(11)))
  return [lines[at], ...rest.slice(0, end)].map(line => line?.slice(11)).join(' ')
}

function assertReport(run: HookRun): void {
  assert.equal(run.exitCode, 0, run.stdout + run.stderr)
  assert.equal(run.stderr, '')
  assert.ok(run.tookMs < ENDED_MS, `${run.tookMs} ms`)
  assert.match(run.stdout, /^catalog-gate sandbox-probe \d+\.\d+\.\d+\n/)
  for (const line of run.stdout.split('\n')) assert.match(line, /^[ -~]{0,72}$/)
}

type Given = { before?: string[]; mayLeave?: boolean }

const probeUnder =
  (shell: string) =>
  (file: string, env: Record<string, string | undefined> = {}, { before = [], mayLeave = false }: Given = {}) =>
    runHook([...before, `/bin/${shell}`, file], {
      mayLeave,
      cwd: repository.directory,
      env: { GIT_DIR: repository.directory, ...env },
      input: 'left open',
    })

for (const shell of ['dash', 'bash']) {
  suite(`under ${shell}`, () => {
    const probe = probeUnder(shell)

    test('everything is there: each row, and nothing left in the folders that it tried', async () => {
      const run = await probe(plain, { GITHUB_USER_IP: '192.0.2.77', GITHUB_VIA: 'merge', MY_TOKEN: 'a-secret' })
      assertReport(run)
      assert.deepEqual(run.leftBehind, [])
      assert.match(row(run, 'kernel') ?? '', /^Linux \S+ x86_64/)
      assert.match(row(run, 'limits') ?? '', /open files \w+/)
      assert.match(row(run, 'seccomp') ?? '', /^mode \d/)
      assert.match(row(run, 'mounts') ?? '', /\/ \w+/)
      assert.match(row(run, 'writable') ?? '', /\/tmp yes; \. yes/)
      assert.match(row(run, 'git') ?? '', /^git version \d/)
      assert.match(row(run, ' HEAD') ?? '', /^refs\/heads\/main/)
      assert.equal(row(run, 'node'), process.execPath)
      assert.match(row(run, ' plain') ?? '', /^starts: v\d+\.\d+\.\d+, \d+ ms$/)
      assert.match(row(run, ' guarded') ?? '', /^no guard/)
      assert.match(row(run, ' memory') ?? '', /^\d+ MB/)
      assert.equal(row(run, 'relay'), 'none is configured in this build')
      assert.match(row(run, 'took') ?? '', /^\d+ ms$/)
      assert.match(row(run, 'variables') ?? '', /GITHUB_REPO_NAME.*GITHUB_USER_IP GITHUB_VIA=merge.*MY_TOKEN/)
      assert.doesNotMatch(run.stdout, /192\.0\.2\.77|a-secret|acme\/direct/)
      assert.deepEqual(
        readdirSync(repository.directory).filter(name => name.includes('probe')),
        [],
      )
    })

    test('nothing is there: an empty PATH', async () => {
      const run = await probe(plain, { PATH: pathOf(`empty-${shell}`, {}), CATALOG_GATE_NODE: undefined })
      assertReport(run)
      assert.deepEqual(run.leftBehind, [])
      assert.equal(row(run, 'git'), 'git is not there')
      assert.equal(row(run, 'node'), 'not there')
      assert.match(row(run, 'took') ?? '', /without timeout\(1\)/)
    })

    for (const [what, programs] of [
      ['timeout(1)', ['timeout', 'sleep', 'date', 'uname', 'id', 'rm']],
      ['no timeout(1)', ['sleep', 'date', 'uname', 'id', 'rm']],
      ['neither timeout(1) nor sleep', ['uname', 'id', 'rm']],
    ] as const) {
      test(`git, Node and a program of Node's hang; with ${what}`, async () => {
        // Not exec: what the killed script leaves behind holds the pipe open, and is what must not be waited for.
        const hangs = fake(`hangs-${shell}-${programs.length}`, `/bin/sleep ${HANG_S}`)
        const PATH = pathOf(`path-${shell}-${programs.length}`, {
          ...Object.fromEntries(programs.map(program => [program, pathTo(program)])),
          git: hangs,
        })
        const mayLeave = !programs.includes('timeout' as never)
        const run = await probe(hasty, { PATH, CATALOG_GATE_NODE: hangs }, { mayLeave })
        assertReport(run)
        assert.match(row(run, 'git') ?? '', HUNG)
        assert.match(row(run, ' plain') ?? '', HUNG)
        if (!mayLeave) assert.deepEqual(run.leftBehind, [])
      })
    }

    test('everything hangs, timeout(1) too', async () => {
      const hangs = fake(`all-hang-${shell}`, `exec /bin/sleep ${HANG_S}`)
      const names = ['timeout', 'uname', 'id', 'rm', 'git']
      // Without sleep its clock is one that counts: that it runs out, too, is seen under one of the shells.
      const sleep = shell === 'dash' ? {} : { sleep: pathTo('sleep') }
      const PATH = pathOf(`all-${shell}`, { ...Object.fromEntries(names.map(name => [name, hangs])), ...sleep })
      const run = await probe(brief, { PATH, CATALOG_GATE_NODE: hangs }, { mayLeave: true })
      assert.equal(run.exitCode, 0)
      assert.ok(run.tookMs < ENDED_MS, `${run.tookMs} ms`)
      assert.match(run.stdout, /^stopped {4}after 0\.5 s: something above hangs$/m)
    })

    test('a program that prints without end', async () => {
      const endless = fake(`endless-${shell}`, 'while :; do echo y; done')
      assertReport(await probe(hasty, { CATALOG_GATE_NODE: endless }))
    })

    test('a program that prints what no terminal should get', async () => {
      const rude = fake(`rude-${shell}`, `printf 'git version \\033[31m\\377 2.0\\n'`)
      const PATH = `${pathOf(`rude-path-${shell}`, { git: rude })}:${process.env['PATH']}`
      const run = await probe(plain, { CATALOG_GATE_NODE: '/nowhere', PATH })
      assertReport(run)
      assert.match(row(run, 'git') ?? '', /^git version \[31m 2\.0/)
    })

    test('Node is killed as a sandbox does it, and starts with the guard', async () => {
      const run = await probe(plain, { CATALOG_GATE_GUARD: guard }, { before: [filter] })
      assertReport(run)
      assert.match(row(run, 'seccomp') ?? '', /^mode 2 \(filter\)/)
      assert.match(row(run, ' plain') ?? '', /^killed by the sandbox: a system call is not allowed \(159\)$/)
      assert.match(row(run, ' guarded') ?? '', /^starts: v\d/)
      assert.match(row(run, ' memory') ?? '', /MB/)
    })

    test('no /proc', async () => {
      const script = `mount -t tmpfs tmpfs /proc && exec "$@"`
      const run = await probe(plain, {}, { before: [...inNamespace(), '/bin/sh', '-c', script, 'sh'] })
      assertReport(run)
      assert.match(row(run, 'limits') ?? '', /^address space \w+/)
      assert.equal(row(run, 'seccomp'), 'unknown: no /proc')
      assert.match(row(run, ' plain') ?? '', /^starts/)
    })

    test('no /dev', async () => {
      const script = `mount -t tmpfs tmpfs /dev && exec "$@"`
      const run = await probe(plain, {}, { before: [...inNamespace(), '/bin/sh', '-c', script, 'sh'] })
      assertReport(run)
      assert.match(row(run, 'there') ?? '', /\/dev\/null no/)
    })
  })
}

// Node asks it, whatever the shell.
test('the relay: up, refused, silent, unknown name; the secret is not shown', async t => {
  const probe = probeUnder('dash')
  const relay = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  const silent = createSocketServer().listen(0, '127.0.0.1')
  t.after(() => [relay, silent].map(server => server.close()))
  await Promise.all([once(relay, 'listening'), once(silent, 'listening')])
  const portOf = (server: Server) => (server.address() as AddressInfo).port
  const refused = `http://127.0.0.1:${await freePort()}`
  const answers = {
    [`http://127.0.0.1:${portOf(relay)}`]:
      /connected after \d+ ms, answers 200 to GET \/readyz after \d+ ms, clocks agree$/,
    [refused]: /ECONNREFUSED$/,
    [`http://127.0.0.1:${portOf(silent)}`]: /no answer within \d+ ms$/,
    'https://relay.invalid:1': /: no /,
  }
  for (const [url, expected] of Object.entries(answers)) {
    const isRefused = url === refused
    const run = await probe(
      await buildWith({ relay: { url, secretFile: isRefused ? `${secretFile}.none` : secretFile } }),
    )
    assertReport(run)
    assert.match(row(run, 'relay') ?? '', expected)
    assert.match(row(run, ' secret') ?? '', isRefused ? /\.none: ENOENT$/ : /readable, of the right form$/)
    assert.doesNotMatch(run.stdout, /whsec_/)
  }
})

test('as a pre-receive hook: the push is accepted, its words stand on the terminal', async () => {
  const bare = await host.create('acme/pushed', { hooks: [plain] })
  const copy = await bare.clone()
  const pushed = await copy.change({ 'README.md': 'x' })
  assert.equal(pushed.exitCode, 0)
  assert.match(pushed.remote, /^quarantine {1}readable$/m)
  assert.match(pushed.remote, /GIT_DIR \(this folder\)/)
})
