// catalog-gate promote.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import type { PromoteOptions } from './install.ts'
import { APPLY, CONFIG, DRIFT, help, JSON_PLAN, YES } from './install-options.ts'

export const promoteCommand: DefineCommand = end =>
  new Command('promote')
    .description('let the installed hook refuse pushes: testing -> enabled, all at once or up to a step of rollout')
    .option(...CONFIG)
    .option('--to <step>', 'up to this step of rollout; later ones stay as they are')
    .option('--undo', 'the way back: everything that is enabled becomes testing')
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .option(...DRIFT)
    .addHelpText('after', help('catalog-gate promote --config install.yaml --to pilot --apply'))
    .action(async (options: PromoteOptions) => {
      const { promote, installEdges } = await import('./install.ts')
      end(await promote(options, installEdges()))
    })
