// The help of every command: what has to be given is marked, and exit codes and an example that fits stand at its end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from 'commander'
import { programOf } from '../../scripts/cli/program.ts'

const program = programOf(() => {})
/** Those that do something: `check`, `store migrate`. */
const leaves = program.commands.flatMap(one => (one.commands.length > 0 ? one.commands : [one]))
const wordsOf = (command: Command): string[] => (command.parent ? [...wordsOf(command.parent), command.name()] : [])

for (const command of leaves) {
  const name = wordsOf(command).join(' ')
  test(`catalog-gate ${name} --help`, () => {
    let help = ''
    const writeOut = (text: string) => {
      help += text
    }
    command.configureOutput({ writeOut }).outputHelp()
    assert.match(help, /\n\nExit code:\n {4}0 {2}\S/)
    for (const option of command.options.filter(({ mandatory }) => mandatory))
      assert.ok(command.createHelp().optionDescription(option).endsWith('(required)'), option.flags)
    const [, examples = ''] = help.split('\nExample:\n')
    const lines = examples.trimEnd().split('\n')
    const flags = command.options.flatMap(({ long }) => long ?? [])
    for (const line of lines) {
      assert.match(line, new RegExp(`^ {2}.*catalog-gate ${name}\\b`))
      for (const [flag] of line.matchAll(/--[\w-]+/g)) assert.ok(flags.includes(flag), `${line}: ${flag}`)
    }
    const given = command.options.filter(({ mandatory, long }) => mandatory && !lines[0]?.includes(long ?? ''))
    assert.deepEqual(
      given.map(({ long }) => long),
      [],
      'an example without what has to be given',
    )
  })
}
