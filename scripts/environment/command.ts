// catalog-gate environment build.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { interruption } from '../cli/interruption.ts'
import { processLines } from '../cli/process-edges.ts'
import type { EnvironmentOptions } from './build.ts'

export const environmentCommand: DefineCommand = end =>
  new Command('environment').description("make the hooks' environment for GHES").addCommand(
    new Command('build')
      .description(
        'build env.tar.gz: sh, git, Node, the sandbox guard and the settings of the relay; as root, on Debian or Ubuntu',
      )
      .requiredOption('--out <file>', 'where to write it; its SBOM is written beside it, as FILE.cdx.json')
      .option('--secret <file>', "the relay's secret, to be /etc/catalog-gate/relay.secret")
      .option('--ca <file>', "the authority of the relay's certificate, to be /etc/catalog-gate/ca.pem")
      .option('--node <file>', 'another Node binary than that of the lock file')
      .option('--mirror <url>', "where Debian's packages come from")
      .addHelpText(
        'after',
        afterHelp(
          {
            0: 'built',
            2: 'wrong usage, or something that is needed is missing',
            ...OUR_FAULT,
            130: 'interrupted: nothing is left',
          },
          'catalog-gate environment build --out env.tar.gz --secret relay.secret --ca ca.pem',
        ),
      )
      .action(async (options: EnvironmentOptions) => {
        const { buildEnvironment } = await import('./build.ts')
        const { tmpdir } = await import('node:os')
        const isWatched = () => process.stderr.isTTY
        end(
          await buildEnvironment(options, {
            ...processLines,
            isWatched,
            temporary: tmpdir(),
            interrupted: interruption(),
          }),
        )
      }),
  )
