// dist/ is the old one or the new one: a build that fails or is killed leaves no mixture of the two.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fillAtOnce } from '../../scripts/build/built-folder.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** Writes `text` into each of these files. */
const writing =
  (text: string, ...files: string[]) =>
  async (folder: string) => {
    for (const file of files) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), text, { mode: 0o755 })
    }
  }

test('whole, or as it was', async t => {
  const above = temporaryFolder()
  t.after(() => rmSync(above, { recursive: true }))
  const out = join(above, 'dist')
  const filesIn = () => readdirSync(out, { recursive: true }).map(String).sort()
  const textOf = (file: string) => readFileSync(join(out, file), 'utf8')
  await fillAtOnce(out, writing('old', 'hooks/gate', 'lib/chunk-1', 'relay.mjs'))
  writeFileSync(join(out, 'hook.yaml'), "the site's own")
  const before = filesIn()

  const broken = async (folder: string) => {
    await writing('new', 'hooks/gate', 'lib/chunk-2')(folder)
    throw new Error('Ctrl-C')
  }
  await assert.rejects(fillAtOnce(out, broken), /Ctrl-C/)
  assert.deepEqual([filesIn(), textOf('hooks/gate')], [before, 'old'])

  // Of builds by processes that are no more, and by one that still is.
  for (const pid of [2 ** 30, process.ppid]) mkdirSync(join(out, `.building-${pid}/lib`), { recursive: true })
  await fillAtOnce(out, writing('new', 'hooks/gate', 'lib/chunk-2', 'relay.mjs'))
  const running = `.building-${process.ppid}`
  assert.deepEqual(
    filesIn(),
    [running, `${running}/lib`, 'hook.yaml', 'hooks', 'hooks/gate', 'lib', 'lib/chunk-2', 'relay.mjs'].sort(),
  )
  assert.deepEqual([textOf('hooks/gate'), statSync(join(out, 'hooks/gate')).mode & 0o777], ['new', 0o755])
})
