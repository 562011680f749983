// Every command's help, and what wrong usage is answered with, word for word: help.txt. GOLDEN=write writes it anew, to be read before it is kept.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from 'commander'
import { programOf, runProgram } from '../../scripts/cli/program.ts'

const golden = join(import.meta.dirname, 'help.txt')
const commandsIn = (command: Command): Command[] => [command, ...command.commands.flatMap(commandsIn)]
const wordsOf = (command: Command): string[] => (command.parent ? [...wordsOf(command.parent), command.name()] : [])

/** What a terminal would show. */
async function shown(args: readonly string[]): Promise<string> {
  let text = ''
  const [out, err] = [process.stdout.write, process.stderr.write]
  const take = (chunk: string | Uint8Array) => {
    text += String(chunk)
    return true
  }
  process.stdout.write = take
  process.stderr.write = take
  try {
    const code = await runProgram(args)
    return `$ catalog-gate ${args.join(' ')}\n${text.trimEnd()}\n[${code}]\n`
  } finally {
    process.stdout.write = out
    process.stderr.write = err
  }
}

/** Each command without what has to be given, with an option that is none, and with a word too many. */
const wrongUses = (command: Command): string[][] => {
  const words = wordsOf(command)
  const required =
    command.options.some(({ mandatory }) => mandatory) || command.registeredArguments.some(one => one.required)
  return [...(required ? [words] : []), [...words, '--bogus']]
}

test('every help, and every wrong usage, as they are printed', async () => {
  const commands = commandsIn(programOf(() => {}))
  const calls = [
    ...commands.map(command => [...wordsOf(command), '--help']),
    ...commands.flatMap(wrongUses),
    ...[['chekc'], ['help', 'instal'], ['store', 'migrat'], ['install', '--aply'], ['check', '--format', 'xml']],
    ...[['install', 'too', 'many'], ['environment', 'build', '--out'], ['--version']],
  ]
  const texts: string[] = []
  for (const call of calls) texts.push(await shown(call))
  const text = texts.join('\n')
  if (process.env['GOLDEN'] === 'write') writeFileSync(golden, text)
  assert.equal(text, readFileSync(golden, 'utf8'))
})
