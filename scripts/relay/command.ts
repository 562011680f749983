// catalog-gate relay.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'

export const relayCommand: DefineCommand = end =>
  new Command('relay')
    .description('run the relay')
    .requiredOption('--config <file>', "the relay's configuration, relay.yaml")
    .addHelpText(
      'after',
      afterHelp(
        { 0: 'ended in order, by SIGTERM or SIGINT', 2: 'wrong usage or configuration', ...OUR_FAULT },
        'catalog-gate relay --config relay.yaml',
      ),
    )
    .action(async ({ config }: { config: string }) => {
      const { main } = await import('../../relay/main.ts')
      end(await main(['--config', config]))
    })
