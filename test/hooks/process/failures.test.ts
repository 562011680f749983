// Every way in which Node, git, the sandbox or time itself can fail a run. All of them accept, with one line.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { buildInto, GOOD, type HookRun, locationOf, runHook } from '../built-hook.ts'
import { git, hangingGit, oddGit } from '../odd-git.ts'
import { assertRun, SHELLS, usePreludeFixture } from './prelude-fixture.ts'

const fixture = usePreludeFixture()
const { fake, pathOf } = fixture
const OUT_OF_TIME = /ran past (?:its|the) time limit/

/** The script's own word, that of the shell around it, or one after the other: which comes first hangs on how busy the machine is. */
function assertAcceptedOutOfTime(run: HookRun): void {
  assert.equal(run.exitCode, 0, `${run.stdout}${run.stderr}`)
  assert.match(
    run.stdout,
    /^(?:warning: catalog-info.yaml could not be read; it was not checked\n)?(?:warning: catalog-gate: [^\n]* ran past (?:its|the) time limit[^\n]*\n)?$/,
  )
  assert.notEqual(run.stdout, '')
  assert.equal(run.stderr, '')
  assertRun.ended(run)
}

for (const shell of SHELLS) {
  suite(`under ${shell}`, () => {
    const before = [`/bin/${shell}`]
    const run = (input: string, env: Record<string, string | undefined>) => fixture.run(input, { env, before })

    test('Node is missing; CATALOG_GATE_NODE names none', async () => {
      const PATH = pathOf(`no-node-${shell}`, { git, timeout: '/usr/bin/timeout' })
      assertRun.acceptedWithOneLine(
        await run(fixture.pushed.bad, { PATH, CATALOG_GATE_NODE: undefined }),
        /Node is not in this hook environment/,
      )
      for (const CATALOG_GATE_NODE of ['/nowhere/node', fixture.host.directory, `${fixture.hook}.no`]) {
        const wrong = await run(fixture.pushed.bad, { CATALOG_GATE_NODE })
        assert.equal(wrong.exitCode, 0)
        assert.match(wrong.stdout, /^warning: catalog-gate: [^\n]*; the push was accepted unchecked\n$/)
      }
    })

    test('what the environment wants of any shell or Node ends neither', async () => {
      const NODE_OPTIONS = '--no-such-option --input-type=module --inspect-brk --max-old-space-size=1'
      const env = { NODE_OPTIONS, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'no proxy', SHELLOPTS: 'errexit:nounset' }
      assertRun.refused(await run(fixture.pushed.bad, env))
      const functions = ['git', 'read', 'printf', 'hash', 'timeout'].map(name => [
        `BASH_FUNC_${name}%%`,
        '() { false; }',
      ])
      assertRun.refused(await run(fixture.pushed.bad, Object.fromEntries(functions)))
      // Standard output is a socket here, which nobody can open.
      const sockets = await run(fixture.pushed.good, { ...env, CATALOG_GATE_STDERR: '/dev/stdout' })
      assert.deepEqual([sockets.exitCode, sockets.stdout], [0, ''])
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
    ]
    for (const [what, body, expected] of endings) {
      test(`Node ${what}`, async () => {
        const file = fake(`fake-${shell}-${what.replaceAll(/\W/g, '-')}`, body)
        assertRun.acceptedWithOneLine(await run(fixture.pushed.bad, { CATALOG_GATE_NODE: file }), expected)
      })
    }

    test('git is not there, or crashes', async () => {
      const without = pathOf(`no-git-${shell}`, { timeout: '/usr/bin/timeout' })
      assertRun.acceptedWithOneLine(await run(fixture.pushed.bad, { PATH: without }), /git could not/)
      const crashing = oddGit(join(fixture.host.directory, `crashing-${shell}`), 'echo fatal >&2\nkill -SEGV $$')
      const PATH = `${crashing}:${process.env['PATH']}`
      assertRun.acceptedWithOneLine(await run(fixture.pushed.bad, { PATH }), /git could not/)
    })
  })
}

// At the same time: each only waits for its limit.
for (const shell of SHELLS) {
  suite(`what hangs, under ${shell}`, { concurrency: true }, () => {
    const before = [`/bin/${shell}`]
    const run = (input: string, env: Record<string, string | undefined>) =>
      fixture.run(input, { env, before, impatient: true })

    for (const [what, body] of [
      ['sleeps', 'exec sleep 600'],
      ['sleeps with a child', 'sleep 600 & sleep 601'],
      ['is stopped', 'kill -STOP $$; sleep 600'],
    ] as const) {
      test(`Node ${what}`, async () => {
        const file = fake(`fake-${shell}-${what.replaceAll(/\W/g, '-')}`, body)
        assertRun.acceptedWithOneLine(await run(fixture.pushed.bad, { CATALOG_GATE_NODE: file }), OUT_OF_TIME)
      })
    }

    for (const [word, what] of [
      ['diff-tree', 'newBranch'],
      ['rev-parse', 'newBranch'],
      ['cat-file', 'bad'],
    ] as const) {
      test(`git hangs in ${word}`, async () => {
        // Not the one comparison of a single moved branch: that one is trusted. Packed, the default branch's tip is git's to find.
        await fixture.repository.git('pack-refs', '--all')
        const hanging = hangingGit(join(fixture.host.directory, `hanging-${shell}-${word}`), word)
        const PATH = `${hanging}:${process.env['PATH']}`
        assertAcceptedOutOfTime(await run(fixture.pushed[what], { PATH }))
      })
    }

    test('no timeout, and git hangs while Node reads the contents', async () => {
      const PATH = hangingGit(join(fixture.host.directory, `unguarded-${shell}`), 'cat-file')
      assertAcceptedOutOfTime(await run(fixture.pushed.bad, { PATH }))
    })
  })
}

suite('the system-call filter', () => {
  test('Node 24 is killed by it: accepted, and the line names the reason', async () => {
    const filter = join(fixture.host.directory, 'seccomp-kill')
    execFileSync('cc', ['-O1', '-o', filter, join(import.meta.dirname, '../../../scripts/try/seccomp-kill.c')])
    const run = await fixture.run(fixture.pushed.bad, { before: [filter] })
    assertRun.acceptedWithOneLine(run, /stopped by the sandbox \(a system call is not allowed: see sandbox-probe\)/)
    assertRun.accepted(await fixture.run(fixture.pushed.other, { before: [filter] }))
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
  let hasty: string | undefined
  for (const [i, [what, files]] of hostile.entries()) {
    test(`${what}: in time, with its line; with timeout(1) and without`, async () => {
      const { host } = fixture
      hasty ??= await buildInto(host.directory, 'hasty', { limits: { timeMs: 700 } })
      const bare = await host.create(`acme/hostile-${i}`)
      const copy = await bare.clone()
      await copy.change({ 'README.md': 'x' })
      const from = await bare.ref('main')
      await copy.change(files)
      const input = `${from} ${await bare.ref('main')} refs/heads/main\n`
      for (const env of [{}, { PATH: pathOf(`hostile-path-${i}`, { git }) }]) {
        const run = await runHook([hasty], { cwd: bare.directory, env, input })
        // What was found before the time was over counts; what could not be looked at is said.
        if (run.exitCode === 0) assert.match(run.stdout, /^warning: /)
        else assert.match(run.stdout, /^error: this push was not accepted: /)
        assert.match(run.stdout, /out of time|was not checked|accepted unchecked/)
        assert.ok(run.stdout.split('\n').length < 140)
        assertRun.ended(run)
      }
    })
  }
})
