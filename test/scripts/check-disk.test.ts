// `check` on a disk that has more than plain files: names that none can have, links, pipes, faults of ours, targets that cannot be read.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { check } from '../../scripts/check/check.ts'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { BAD, component, GOOD, locationOf } from '../hooks/built-hook.ts'

const built = join(import.meta.dirname, '../../dist/catalog-gate.mjs')

suite('check on the disk', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalog-gate-disk-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [built, 'check', ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  const names: [string, string][] = [
    ['a part of 300 characters', `./${'x'.repeat(300)}.yaml`],
    ['5,000 characters', `./${'x/'.repeat(2500)}y.yaml`],
    ['a file in the place of a folder', './catalog-info.yaml/x.yaml'],
    ['a zero byte', './a\0b.yaml'],
  ]
  for (const [what, target] of names) {
    test(`a target that no file can be called: ${what}`, () => {
      write('catalog-info.yaml', locationOf(target, './bad.yaml'))
      write('bad.yaml', BAD)
      const { status, stdout, stderr } = run()
      assert.equal(stderr, '')
      assert.equal(status, 1)
      assert.match(
        stdout,
        what === 'a zero byte' ? /^error: 2 errors and 1 warning in 2 files$/m : /^error: 2 errors in 2 files$/m,
      )
      assert.match(stdout, /^catalog-info\.yaml:.* \[missing-target\]$/m)
    })
  }

  test('a target that leads in a circle of links is named, and not called missing', () => {
    symlinkSync('b.yaml', join(folder, 'a.yaml'))
    symlinkSync('a.yaml', join(folder, 'b.yaml'))
    write('catalog-info.yaml', locationOf('./a.yaml'))
    assert.deepEqual(run(), {
      status: 0,
      stdout: 'warning: a.yaml cannot be read (its symbolic links lead in a circle); it was not checked\n',
      stderr: '',
    })
  })

  test('a target that is too large is named', () => {
    write('hook.yaml', 'limits: { fileBytes: 1024 }\n')
    write('catalog-info.yaml', locationOf('./large.yaml'))
    write('large.yaml', component('large', `# ${'x'.repeat(2000)}\n`))
    const { status, stdout } = run('--config', 'hook.yaml')
    assert.deepEqual([status, stdout], [0, 'warning: large.yaml is larger than 1024 bytes; it was not checked\n'])
  })

  test('a file in a folder that is ignored, though the name of one above it has a line break', () => {
    write('catalog-info.yaml', GOOD)
    write('a\nb/testdata/catalog-info.yaml', BAD)
    assert.deepEqual(run(), { status: 0, stdout: '1 file checked, nothing wrong\n', stderr: '' })
  })

  test('a pipe is read when it is asked for, and is no target', () => {
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')])
    write('catalog-info.yaml', locationOf('./pipe.yaml'))
    assert.match(run('catalog-info.yaml').stdout, /the target "\.\/pipe\.yaml" is not in this repository/)
    const piped = spawnSync('sh', ['-c', `cat catalog-info.yaml | '${process.execPath}' '${built}' check /dev/stdin`], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.match(piped.stdout, /^warning: \/dev\/pipe\.yaml lies outside of this repository; it was not checked$/m)
  })

  test('a repository is the same one, wherever it is looked at from', () => {
    write('a/.git/config', '')
    write('a/b/catalog-info.yaml', `${locationOf('./none.yaml')}---\n${GOOD.replace(', owner: team-a', '')}`)
    write('a/CODEOWNERS', '* @acme/team-a\n')
    write('c/.git/config', '')
    for (const [cwd, path] of [
      ['a', '.'],
      ['a/b', '..'],
      ['.', 'a'],
      ['c', '../a'],
      ['c', join(folder, 'a')],
    ] as const) {
      const { status, stdout } = spawnSync(process.execPath, [built, 'check', path], {
        cwd: join(folder, cwd),
        encoding: 'utf8',
      })
      assert.match(stdout, /the target "\.\/none\.yaml" is not in this repository/, `${path} from ${cwd}`)
      assert.match(stdout, /\[owner-unsure\]/, 'by the CODEOWNERS of that repository')
      assert.equal(status, 1)
    }
  })

  test('a name that no file can have is asked for: 2 and a sentence', () => {
    const name = `${'x'.repeat(300)}.yaml`
    assert.deepEqual(run(name), { status: 2, stdout: '', stderr: `error: ${name}: no such file or folder\n` })
  })

  test('a fault of ours in one file costs that file alone', async () => {
    write('a.yaml', component('trap'))
    write('b.yaml', BAD)
    const baked = bakeHookConfig({})
    if (baked.result === 'wrong') return assert.fail(baked.problems.join())
    const validate = Object.assign((entity: unknown) => !JSON.stringify(entity).includes('trap') || fault(), {
      errors: [],
    })
    const fault = () => assert.fail('a bug')
    const kinds = [{ kinds: ['Component'], apiVersions: undefined, words: {}, fields: {}, validate, schema: {} }]
    let output = ''
    const edges = {
      ...{
        env: {},
        cwd: folder,
        isWatched: () => false,
        readStdin: () => Buffer.alloc(0),
        writeError: () => undefined,
      },
      write: (text: string) => {
        output += text
      },
      readConfig: async () => ({ ...baked, kinds }),
    }
    const paths = [join(folder, 'a.yaml'), join(folder, 'b.yaml')]
    assert.equal(await check({ paths, format: 'text' }, edges), 1)
    assert.match(output, /^warning: .*\/a\.yaml was not checked: an internal error \(a bug\)$/m)
    assert.match(output, /b\.yaml:4:9: /)
  })

  test('what is well stays quiet', () => {
    write('catalog-info.yaml', GOOD)
    assert.deepEqual(run(), { status: 0, stdout: '1 file checked, nothing wrong\n', stderr: '' })
  })
})
