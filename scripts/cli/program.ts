// All commands with their help, wrong usage and the nearest right word. A new command is a room with a command.ts and a line here.
import { Command, CommanderError, Help, type Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { nearest } from '../../schemas/nearest.ts'
import { backstageCommand } from '../backstage/command.ts'
import { checkCommand } from '../check/command.ts'
import { completionCommand } from '../completion/command.ts'
import { doctorCommand } from '../doctor/command.ts'
import { environmentCommand } from '../environment/command.ts'
import { explainCommand } from '../explain/command.ts'
import { installCommands } from '../install/commands.ts'
import { learnCommand } from '../learn/command.ts'
import { migrateCommand } from '../migrate/command.ts'
import { relayCommand } from '../relay/command.ts'
import { storeCommand } from '../store/command.ts'
import { surveyCommand } from '../survey/command.ts'
import { tryCommand } from '../try/command.ts'
import { wikiCommand } from '../wiki/command.ts'
import type { DefineCommand } from './command.ts'
import { endWithStarter, isOldNode, runUnderOwnNode } from './own-node.mjs'

/** Why a command's action is not run here. */
const RUN_ELSEWHERE = 'run-elsewhere'

/** `newNode`: needs what came with Node 24.15, node:sqlite without a flag and without a warning. An older one hands them to the project's own. */
const commands: readonly { define: DefineCommand; newNode?: true }[] = [
  { define: checkCommand },
  { define: doctorCommand, newNode: true },
  { define: environmentCommand },
  { define: explainCommand },
  ...installCommands.map(define => ({ define, newNode: true }) as const),
  { define: learnCommand, newNode: true },
  { define: relayCommand, newNode: true },
  { define: storeCommand, newNode: true },
  { define: surveyCommand, newNode: true },
  { define: migrateCommand, newNode: true },
  { define: tryCommand },
  { define: backstageCommand },
  { define: completionCommand },
  { define: wikiCommand, newNode: true },
]

/** 0 all well or help given, 2 wrong usage, else what the command says. */
export async function runProgram(args: readonly string[]): Promise<number> {
  endWithStarter()
  let code = 0
  const program = programOf(exitCode => {
    code = exitCode
  })
  const unknown = unknownHelp(args, program)
  if (unknown !== undefined) {
    console.error(unknown)
    return 2
  }
  try {
    // `help store migrate` is `store migrate --help`
    await program.parseAsync(args[0] === 'help' ? [...args.slice(1), '--help'] : [...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.code === RUN_ELSEWHERE) return code
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return code
}

/** With all commands, each of which tells its exit code to `end`. */
export function programOf(end: (exitCode: number) => void): Command {
  const program = new Command('catalog-gate')
    .description('Checks Backstage catalog files, and runs the relay that makes Backstage refresh what was pushed.')
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ optionDescription })
    .showSuggestionAfterError()
    .showHelpAfterError('(catalog-gate --help lists the commands, catalog-gate help COMMAND its options)')
  for (const { define, newNode } of commands) {
    const command = define(end)
    command.copyInheritedSettings(program)
    for (const part of command.commands) {
      part.copyInheritedSettings(command)
      pointToHelp(part, `${command.name()} ${part.name()}`)
    }
    pointToHelp(command, command.name())
    if (newNode && isOldNode())
      command.hook('preAction', async () => {
        end((await runUnderOwnNode(`catalog-gate ${command.name()}`)) ?? 2)
        throw new CommanderError(1, RUN_ELSEWHERE, '')
      })
    program.addCommand(command)
  }
  return program
}

function pointToHelp(command: Command, words: string): void {
  const has = command.commands.length > 0 ? 'lists its commands' : 'shows its options'
  command.showHelpAfterError(`(catalog-gate help ${words} ${has}, catalog-gate --help lists all commands)`)
}

/** What has to be given is said to be so. */
function optionDescription(option: Option): string {
  const words = new Help().optionDescription(option)
  return option.mandatory ? `${words} (required)` : words
}

/** `help` of a command that is not there. */
function unknownHelp([word, ...names]: readonly string[], program: Command): string | undefined {
  let command = program
  for (const name of word === 'help' ? names : []) {
    const next = command.commands.find(one => one.name() === name)
    if (next === undefined) {
      const [close] = nearest(
        name,
        command.commands.map(one => one.name()),
      )
      return `error: unknown command '${name}'${close === undefined ? '' : `\n(Did you mean ${close}?)`}`
    }
    command = next
  }
  return undefined
}
