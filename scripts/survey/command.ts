// catalog-gate survey.
import { Command, Option } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { interruption } from '../cli/interruption.ts'
import { processEdges } from '../cli/process-edges.ts'
import { readConfig } from '../config/read-config.ts'
import type { SurveyOptions } from './options.ts'

export const surveyCommand: DefineCommand = end =>
  new Command('survey')
    .description(
      'before enforcing: count the repositories that would be refused today, and say why, from their default branches',
    )
    .requiredOption('--org <name>', 'an organisation; may be given several times', (one, all: string[] = []) => [
      ...all,
      one,
    ])
    .requiredOption('--api-url <url>', 'the REST API of GHES, as https://ghe.example.com/api/v3')
    .option('--token-file <file>', 'a token that may read contents and metadata, in a file of its own')
    .option('--app-id <id>', 'in the place of a token: a GitHub App that is installed in these organisations')
    .option('--app-key-file <file>', 'its private key, PEM')
    .option('--ca-file <file>', 'the authority of its certificate, PEM')
    .option('--config <file>', "the hook's configuration, hook.yaml")
    .option('--deep', 'look into all folders: one request a repository')
    .addOption(new Option('--format <format>', 'what to print').choices(['table', 'json']).default('table'))
    .option('--csv <file>', 'write all of it as CSV')
    .option('--html <file>', 'write all of it as one page to look at')
    .option(
      '--cache <file>',
      'what was read is kept here for the next survey (default: catalog-gate/survey.jsonl in the cache folder of the user)',
    )
    .option('--no-cache', 'keep nothing')
    .addHelpText(
      'after',
      afterHelp(
        {
          0: 'all were looked at, and none would be refused',
          1: 'some would be refused',
          2: 'wrong usage, configuration, address or token',
          ...OUR_FAULT,
          4: 'none would be refused, but not all could be looked at',
          130: 'interrupted: what is known is printed',
        },
        'catalog-gate survey --org acme --api-url https://ghe.example.com/api/v3 --token-file read.token --config hook.yaml --html survey.html',
      ),
    )
    .action(async (options: SurveyOptions) => {
      const { survey } = await import('./survey.ts')
      const { systemClock } = await import('../../relay/runtime/clock.ts')
      const edges = { ...processEdges(readConfig), clock: systemClock, interrupted: interruption() }
      end(await survey(options, edges))
    })
