// catalog-gate doctor.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processLines } from '../cli/process-edges.ts'
import type { DoctorOptions } from './doctor.ts'

export const doctorCommand: DefineCommand = end =>
  new Command('doctor')
    .description(
      'check that everything works: hook, environment, tokens, relay, webhook, Backstage, queue, drift; each failure comes with its remedy',
    )
    .option(
      '--config <file>',
      'what is installed on GHES (default: install.yaml in this folder or in "site", where neither is named)',
    )
    .option('--relay <file>', "the relay's configuration (default: relay.yaml, likewise)")
    .option('--relay-url <url>', 'the relay as the hooks reach it (default: its own address)')
    .option('--relay-ca <file>', "the authority of the relay's certificate, PEM")
    .option('--admin-url <url>', "the relay's inside (default: its own address)")
    .option(
      '--backstage-root <folder>',
      "Backstage's own folder, the one with node_modules: whether its packages fit together",
    )
    .option(
      '--app-config <file...>',
      "Backstage's app-config files, in the order in which it gets them: what is off in them",
    )
    .option(
      '--hook <file>',
      'hook.yaml, to be held against app-config (default: hook.yaml in this folder or in "site")',
    )
    .option(
      '--sign-in <login>',
      'why somebody cannot sign in to Backstage with GHES; with --app-config, --relay, --backstage',
    )
    .option('--backstage <url>', 'for --sign-in: the backend (default: backstage of relay.yaml)')
    .option('--token-file <file>', 'for --backstage: a token that may read the catalog, in a file of its own')
    .option('--ca-file <file>', 'for --backstage: the authority of its certificate, PEM')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      afterHelp(
        { 0: 'all well, warnings allowed', 1: 'something is wrong', 2: 'wrong usage', ...OUR_FAULT },
        'catalog-gate doctor',
        'catalog-gate doctor --config install.yaml --relay relay.yaml --json',
        'catalog-gate doctor --sign-in jdoe --app-config app-config.yaml --relay relay.yaml --backstage https://backstage.example.com --token-file reader.token',
        'catalog-gate doctor --app-config app-config.yaml app-config.production.yaml',
      ),
    )
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./doctor.ts')
      const { readFileSync } = await import('node:fs')
      end(
        await doctor(options, {
          ...processLines,
          env: process.env,
          cwd: process.cwd(),
          now: Date.now,
          readFile: path => readFileSync(path, 'utf8'),
        }),
      )
    })
