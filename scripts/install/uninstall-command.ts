// catalog-gate uninstall.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import type { UninstallOptions } from './install.ts'
import { APPLY, CONFIG, DRIFT, help, JSON_PLAN, YES } from './install-options.ts'

export const uninstallCommand: DefineCommand = end =>
  new Command('uninstall')
    .description('remove the hook, the environments and our files in the hook repository')
    .option(...CONFIG)
    .option('--delete-repository', 'delete the hook repository too, if it holds nothing else (scope delete_repo)')
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .option(...DRIFT)
    .addHelpText('after', help('catalog-gate uninstall --config install.yaml --apply'))
    .action(async (options: UninstallOptions) => {
      const { uninstall, installEdges } = await import('./install.ts')
      end(await uninstall(options, installEdges()))
    })
