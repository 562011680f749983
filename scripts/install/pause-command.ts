// catalog-gate pause.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import type { PauseOptions } from './install.ts'
import { APPLY, CONFIG, helpWithoutDrift, JSON_PLAN, YES } from './install-options.ts'

export const pauseCommand: DefineCommand = end =>
  new Command('pause')
    .description('for a bad day: the whole gate only warns, everywhere and from the next push on, until it is resumed')
    .option(...CONFIG)
    .requiredOption('--reason <why>', 'pushers and other administrators read it')
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .addHelpText(
      'after',
      helpWithoutDrift("catalog-gate pause --config install.yaml --reason 'it refuses good files, ABC-123' --apply"),
    )
    .action(async (options: PauseOptions) => {
      const { pause, installEdges } = await import('./install.ts')
      end(await pause(options, installEdges()))
    })
