// catalog-gate store migrate.
import { Command } from 'commander'
import { afterHelp } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'

export const storeCommand: DefineCommand = end =>
  new Command('store').description("look after the relay's store").addCommand(
    new Command('migrate')
      .description(
        'move everything from SQLite to PostgreSQL, when one machine is no longer enough; stop the relay first',
      )
      .argument('<from>', 'sqlite://PATH, or the path itself')
      .argument('<to>', 'postgres://USER:PASSWORD@HOST:5432/DATABASE, or @FILE that holds it')
      .addHelpText(
        'after',
        afterHelp(
          {
            0: 'moved, or moved before',
            2: 'wrong usage, or a store that is not fit for it',
            3: 'a database went away, or an internal error: nothing was moved',
          },
          'catalog-gate store migrate ./data/relay.db @postgres.url',
        ),
      )
      .action(async (from: string, to: string) => {
        const { migrateStore } = await import('./migrate.ts')
        end(await migrateStore(from, to, processLines))
      }),
  )
