// The end of a refusal: a line that, pasted, makes the next push go through; and when there is none.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BAD, component, GOOD } from '../built-hook.ts'
import { assertQuiet, assertRefused, usePushFixture } from '../push/push-fixture.ts'

const fixture = usePushFixture()
const PASTED = /^\(cd "\$\(git rev-parse --show-toplevel\)".*$/m

test('the line of a refused push, pasted in a folder below: the next push is accepted', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  const team = component('team').replace('kind: C', 'kind: c')
  const push = await copy.change({ 'catalog-info.yaml': BAD, 'a/catalog-info.yaml': team })
  assertRefused(push, '\nhint: this line, pasted into a shell, corrects them:\n')
  const [line = ''] = PASTED.exec(push.remote) ?? []
  assert.ok(push.remote.endsWith(line), 'it is the last')
  mkdirSync(join(copy.directory, 'b'))
  const shell = spawnSync('sh', [], { cwd: join(copy.directory, 'b'), input: line, encoding: 'utf8' })
  assert.deepEqual([shell.stdout, shell.stderr], ['', ''])
  assert.equal(await copy.git('status', '--porcelain'), ' M a/catalog-info.yaml\n M catalog-info.yaml')
  await copy.commit()
  assertQuiet(await copy.push())
})

test('no line where an error is a guess, and in the web page', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  const guess = await copy.change({ 'catalog-info.yaml': BAD.replace('owner: team-a', 'owner: ""') })
  assertRefused(guess)
  assert.doesNotMatch(guess.remote, PASTED)
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const web = await copy.push({ via: 'blob#save' })
  assertRefused(web)
  assert.doesNotMatch(web.remote, PASTED)
})
