// catalog-gate rollback.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/program.ts'
import { APPLY, CONFIG, EXIT_CODES } from './install-options.ts'
import type { RunOptions } from './run.ts'

export const rollbackCommand: DefineCommand = end =>
  new Command('rollback')
    .description('return to the hooks and the environment before the last install; enforcement stays')
    .option(...CONFIG)
    .option(...APPLY)
    .addHelpText('after', EXIT_CODES)
    .action(async (options: RunOptions) => {
      const { rollback, processWorld } = await import('./install.ts')
      end(await rollback(options, processWorld))
    })
