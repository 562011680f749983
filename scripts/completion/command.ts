// catalog-gate completion, as commander explains it.
import { Argument, Command } from 'commander'
import { afterHelp } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionCommand: DefineCommand = end =>
  new Command('completion')
    .description('print a completion script for a shell to source')
    .addArgument(new Argument('<shell>', 'yours').choices(SHELLS))
    .addHelpText('after', afterHelp({ 0: 'printed', 2: 'no such shell' }, 'source <(catalog-gate completion bash)'))
    .action(async (shell: (typeof SHELLS)[number], _options: object, command: Command) => {
      const { completionFor, wordsOf } = await import('./completion.ts')
      processLines.say(completionFor[shell](wordsOf(command.parent ?? command)))
      end(0)
    })
