// What the shells are told: bash is asked as a user's Tab asks it; the scripts of all three name every command and option.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { programOf } from '../../scripts/cli/program.ts'
import { completionFor, wordsOf } from '../../scripts/completion/completion.ts'

const words = wordsOf(programOf(() => {}))

function completed(line: string): string[] {
  const typed = line.split(' ')
  const ask = `${completionFor.bash(words)}
COMP_WORDS=(${typed.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${typed.length - 1}; _catalog_gate; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', ask], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
  return stdout.split('\n').filter(Boolean)
}

test('bash: commands, those below them, options, their values; files where nothing is offered', () => {
  assert.deepEqual(completed('catalog-gate s'), ['store', 'survey'])
  assert.deepEqual(completed('catalog-gate store '), ['migrate'])
  assert.deepEqual(completed('catalog-gate check --form'), ['--format'])
  assert.deepEqual(completed('catalog-gate check --format s'), ['sarif'])
  assert.ok(completed('catalog-gate environment build --').includes('--secret'))
  assert.deepEqual(completed('catalog-gate help ex'), ['explain'])
  assert.deepEqual(completed('catalog-gate check cat'), [])
})

for (const [shell, script] of Object.entries(completionFor))
  test(`${shell}: nothing is left out`, () => {
    const text = script(words)
    const names = words.flatMap(({ below, options }) => [
      ...below.map(({ name }) => name),
      ...options.map(({ flag }) => (shell === 'fish' ? `-l ${flag.slice(2)}` : flag)),
    ])
    assert.deepEqual(
      names.filter(name => !text.includes(name)),
      [],
    )
  })
