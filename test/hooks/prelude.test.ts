// The sh half of the hook: the fast path, finding Node, and every way in which Node, git or the sandbox can fail us. All of them accept.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { build } from '../../scripts/build/build.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { BAD, buildInto, component, GOOD, type HookRun, locationOf, runHook } from './built-hook.ts'
import { inNamespace } from './namespace.ts'

const LIMIT_MS = 700
/** The run may take the limit and half a second; a test machine that is busy gets as much again to start programs. */
const PATIENCE_MS = 1000

const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
const node24 = process.execPath

const DOCUMENTED = component('b').replace(
  'metadata:\n',
  "metadata:\n  annotations: {backstage.io/techdocs-ref: 'dir:.'}\n",
)

let host: RepositoryHost
let hook: string
let repository: BareRepository
/** Ref lines: of a push with a bad catalog file, of one with a good one, of one without any. */
const pushed = {
  bad: '',
  good: '',
  other: '',
  newBranch: '',
  newOther: '',
  first: '',
  documented: '',
  undocumented: '',
  tip: '',
  older: '',
}

before(async () => {
  host = await createRepositoryHost()
  hook = await buildInto(host.directory, 'catalog-gate', { limits: { timeMs: LIMIT_MS } })
  repository = await host.create('acme/one')
  const copy = await repository.clone()
  const ids: string[] = []
  for (const files of [
    { 'catalog-info.yaml': GOOD },
    { 'README.md': 'x' },
    { 'catalog-info.yaml': component('b') },
    { 'catalog-info.yaml': BAD },
    { 'catalog-info.yaml': DOCUMENTED, 'mkdocs.yml': 'site_name: b' },
    { 'catalog-info.yaml': DOCUMENTED.replace('name: b', 'name: c') },
    { 'x/catalog-info.yaml': DOCUMENTED.replace('name: b', 'name: x') },
  ]) {
    await copy.change(files)
    ids.push(await copy.git('rev-parse', 'HEAD'))
  }
  const line = (from: number, to: number) => `${ids[from]} ${ids[to]} refs/heads/main\n`
  Object.assign(pushed, { other: line(0, 1), good: line(1, 2), bad: line(2, 3) })
  Object.assign(pushed, {
    first: line(3, 4),
    documented: line(4, 5),
    undocumented: line(5, 6),
    tip: ids[0],
    older: ids[1],
  })
  pushed.newOther = `${'0'.repeat(40)} ${ids[1]} refs/heads/topic\n`
  pushed.newBranch = `${'0'.repeat(40)} ${ids[2]} refs/heads/topic\n`
})
after(() => host.remove())

/** A file that stands for Node. */
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

/** One line that begins so, nothing else, accepted, in time, and nobody left behind. */
function assertAcceptedWithOneLine(run: HookRun, expected: RegExp): void {
  assert.equal(run.exitCode, 0, `${run.stdout}${run.stderr}`)
  assert.match(run.stdout, /^warning: [^\n]*\n$/)
  assert.match(run.stdout, expected)
  assert.match(run.stdout, /; the push was accepted unchecked\n$/)
  assert.equal(run.stderr, '')
  assertInTime(run)
}

function assertInTime(run: HookRun): void {
  assert.ok(run.tookMs < LIMIT_MS + 500 + PATIENCE_MS, `${run.tookMs} ms`)
  assert.deepEqual(run.leftBehind, [])
}

function assertRefused(run: HookRun): void {
  assert.equal(run.exitCode, 1, `${run.stdout}${run.stderr}`)
  assert.match(run.stdout, /^error: this push was not accepted: 1 problem in catalog-info.yaml\n/)
  assert.equal(run.stderr, '')
  assert.deepEqual(run.leftBehind, [])
}

