// catalog-gate rollback.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import { APPLY, CONFIG, DRIFT, help, JSON_PLAN, YES } from './install-options.ts'
import type { PlanOptions } from './plan-and-apply.ts'

export const rollbackCommand: DefineCommand = end =>
  new Command('rollback')
    .description('go back to the hooks and the environment from before the last install; enforcement stays as it is')
    .option(...CONFIG)
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .option(...DRIFT)
    .addHelpText('after', help('catalog-gate rollback --config install.yaml --apply'))
    .action(async (options: PlanOptions) => {
      const { rollback, installEdges } = await import('./install.ts')
      end(await rollback(options, installEdges()))
    })
