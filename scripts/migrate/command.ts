// catalog-gate migrate.
import { Argument, Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { interruption } from '../cli/interruption.ts'
import { processEdges } from '../cli/process-edges.ts'
import { readConfig } from '../config/read-config.ts'
import type { MigrateOptions } from './options.ts'

export const migrateCommand: DefineCommand = end =>
  new Command('migrate')
    .description('propose catalog files for all repositories that have none: as a plan, as files, as pull requests')
    .addArgument(new Argument('[what]', 'status: how far it is, and nothing else').choices(['status']))
    .requiredOption('--config <file>', 'what to bring them to, and how: migrate.yaml')
    .option('--apply', "open and update today's pull requests; without it they are only planned")
    .option('--fix', 'also repair the files that are there, where what was meant is certain')
    .option('--out <folder>', 'write the files there, as OWNER/NAME/catalog-info.yaml')
    .option('--json', 'print all of it as JSON')
    .option('--csv <file>', 'write all of it as CSV')
    .option('--html <file>', 'write all of it as one page to look at')
    .option(
      '--cache <file>',
      'what was read is kept here for the next run (default: catalog-gate/survey.jsonl in the cache folder of the user)',
    )
    .option('--no-cache', 'keep nothing')
    .addHelpText(
      'after',
      afterHelp(
        {
          0: 'planned, or done',
          1: 'a person is needed for some',
          2: 'wrong usage, configuration, address or token',
          ...OUR_FAULT,
          4: 'not all could be looked at, and nothing was changed',
          130: 'interrupted: the same command goes on with the rest',
        },
        'catalog-gate migrate --config migrate.yaml --out proposals --html plan.html',
        'catalog-gate migrate --config migrate.yaml --apply',
      ),
    )
    .action(async (what: MigrateOptions['what'], options: MigrateOptions) => {
      const { migrate } = await import('./migrate.ts')
      const { systemClock } = await import('../../relay/runtime/clock.ts')
      end(
        await migrate(
          { ...options, what },
          { ...processEdges(readConfig), clock: systemClock, interrupted: interruption() },
        ),
      )
    })