for (const shell of ['dash', 'bash']) {
  suite(`under ${shell}`, () => {
    const run = (input: string, env: Record<string, string | undefined> = {}, before: string[] = []) =>
      runHook([...before, `/bin/${shell}`, hook], { cwd: repository.directory, env, input })

    test('a bad file is refused, a good one accepted without a word', async () => {
      assertRefused(await run(pushed.bad))
      const good = await run(pushed.good)
      assert.deepEqual([good.exitCode, good.stdout, good.stderr], [0, '', ''])
    })

    test('no file that could be a catalog file: git answers, and Node never starts', async () => {
      const mark = join(host.directory, `mark-${shell}`)
      const env = { CATALOG_GATE_NODE: fake(`marking-${shell}`, `: >'${mark}'`) }
      const other = await run(pushed.other, env)
      assert.deepEqual([other.exitCode, other.stdout, other.stderr], [0, '', ''])
      assert.ok(!existsSync(mark))
      await run(pushed.good, env)
      assert.ok(existsSync(mark), 'the mark works')
    })

    test('Node is missing; CATALOG_GATE_NODE names none', async () => {
      const PATH = pathOf(`no-node-${shell}`, { git, timeout: '/usr/bin/timeout' })
      assertAcceptedWithOneLine(
        await run(pushed.bad, { PATH, CATALOG_GATE_NODE: undefined }),
        /Node is not in this hook environment/,
      )
      for (const CATALOG_GATE_NODE of ['/nowhere/node', host.directory, hook.replace(/$/, '.no')]) {
        const wrong = await run(pushed.bad, { CATALOG_GATE_NODE })
        assert.equal(wrong.exitCode, 0)
        assert.match(wrong.stdout, /^warning: catalog-gate: [^\n]*; the push was accepted unchecked\n$/)
      }
    })

    const endings: [string, string, RegExp][] = [
      ['exits 1, as Node does after an error that nothing caught', 'exit 1', /ended with status 1;/],
      ['exits 2', 'exit 2', /ended with status 2;/],
      ['exits 70', 'exit 70', /ended with status 70/],
      ['aborts', 'kill -ABRT $$', /ended with status 134/],
      ['exits 134', 'exit 134', /ended with status 134/],
      ['is killed', 'kill -KILL $$', /was killed/],
      ['is killed by the system-call filter', 'kill -SYS $$', /stopped by the sandbox/],
      ['exits 159', 'exit 159', /stopped by the sandbox/],
      ['cannot be executed', 'exit 126', /cannot start Node/],
      ['sleeps', 'exec sleep 60', /ran past its time limit/],
      ['sleeps with a child', 'sleep 60 & sleep 61', /ran past its time limit/],
      ['is stopped', 'kill -STOP $$; sleep 60', /ran past its time limit/],
    ]
    for (const [what, body, expected] of endings) {
      test(`Node ${what}`, async () => {
        const file = fake(`fake-${shell}-${what.replaceAll(/\W/g, '-')}`, body)
        assertAcceptedWithOneLine(await run(pushed.bad, { CATALOG_GATE_NODE: file }), expected)
      })
    }

    test('Node prints garbage on stderr: the pusher does not see it', async () => {
      const CATALOG_GATE_NODE = fake(`noisy-${shell}`, `head -c 200000 /dev/urandom >&2\nexec '${node24}' "$@"`)
      assertRefused(await run(pushed.bad, { CATALOG_GATE_NODE }))
    })

    test('git hangs, wherever it is called', async () => {
      // Not the one comparison of a single moved branch: that one is trusted. Packed, the default branch's tip is git's to find.
      await repository.git('pack-refs', '--all')
      for (const [call, input, expected] of [
        ['diff-tree', pushed.newBranch, /git ran past the time limit/],
        ['rev-parse', pushed.newBranch, /ran past the time limit/],
        ['cat-file', pushed.bad, /ran past its time limit|could not be read/],
      ] as const) {
        const folder = join(host.directory, `hanging-${shell}-${call}`)
        mkdirSync(folder)
        writeFileSync(
          join(folder, 'git'),
          `#!/bin/sh\ncase " $* " in *" ${call} "*) exec sleep 60 ;; esac\nexec '${git}' "$@"\n`,
          { mode: 0o755 },
        )
        assertAcceptedWithOneLine(await run(input, { PATH: `${folder}:${process.env['PATH']}` }), expected)
      }
    })

    test('how often git is started: not for the tip of a branch that is a file, nor for the mkdocs.yml beside the catalog file', async () => {
      const folder = join(host.directory, `counting-${shell}`)
      const log = join(folder, 'log')
      mkdirSync(folder)
      const last = '$(printf %s "$*" | sed "s/.*\\(diff-tree\\|diff\\|rev-parse\\|cat-file --batch[a-z-]*\\).*/\\1/")'
      writeFileSync(join(folder, 'git'), `#!/bin/sh\nprintf '%s\\n' "${last}" >>'${log}'\nexec '${git}' "$@"\n`, {
        mode: 0o755,
      })
      const calls = async (input: string) => {
        writeFileSync(log, '')
        const { exitCode, stdout } = await run(input, { PATH: `${folder}:${process.env['PATH']}` })
        return { calls: readFileSync(log, 'utf8').trim().split('\n').sort(), exitCode, stdout }
      }
      const accepted = { exitCode: 0, stdout: '' }
      for (const id of [pushed.older, pushed.tip]) await repository.git('update-ref', 'refs/heads/main', id)
      assert.ok(existsSync(join(repository.directory, 'refs/heads/main')), 'the branch is a file')
      assert.deepEqual(await calls(pushed.newOther), { ...accepted, calls: ['diff-tree'] })
      assert.deepEqual(await calls(pushed.first), { ...accepted, calls: ['cat-file --batch', 'diff-tree'] })
      assert.deepEqual(await calls(pushed.documented), { ...accepted, calls: ['cat-file --batch', 'diff-tree'] })
      const without = await calls(pushed.undocumented)
      assert.deepEqual(without.calls, ['cat-file --batch', 'cat-file --batch-check', 'diff-tree'])
      assert.match(without.stdout, /\[techdocs-config\]$/m)
    })

    test('git is not there, or crashes', async () => {
      const without = pathOf(`no-git-${shell}`, { timeout: '/usr/bin/timeout' })
      assertAcceptedWithOneLine(await run(pushed.bad, { PATH: without }), /git could not/)
      const folder = join(host.directory, `crashing-${shell}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'git'), '#!/bin/sh\necho fatal >&2\nkill -SEGV $$\n', { mode: 0o755 })
      assertAcceptedWithOneLine(await run(pushed.bad, { PATH: `${folder}:${process.env['PATH']}` }), /git could not/)
    })

    test('PATH holds git alone: no timeout, no coreutils', async () => {
      const PATH = pathOf(`git-only-${shell}`, { git })
      assertRefused(await run(pushed.bad, { PATH }))
      const CATALOG_GATE_NODE = fake(`killed-unguarded-${shell}`, 'kill -KILL $$')
      assertAcceptedWithOneLine(await run(pushed.bad, { PATH, CATALOG_GATE_NODE }), /was killed/)
    })

    test('no timeout, and git hangs while Node reads the contents', async () => {
      const folder = join(host.directory, `unguarded-${shell}`)
      mkdirSync(folder)
      const script = `#!/bin/sh\ncase " $* " in *" cat-file "*) exec /bin/sleep 60 ;; esac\nexec '${git}' "$@"\n`
      writeFileSync(join(folder, 'git'), script, { mode: 0o755 })
      const unread = await run(pushed.bad, { PATH: folder })
      assert.equal(unread.exitCode, 0)
      assert.equal(unread.stdout, 'warning: catalog-info.yaml could not be read; it was not checked\n')
      assertInTime(unread)
    })

    test('HOME is not set, and hardly anything else', async () => {
      const env = {
        HOME: undefined,
        LC_ALL: undefined,
        TZ: undefined,
        GIT_CONFIG_GLOBAL: undefined,
        GITHUB_REPO_NAME: undefined,
      }
      assertRefused(await run(pushed.bad, env))
    })

    test('SIGPIPE is ignored, as servers leave it to their children', async () => {
      const ignoring = ['/bin/sh', '-c', `trap '' PIPE; exec "$@"`, '-']
      assertRefused(await run(pushed.bad, {}, ignoring))
      const CATALOG_GATE_NODE = fake(`deaf-${shell}`, 'exit 70')
      assertAcceptedWithOneLine(
        await run(pushed.newBranch.replace(/^0+/, '0'.repeat(40)) + pushed.bad, { CATALOG_GATE_NODE }, ignoring),
        /status 70/,
      )
    })

    test('a read-only folder', async () => {
      const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$PWD" && shift && exec "$@"'
      assertRefused(await run(pushed.bad, {}, [...inNamespace(), 'sh', '-c', script, '-', host.root]))
    })

    test('no /dev/null: git does not work without it, and one line says so', async () => {
      const script = 'mount -t tmpfs none /dev && exec "$@"'
      const without = await run(pushed.bad, {}, [...inNamespace(), 'sh', '-c', script, '-'])
      assert.equal(without.exitCode, 0)
      assert.match(without.stdout, /^warning: catalog-gate: git could not [^\n]*; the push was accepted unchecked\n$/)
      assertInTime(without)
    })

    test('no /proc', async () => {
      const script = 'mount -t tmpfs none /proc && exec "$@"'
      assertRefused(await run(pushed.bad, {}, [...inNamespace(), 'sh', '-c', script, '-']))
    })

    test('a limit on open files and address space as nsjail sets them', async () => {
      assertRefused(await run(pushed.bad, {}, ['/bin/sh', '-c', 'ulimit -n 48; ulimit -v 4194304; exec "$@"', '-']))
    })
  })
}

suite('the system-call filter', () => {
  test('Node 24 is killed by it: accepted, and the line names the reason', async () => {
    const filter = join(host.directory, 'seccomp-kill')
    execFileSync('cc', ['-O1', '-o', filter, join(import.meta.dirname, '../../scripts/try/seccomp-kill.c')])
    const run = await runHook([filter, hook], { cwd: repository.directory, input: pushed.bad })
    assertAcceptedWithOneLine(run, /stopped by the sandbox \(a system call is not allowed: see sandbox-probe\)/)
    const other = await runHook([filter, hook], { cwd: repository.directory, input: pushed.other })
    assert.deepEqual([other.exitCode, other.stdout, other.stderr], [0, '', ''])
  })
})

suite('another Node', () => {
  test('the code cache of another version is not used, and the verdict is the same', async () => {
    // Flags that change V8's flag hash make it refuse the cache, as another version does.
    const CATALOG_GATE_NODE = fake('flagged', `exec '${node24}' --no-opt --max-lazy "$@"`)
    assertRefused(await runHook([hook], { cwd: repository.directory, env: { CATALOG_GATE_NODE }, input: pushed.bad }))
  })

  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
    file => existsSync(file) && /^v20\./.test(execFileSync(file, ['--version'], { encoding: 'utf8' })),
  )
  test('Node 20', { skip: old === undefined && 'no Node 20 on this machine' }, async () => {
    assertRefused(
      await runHook([hook], { cwd: repository.directory, env: { CATALOG_GATE_NODE: old }, input: pushed.bad }),
    )
    const good = await runHook([hook], {
      cwd: repository.directory,
      env: { CATALOG_GATE_NODE: old },
      input: pushed.good,
    })
    assert.deepEqual([good.exitCode, good.stdout, good.stderr], [0, '', ''])
  })
})

