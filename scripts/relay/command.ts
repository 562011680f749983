// catalog-gate relay.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'

export const relayCommand: DefineCommand = end =>
  new Command('relay')
    .description('run the relay')
    .requiredOption('--config <file>', "the relay's configuration, relay.yaml")
    .action(async ({ config }: { config: string }) => {
      const { main } = await import('../../relay/main.ts')
      end(await main(['--config', config]))
    })
