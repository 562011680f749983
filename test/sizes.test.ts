// No TypeScript file has more than 400 lines, tests included: about 300 is where one wants dividing.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const MOST_LINES = 400

test(`no TypeScript file has more than ${MOST_LINES} lines`, () => {
  const files = globSync('{hooks,relay,schemas,scripts,test}/**/*.{ts,mts}', {
    cwd: root,
    exclude: path => path.includes('node_modules') || path.includes('compiled'),
  })
  assert.ok(files.length > 300, 'the glob is wrong')
  const lines = files.map(file => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
  assert.deepEqual(
    lines.filter(({ lines }) => lines > MOST_LINES),
    [],
  )
})