suite('what takes for ever', () => {
  const many = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('')
  const keys = (from: number) => GOOD + many(15_000, i => `k${from + i}: 1\n`)
  const hostile: [string, Record<string, string>][] = [
    ['a million brackets', { 'catalog-info.yaml': '['.repeat(1_000_000) }],
    ['60,000 documents', { 'catalog-info.yaml': many(60_000, () => '---\na\n') }],
    [
      'many files that are each slow',
      Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}/catalog-info.yaml`, keys(i)])),
    ],
    [
      'in files that a Location names',
      {
        'catalog-info.yaml': locationOf(...Array.from({ length: 12 }, (_, i) => `./${i}.yaml`)),
        ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.yaml`, keys(i)])),
      },
    ],
  ]
  for (const timeout of ['with timeout(1)', 'without']) {
    for (const [what, files] of hostile) {
      test(`${what}, ${timeout}: in time, with its line`, async () => {
        const bare = await host.create(`acme/hostile-${hostileCount++}`, { hooks: [] })
        const copy = await bare.clone()
        await copy.change({ 'README.md': 'x' })
        const from = await bare.ref('main')
        await copy.change(files)
        const input = `${from} ${await bare.ref('main')} refs/heads/main\n`
        const env = timeout === 'without' ? { PATH: pathOf(`hostile-path-${hostileCount}`, { git }) } : {}
        const run = await runHook([hook], { cwd: bare.directory, env, input })
        // What was found before the time was over counts; what could not be looked at is said.
        if (run.exitCode === 0) assert.match(run.stdout, /^warning: /)
        else assert.match(run.stdout, /^error: this push was not accepted: /)
        assert.match(run.stdout, /^warning: [^\n]*out of time|was not checked/m)
        assert.ok(run.stdout.split('\n').length < 140)
        assertInTime(run)
      })
    }
  }
  let hostileCount = 0
})

