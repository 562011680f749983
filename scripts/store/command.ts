// catalog-gate store migrate.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'

export const storeCommand: DefineCommand = end =>
  new Command('store').description("look after the relay's store").addCommand(
    new Command('migrate')
      .description('move everything from SQLite to PostgreSQL, when one machine is outgrown; with the relay stopped')
      .argument('<from>', 'sqlite://PATH, or the path itself')
      .argument('<to>', 'postgres://USER:PASSWORD@HOST:5432/DATABASE, or @FILE that holds it')
      .action(async (from: string, to: string) => {
        const { migrateStore } = await import('./migrate.ts')
        end(await migrateStore(from, to, processLines))
      }),
  )
