// The built `check` where there is nothing to check, or nothing that could be: it never calls that right.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { component, GOOD } from '../hooks/built-hook.ts'

const built = join(import.meta.dirname, '../../dist/catalog-gate.mjs')

suite('check with nothing to check', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalog-gate-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const run = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [built, 'check', ...args], {
      ...{ cwd: folder, input, encoding: 'utf8' as const },
    })
    return { status, stdout, stderr }
  }

  test('a folder without catalog files: 0 and a line, 1 where files are expected', () => {
    const stdout = 'nothing to check: no catalog file in this folder\n'
    assert.deepEqual(run([]), { status: 0, stdout, stderr: '' })
    assert.deepEqual(run(['--expect-files']), { status: 1, stdout, stderr: '' })
    mkdirSync(join(folder, 'a'))
    assert.equal(run(['a']).stdout, 'nothing to check: no catalog file in a\n')
  })

  test('nothing on standard input', () => {
    const stdout = 'nothing to check: no file is named on standard input\n'
    assert.deepEqual(run(['--stdin-files']), { status: 0, stdout, stderr: '' })
    assert.deepEqual(run(['--stdin-files', '--expect-files'], '\n'), { status: 1, stdout, stderr: '' })
  })

  test('for machines the line stands beside the report', () => {
    const { status, stdout, stderr } = run(['--format', 'json', '--expect-files'])
    assert.deepEqual([status, stderr], [1, 'nothing to check: no catalog file in this folder\n'])
    assert.deepEqual(JSON.parse(stdout).counts, { files: 0, documents: 0, errors: 0, warnings: 0 })
  })

  test('a path that does not exist: 2', () => {
    assert.deepEqual(run(['a.yaml']), { status: 2, stdout: '', stderr: 'error: a.yaml: no such file or folder\n' })
  })

  test('files that are expected, and there', () => {
    write('catalog-info.yaml', GOOD)
    assert.deepEqual(run(['--expect-files']), { status: 0, stdout: '1 file checked, nothing wrong\n', stderr: '' })
  })

  test('all of them templates: 0, each is named, and none is called right', () => {
    write('a/catalog-info.yaml', component(`\${{ values.name }}`))
    write('b/catalog-info.yaml', component('{{ name }}'))
    const { status, stdout } = run([])
    assert.equal(status, 0)
    assert.equal(
      stdout,
      [
        'nothing checked: 2 files passed over as templates',
        `warning: a/catalog-info.yaml was not checked: a template, by "\${{ values.name }}" in line 4`,
        'warning: b/catalog-info.yaml was not checked: a template, by "{{ name }}" in line 4',
        '',
      ].join('\n'),
    )
    const { files } = JSON.parse(run(['--format', 'json']).stdout)
    assert.deepEqual(files[0].documents, [{ index: 0, status: 'templated' }])
  })

  test('templates among others are counted', () => {
    write('a/catalog-info.yaml', component('{{ name }}'))
    write('catalog-info.yaml', GOOD)
    assert.match(run([]).stdout, /^1 file checked, nothing wrong; 1 passed over as a template$/m)
    write('catalog-info.yaml', component('a b'))
    assert.match(run([]).stdout, /^1 passed over as a template\nerror: 1 error in 1 file$/m)
  })

  test('an empty file', () => {
    write('catalog-info.yaml', '# to do\n')
    assert.deepEqual(run([]), { status: 0, stdout: 'warning: catalog-info.yaml has no entity in it\n', stderr: '' })
  })
})
