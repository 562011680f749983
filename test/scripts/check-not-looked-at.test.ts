// `check` on a folder says which files read like entities and were not checked: other usual roots (all.yaml, org.yaml), and what nothing names.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { component, GOOD, locationOf } from '../hooks/built-hook.ts'

const built = join(import.meta.dirname, '../../dist/catalog-gate.mjs')
const WHY = 'neither catalog.files nor a Location that was checked names'

suite('not looked at', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalog-gate-seen-'))
    write('catalog-info.yaml', GOOD)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const checked = (...args: string[]) => {
    const options = { cwd: folder, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, [built, 'check', ...args], options)
    assert.deepEqual([status, stderr], [0, ''])
    return stdout
  }

  test('one is named, also below a folder that was asked for', () => {
    write('catalog/all.yaml', locationOf('./a.yaml'))
    const line = (path: string) =>
      `1 file checked, nothing wrong\nwarning: ${path} reads like a catalog entity and was not checked: ${WHY} it\n`
    assert.equal(checked(), line('catalog/all.yaml'))
    assert.equal(checked('.'), line('catalog/all.yaml'))
    assert.equal(checked(folder), line(join(folder, 'catalog/all.yaml')))
  })

  test('of many the first ones, in one line, and in JSON', () => {
    for (const name of ['all.yaml', 'org.yaml', 'teams/a.yml', 'teams/b.yaml', 'teams/c.yaml'])
      write(name, component('x'))
    const said = `5 YAML files read like catalog entities and were not checked (all.yaml, org.yaml, teams/a.yml and 2 more): ${WHY} them`
    assert.equal(checked(), `1 file checked, nothing wrong\nwarning: ${said}\n`)
    assert.ok(checked('--format', 'json').includes(said))
  })

  test('what a Location names is checked, by any way to write the folder', () => {
    write('catalog-info.yaml', locationOf('./all.yaml'))
    write('all.yaml', locationOf('./teams/a.yaml').replace('name: all', 'name: teams'))
    write('teams/a.yaml', component('a'))
    for (const asked of ['.', './', folder]) assert.equal(checked(asked), '3 files checked, nothing wrong\n', asked)
  })

  test('other YAML, what is ignored, and what lies beside a file that was named', () => {
    write('deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\n')
    write('docs.yaml', 'about: |\n  apiVersion: backstage.io/v1alpha1\n')
    write('skeleton/entity.yaml', component('x'))
    write('entity.txt', component('x'))
    assert.equal(checked(), '1 file checked, nothing wrong\n')
    write('all.yaml', component('x'))
    assert.equal(checked('catalog-info.yaml'), '1 file checked, nothing wrong\n')
  })
})
