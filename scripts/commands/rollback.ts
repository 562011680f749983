// catalog-gate rollback.
import { Command } from 'commander'
import type { RunOptions } from '../install/run.ts'
import type { DefineCommand } from '../program.ts'
import { APPLY, CONFIG, EXIT_CODES } from './install-options.ts'

export const rollbackCommand: DefineCommand = end =>
  new Command('rollback')
    .description('return to the hooks and the environment before the last install; enforcement stays')
    .option(...CONFIG)
    .option(...APPLY)
    .addHelpText('after', EXIT_CODES)
    .action(async (options: RunOptions) => {
      const { rollback, processWorld } = await import('../install/install.ts')
      end(await rollback(options, processWorld))
    })
