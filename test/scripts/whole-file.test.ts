// What a command writes is there whole, or as it was before.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { writeWhole } from '../../scripts/cli/whole-file.ts'
import { temporaryFolder } from '../support/temporary.ts'

const program = resolve(import.meta.dirname, '../../scripts/catalog-gate.ts')

test('where not a byte can be written, `learn --out` says so and leaves what was there', t => {
  const folder = temporaryFolder()
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'app-config.yaml'), 'techdocs: { builder: external }\n')
  writeFileSync(join(folder, 'learned.yaml'), 'of before\n')
  // A file may have 0 blocks: as on a full disk, for this process alone.
  const limited = ['-c', 'ulimit -f 0; exec "$@"', '-', process.execPath, program, 'learn']
  const { status, stderr } = spawnSync('sh', [...limited, '--app-config', 'app-config.yaml', '--out', 'learned.yaml'], {
    ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: undefined } },
  })
  assert.deepEqual(
    [status, stderr],
    [2, 'error: --out: learned.yaml cannot be written (it would be larger than a file is allowed to be)\n'],
  )
  assert.deepEqual(readdirSync(folder).sort(), ['app-config.yaml', 'learned.yaml'])
  assert.equal(readFileSync(join(folder, 'learned.yaml'), 'utf8'), 'of before\n')
})

test('a file keeps its mode, a link stays a link, and what is no file is written to', t => {
  const folder = temporaryFolder()
  t.after(() => rmSync(folder, { recursive: true }))
  const [file, link, pipe] = [join(folder, 'file'), join(folder, 'link'), join(folder, 'pipe')]
  writeWhole(file, 'one')
  chmodSync(file, 0o640)
  symlinkSync('file', link)
  writeWhole(link, 'two')
  assert.ok(lstatSync(link).isSymbolicLink())
  assert.equal(readFileSync(file, 'utf8'), 'two')
  assert.equal(statSync(file).mode & 0o777, 0o640)
  spawnSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  t.after(() => closeSync(reader))
  writeWhole(pipe, 'three')
  assert.equal(readSync(reader, Buffer.alloc(5)), 5)
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'link', 'pipe'])
})
