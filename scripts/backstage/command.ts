// catalog-gate backstage, as commander explains it: what belongs into Backstage's own configuration.
import { Command } from 'commander'
import { afterHelp } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'

export const backstageCommand: DefineCommand = end =>
  new Command('backstage')
    .description("the parts of Backstage's own configuration that go with the relay")
    .helpCommand(false)
    .addCommand(
      new Command('config')
        .description('print the parts of app-config.yaml that go with a relay.yaml, each line with its reason')
        .requiredOption('--relay <file...>', "the relay's configuration, relay.yaml; one for each instance of GHES")
        .option('--github-com', 'github.com beside it: to read from, and to sign in with')
        .addHelpText(
          'after',
          afterHelp(
            { 0: 'printed', 2: 'relay.yaml cannot be read' },
            'catalog-gate backstage config --relay relay.yaml > app-config.catalog-gate.yaml',
            'catalog-gate backstage config --relay emea/relay.yaml apac/relay.yaml --github-com',
          ),
        )
        .action(async ({ relay, githubCom: gitHubCom = false }: { relay: string[]; githubCom?: boolean }) => {
          const { printAppConfig } = await import('./print-app-config.ts')
          end(printAppConfig(relay, processLines, { gitHubCom }))
        }),
    )
