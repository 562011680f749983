// catalog-gate explain, as commander explains it.
import { Command } from 'commander'
import { afterHelp } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'

export const explainCommand: DefineCommand = end =>
  new Command('explain')
    .description('explain the code at the end of a message, with an example and the way out')
    .argument('<code>', 'the word in brackets, such as name-format')
    .addHelpText('after', afterHelp({ 0: 'explained', 2: 'no such code' }, 'catalog-gate explain name-format'))
    .action(async (code: string) => {
      const { explain } = await import('./explain.ts')
      end(explain(code, processLines))
    })
