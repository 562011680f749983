// catalog-gate install.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import type { InstallOptions } from './install.ts'
import { APPLY, CONFIG, DRIFT, help, JSON_PLAN, YES } from './install-options.ts'

export const installCommand: DefineCommand = end =>
  new Command('install')
    .description(
      'put the hooks and the environment on GHES, in testing: prints a plan, and carries it out with --apply',
    )
    .option(...CONFIG)
    .option('--to <stage>', 'up to this step of rollout (default: the first; what is further already stays so)')
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .option(...DRIFT)
    .option('--serve <host:port>', 'offer environment.file to the appliance at this address of this machine')
    .option('--serve-cert <file>', 'over HTTPS with this certificate (PEM), which the appliance must trust')
    .option('--serve-key <file>', 'the key of the certificate (PEM)')
    .option('--serve-plain', "over plain HTTP, though environment.file holds the relay's secret")
    .addHelpText(
      'after',
      help(
        'catalog-gate install --config install.yaml',
        'catalog-gate install --config install.yaml --to pilot --apply',
      ),
    )
    .action(async (options: InstallOptions) => {
      const { install, installEdges } = await import('./install.ts')
      end(await install(options, installEdges()))
    })