suite('the built files', () => {
  test('are valid sh, bash and JavaScript, executable, ASCII, and need no sibling', async () => {
    const out = join(host.directory, 'dist')
    const silenced = console.log
    console.log = () => undefined
    try {
      assert.equal(await build(['--out', out]), 0)
    } finally {
      console.log = silenced
    }
    const names = readdirSync(join(out, 'hooks'))
    assert.deepEqual(names.sort(), ['catalog-gate', 'catalog-notify', 'catalog-validate', 'sandbox-probe'])
    for (const name of names) {
      const file = join(out, 'hooks', name)
      assert.equal(statSync(file).mode & 0o777, 0o755)
      assert.doesNotMatch(readFileSync(file, 'latin1'), /[\0\r\x80-\xff]/)
      execFileSync('/bin/sh', ['-n', file])
      execFileSync('/bin/bash', ['-n', file])
      const alone = join(host.directory, `alone-${name}`)
      mkdirSync(alone)
      copyFileSync(file, join(alone, name))
      if (name !== 'sandbox-probe') {
        copyFileSync(file, join(alone, `${name}.cjs`))
        execFileSync(node24, ['--check', join(alone, `${name}.cjs`)])
      }
      const run = await runHook([join(alone, name)], { cwd: repository.directory, input: pushed.bad })
      assert.equal(run.exitCode, name === 'catalog-gate' || name === 'catalog-validate' ? 1 : 0, run.stdout)
      assert.equal(run.stderr, '')
    }
  })

  test('a configuration that would reach into the prelude stays data', async () => {
    const names = ["it's*/x.yaml", '$(touch /tmp/pwned)/*.yaml', '`x`/"/\\*.yaml', '**/*/']
    const odd = await buildInto(host.directory, 'odd', { catalog: { files: names, followLocations: false } })
    execFileSync('/bin/sh', ['-n', odd])
    copyFileSync(odd, `${odd}.cjs`)
    execFileSync(node24, ['--check', `${odd}.cjs`])
    const run = await runHook([odd], { cwd: repository.directory, input: pushed.bad })
    assert.deepEqual([run.exitCode, run.stdout, run.stderr], [0, '', ''])
  })

  test('every refused configuration names its problem', async () => {
    await assert.rejects(buildInto(host.directory, 'wrong', { limits: { timeMs: 10 } }), /timeMs/)
    await assert.rejects(
      buildInto(host.directory, 'wrong', { enforce: { rules: { 'name-formt': 'off' } } }),
      /did you mean "name-format"/,
    )
  })
})
