// The built files: valid in each of their languages, whole by themselves, the same under another Node, and made of no wrong configuration.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { build } from '../../../scripts/build/build.ts'
import { buildInto, runHook } from '../built-hook.ts'
import { assertRun, usePreludeFixture } from './prelude-fixture.ts'

const fixture = usePreludeFixture()
const node24 = process.execPath

suite('another Node', () => {
  test('the code cache of another version is not used, and the verdict is the same', async () => {
    // Flags that change V8's flag hash make it refuse the cache, as another version does.
    const CATALOG_GATE_NODE = fixture.fake('flagged', `exec '${node24}' --no-opt --max-lazy "$@"`)
    assertRun.refused(await fixture.run(fixture.pushed.bad, { env: { CATALOG_GATE_NODE } }))
  })

  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
    file => existsSync(file) && /^v20\./.test(execFileSync(file, ['--version'], { encoding: 'utf8' })),
  )
  test('Node 20', { skip: old === undefined && 'no Node 20 on this machine' }, async () => {
    const env = { CATALOG_GATE_NODE: old }
    assertRun.refused(await fixture.run(fixture.pushed.bad, { env }))
    assertRun.accepted(await fixture.run(fixture.pushed.good, { env }))
  })
})

test('are valid sh, bash and JavaScript, executable, ASCII, and need no sibling', async t => {
  const { host, repository, pushed } = fixture
  const out = join(host.directory, 'dist')
  t.mock.method(console, 'log', () => undefined)
  assert.equal(await build(['--out', out]), 0)
  t.mock.restoreAll()
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
  const { host, repository, pushed } = fixture
  const names = ["it's*/x.yaml", '$(touch /tmp/pwned)/*.yaml', '`x`/"/\\*.yaml', '**/*/']
  const odd = await buildInto(host.directory, 'odd', { catalog: { files: names, followLocations: false } })
  execFileSync('/bin/sh', ['-n', odd])
  copyFileSync(odd, `${odd}.cjs`)
  execFileSync(node24, ['--check', `${odd}.cjs`])
  assertRun.accepted(await runHook([odd], { cwd: repository.directory, input: pushed.bad }))
})

test('every refused configuration names its problem', async () => {
  const { directory } = fixture.host
  await assert.rejects(buildInto(directory, 'wrong', { limits: { timeMs: 10 } }), /timeMs/)
  await assert.rejects(
    buildInto(directory, 'wrong', { enforce: { rules: { 'name-formt': 'off' } } }),
    /did you mean "name-format"/,
  )
})
