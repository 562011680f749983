// hooks/CHECKS.md says what is so: every code has its section, each wrong example gives that code and that output, each right one nothing.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { page, verify } from '../../scripts/maintain/checks-page.ts'

test('every code has its section, and every example does what the page says', async () => {
  assert.deepEqual(await verify(readFileSync(page, 'utf8')), [])
})

test('a page that is not true is found out', async () => {
  const text = readFileSync(page, 'utf8')
  const changed = text
    .replace('## yaml-tab\n', '## yaml-tub\n')
    .replace('a space is missing after', 'the space is missing after')
  const problems = (await verify(changed)).join('\n')
  assert.match(problems, /^yaml-tab: has no section$/m)
  assert.match(problems, /^yaml-tub: is not a code$/m)
  assert.match(problems, /^yaml-missing-space: its wrong example prints something else now:$/m)
})
